//! Journal: the kinds of things that can happen to a report, as its history names them.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;

/// The detail of a correction that made its report red; of no other one.
pub const TURNED_RED: &str = "red";

/// What can happen to a report: the kinds of journal entries.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was received and dispatched, in one moment.
    Submitted,
    /// The resident mended what they had said.
    Corrected,
    /// The resident took it back.
    Withdrawn,
    /// Somebody took it.
    Accepted,
    /// Somebody was given it.
    Assigned,
    /// Somebody called and nobody answered.
    Unreachable,
    /// Somebody ended it.
    Closed,
    /// Somebody looked over how it was ended.
    Verified,
    /// It was no real report.
    Invalidated,
    /// It was taken up again.
    Reopened,
    /// A community said that it is not theirs; it left their queue.
    Refused,
    /// The centre gave it to another community; it left this queue.
    Transferred,
    /// It came into this queue from another one.
    Arrived,
    /// It says the same as another report.
    Merged,
    /// It does not say the same after all.
    Split,
    /// Somebody wrote something down.
    Noted,
    /// Somebody saw the personal data.
    Revealed,
    /// It was overdue, and the next level above was told.
    Escalated,
    /// Somebody took their own last step back.
    Undone,
    /// Whoever had it left and passed it on to a colleague.
    HandedOver,
    /// Whoever had it left, and it waits for everybody again.
    Released,
}

coded!(Event);
