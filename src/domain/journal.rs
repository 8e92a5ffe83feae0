//! Journal: the kinds of things that can happen to a report, as its history names them.

/// The detail of a correction that made its report red; of no other one.
pub const TURNED_RED: &str = "red";

/// What can happen to a report: the kinds of journal entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl Event {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Submitted,
        Self::Corrected,
        Self::Withdrawn,
        Self::Accepted,
        Self::Assigned,
        Self::Unreachable,
        Self::Closed,
        Self::Verified,
        Self::Invalidated,
        Self::Reopened,
        Self::Refused,
        Self::Transferred,
        Self::Arrived,
        Self::Merged,
        Self::Split,
        Self::Noted,
        Self::Revealed,
        Self::Escalated,
        Self::Undone,
        Self::HandedOver,
        Self::Released,
    ];

    /// The word that stands in the database and in streams.
    pub fn code(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Corrected => "corrected",
            Self::Withdrawn => "withdrawn",
            Self::Accepted => "accepted",
            Self::Assigned => "assigned",
            Self::Unreachable => "unreachable",
            Self::Closed => "closed",
            Self::Verified => "verified",
            Self::Invalidated => "invalidated",
            Self::Reopened => "reopened",
            Self::Refused => "refused",
            Self::Transferred => "transferred",
            Self::Arrived => "arrived",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Noted => "noted",
            Self::Revealed => "revealed",
            Self::Escalated => "escalated",
            Self::Undone => "undone",
            Self::HandedOver => "handed_over",
            Self::Released => "released",
        }
    }

    /// The kind that a stored word stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_kind_has_a_word_of_its_own_and_survives_storage() {
        let words: HashSet<_> = Event::ALL.iter().map(|event| event.code()).collect();
        assert_eq!(words.len(), Event::ALL.len());
        for event in Event::ALL {
            assert_eq!(Event::from_code(event.code()), Some(event));
        }
        assert_eq!(Event::from_code("lost"), None);
    }
}
