//! Staff members: what a role may do, and over which areas. Role and scope always together.

use std::sync::Arc;

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::area::{AreaId, Tree};
use super::coded::coded;
use super::queue::QueueId;

/// Our number of a person who works here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StaffId(pub i32);

/// The role of a staff member.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// 网格员
    GridWorker,
    /// 社区负责人
    CommunityLead,
    /// 值班员 at the command centre
    DutyOfficer,
    /// 街道 or 系统管理员
    Admin,
    /// 审计员
    Auditor,
}

coded!(Role);

/// What a role may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Read queues and reports, reveal, accept, close.
    WorkQueue,
    /// Read totals, which are aggregates without personal data.
    SeeTotals,
    /// Draw and reprint placards.
    PrintPlacards,
}

impl Role {
    /// The one table of what each role may do. Administrators and auditors never see the
    /// personal data of a queue.
    pub fn may(self, act: Act) -> bool {
        match act {
            Act::WorkQueue => {
                matches!(
                    self,
                    Self::GridWorker | Self::CommunityLead | Self::DutyOfficer
                )
            }
            Act::SeeTotals => matches!(self, Self::DutyOfficer | Self::Admin | Self::Auditor),
            Act::PrintPlacards => {
                matches!(self, Self::CommunityLead | Self::DutyOfficer | Self::Admin)
            }
        }
    }
}

/// A person who works here, without the password.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Our number.
    pub id: StaffId,
    /// What they type to sign in.
    pub login: String,
    /// What colleagues read.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The area that they work for.
    pub area: AreaId,
    /// Whether the password was printed once and must be replaced before any work.
    pub password_once: bool,
}

/// What a staff member may see: the queues of an area and of all below it; for who works for a
/// grid, of the queue around it only the reports of the grid's buildings. No read of reports
/// compiles without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    root: AreaId,
    areas: Arc<[AreaId]>,
    queues: Arc<[QueueId]>,
    /// Whether it is a grid, in the queue of the community around it.
    grid: bool,
}

impl Scope {
    /// What a person who works for `area` may see.
    pub fn of(tree: &Tree, area: AreaId) -> Self {
        let owner = |queue: &QueueId| tree.area_of(*queue).map(|owner| owner.id);
        let around = tree.queue_of(area);
        let around = around.filter(|queue| owner(queue) != Some(area));
        Self {
            root: area,
            areas: tree.below(area),
            queues: match around {
                Some(queue) => [queue].into(),
                None => tree.queues_below(area),
            },
            grid: around.is_some(),
        }
    }

    /// The area that the person works for.
    pub fn root(&self) -> AreaId {
        self.root
    }

    /// The queues in which reports may lie that the person sees.
    pub fn queues(&self) -> &[QueueId] {
        &self.queues
    }

    /// Those of them that are the scope's own, as a whole: a grid has none.
    pub fn own_queues(&self) -> &[QueueId] {
        if self.grid { &[] } else { &self.queues }
    }

    /// The grid and all below it, where only the reports of its buildings are seen.
    pub fn grid(&self) -> Option<&[AreaId]> {
        self.grid.then_some(&*self.areas)
    }

    /// Whether an area lies within.
    pub fn covers(&self, area: AreaId) -> bool {
        self.areas.binary_search(&area).is_ok()
    }

    /// Whether a queue as a whole is the scope's own.
    pub fn owns(&self, queue: QueueId) -> bool {
        self.own_queues().binary_search(&queue).is_ok()
    }

    /// Whether a report of this queue is seen whose building lies in this area; who works for a
    /// grid sees nothing of a building that was never mapped to one.
    pub fn sees(&self, queue: QueueId, ground: Option<AreaId>) -> bool {
        if self.grid {
            self.queues() == [queue] && ground.is_some_and(|ground| self.covers(ground))
        } else {
            self.owns(queue)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::area::{Area, Level};

    #[test]
    fn administrators_and_auditors_see_totals_but_no_queue() {
        for role in [Role::Admin, Role::Auditor] {
            assert!(role.may(Act::SeeTotals) && !role.may(Act::WorkQueue));
        }
        for role in [Role::GridWorker, Role::CommunityLead] {
            assert!(role.may(Act::WorkQueue) && !role.may(Act::SeeTotals));
        }
    }

    #[test]
    fn grid_scope_covers_only_its_buildings() {
        let area = Area::example;
        let tree = Tree::example(vec![
            area(1, None, Level::Subdistrict),
            area(2, Some(1), Level::Community),
            area(3, Some(2), Level::Grid),
            area(4, Some(3), Level::MicroGrid),
            area(5, Some(2), Level::Grid),
        ]);
        let scope = |id| Scope::of(&tree, AreaId(id));
        let sees =
            |id, queue, ground: Option<i32>| scope(id).sees(QueueId(queue), ground.map(AreaId));
        for (id, ground, wanted) in [
            (3, Some(3), true),
            (3, Some(4), true),
            (3, Some(5), false),
            (3, Some(2), false),
            (3, None, false),
            (4, Some(4), true),
            (4, Some(3), false),
            (2, Some(5), true),
            (2, None, true),
            (1, Some(3), true),
        ] {
            assert_eq!(sees(id, 2, ground), wanted, "{id} {ground:?}");
        }
        assert!(!sees(3, 1, Some(3)), "in the bin it is the centre's");
        assert_eq!(scope(4).queues(), [QueueId(2)]);
        assert_eq!((scope(2).grid(), scope(1).grid()), (None, None));
        assert!(!scope(3).covers(AreaId(2)) && !scope(3).owns(QueueId(2)));
        for id in 1..=5 {
            assert!(!scope(id).sees(QueueId::SYSTEM, Some(AreaId(3))), "{id}");
        }
    }

    #[test]
    fn a_scope_covers_what_is_below_and_nothing_beside() {
        let area = |id, parent| Area::example(id, parent, Level::Community);
        let tree = Tree::example(vec![area(1, None), area(2, Some(1)), area(3, Some(1))]);
        let scope = Scope::of(&tree, AreaId(2));
        assert!(scope.covers(AreaId(2)));
        assert!(!scope.covers(AreaId(1)) && !scope.covers(AreaId(3)));
    }
}
