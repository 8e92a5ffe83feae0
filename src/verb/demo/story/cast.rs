//! Who acts in the story: the staff of the database, and the doors behind which residents live.

use anyhow::{Context, Result};
use uuid::Uuid;

use super::case::Door;
use crate::domain::code::Code;
use crate::domain::place::{Atlas, PlacardState, Place};
use crate::domain::queue::QueueId;
use crate::domain::staff::{Role, Scope, Staff};
use crate::service::{App, Principal, people};
use crate::store::report::Row;

/// The staff and the placards.
pub(super) struct Cast {
    staff: Vec<Principal>,
    communities: Vec<Code>,
    strays: Vec<Code>,
}

impl Cast {
    /// Everybody who works here, and every placard in use.
    pub(super) async fn of(app: &App) -> Result<Self> {
        let atlas = app.atlas();
        let mut placards: Vec<_> = atlas.placards().collect();
        placards.retain(|placard| placard.state == PlacardState::Active);
        placards.sort_by_key(|placard| placard.id.0);
        let codes = placards.into_iter().map(|placard| placard.code.clone());
        let (strays, communities): (Vec<_>, Vec<_>) = codes.partition(|code| {
            let queue = atlas.door(code).map(|door| door.queue_id);
            queue.is_none_or(|queue| atlas.tree.is_unrouted(queue))
        });
        let staff = people::list(app).await?.into_iter();
        Ok(Self {
            staff: staff.map(|staff| principal(&atlas, staff)).collect(),
            communities,
            strays,
        })
    }

    /// The place of a door. The first communities have more residents than the last ones.
    pub(super) fn place<'a>(&self, atlas: &'a Atlas, door: Door) -> Result<Place<'a>> {
        let (codes, nth) = match door {
            Door::Stray(nth) if !self.strays.is_empty() => (&self.strays, nth % self.strays.len()),
            Door::Stray(nth) | Door::Community(nth) => {
                let share = nth % 1_000;
                let nth = share * share * self.communities.len() / 1_000_000;
                (&self.communities, nth)
            }
        };
        let code = codes.get(nth).context("there is no placard")?;
        Ok(atlas
            .door(code)
            .context("a placard without a place")?
            .into())
    }

    /// The lead of this community; the duty officer for what lies in the bin.
    pub(super) fn lead(&self, atlas: &Atlas, queue: QueueId) -> Result<&Principal> {
        let lead = |person: &&Principal| {
            person.staff.role == Role::CommunityLead && person.scope.owns(queue)
        };
        if atlas.tree.is_unrouted(queue) {
            return self.duty();
        }
        self.staff
            .iter()
            .find(lead)
            .context("a community without a lead")
    }

    /// The duty officer.
    pub(super) fn duty(&self) -> Result<&Principal> {
        let mut staff = self.staff.iter();
        let duty = staff.find(|person| person.staff.role == Role::DutyOfficer);
        duty.context("there is no duty officer")
    }

    /// A grid worker who sees this report.
    pub(super) fn worker(&self, atlas: &Atlas, row: &Row) -> Option<&Principal> {
        self.staff.iter().find(|person| {
            person.staff.role == Role::GridWorker
                && atlas.shows(&person.scope, row.queue, row.building)
        })
    }
}

fn principal(atlas: &Atlas, staff: Staff) -> Principal {
    Principal {
        scope: Scope::of(&atlas.tree, staff.area),
        staff,
        session: Uuid::new_v4(),
    }
}
