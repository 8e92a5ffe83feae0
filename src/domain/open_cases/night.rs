//! The open cases of a night, for the morning digest.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::{AddAssign, Range};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::first::First;
use super::table::{fact, time};
use super::view::VisibleCases;
use crate::domain::deadline::Urgency;
use crate::domain::place::BuildingId;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;

/// The night of each queue, as instants.
pub type Nights = HashMap<QueueId, Range<DateTime<Utc>>>;

/// The place of a report in a digest: queue by queue, building by building, in the order of receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NightCursor {
    /// The queue.
    pub queue: QueueId,
    /// The building.
    pub building: Option<BuildingId>,
    /// When the report was received.
    pub received_at: DateTime<Utc>,
    /// The report.
    pub id: ReportId,
}

/// The reports of one night in one queue, in their present state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NightCounts {
    /// Reports.
    pub reports: i64,
    /// Persons on them.
    pub persons: i64,
    /// Those that wait for the first call.
    pub waiting: i64,
    /// Urgent ones.
    pub urgent: i64,
    /// Overdue ones.
    pub overdue: i64,
}

impl AddAssign for NightCounts {
    fn add_assign(&mut self, other: Self) {
        self.reports += other.reports;
        self.persons += other.persons;
        self.waiting += other.waiting;
        self.urgent += other.urgent;
        self.overdue += other.overdue;
    }
}

/// What is open of a night.
#[derive(Debug)]
pub struct OpenNight {
    /// The counts of each queue; queues without reports are absent.
    pub counts: BTreeMap<QueueId, NightCounts>,
    /// The places of the first reports after the one that was asked for.
    pub cursors: Vec<NightCursor>,
}

impl VisibleCases<'_> {
    /// Counts what is open of the night, and finds its first `limit` reports after this one.
    pub fn night(
        &self,
        nights: &Nights,
        now: DateTime<Utc>,
        after: Option<NightCursor>,
        limit: usize,
    ) -> OpenNight {
        let now = now.timestamp_micros();
        let mut counts = BTreeMap::new();
        let mut first = First::new(limit, after.map(NightCursor::rank));
        for queue in self.sight.queues {
            let Some(night) = nights.get(queue) else {
                continue;
            };
            let night = night.start.timestamp_micros()..night.end.timestamp_micros();
            let mut count = NightCounts::default();
            self.each_of(*queue, |entry, detail| {
                if !night.contains(&entry.received_at) {
                    return;
                }
                count += NightCounts {
                    reports: 1,
                    persons: detail.persons.into(),
                    waiting: entry.is(fact::WAITS).into(),
                    urgent: entry.is(fact::URGENT).into(),
                    overdue: i64::from(entry.urgency(now) == Urgency::Overdue),
                };
                first.take((*queue, detail.building(), entry.received_at, detail.id));
            });
            if count.reports > 0 {
                counts.insert(*queue, count);
            }
        }
        let (first, _) = first.in_order();
        let cursors = first
            .into_iter()
            .map(|(queue, building, at, id)| NightCursor {
                queue,
                building,
                received_at: time(at),
                id: ReportId(id),
            });
        OpenNight {
            counts,
            cursors: cursors.collect(),
        }
    }
}

impl NightCursor {
    /// Where it stands, in the times of entries.
    fn rank(self) -> (QueueId, Option<BuildingId>, i64, Uuid) {
        let at = self.received_at.timestamp_micros();
        (self.queue, self.building, at, self.id.0)
    }

    /// Reads what [`NightCursor`] writes.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let queue = QueueId(parts.next()?.parse().ok()?);
        let building = match parts.next()? {
            "" => None,
            number => Some(BuildingId(number.parse().ok()?)),
        };
        let micros = parts.next()?.parse().ok()?;
        Some(Self {
            queue,
            building,
            received_at: DateTime::from_timestamp_micros(micros)?,
            id: ReportId(Uuid::try_parse(parts.next()?).ok()?),
        })
    }
}

/// Queue, building, microseconds since 1970 and report, separated by full stops.
impl fmt::Display for NightCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let building = self.building.map(|building| building.0.to_string());
        let (building, at) = (building.unwrap_or_default(), self.received_at);
        let (queue, id) = (self.queue.0, self.id.0);
        write!(f, "{queue}.{building}.{}.{id}", at.timestamp_micros())
    }
}
