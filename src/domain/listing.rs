//! Listings: the views of a queue, their order, and the cursor from which a page goes on.

use std::fmt;

use chrono::{DateTime, Utc};
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::coded::coded;
use super::place::BuildingId;
use super::queue::QueueId;
use super::report::{Direction, ReportId};
use super::staff::StaffId;

/// A view of the queue, in the order in which views are offered: first what is late, which must not
/// be off the edge of a phone; then by owner and by deadline, then what is unusual, then what has
/// ended.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Listing {
    /// The deadline that counts is over.
    Overdue,
    /// Every open report.
    #[default]
    Open,
    /// What of it the person who looks has taken.
    Mine,
    /// No staff member has accepted it.
    Waiting,
    /// The deadline that counts is near: of the first call, or of the end.
    DueSoon,
    /// It lies in a bin, because no community could be found for it.
    Unrouted,
    /// An urgent rule marked it.
    Red,
    /// It was escalated to a level above.
    Escalated,
    /// A call was not answered.
    Unreachable,
    /// The resident left no more than a telephone.
    Incomplete,
    /// Probable duplicates: another open report has the same telephone, or the same room and
    /// direction not long before or after.
    Duplicates,
    /// It ended today, in whatever way.
    ClosedToday,
}

coded!(Listing);

/// In what order, with the report's id behind it. A list that is read page by page while others work
/// skips no report and shows none twice, except those whose deadline has changed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Order {
    /// What is urgent first, then by the deadline that counts, the earliest first.
    Deadline,
    /// What is urgent first, then building by building, each by the deadline that counts: for visits
    /// from door to door.
    Building,
    /// By the receipt, the latest first.
    Newest,
}

coded!(Order);

/// The place of a report in an order, after which a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageCursor {
    /// Whether it is among what stands first.
    pub urgent: bool,
    /// The building, where the order goes by it.
    pub building: Option<BuildingId>,
    /// What the order goes by.
    pub at: DateTime<Utc>,
    /// The report.
    pub id: ReportId,
}

/// What a view is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this way.
    pub direction: Option<Direction>,
    /// Only this queue; one outside of the scope has nothing in it.
    pub queue: Option<QueueId>,
    /// Only these buildings.
    pub buildings: Option<Vec<BuildingId>>,
    /// Only the telephone with this keyed hash; an empty one is no telephone's.
    pub phone: Option<Vec<u8>>,
}

/// Everything that decides what a list shows.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// The view.
    pub listing: Listing,
    /// The order.
    pub order: Order,
    /// What it is narrowed to.
    pub narrow: Filter,
    /// Who looks.
    pub me: StaffId,
    /// The queues that they see which are no community's.
    pub bins: Vec<QueueId>,
    /// When.
    pub now: DateTime<Utc>,
    /// When the city's day began.
    pub day_began: DateTime<Utc>,
    /// Only what comes after it.
    pub after: Option<PageCursor>,
    /// So many open reports of one telephone in one queue stand as one line; none where each report
    /// has its own.
    pub fold_from: Option<usize>,
}

impl Listing {
    /// Whether the view is offered only where it has something in it.
    pub fn is_rare(self) -> bool {
        matches!(self, Self::Unrouted | Self::Red | Self::Escalated)
    }

    /// Whether something is amiss as long as the view has anything in it.
    pub fn is_alarm(self) -> bool {
        matches!(self, Self::Overdue | Self::Unrouted | Self::Red)
    }

    /// The order where none was chosen: what is open by its deadline, so that the next
    /// call stands on top; what is over with the latest on top.
    pub fn order(self) -> Order {
        match self {
            Self::ClosedToday => Order::Newest,
            _ => Order::Deadline,
        }
    }
}

impl PageCursor {
    /// Reads what [`PageCursor`] writes.
    pub fn read(text: &str) -> Option<Self> {
        let plain = text.strip_prefix(RED);
        let rest = plain.unwrap_or(text);
        let (building, rest) = match rest.split_once(BEHIND_BUILDING) {
            Some((building, rest)) => (Some(BuildingId(building.parse().ok()?)), rest),
            None => (None, rest),
        };
        let (micros, id) = rest.split_once('.')?;
        Some(Self {
            urgent: plain.is_some(),
            building,
            at: DateTime::from_timestamp_micros(micros.parse().ok()?)?,
            id: ReportId(Uuid::try_parse(id).ok()?),
        })
    }
}

/// What stands before the place of something urgent.
const RED: char = 'r';
/// What parts the building from the rest of a place.
const BEHIND_BUILDING: char = '_';

/// The building, where the order goes by it, microseconds since 1970 and the report's number: what
/// the databases keep, without loss.
impl fmt::Display for PageCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.urgent {
            write!(f, "{RED}")?;
        }
        if let Some(building) = self.building {
            write!(f, "{}{BEHIND_BUILDING}", building.0)?;
        }
        write!(f, "{}.{}", self.at.timestamp_micros(), self.id.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_place_in_a_list_survives_an_address(micros in 0..i64::from(u32::MAX) * 1_000_000, id: u128, urgent: bool, building: Option<i32>) {
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            let (building, id) = (building.map(BuildingId), ReportId(Uuid::from_u128(id)));
            let cursor = PageCursor { urgent, building, at, id };
            prop_assert_eq!(PageCursor::read(&cursor.to_string()), Some(cursor));
        }

        #[test]
        fn no_text_makes_the_reader_of_places_panic(text in ".*") {
            let _ = PageCursor::read(&text);
        }
    }
}
