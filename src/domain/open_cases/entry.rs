//! What is kept of an open case: an entry that each view reads, and a detail of what it shows.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::OpenCase;
use super::chain::Slot;
use crate::domain::area::Level;
use crate::domain::deadline::{Urgency, due_soon_after};
use crate::domain::place::BuildingId;
use crate::domain::report::Direction;
use crate::domain::triage::Status;

/// What a view reads of every case. Times are microseconds since 1970, as precise as the databases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) due_at: i64,
    pub(super) received_at: i64,
    /// Staff are numbered from 1; 0 is none.
    pub(super) owner: i32,
    pub(super) facts: u16,
}

/// Facts of a case, a bit each.
pub(super) mod fact {
    pub(in crate::domain::open_cases) const RETURNS: u16 = 1;
    pub(in crate::domain::open_cases) const LEAVES: u16 = 1 << 1;
    pub(in crate::domain::open_cases) const WAITS: u16 = 1 << 2;
    pub(in crate::domain::open_cases) const UNREACHABLE: u16 = 1 << 3;
    pub(in crate::domain::open_cases) const URGENT: u16 = 1 << 4;
    pub(in crate::domain::open_cases) const ESCALATED: u16 = 1 << 5;
    pub(in crate::domain::open_cases) const INCOMPLETE: u16 = 1 << 6;
    /// Another open case of its queue has its telephone, or within the window its room.
    pub(in crate::domain::open_cases) const TWIN: u16 = 1 << 7;
    /// Another open case, in whatever queue, has its telephone or its room.
    pub(in crate::domain::open_cases) const SHARED: u16 = 1 << 8;
    /// How many combinations of these there are, by which views are looked up.
    pub(in crate::domain::open_cases) const COMBINATIONS: usize = 1 << 9;
    /// The case is one of many of its telephone in its queue.
    pub(in crate::domain::open_cases) const CROWD: u16 = 1 << 9;
}

/// What a view reads of the cases that it shows.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub(super) id: Uuid,
    pub(super) slot: Slot,
    /// Buildings are numbered from 1; 0 is none.
    pub(super) building: i32,
    pub(super) persons: i16,
    pub(super) status: Status,
    pub(super) escalated: Option<Level>,
}

impl Detail {
    pub(super) fn of(case: &OpenCase, slot: Slot) -> Self {
        Self {
            id: case.id.0,
            slot,
            building: case.building.map_or(0, |building| building.0),
            persons: case.persons,
            status: case.status,
            escalated: case.escalated.map(|(level, _)| level),
        }
    }

    pub(super) fn building(&self) -> Option<BuildingId> {
        (self.building != 0).then_some(BuildingId(self.building))
    }
}

impl Entry {
    pub(super) fn of(case: &OpenCase) -> Self {
        let received_at = case.received_at.timestamp_micros();
        let due_at = case.due_at.timestamp_micros();
        let facts = [
            (fact::RETURNS, case.direction == Direction::Return),
            (fact::LEAVES, case.direction == Direction::Leave),
            (fact::WAITS, case.status == Status::Waiting),
            (fact::UNREACHABLE, case.status == Status::Unreachable),
            (fact::URGENT, case.urgent),
            (fact::ESCALATED, case.escalated.is_some()),
            (fact::INCOMPLETE, case.incomplete),
        ];
        let facts = facts.into_iter().filter(|(_, is)| *is);
        Self {
            due_at,
            received_at,
            owner: case.owner.map_or(0, |owner| owner.0),
            facts: facts.fold(0, |all, (bit, _)| all | bit),
        }
    }

    pub(super) fn is(&self, fact: u16) -> bool {
        self.facts & fact != 0
    }

    pub(super) fn direction(&self) -> Direction {
        match (self.is(fact::RETURNS), self.is(fact::LEAVES)) {
            (true, _) => Direction::Return,
            (_, true) => Direction::Leave,
            _ => Direction::Unsaid,
        }
    }

    /// From when on the deadline is near.
    pub(super) fn soon_at(&self) -> i64 {
        self.received_at + due_soon_after(self.due_at - self.received_at)
    }

    /// How pressing the deadline is now.
    pub(super) fn urgency(&self, now: i64) -> Urgency {
        if now > self.due_at {
            Urgency::Overdue
        } else if now >= self.soon_at() {
            Urgency::DueSoon
        } else {
            Urgency::Ahead
        }
    }
}

/// Memory ends before four thousand million cases.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}
