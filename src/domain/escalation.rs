//! Escalation: an overdue report goes to the levels above its queue, one at a time and each once.

use chrono::{DateTime, TimeDelta, Utc};

use super::area::{Level, Tree};
use super::queue::QueueId;

/// How pressing a report is, as far as escalation depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The deadline that counts.
    pub due_at: DateTime<Utc>,
    /// The highest level that it was escalated to, and when.
    pub escalated: Option<(Level, DateTime<Utc>)>,
}

/// The levels above a queue to which a report escalates, nearest first: 街道, then 区. A queue that is a
/// subdistrict's own bin begins at the district.
pub fn ladder(tree: &Tree, queue: QueueId) -> Vec<Level> {
    let Some(own) = tree.area_of(queue) else {
        return Vec::new();
    };
    let levels = tree.upward(own.id).map(|area| area.level);
    levels
        .filter(|level| *level <= Level::Subdistrict && *level != own.level)
        .collect()
}

impl Overdue {
    /// The next level; none after the last one.
    pub fn next(&self, ladder: &[Level]) -> Option<Level> {
        let last = self.escalated.map(|(level, _)| level);
        let mut above = ladder.iter().copied();
        above.find(|level| last.is_none_or(|last| *level < last))
    }

    /// From which instant on the case goes to the next level: `grace` after the deadline, and at
    /// least `wait` after the last escalation, whichever deadline that one was about.
    pub fn from(&self, grace: TimeDelta, wait: TimeDelta) -> DateTime<Utc> {
        match self.escalated {
            Some((_, at)) => self.due_at.max(at) + wait,
            None => self.due_at + grace,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::area::Area;

    fn tree() -> Tree {
        let area = Area::example;
        Tree::example(vec![
            area(1, None, Level::District),
            area(2, Some(1), Level::Subdistrict),
            area(3, Some(2), Level::Community),
            area(4, None, Level::Community),
        ])
    }

    #[test]
    fn escalation_climbs_one_level_at_a_time() {
        use Level::{District, Subdistrict};
        let at = DateTime::UNIX_EPOCH;
        for (queue, last, next) in [
            (3, None, Some(Subdistrict)),
            (3, Some(Subdistrict), Some(District)),
            (3, Some(District), None),
            (2, None, Some(District)),
            (2, Some(Subdistrict), Some(District)),
            (1, None, None),
            (4, None, None),
        ] {
            let overdue = Overdue {
                due_at: at,
                escalated: last.map(|level| (level, at)),
            };
            let ladder = ladder(&tree(), QueueId(queue));
            assert_eq!(overdue.next(&ladder), next, "{queue} {last:?}");
        }
    }

    #[test]
    fn each_level_has_time_before_the_next_one() {
        let hour = TimeDelta::hours(1);
        let due_at = DateTime::UNIX_EPOCH;
        let from = |late: Option<TimeDelta>| {
            let escalated = late.map(|late| (Level::Subdistrict, due_at + late));
            let grace = TimeDelta::minutes(5);
            Overdue { due_at, escalated }.from(grace, hour) - due_at
        };
        assert_eq!(from(None), TimeDelta::minutes(5), "the grace");
        assert_eq!(from(Some(hour * 5)), hour * 6);
        // Escalated for the first deadline long ago: the level knows the report, and `wait` begins
        // again.
        assert_eq!(from(Some(-hour * 5)), hour);
    }
}
