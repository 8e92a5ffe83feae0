//! Open cases in memory: what lists need to know of the open reports. [`VisibleCases`] decides which
//! of them a view holds, how many those are and which are probable duplicates.
//!
//! A view reads 56 bytes of each case in the queues that a staff member sees, in a row, so that half a
//! million take milliseconds. What changes with every case is kept up to date as it changes.

use std::collections::HashMap;
use std::num::NonZeroU64;

use chrono::{DateTime, Utc};
use hashbrown::HashTable;
use uuid::Uuid;

use self::chain::{Chains, Slot};
use super::area::{AreaId, Level};
use super::deadline::Urgency;
use super::escalation::Overdue;
use super::place::BuildingId;
use super::report::{Direction, ReportId};
use super::staff::StaffId;
use super::triage::Status;

mod chain;
mod first;
mod night;
#[cfg(test)]
mod tests;
mod view;

pub use night::{NightCounts, NightCursor, Nights};
pub use view::{Alarms, Page, Sight, VisibleCases};

/// The beginning of a keyed hash: equal where a telephone, or a room and a direction, is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(pub NonZeroU64);

/// What lists need to know of one open report. Nothing personal is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Its number.
    pub id: ReportId,
    /// The queue that owns it.
    pub queue: AreaId,
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

/// What a view reads of every case. Times are microseconds since 1970, as precise as the databases.
#[derive(Clone, Debug)]
struct Entry {
    id: Uuid,
    due_at: i64,
    received_at: i64,
    building: Option<BuildingId>,
    owner: Option<StaffId>,
    slot: Slot,
    persons: i16,
    direction: Direction,
    status: Status,
    escalated: Option<Level>,
    incomplete: bool,
    urgent: bool,
    /// Whether another open case has its telephone or its room.
    shared: bool,
}

/// The entries of one queue, in no order.
#[derive(Clone, Debug)]
struct Queue {
    area: AreaId,
    entries: Vec<Entry>,
}

/// Where the entry of a case is, and what few readers need.
#[derive(Clone, Debug, Default)]
struct Location {
    queue: u32,
    position: u32,
    escalated_at: i64,
}

/// The open reports of all queues.
#[derive(Clone, Debug, Default)]
pub struct OpenCases {
    queues: Queues,
    numbers: HashMap<AreaId, u32>,
    free: Vec<Slot>,
    slots: HashTable<Slot>,
    phones: Chains,
    rooms: Chains,
}

/// The entries of all queues, and where each case is among them.
#[derive(Clone, Debug, Default)]
struct Queues {
    all: Vec<Queue>,
    locations: Vec<Location>,
}

impl Queues {
    fn location(&self, slot: Slot) -> &Location {
        &self.locations[slot as usize]
    }

    fn queue(&self, slot: Slot) -> AreaId {
        self.all[self.location(slot).queue as usize].area
    }

    fn entry(&self, slot: Slot) -> &Entry {
        let location = self.location(slot);
        &self.all[location.queue as usize].entries[location.position as usize]
    }

    fn entry_mut(&mut self, slot: Slot) -> &mut Entry {
        let location = &self.locations[slot as usize];
        &mut self.all[location.queue as usize].entries[location.position as usize]
    }

    fn push(&mut self, queue: u32, entry: Entry, escalated_at: i64) {
        let slot = entry.slot as usize;
        let entries = &mut self.all[queue as usize].entries;
        self.locations[slot] = Location {
            queue,
            position: index(entries.len()),
            escalated_at,
        };
        entries.push(entry);
    }

    fn remove(&mut self, slot: Slot) {
        let location = self.location(slot);
        let (queue, position) = (location.queue as usize, location.position);
        let entries = &mut self.all[queue].entries;
        entries.swap_remove(position as usize);
        if let Some(moved) = entries.get(position as usize) {
            self.locations[moved.slot as usize].position = position;
        }
    }
}

impl Entry {
    /// How pressing the deadline is now.
    fn urgency(&self, now: i64) -> Urgency {
        Urgency::after_micros(now - self.received_at, self.due_at - self.received_at)
    }
}

impl OpenCases {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.queues.locations.len() - self.free.len()
    }

    /// Adds the case, or replaces what was known of the same report.
    pub fn put(&mut self, case: &OpenCase) {
        self.remove(case.id);
        let slot = self.free_slot();
        let received_at = case.received_at.timestamp_micros();
        let escalated_at = case.escalated.map_or(0, |(_, at)| at.timestamp_micros());
        let entry = Entry {
            id: case.id.0,
            due_at: case.due_at.timestamp_micros(),
            received_at,
            building: case.building,
            owner: case.owner,
            slot,
            persons: case.persons,
            direction: case.direction,
            status: case.status,
            escalated: case.escalated.map(|(level, _)| level),
            incomplete: case.incomplete,
            urgent: case.urgent,
            shared: false,
        };
        let queue = self.number(case.queue);
        self.queues.push(queue, entry, escalated_at);
        let queues = &self.queues;
        let rehash = |slot: &Slot| hash(queues.entry(*slot).id);
        self.slots.insert_unique(hash(case.id.0), slot, rehash);
        let same_phone = self.phones.insert(slot, case.phone, received_at);
        let same_room = self.rooms.insert(slot, case.room, received_at);
        for slot in [Some(slot), same_phone, same_room].into_iter().flatten() {
            self.mark_shared(slot);
        }
    }

    /// Removes the report, which has ended or lies in another queue.
    pub fn remove(&mut self, id: ReportId) {
        let Some(slot) = self.take_slot(id) else {
            return;
        };
        let left = [self.phones.remove(slot), self.rooms.remove(slot)];
        for alone in left.into_iter().flatten() {
            self.mark_shared(alone);
        }
        self.queues.remove(slot);
        self.free.push(slot);
    }

    /// The queue in which the report lies.
    pub fn queue_of(&self, id: ReportId) -> Option<AreaId> {
        Some(self.queues.queue(self.slot(id)?))
    }

    /// All of them, in no order.
    pub fn cases(&self) -> impl Iterator<Item = OpenCase> {
        let queues = self.queues.all.iter();
        queues.flat_map(|queue| {
            let entries = queue.entries.iter();
            entries.map(|entry| self.case(queue.area, entry))
        })
    }

    /// The overdue cases of each queue.
    pub fn overdue(&self, now: DateTime<Utc>) -> impl Iterator<Item = (AreaId, Vec<Late>)> {
        let now = now.timestamp_micros();
        self.queues.all.iter().map(move |queue| {
            let late = queue.entries.iter().filter(|entry| entry.due_at < now);
            (queue.area, late.map(|entry| self.late(entry)).collect())
        })
    }

    /// Gives back the room that is not needed: after many were put.
    pub fn shrink(&mut self) {
        for queue in &mut self.queues.all {
            queue.entries.shrink_to_fit();
        }
        self.queues.locations.shrink_to_fit();
        self.phones.shrink();
        self.rooms.shrink();
    }

    fn late(&self, entry: &Entry) -> Late {
        Late {
            id: ReportId(entry.id),
            urgent: entry.urgent,
            overdue: Overdue {
                due_at: time(entry.due_at),
                escalated: self.escalated(entry),
            },
        }
    }

    fn case(&self, queue: AreaId, entry: &Entry) -> OpenCase {
        OpenCase {
            id: ReportId(entry.id),
            queue,
            building: entry.building,
            direction: entry.direction,
            persons: entry.persons,
            status: entry.status,
            owner: entry.owner,
            incomplete: entry.incomplete,
            urgent: entry.urgent,
            received_at: time(entry.received_at),
            due_at: time(entry.due_at),
            escalated: self.escalated(entry),
            phone: self.phones.tag(entry.slot),
            room: self.rooms.tag(entry.slot),
        }
    }

    fn escalated(&self, entry: &Entry) -> Option<(Level, DateTime<Utc>)> {
        let at = self.queues.location(entry.slot).escalated_at;
        Some((entry.escalated?, time(at)))
    }

    fn mark_shared(&mut self, slot: Slot) {
        let shared = self.phones.is_shared(slot) || self.rooms.is_shared(slot);
        self.queues.entry_mut(slot).shared = shared;
    }

    fn entries_of(&self, queue: AreaId) -> &[Entry] {
        let number = self.numbers.get(&queue);
        number.map_or(&[], |number| &self.queues.all[*number as usize].entries)
    }

    fn slot(&self, id: ReportId) -> Option<Slot> {
        let same = |slot: &Slot| self.queues.entry(*slot).id == id.0;
        self.slots.find(hash(id.0), same).copied()
    }

    fn take_slot(&mut self, id: ReportId) -> Option<Slot> {
        let queues = &self.queues;
        let same = |slot: &Slot| queues.entry(*slot).id == id.0;
        let known = self.slots.find_entry(hash(id.0), same).ok()?;
        Some(known.remove().0)
    }

    fn free_slot(&mut self) -> Slot {
        let locations = &mut self.queues.locations;
        self.free.pop().unwrap_or_else(|| {
            locations.push(Location::default());
            index(locations.len() - 1)
        })
    }

    fn number(&mut self, queue: AreaId) -> u32 {
        let all = &mut self.queues.all;
        *self.numbers.entry(queue).or_insert_with(|| {
            all.push(Queue {
                area: queue,
                entries: Vec::new(),
            });
            index(all.len() - 1)
        })
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

/// Ids begin with a time and end with random bits; a telephone cannot choose them.
fn hash(id: Uuid) -> u64 {
    let (time, random) = id.as_u64_pair();
    (time ^ random).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Memory ends before four thousand million cases.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}
