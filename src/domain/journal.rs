//! Journal: the kinds of events in the history of a report.

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;

/// The detail of a correction that made its report urgent; of no other one.
pub const TURNED_RED: &str = "red";

/// What can happen to a report: the kinds of journal entries.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// It was received and dispatched, in one moment.
    Submitted,
    /// The resident amended it.
    Corrected,
    /// The resident withdrew it.
    Withdrawn,
    /// A staff member accepted it.
    Accepted,
    /// It was assigned to a staff member.
    Assigned,
    /// A call was not answered.
    Unreachable,
    /// It was closed with an outcome.
    Closed,
    /// A second staff member verified how it was closed.
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
    /// A staff member added a note.
    Noted,
    /// A staff member saw the personal data.
    Revealed,
    /// It was overdue, and was escalated to the next level above.
    Escalated,
    /// A staff member undid their own last step.
    Undone,
    /// Its owner left, and it went to a colleague.
    HandedOver,
    /// Its owner left, and it waits again.
    Released,
}

coded!(Event);
