//! Where a case stands in an order.

use uuid::Uuid;

use super::entry::{Detail, Entry, fact, time};
use crate::domain::listing::{Order, PageCursor};
use crate::domain::place::BuildingId;
use crate::domain::report::ReportId;

/// What an order goes by, before the id. The smallest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Urgent ones have 0; then the building, where the order goes by it.
    group: i64,
    at: i64,
}

/// Where a case stands in the order of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) key: Key,
    id: u128,
}

/// Larger than each number of a building.
const CALM: i64 = 1 << 32;

impl Key {
    pub(super) fn of(entry: &Entry, detail: &Detail, order: Order) -> Self {
        let urgent = entry.is(fact::URGENT);
        match order {
            Order::Newest => Self::new(order, urgent, 0, entry.received_at),
            Order::Deadline => Self::new(order, urgent, 0, entry.due_at),
            Order::Building => Self::new(order, urgent, detail.building, entry.due_at),
        }
    }

    fn new(order: Order, urgent: bool, building: i32, at: i64) -> Self {
        match order {
            // The latest receipt is the smallest.
            Order::Newest => Self { group: 0, at: -at },
            Order::Deadline | Order::Building => Self {
                group: i64::from(building) + if urgent { 0 } else { CALM },
                at,
            },
        }
    }
}

impl Rank {
    pub(super) fn new(key: Key, order: Order, id: Uuid) -> Self {
        let id = id.as_u128();
        let id = if order == Order::Newest { !id } else { id };
        Self { key, id }
    }

    pub(super) fn of(cursor: &PageCursor, order: Order) -> Self {
        let building = cursor.building.map_or(0, |building| building.0);
        let at = cursor.at.timestamp_micros();
        Self::new(
            Key::new(order, cursor.urgent, building, at),
            order,
            cursor.id.0,
        )
    }

    pub(super) fn cursor(self, order: Order) -> PageCursor {
        let Key { group, at } = self.key;
        let newest = order == Order::Newest;
        let building = i32::try_from(group % CALM).unwrap_or_default();
        PageCursor {
            urgent: !newest && group < CALM,
            building: (building != 0).then_some(BuildingId(building)),
            at: time(if newest { -at } else { at }),
            id: ReportId(Uuid::from_u128(if newest { !self.id } else { self.id })),
        }
    }
}
