//! How far a stream was read: the event id that a client sends back as `Last-Event-ID`.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::area::AreaId;
use crate::domain::staff::Scope;

/// Entries that a stream brings of what happened before it began; more is a page to be read anew.
const BEHIND_MAX: i64 = 5_000;
/// Length of what a cursor says of one queue at most, in bytes: two numbers and what parts them.
const PART_BYTES_MAX: usize = 32;
/// Queues that a cursor may name besides those of the scope: it may be from before a change.
const QUEUES_SPARE: usize = 128;

/// How far each queue of a scope was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cursor {
    pub(crate) positions: Vec<(AreaId, i64)>,
}

impl Cursor {
    /// Where the queues of a scope stand.
    pub(crate) fn of(scope: &Scope, reached: &BTreeMap<AreaId, i64>) -> Self {
        let at = |area: &AreaId| reached.get(area).copied().unwrap_or_default();
        let positions = scope.queues().iter().map(|area| (*area, at(area)));
        Self {
            positions: positions.collect(),
        }
    }

    /// Reads what a client says; queues outside of the scope are left out, and queues that it
    /// does not name are read from their beginning. None for what is no cursor.
    pub(crate) fn read(text: &str, scope: &Scope) -> Option<Self> {
        if text.len() > (scope.queues().len() + QUEUES_SPARE) * PART_BYTES_MAX {
            return None;
        }
        let mut said = BTreeMap::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (area, seq) = part.split_once('.')?;
            said.insert(
                AreaId(area.parse().ok()?),
                seq.parse::<i64>().ok().filter(|n| *n >= 0)?,
            );
        }
        Some(Self::of(scope, &said))
    }

    /// Whether it is better to read everything anew than to go on from here. Where any queue was
    /// read further than its history reaches, what was read there has been lost, as where somebody
    /// went back to a copy of the database. And whoever has slept for long reads the page sooner
    /// than all that has happened.
    pub(crate) fn starts_anew(&self, reached: &BTreeMap<AreaId, i64>) -> bool {
        let end = |area: &AreaId| reached.get(area).copied().unwrap_or_default();
        let behind = |(area, seq): &(AreaId, i64)| end(area) - seq;
        let is_ahead = self.positions.iter().any(|read| behind(read) < 0);
        is_ahead || self.positions.iter().map(behind).sum::<i64>() > BEHIND_MAX
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (area, seq) in self.positions.iter().filter(|(_, seq)| *seq > 0) {
            write!(f, "{comma}{}.{seq}", area.0)?;
            comma = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::area::{Area, Level, Tree};

    /// A district of so many communities.
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
            &Tree::new((1..=communities + 1).map(area).collect()),
            AreaId(1),
        )
    }

    /// guarantee: A person with many queues follows all of them from the moment the page was
    /// rendered
    #[test]
    fn what_the_house_says_of_a_large_district_is_read_back() {
        let scope = district(3_000);
        let reached = scope.queues().iter().map(|area| (*area, i64::MAX));
        let said = Cursor::of(&scope, &reached.collect()).to_string();
        let read = Cursor::read(&said, &scope).unwrap();
        assert_eq!(read.positions.len(), scope.queues().len());
        assert_eq!(read.to_string(), said);
    }

    /// guarantee: A reader that is far behind is told to read everything again
    #[test]
    fn whoever_has_slept_for_long_or_read_what_is_gone_reads_everything_anew() {
        let scope = district(2);
        let reached = |seq| BTreeMap::from([(AreaId(2), seq), (AreaId(3), seq)]);
        let read = Cursor::of(&scope, &reached(10));
        for (reaches, anew) in [
            (10, false),
            (10 + BEHIND_MAX / 2, false),
            (11 + BEHIND_MAX / 2, true),
            (9, true),
        ] {
            assert_eq!(read.starts_anew(&reached(reaches)), anew, "{reaches}");
        }
    }

    #[test]
    fn a_cursor_that_is_longer_than_any_scope_is_none() {
        let said = "1.1,".repeat(10_000);
        assert!(Cursor::read(&said, &district(3)).is_none());
    }
}
