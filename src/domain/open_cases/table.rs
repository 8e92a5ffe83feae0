//! Where open cases are kept: what a view reads of every case lies in a row, queue by queue.

use super::chain::Slot;
use super::counts::QueueCounts;
use super::entry::{Detail, Entry, index};
use crate::domain::queue::QueueId;

/// The cases of one queue, in no order: each has an entry and, at the same place, a detail.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) area: QueueId,
    pub(super) entries: Vec<Entry>,
    pub(super) details: Vec<Detail>,
    pub(super) counts: QueueCounts,
}

/// Where the entry of a case is, and what few readers need.
#[derive(Clone, Debug, Default)]
pub(super) struct Location {
    pub(super) queue: u32,
    pub(super) position: u32,
    pub(super) escalated_at: i64,
}

/// The cases of all queues, and where each of them is.
#[derive(Clone, Debug, Default)]
pub(super) struct Queues {
    pub(super) all: Vec<Queue>,
    pub(super) locations: Vec<Location>,
}

impl Queues {
    /// How many slots there are, free ones among them.
    pub(super) fn slots(&self) -> usize {
        self.locations.len()
    }

    pub(super) fn add_slot(&mut self) -> Slot {
        self.locations.push(Location::default());
        index(self.locations.len() - 1)
    }

    /// Adds a queue. Returns its place among all.
    pub(super) fn add(&mut self, area: QueueId) -> u32 {
        self.all.push(Queue {
            area,
            entries: Vec::new(),
            details: Vec::new(),
            counts: QueueCounts::default(),
        });
        index(self.all.len() - 1)
    }

    pub(super) fn reserve(&mut self, cases: usize) {
        self.locations.reserve_exact(cases);
    }

    pub(super) fn shrink(&mut self) {
        for queue in &mut self.all {
            queue.entries.shrink_to_fit();
            queue.details.shrink_to_fit();
            queue.counts.shrink();
        }
        self.locations.shrink_to_fit();
    }

    pub(super) fn location(&self, slot: Slot) -> &Location {
        &self.locations[slot as usize]
    }

    pub(super) fn queue(&self, slot: Slot) -> &Queue {
        &self.all[self.location(slot).queue as usize]
    }

    pub(super) fn entry(&self, slot: Slot) -> &Entry {
        &self.queue(slot).entries[self.location(slot).position as usize]
    }

    pub(super) fn detail(&self, slot: Slot) -> &Detail {
        &self.queue(slot).details[self.location(slot).position as usize]
    }

    /// Changes the facts of a case.
    pub(super) fn set_facts(&mut self, slot: Slot, facts: u16) {
        let location = &self.locations[slot as usize];
        let queue = &mut self.all[location.queue as usize];
        let entry = &mut queue.entries[location.position as usize];
        queue.counts.change_facts(slot, entry.facts, facts);
        entry.facts = facts;
    }

    pub(super) fn push(&mut self, queue: u32, entry: Entry, detail: Detail, escalated_at: i64) {
        let Queue {
            entries,
            details,
            counts,
            ..
        } = &mut self.all[queue as usize];
        counts.add(&entry, detail.slot);
        self.locations[detail.slot as usize] = Location {
            queue,
            position: index(entries.len()),
            escalated_at,
        };
        entries.push(entry);
        details.push(detail);
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        let location = self.location(slot);
        let (queue, position) = (location.queue as usize, location.position);
        let Queue {
            entries,
            details,
            counts,
            ..
        } = &mut self.all[queue];
        let entry = entries.swap_remove(position as usize);
        counts.remove(&entry, slot);
        details.swap_remove(position as usize);
        if let Some(moved) = details.get(position as usize) {
            self.locations[moved.slot as usize].position = position;
        }
    }
}
