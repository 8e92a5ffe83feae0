//! Open cases in memory: what lists need to know of the open reports. [`VisibleCases`] decides which
//! of them a view holds, how many those are and which are probable duplicates.
//!
//! A page of a view reads 24 bytes of each case in the queues that a staff member sees, in a row, so
//! that half a million take milliseconds. The counts of whole queues, and which cases are probable
//! duplicates, are kept up to date as the cases change.

use std::collections::HashMap;
use std::num::NonZeroU64;

use chrono::{DateTime, TimeDelta, Utc};
use hashbrown::HashTable;
use uuid::Uuid;

use self::chain::{Chains, Slot};
use self::entry::{Detail, Entry, fact, time};
use self::table::{Queue, Queues};
use super::area::Level;
use super::escalation::Overdue;
use super::place::BuildingId;
use super::queue::QueueId;
use super::report::{Direction, ReportId};
use super::staff::StaffId;
use super::triage::Status;

mod buildings;
mod chain;
mod counts;
mod entry;
mod first;
mod fold;
mod night;
mod rank;
mod scan;
mod table;
#[cfg(test)]
mod tests;
mod times;
mod view;

pub use fold::{FOLD_MIN, Fold};
pub use night::{NightCounts, NightCursor, Nights};
pub use scan::Page;
pub use view::{Alarms, Sight, VisibleCases};

/// The beginning of a keyed hash: equal where a telephone, or a room and a direction, is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(pub NonZeroU64);

impl Tag {
    /// The tag of a keyed hash. Eight bytes of it are enough to tell what is open apart.
    pub fn of(hash: &[u8]) -> Option<Self> {
        let number = hash.first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
        number.and_then(NonZeroU64::new).map(Self)
    }
}

/// What lists need to know of one open report. Nothing personal is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Its number.
    pub id: ReportId,
    /// The queue that owns it.
    pub queue: QueueId,
    /// The building that it is about.
    pub building: Option<BuildingId>,
    /// Which way.
    pub direction: Direction,
    /// How many persons.
    pub persons: i16,
    /// Where it stands.
    pub status: Status,
    /// Who took it.
    pub owner: Option<StaffId>,
    /// Whether it left no more than a telephone.
    pub incomplete: bool,
    /// Whether an urgent rule marked it.
    pub urgent: bool,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The deadline that counts with its status.
    pub due_at: DateTime<Utc>,
    /// The highest level that it was escalated to, and when.
    pub escalated: Option<(Level, DateTime<Utc>)>,
    /// The telephone.
    pub phone: Option<Tag>,
    /// The room and the direction.
    pub room: Option<Tag>,
}

/// The open reports of all queues.
#[derive(Clone, Debug, Default)]
pub struct OpenCases {
    /// Two reports of one room and direction are probable duplicates where they were received no
    /// further apart, in microseconds.
    window: i64,
    queues: Queues,
    numbers: HashMap<QueueId, u32>,
    free: Vec<Slot>,
    slots: HashTable<Slot>,
    phones: Chains<()>,
    /// The telephones of each queue: what is in one chain is seen by the same people.
    phones_of_queues: Chains<()>,
    /// In the order of receipt.
    rooms: Chains<i64>,
}

impl OpenCases {
    /// None yet. Two reports of one room and direction are probable duplicates where they were
    /// received no further apart than `window`.
    pub fn new(window: TimeDelta) -> Self {
        Self {
            window: window.num_microseconds().unwrap_or(i64::MAX),
            ..Self::default()
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.queues.slots() - self.free.len()
    }

    /// Adds the case, or replaces what was known of the same report.
    pub fn put(&mut self, case: &OpenCase) {
        self.remove(case.id);
        let slot = self.free_slot();
        let entry = Entry::of(case);
        let (received_at, queue) = (entry.received_at, self.number(case.queue));
        let detail = Detail::of(case, slot);
        let escalated_at = case.escalated.map_or(0, |(_, at)| at.timestamp_micros());
        self.queues.push(queue, entry, detail, escalated_at);
        let queues = &self.queues;
        let rehash = |slot: &Slot| hash(queues.detail(*slot).id);
        self.slots.insert_unique(hash(case.id.0), slot, rehash);
        let phone = case.phone.map(|tag| tag.0);
        let in_queue = phone.map(|tag| tag_in_queue(tag, queue));
        let joined = [
            Some(slot),
            self.phones.insert(slot, phone, ()),
            self.phones_of_queues.insert(slot, in_queue, ()),
            self.rooms
                .insert(slot, case.room.map(|tag| tag.0), received_at),
        ];
        let twins = self.room_twins(slot);
        for slot in joined.into_iter().chain(twins).flatten() {
            self.mark_shared(slot);
        }
        self.join_crowd(slot);
    }

    /// Removes the report, which has ended or lies in another queue.
    pub fn remove(&mut self, id: ReportId) {
        let Some(slot) = self.take_slot(id) else {
            return;
        };
        self.leave_crowd(slot);
        let twins = self.room_twins(slot);
        let left = [
            self.phones.remove(slot),
            self.phones_of_queues.remove(slot),
            self.rooms.remove(slot),
        ];
        for other in left.into_iter().chain(twins).flatten() {
            self.mark_shared(other);
        }
        self.queues.remove(slot);
        self.free.push(slot);
    }

    /// The queue in which the report lies.
    pub fn queue_of(&self, id: ReportId) -> Option<QueueId> {
        Some(self.queues.queue(self.slot(id)?).area)
    }

    /// All of them, in no order.
    pub fn cases(&self) -> impl Iterator<Item = OpenCase> {
        let queues = self.queues.all.iter();
        queues.flat_map(|queue| {
            let cases = queue.entries.iter().zip(&queue.details);
            cases.map(|(entry, detail)| self.case(queue.area, entry, detail))
        })
    }

    /// The overdue cases of each queue.
    pub fn overdue(&self, now: DateTime<Utc>) -> impl Iterator<Item = (QueueId, Vec<Late>)> {
        let now = now.timestamp_micros();
        self.queues.all.iter().map(move |queue| {
            let cases = queue.entries.iter().zip(&queue.details);
            let late = cases.filter(|(entry, _)| entry.due_at < now);
            let late = late.map(|(entry, detail)| Late {
                id: ReportId(detail.id),
                urgent: entry.is(fact::URGENT),
                overdue: Overdue {
                    due_at: time(entry.due_at),
                    escalated: self.escalated(detail),
                },
            });
            (queue.area, late.collect())
        })
    }

    /// Makes room for so many cases.
    pub fn reserve(&mut self, cases: usize) {
        let queues = &self.queues;
        let rehash = |slot: &Slot| hash(queues.detail(*slot).id);
        self.slots.reserve(cases, rehash);
        self.queues.reserve(cases);
        self.phones.reserve(cases);
        self.phones_of_queues.reserve(cases);
        self.rooms.reserve(cases);
    }

    /// Gives back the room that is not needed: after many were put.
    pub fn shrink(&mut self) {
        self.queues.shrink();
        self.phones.shrink();
        self.phones_of_queues.shrink();
        self.rooms.shrink();
    }

    fn case(&self, queue: QueueId, entry: &Entry, detail: &Detail) -> OpenCase {
        OpenCase {
            id: ReportId(detail.id),
            queue,
            building: detail.building(),
            direction: entry.direction(),
            persons: detail.persons,
            status: detail.status,
            owner: (entry.owner != 0).then_some(StaffId(entry.owner)),
            incomplete: entry.is(fact::INCOMPLETE),
            urgent: entry.is(fact::URGENT),
            received_at: time(entry.received_at),
            due_at: time(entry.due_at),
            escalated: self.escalated(detail),
            phone: self.phones.tag(detail.slot).map(Tag),
            room: self.rooms.tag(detail.slot).map(Tag),
        }
    }

    fn escalated(&self, detail: &Detail) -> Option<(Level, DateTime<Utc>)> {
        let at = self.queues.location(detail.slot).escalated_at;
        Some((detail.escalated?, time(at)))
    }

    fn mark_shared(&mut self, slot: Slot) {
        let same_room = || self.room_twins(slot).iter().any(Option::is_some);
        let twin = self.phones_of_queues.is_shared(slot) || same_room();
        let shared = self.phones.is_shared(slot) || self.rooms.is_shared(slot);
        let mut facts = self.queues.entry(slot).facts & !(fact::TWIN | fact::SHARED);
        for (fact, is) in [(fact::TWIN, twin), (fact::SHARED, shared)] {
            facts |= if is { fact } else { 0 };
        }
        self.queues.set_facts(slot, facts);
    }

    /// The nearest cases of the same queue before and after this one that have its room within the
    /// window.
    fn room_twins(&self, slot: Slot) -> [Option<Slot>; 2] {
        let at = self.rooms.order(slot);
        let queue = self.queues.location(slot).queue;
        let is_here = |other: &Slot| self.queues.location(*other).queue == queue;
        let before = self.of_room_before(at, slot).find(is_here);
        [before, self.of_room_after(at, slot).find(is_here)]
    }

    /// The cases of the same room that were received within the window before this one.
    fn of_room_before(&self, at: i64, slot: Slot) -> impl Iterator<Item = Slot> {
        let near = move |other: &Slot| self.is_near(self.rooms.order(*other), at);
        self.rooms.before(slot).take_while(near)
    }

    /// The cases of the same room that were received within the window after this one.
    fn of_room_after(&self, at: i64, slot: Slot) -> impl Iterator<Item = Slot> {
        let near = move |other: &Slot| self.is_near(self.rooms.order(*other), at);
        self.rooms.after(slot).take_while(near)
    }

    fn is_near(&self, one: i64, other: i64) -> bool {
        (one - other).abs() <= self.window
    }

    fn of_queue(&self, queue: QueueId) -> Option<&Queue> {
        let number = self.numbers.get(&queue)?;
        Some(&self.queues.all[*number as usize])
    }

    fn slot(&self, id: ReportId) -> Option<Slot> {
        let same = |slot: &Slot| self.queues.detail(*slot).id == id.0;
        self.slots.find(hash(id.0), same).copied()
    }

    fn take_slot(&mut self, id: ReportId) -> Option<Slot> {
        let queues = &self.queues;
        let same = |slot: &Slot| queues.detail(*slot).id == id.0;
        let known = self.slots.find_entry(hash(id.0), same).ok()?;
        Some(known.remove().0)
    }

    fn free_slot(&mut self) -> Slot {
        self.free.pop().unwrap_or_else(|| self.queues.add_slot())
    }

    fn number(&mut self, queue: QueueId) -> u32 {
        let queues = &mut self.queues;
        *self
            .numbers
            .entry(queue)
            .or_insert_with(|| queues.add(queue))
    }
}

/// An overdue report.
#[derive(Clone, Copy, Debug)]
pub struct Late {
    /// Its number.
    pub id: ReportId,
    /// Whether an urgent rule marked it.
    pub urgent: bool,
    /// Since when, and how far it was escalated.
    pub overdue: Overdue,
}

/// The tag of a telephone within a queue. Two that fall together are taken for one telephone, which
/// is as rare as with the tags themselves.
fn tag_in_queue(tag: NonZeroU64, queue: u32) -> NonZeroU64 {
    let mixed = (u64::from(queue) + 1).wrapping_mul(MIX);
    NonZeroU64::new(tag.get() ^ mixed).unwrap_or(tag)
}

/// Spreads neighbouring numbers over all bits.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Ids begin with a time and end with random bits; a telephone cannot choose them.
fn hash(id: Uuid) -> u64 {
    let (time, random) = id.as_u64_pair();
    (time ^ random).wrapping_mul(MIX)
}
