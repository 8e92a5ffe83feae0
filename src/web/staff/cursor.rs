//! The position of a stream in each queue's journal. It is the id of the stream's events, which a
//! client sends back as `Last-Event-ID`.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::queue::QueueId;
use crate::domain::staff::Scope;

/// Missed entries that a stream sends afterwards at most; behind more, the client loads the list
/// again.
const BEHIND_MAX: i64 = 5_000;
/// Length of one queue's position in the text at most, in bytes: two numbers and two separators.
const PART_BYTES_MAX: usize = 32;
/// Queues that a cursor may name beyond those of the scope, because the scope may have changed
/// since the cursor was issued.
const QUEUES_SPARE: usize = 128;

/// The last sequence number that a client has read of each queue of its scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor {
    pub(crate) positions: Vec<(QueueId, i64)>,
}

impl Cursor {
    /// The journal heads of the scope's queues.
    pub(crate) fn of(scope: &Scope, reached: &BTreeMap<QueueId, i64>) -> Self {
        let at = |queue: &QueueId| reached.get(queue).copied().unwrap_or_default();
        let positions = scope.queues().iter().map(|queue| (*queue, at(queue)));
        Self {
            positions: positions.collect(),
        }
    }

    /// Parses the text that a client sends. Leaves out queues outside of the scope; a queue that
    /// the text does not name is read from its beginning. None if the text is not a cursor.
    pub(crate) fn read(text: &str, scope: &Scope) -> Option<Self> {
        if text.len() > (scope.queues().len() + QUEUES_SPARE) * PART_BYTES_MAX {
            return None;
        }
        let mut positions = BTreeMap::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (queue, seq) = part.split_once('.')?;
            positions.insert(
                QueueId(queue.parse().ok()?),
                seq.parse::<i64>().ok().filter(|n| *n >= 0)?,
            );
        }
        Some(Self::of(scope, &positions))
    }

    /// True if the client has to load the whole list again. A position beyond the journal's head
    /// means that entries were lost, for example because the database was restored from a backup.
    /// A client that is far behind loads the list faster than all entries.
    pub(crate) fn must_reset(&self, reached: &BTreeMap<QueueId, i64>) -> bool {
        let end = |queue: &QueueId| reached.get(queue).copied().unwrap_or_default();
        let behind = |(queue, seq): &(QueueId, i64)| end(queue) - seq;
        let is_ahead = self.positions.iter().any(|read| behind(read) < 0);
        is_ahead || self.positions.iter().map(behind).sum::<i64>() > BEHIND_MAX
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (queue, seq) in self.positions.iter().filter(|(_, seq)| *seq > 0) {
            write!(f, "{comma}{}.{seq}", queue.0)?;
            comma = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::area::{Area, AreaId, Level, Tree};

    /// A district with this number of communities.
    fn district(communities: i32) -> Scope {
        let area = |id: i32| {
            let above = (id > 1).then_some(1);
            let level = if id == 1 {
                Level::District
            } else {
                Level::Community
            };
            Area::example(id, above, level)
        };
        Scope::of(
            &Tree::example((1..=communities + 1).map(area).collect()),
            AreaId(1),
        )
    }

    /// guarantee: A person with many queues follows all of them from the moment the page was
    /// rendered
    #[test]
    fn the_cursor_of_a_large_district_is_read_back() {
        let scope = district(3_000);
        let reached = scope.queues().iter().map(|queue| (*queue, i64::MAX));
        let text = Cursor::of(&scope, &reached.collect()).to_string();
        let read = Cursor::read(&text, &scope).unwrap();
        assert_eq!(read.positions.len(), scope.queues().len());
        assert_eq!(read.to_string(), text);
    }

    /// guarantee: A reader that is far behind is told to read everything again
    #[test]
    fn a_cursor_far_behind_or_ahead_of_the_journal_resets() {
        let scope = district(2);
        let reached = |seq| BTreeMap::from([(QueueId(2), seq), (QueueId(3), seq)]);
        let read = Cursor::of(&scope, &reached(10));
        for (head, resets) in [
            (10, false),
            (10 + BEHIND_MAX / 2, false),
            (11 + BEHIND_MAX / 2, true),
            (9, true),
        ] {
            assert_eq!(read.must_reset(&reached(head)), resets, "{head}");
        }
    }

    #[test]
    fn a_cursor_longer_than_any_scope_is_refused() {
        let text = "1.1,".repeat(10_000);
        assert!(Cursor::read(&text, &district(3)).is_none());
    }
}
