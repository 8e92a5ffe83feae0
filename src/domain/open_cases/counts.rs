//! Counts of the cases of one queue, kept as the cases change, so that a view need not read them all.

use std::collections::{BTreeMap, HashSet};

use super::chain::Slot;
use super::table::{Entry, fact};
use super::times::Times;

/// Counts of one queue.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueCounts {
    /// How many cases have each combination of facts.
    by_facts: BTreeMap<u16, i64>,
    by_owner: BTreeMap<i32, i64>,
    due: Times,
    soon: Times,
    apart: HashSet<Slot>,
}

impl QueueCounts {
    /// Counts the case.
    pub(super) fn add(&mut self, entry: &Entry, slot: Slot) {
        self.add_facts(entry.facts, slot);
        change(&mut self.by_owner, entry.owner, 1);
        self.due.add(entry.due_at);
        self.soon.add(entry.soon_at());
    }

    /// Takes the case out of the counts.
    pub(super) fn remove(&mut self, entry: &Entry, slot: Slot) {
        self.remove_facts(entry.facts, slot);
        change(&mut self.by_owner, entry.owner, -1);
        self.due.remove(entry.due_at);
        self.soon.remove(entry.soon_at());
    }

    /// Counts other facts of the case.
    pub(super) fn change_facts(&mut self, slot: Slot, before: u16, after: u16) {
        if before != after {
            self.remove_facts(before, slot);
            self.add_facts(after, slot);
        }
    }

    /// The combinations of facts that cases have, and how many have each.
    pub(super) fn by_facts(&self) -> impl Iterator<Item = (u16, i64)> {
        self.by_facts.iter().map(|(facts, count)| (*facts, *count))
    }

    /// How many cases this staff member owns.
    pub(super) fn of_owner(&self, owner: i32) -> i64 {
        self.by_owner.get(&owner).copied().unwrap_or_default()
    }

    /// How many cases are overdue.
    pub(super) fn overdue(&self, now: i64) -> i64 {
        self.due.before(now)
    }

    /// How many cases have a deadline that is near and not over.
    pub(super) fn due_soon(&self, now: i64) -> i64 {
        self.soon.before(now.saturating_add(1)) - self.overdue(now)
    }

    /// The cases of which only the viewer decides whether they are probable duplicates.
    pub(super) fn apart(&self) -> impl Iterator<Item = Slot> {
        self.apart.iter().copied()
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.due.shrink();
        self.soon.shrink();
    }

    fn add_facts(&mut self, facts: u16, slot: Slot) {
        change(&mut self.by_facts, facts, 1);
        if is_apart(facts) {
            self.apart.insert(slot);
        }
    }

    fn remove_facts(&mut self, facts: u16, slot: Slot) {
        change(&mut self.by_facts, facts, -1);
        if is_apart(facts) {
            self.apart.remove(&slot);
        }
    }
}

/// Whether a case shares its telephone or room, but only with a case of another queue, or with one
/// that was received long before or after it.
fn is_apart(facts: u16) -> bool {
    facts & (fact::SHARED | fact::TWIN) == fact::SHARED
}

fn change<K: Ord>(counts: &mut BTreeMap<K, i64>, key: K, by: i64) {
    let count = counts.entry(key).or_default();
    *count += by;
    if *count == 0 {
        counts.retain(|_, count| *count != 0);
    }
}
