//! Totals: figures that are sums of the same cells, so that they always add up.

use std::collections::BTreeMap;

use super::queue::QueueId;
use super::report::Direction;
use super::triage::{Stage, Status};

/// How many reports and persons stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Reports.
    pub reports: i64,
    /// Persons on them.
    pub persons: i64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.reports += other.reports;
        self.persons += other.persons;
    }
}

/// The key of one count: one queue, one local hour of receipt, one direction, one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TallyKey {
    /// The queue.
    pub queue: QueueId,
    /// The local hour of receipt, 0 to 23.
    pub hour: i16,
    /// The direction.
    pub direction: Direction,
    /// The status now.
    pub status: Status,
}

/// The totals of one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Everything received on the day.
    pub all: Count,
    /// By queue, unrouted bins included.
    pub by_queue: BTreeMap<QueueId, QueueTotals>,
    /// By direction.
    pub by_direction: BTreeMap<Direction, Count>,
    /// By status.
    pub by_status: BTreeMap<Status, Count>,
    /// By local hour of receipt; hours without a report are absent.
    pub by_hour: BTreeMap<i16, Count>,
}

/// The sum over the statuses of one stage.
fn of_stage(by_status: &BTreeMap<Status, Count>, stage: Stage) -> Count {
    let mut sum = Count::default();
    for (_, count) in by_status
        .iter()
        .filter(|(status, _)| status.stage() == stage)
    {
        sum.add(*count);
    }
    sum
}

/// The totals of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueTotals {
    /// All.
    pub all: Count,
    /// By status.
    pub by_status: BTreeMap<Status, Count>,
}

impl QueueTotals {
    /// What of this queue stands in one stage.
    pub fn of_stage(&self, stage: Stage) -> Count {
        of_stage(&self.by_status, stage)
    }
}

impl Totals {
    /// What stands in one stage.
    pub fn of_stage(&self, stage: Stage) -> Count {
        of_stage(&self.by_status, stage)
    }

    /// The sums over the tallies of one day.
    pub fn of(tallies: impl IntoIterator<Item = (TallyKey, Count)>) -> Self {
        let mut totals = Self::default();
        for (tally_key, count) in tallies {
            // A count that fell to zero stays as a row.
            if count == Count::default() {
                continue;
            }
            totals.all.add(count);
            let queue = totals.by_queue.entry(tally_key.queue).or_default();
            queue.all.add(count);
            queue
                .by_status
                .entry(tally_key.status)
                .or_default()
                .add(count);
            totals
                .by_direction
                .entry(tally_key.direction)
                .or_default()
                .add(count);
            totals
                .by_status
                .entry(tally_key.status)
                .or_default()
                .add(count);
            totals.by_hour.entry(tally_key.hour).or_default().add(count);
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tally_key() -> impl Strategy<Value = (TallyKey, Count)> {
        (
            1..5_i32,
            0..24_i16,
            0..2_usize,
            0..Status::ALL.len(),
            0..9_i64,
            0..99_i64,
        )
            .prop_map(|(queue, hour, direction, status, reports, persons)| {
                let tally_key = TallyKey {
                    queue: QueueId(queue),
                    hour,
                    direction: Direction::ALL[direction],
                    status: Status::ALL[status],
                };
                (tally_key, Count { reports, persons })
            })
    }

    fn sum<'a>(counts: impl Iterator<Item = &'a Count>) -> Count {
        counts.fold(Count::default(), |mut sum, count| {
            sum.add(*count);
            sum
        })
    }

    proptest! {
        /// guarantee: Every breakdown of the totals adds up to the whole
        #[test]
        fn every_breakdown_adds_up_to_the_whole(tallies in proptest::collection::vec(tally_key(), 0..50)) {
            let totals = Totals::of(tallies);
            prop_assert_eq!(sum(totals.by_queue.values().map(|q| &q.all)), totals.all);
            prop_assert_eq!(sum(totals.by_queue.values().flat_map(|q| q.by_status.values())), totals.all);
            prop_assert_eq!(sum(totals.by_direction.values()), totals.all);
            prop_assert_eq!(sum(totals.by_status.values()), totals.all);
            prop_assert_eq!(sum(Stage::ALL.map(|stage| totals.of_stage(stage)).iter()), totals.all);
            prop_assert_eq!(sum(totals.by_hour.values()), totals.all);
        }
    }
}
