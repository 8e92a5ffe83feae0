//! Areas: the one tree of districts, subdistricts, communities and grids, and who owns a queue.
//! Names and codes of places change, so they are data here and never constants.

use std::collections::HashMap;
use std::sync::Arc;

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;
use super::plain_text::key;
use super::queue::{Queue, QueueId, QueueKind};
use super::rota::OwnHours;

/// Our own number of an area; outlives renamings and new official codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AreaId(pub i32);

/// How high in the tree an area stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    /// 区
    District,
    /// 街道: has a command centre and prints its own receipt numbers.
    Subdistrict,
    /// 社区(村): owns a queue.
    Community,
    /// 网格
    Grid,
    /// 微网格
    MicroGrid,
}

coded!(Level);

impl Level {
    /// Reads a level as tables write it: its code or its Chinese name.
    pub fn read(text: &str) -> Option<Self> {
        let written = key(text);
        match written.as_str() {
            "区" | "县" | "区县" | "县区" => Some(Self::District),
            "街道" | "镇" | "乡" | "街道办" | "街道办事处" => Some(Self::Subdistrict),
            "社区" | "村" | "社区(村)" | "居委会" | "村委会" => Some(Self::Community),
            "网格" => Some(Self::Grid),
            "微网格" => Some(Self::MicroGrid),
            code => Self::from_code(&code.replace('-', "_"))
                .or_else(|| (code == "microgrid").then_some(Self::MicroGrid)),
        }
    }

    /// What lies in the queue of an area of this level; none where it has no queue. What stands
    /// higher than a community has a bin.
    pub fn queue(self) -> Option<QueueKind> {
        match self {
            Self::District | Self::Subdistrict => Some(QueueKind::Unrouted),
            Self::Community => Some(QueueKind::Community),
            Self::Grid | Self::MicroGrid => None,
        }
    }
}

/// One area of the tree.
#[derive(Clone, Debug)]
pub struct Area {
    /// Our number.
    pub id: AreaId,
    /// The area above; none for a root.
    pub parent: Option<AreaId>,
    /// How high it stands.
    pub level: Level,
    /// The official code, as the administrator typed it.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name; empty where none was given.
    pub name_en: String,
    /// What people call it; empty where it is the name.
    pub short_name: String,
    /// What its receipt numbers begin with; only subdistricts need one.
    pub number_prefix: String,
    /// The telephone that residents may ring; empty means that the area above answers.
    pub phone: String,
    /// The hours of a subdistrict, where they are not the city's.
    pub hours: OwnHours,
}

impl Area {
    /// Its name, in English where that is wanted and known.
    pub fn name_in(&self, english: bool) -> &str {
        if english && !self.name_en.is_empty() {
            &self.name_en
        } else {
            &self.name
        }
    }
}

#[cfg(test)]
impl Area {
    /// An area of a test: number, number of the area above, level. Its code is its number; all
    /// else is empty.
    pub(crate) fn example(id: i32, parent: Option<i32>, level: Level) -> Self {
        Self {
            id: AreaId(id),
            parent: parent.map(AreaId),
            level,
            code: id.to_string(),
            name: String::new(),
            name_en: String::new(),
            short_name: String::new(),
            number_prefix: String::new(),
            phone: String::new(),
            hours: OwnHours::default(),
        }
    }
}

/// All areas, with answers to who owns what. The only door between areas and queues.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    areas: HashMap<AreaId, Area>,
    /// The queues, and the same by their areas.
    queues: HashMap<QueueId, Queue>,
    queue_at: HashMap<AreaId, QueueId>,
    /// What lies below each area, itself included: asked with every request, for thousands of
    /// grids.
    below: HashMap<AreaId, Below>,
}

/// An area and all below it, in order of their numbers.
#[derive(Clone, Debug, Default)]
struct Below {
    areas: Arc<[AreaId]>,
    queues: Arc<[QueueId]>,
}

impl Tree {
    /// A tree of these areas with these queues, in any order.
    pub fn new(areas: Vec<Area>, queues: Vec<Queue>) -> Self {
        let mut tree = Self {
            areas: areas.into_iter().map(|area| (area.id, area)).collect(),
            queue_at: queues.iter().map(|queue| (queue.area, queue.id)).collect(),
            queues: queues.into_iter().map(|queue| (queue.id, queue)).collect(),
            below: HashMap::new(),
        };
        let mut ids: Vec<AreaId> = tree.areas.keys().copied().collect();
        ids.sort_unstable();
        let mut below: HashMap<AreaId, (Vec<AreaId>, Vec<QueueId>)> = HashMap::new();
        for id in ids {
            for above in tree.above(id) {
                let (areas, queues) = below.entry(above).or_default();
                // Where bad data goes round in circles, an area is met again.
                if areas.last() != Some(&id) {
                    areas.push(id);
                    queues.extend(tree.queue_at.get(&id));
                }
            }
        }
        let settle = |(areas, mut queues): (Vec<AreaId>, Vec<QueueId>)| {
            queues.sort_unstable();
            Below {
                areas: areas.into(),
                queues: queues.into(),
            }
        };
        tree.below = (below.into_iter())
            .map(|(id, found)| (id, settle(found)))
            .collect();
        tree
    }

    /// The area with this number.
    pub fn get(&self, id: AreaId) -> Option<&Area> {
        self.areas.get(&id)
    }

    /// Every area, in no particular order.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.values()
    }

    /// The area itself, then the one above it, up to the root.
    pub fn upward(&self, id: AreaId) -> impl Iterator<Item = &Area> {
        // A tree has at most as many floors as levels; the bound also ends a cycle in bad data.
        std::iter::successors(self.get(id), |area| {
            area.parent.and_then(|parent| self.get(parent))
        })
        .take(Level::ALL.len())
    }

    /// The area itself and all below it, in order of their numbers.
    pub fn below(&self, id: AreaId) -> Arc<[AreaId]> {
        let below = self.below.get(&id);
        below.map_or_else(Arc::default, |below| Arc::clone(&below.areas))
    }

    /// Their queues, in order of their numbers.
    pub fn queues_below(&self, id: AreaId) -> Arc<[QueueId]> {
        let below = self.below.get(&id);
        below.map_or_else(Arc::default, |below| Arc::clone(&below.queues))
    }

    /// This area and all above it, the nearest first.
    pub fn above(&self, id: AreaId) -> Vec<AreaId> {
        self.upward(id).map(|area| area.id).collect()
    }

    /// The queue that a report from this area belongs to: the nearest community's, or, where
    /// there is none, the unrouted bin of the nearest subdistrict (or of the root). So every
    /// report has exactly one owner.
    pub fn queue_of(&self, id: AreaId) -> Option<QueueId> {
        self.upward(id)
            .find_map(|area| self.queue_at.get(&area.id).copied())
    }

    /// The area whose queue this is; none for the system queue.
    pub fn area_of(&self, queue: QueueId) -> Option<&Area> {
        self.get(self.queues.get(&queue)?.area)
    }

    /// The bin in which a report of this queue waits when no community owns it.
    pub fn bin_of(&self, queue: QueueId) -> Option<QueueId> {
        self.queue_of(self.subdistrict_of(self.area_of(queue)?.id)?.id)
    }

    /// Whether a community works on this queue, so that reports can be given to it.
    pub fn is_community(&self, queue: QueueId) -> bool {
        let queue = self.queues.get(&queue);
        queue.is_some_and(|queue| queue.kind == QueueKind::Community)
    }

    /// Whether reports of this queue still wait for an owner.
    pub fn is_unrouted(&self, queue: QueueId) -> bool {
        !self.is_community(queue)
    }

    /// Those of these queues that are no community's.
    pub fn bins(&self, queues: &[QueueId]) -> Vec<QueueId> {
        let bins = queues.iter().filter(|queue| self.is_unrouted(**queue));
        bins.copied().collect()
    }

    /// The subdistrict that this area belongs to, or the highest area above it.
    pub fn subdistrict_of(&self, id: AreaId) -> Option<&Area> {
        self.upward(id)
            .find(|area| area.level == Level::Subdistrict)
            .or_else(|| self.upward(id).last())
    }

    /// The telephone that answers for this area: its own, or the next one above.
    pub fn phone_of(&self, id: AreaId) -> Option<&str> {
        self.upward(id)
            .map(|area| area.phone.as_str())
            .find(|phone| !phone.is_empty())
    }

    /// The telephone that answers for this queue: that of its area.
    pub fn phone_of_queue(&self, queue: QueueId) -> Option<&str> {
        self.phone_of(self.area_of(queue)?.id)
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of a test: each area has the queue of its level, with the area's number.
    pub(crate) fn example(areas: Vec<Area>) -> Self {
        let queues = areas.iter().filter_map(|area| {
            Some(Queue {
                id: QueueId(area.id.0),
                kind: area.level.queue()?,
                area: area.id,
            })
        });
        let queues = queues.collect();
        Self::new(areas, queues)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(id: i32, parent: Option<i32>, level: Level, phone: &str) -> Area {
        Area {
            name: format!("示例{id}"),
            phone: phone.into(),
            ..Area::example(id, parent, level)
        }
    }

    fn tree() -> Tree {
        Tree::example(vec![
            area(5, Some(3), Level::Grid, ""),
            area(1, None, Level::District, "1"),
            area(2, Some(1), Level::Subdistrict, "2"),
            area(3, Some(2), Level::Community, ""),
            area(4, Some(2), Level::Community, "4"),
        ])
    }

    #[test]
    fn report_belongs_to_its_community_or_the_bin() {
        let tree = tree();
        for (from, queue, unrouted) in [(5, 3, false), (3, 3, false), (2, 2, true), (1, 1, true)] {
            assert_eq!(tree.queue_of(AreaId(from)), Some(QueueId(queue)));
            assert_eq!(tree.is_unrouted(QueueId(queue)), unrouted);
        }
        assert_eq!(tree.queue_of(AreaId(9)), None);
    }

    #[test]
    fn a_scope_is_an_area_and_all_below_it() {
        let tree = tree();
        let below = |id| {
            tree.below(AreaId(id))
                .iter()
                .map(|id| id.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(below(2), [2, 3, 4, 5]);
        assert_eq!(below(3), [3, 5]);
        assert!(below(9).is_empty());
        let queues = |id| tree.queues_below(AreaId(id)).to_vec();
        assert_eq!(queues(1), [1, 2, 3, 4].map(QueueId));
        assert_eq!(queues(5), [], "a grid owns no queue");
    }

    #[test]
    fn the_next_telephone_above_answers() {
        let tree = tree();
        assert_eq!(tree.phone_of(AreaId(5)), Some("2"));
        assert_eq!(tree.phone_of(AreaId(4)), Some("4"));
    }

    #[test]
    fn a_cycle_in_bad_data_ends() {
        let tree = Tree::example(vec![
            area(1, Some(2), Level::Grid, ""),
            area(2, Some(1), Level::Grid, ""),
        ]);
        assert!(tree.queue_of(AreaId(1)).is_none());
        assert_eq!(tree.below(AreaId(1)).len(), 2);
    }
}
