//! Views: what a staff member sees of the open cases.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use strum::EnumCount;

use super::buildings::Buildings;
use super::chain::Slot;
use super::entry::{Detail, Entry, fact};
use super::scan::{Counts, Page, Scan};
use super::{OpenCases, Tag, tag_in_queue};
use crate::domain::area::Level;
use crate::domain::listing::{Filter, ListQuery};
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;

/// What a staff member sees: the queues, and of a queue around a grid the grid's buildings.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    /// The queues, in the order of their numbers.
    pub queues: &'a [QueueId],
    /// The buildings, where not all of a queue is seen.
    pub ground: Option<Buildings>,
}

/// The open cases that a staff member sees.
#[derive(Debug)]
pub struct VisibleCases<'a> {
    pub(super) cases: &'a OpenCases,
    pub(super) sight: Sight<'a>,
}

/// Counts of open reports that need attention, whenever they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Reports without a community.
    pub unrouted: i64,
    /// Urgent reports.
    pub red: i64,
    /// Escalated reports, by the highest level that they have reached.
    pub escalated: BTreeMap<Level, i64>,
}

impl<'a> VisibleCases<'a> {
    /// What the staff member sees of these cases.
    pub fn of(cases: &'a OpenCases, sight: Sight<'a>) -> Self {
        Self { cases, sight }
    }

    /// The first `limit` reports of the view, in its order and after the one that the query names, and
    /// the counts of all views.
    pub fn page(&self, query: &ListQuery, limit: usize) -> Page {
        let Filter { queue, phone, .. } = &query.narrow;
        let queues = self.sight.queues.iter().copied();
        let queues = queues.filter(|one| queue.is_none_or(|wanted| wanted == *one));
        let counts = self.kept_counts(query, queues.clone());
        let mut scan = Scan::of(query, limit, counts, &self.cases.phones_of_queues);
        if !scan.reads() {
            return scan.page();
        }
        for queue in queues {
            scan.enter(query.bins.contains(&queue), self.sight.ground.is_none());
            let take = |entry: &Entry, detail: &Detail| {
                scan.take(entry, detail, || self.is_duplicate(entry, detail.slot));
            };
            match phone {
                Some(phone) => self.each_of_phone(queue, Tag::of(phone), take),
                None => self.each_of(queue, take),
            }
        }
        scan.page()
    }

    /// The counts of all views, where whole queues are counted: without reading the cases.
    fn kept_counts(
        &self,
        query: &ListQuery,
        queues: impl Iterator<Item = QueueId>,
    ) -> Option<Counts> {
        let narrow = &query.narrow;
        let narrowed =
            narrow.direction.is_some() || narrow.buildings.is_some() || narrow.phone.is_some();
        if narrowed || self.sight.ground.is_some() {
            return None;
        }
        let mut counts = Counts::none();
        for queue in queues.filter_map(|queue| self.cases.of_queue(queue)) {
            counts.add_queue(queue, query, |slot| {
                self.is_duplicate(self.cases.queues.entry(*slot), *slot)
            });
        }
        Some(counts)
    }

    /// Counts of the open reports that need attention. `is_unrouted` knows the queues that are no
    /// community's.
    pub fn alarms(&self, is_unrouted: impl Fn(QueueId) -> bool) -> Alarms {
        let mut alarms = Alarms::default();
        let mut escalated = [0; Level::COUNT];
        for queue in self.sight.queues {
            let unrouted = i64::from(is_unrouted(*queue));
            self.each_of(*queue, |entry, detail| {
                alarms.unrouted += unrouted;
                alarms.red += i64::from(entry.is(fact::URGENT));
                if entry.is(fact::ESCALATED) {
                    let level = detail.escalated.unwrap_or(Level::District);
                    escalated[level as usize] += 1;
                }
            });
        }
        let levels = Level::ALL.into_iter().zip(escalated);
        alarms.escalated = levels.filter(|(_, count)| *count > 0).collect();
        alarms
    }

    /// The cases of this room and direction that were received no further than the window from `at`,
    /// the latest first.
    pub fn of_room(&self, room: Tag, at: DateTime<Utc>) -> Vec<ReportId> {
        let at = at.timestamp_micros();
        let queues = &self.cases.queues;
        let near = |slot: &Slot| self.cases.is_near(queues.entry(*slot).received_at, at);
        let cases = self.cases.rooms.all(room.0);
        let near = cases.filter(|slot| self.sees(*slot)).filter(near);
        near.map(|slot| ReportId(queues.detail(slot).id)).collect()
    }

    /// Calls `each` with every case of the queue that is seen.
    pub(super) fn each_of(&self, queue: QueueId, mut each: impl FnMut(&Entry, &Detail)) {
        let Some(queue) = self.cases.of_queue(queue) else {
            return;
        };
        let ground = self.sight.ground.as_ref();
        for (entry, detail) in queue.entries.iter().zip(&queue.details) {
            if Buildings::hold(ground, detail) {
                each(entry, detail);
            }
        }
    }

    /// Calls `each` with every case of this telephone in the queue that is seen.
    fn each_of_phone(
        &self,
        queue: QueueId,
        phone: Option<Tag>,
        mut each: impl FnMut(&Entry, &Detail),
    ) {
        let OpenCases {
            queues, numbers, ..
        } = self.cases;
        let Some((phone, number)) = phone.zip(numbers.get(&queue)) else {
            return;
        };
        let tag = tag_in_queue(phone.0, *number);
        let slots = self.cases.phones_of_queues.all(tag);
        for slot in slots.filter(|slot| self.sees(*slot)) {
            each(queues.entry(slot), queues.detail(slot));
        }
    }

    fn sees(&self, slot: Slot) -> bool {
        let queues = &self.cases.queues;
        self.sight
            .queues
            .binary_search(&queues.queue(slot).area)
            .is_ok()
            && Buildings::hold(self.sight.ground.as_ref(), queues.detail(slot))
    }

    /// Whether another case that is seen has the telephone, or within the window the room and
    /// direction.
    fn is_duplicate(&self, entry: &Entry, slot: Slot) -> bool {
        let phones = &self.cases.phones;
        let same_phone = phones.before(slot).chain(phones.after(slot));
        same_phone
            .chain(self.cases.of_room_before(entry.received_at, slot))
            .chain(self.cases.of_room_after(entry.received_at, slot))
            .any(|other| self.sees(other))
    }
}
