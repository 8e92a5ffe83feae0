//! Chains: the open cases that share a tag. A chain of cases may have an order.

use std::num::NonZeroU64;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Where a case is kept.
pub(super) type Slot = u32;

/// Stands for no slot.
const NONE: Slot = Slot::MAX;

/// One case in the chain of its tag.
#[derive(Clone, Copy, Debug)]
struct Link<O> {
    tag: Option<NonZeroU64>,
    order: O,
    before: Slot,
    after: Slot,
}

/// The chains of one kind of tag, each in the order of `O`: `()` where none is needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Chains<O> {
    links: Vec<Link<O>>,
    /// The last case of each chain.
    ends: HashTable<Slot>,
}

impl<O: Copy> Link<O> {
    fn neighbour(&self) -> Slot {
        if self.before == NONE {
            self.after
        } else {
            self.before
        }
    }
}

impl<O: Copy + Default + PartialOrd> Chains<O> {
    /// Makes room for so many cases.
    pub(super) fn reserve(&mut self, cases: usize) {
        self.links.reserve_exact(cases);
        let links = &self.links;
        self.ends.reserve(cases, |slot| rehash(links, *slot));
    }

    /// Puts the case into the chain of its tag. Returns a case that shares its chain from now on and
    /// did not before.
    pub(super) fn insert(&mut self, slot: Slot, tag: Option<NonZeroU64>, order: O) -> Option<Slot> {
        while self.links.len() <= slot as usize {
            self.links.push(Self::alone());
        }
        let tag = tag?;
        let mut before = self.end(tag);
        let mut after = NONE;
        // A new case comes after the others; an older one comes back rarely.
        while before != NONE && self.link(before).order > order {
            (before, after) = (self.link(before).before, before);
        }
        let link = Link {
            tag: Some(tag),
            order,
            before,
            after,
        };
        *self.link_mut(slot) = link;
        let neighbour = link.neighbour();
        let joined = neighbour != NONE && !self.is_shared(neighbour);
        self.join(before, slot);
        self.join(slot, after);
        if after == NONE {
            self.set_end(tag, slot);
        }
        joined.then_some(neighbour)
    }

    /// Takes the case out of its chain. Returns the case that is the only one in it from now on.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<Slot> {
        let link = *self.link(slot);
        let tag = link.tag?;
        self.join(link.before, link.after);
        if link.after == NONE {
            self.set_end(tag, link.before);
        }
        *self.link_mut(slot) = Self::alone();
        let neighbour = link.neighbour();
        (neighbour != NONE && !self.is_shared(neighbour)).then_some(neighbour)
    }

    /// The tag of the case.
    pub(super) fn tag(&self, slot: Slot) -> Option<NonZeroU64> {
        self.link(slot).tag
    }

    /// Where the case stands in its chain.
    pub(super) fn order(&self, slot: Slot) -> O {
        self.link(slot).order
    }

    /// Whether another case has the same tag.
    pub(super) fn is_shared(&self, slot: Slot) -> bool {
        let link = self.link(slot);
        link.before != NONE || link.after != NONE
    }

    /// The cases of the chain before this one, the nearest first.
    pub(super) fn before(&self, slot: Slot) -> impl Iterator<Item = Slot> {
        self.walk(self.link(slot).before, |link| link.before)
    }

    /// The cases of the chain after this one, the nearest first.
    pub(super) fn after(&self, slot: Slot) -> impl Iterator<Item = Slot> {
        self.walk(self.link(slot).after, |link| link.after)
    }

    /// All cases of a tag, the last one first.
    pub(super) fn all(&self, tag: NonZeroU64) -> impl Iterator<Item = Slot> {
        self.walk(self.end(tag), |link| link.before)
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.links.shrink_to_fit();
    }

    fn alone() -> Link<O> {
        Link {
            tag: None,
            order: O::default(),
            before: NONE,
            after: NONE,
        }
    }

    fn walk(&self, from: Slot, next: fn(&Link<O>) -> Slot) -> impl Iterator<Item = Slot> {
        let some = |slot: Slot| (slot != NONE).then_some(slot);
        std::iter::successors(some(from), move |slot| some(next(self.link(*slot))))
    }

    fn join(&mut self, before: Slot, after: Slot) {
        if before != NONE {
            self.link_mut(before).after = after;
        }
        if after != NONE {
            self.link_mut(after).before = before;
        }
    }

    fn end(&self, tag: NonZeroU64) -> Slot {
        let same = |slot: &Slot| self.link(*slot).tag == Some(tag);
        self.ends.find(tag.get(), same).copied().unwrap_or(NONE)
    }

    /// Says which case is the last one of the chain; with none the chain is gone.
    fn set_end(&mut self, tag: NonZeroU64, end: Slot) {
        let links = &self.links;
        let same = |slot: &Slot| links[*slot as usize].tag == Some(tag);
        match self
            .ends
            .entry(tag.get(), same, |slot| rehash(links, *slot))
        {
            Entry::Occupied(known) if end == NONE => drop(known.remove()),
            Entry::Occupied(mut known) => *known.get_mut() = end,
            Entry::Vacant(_) if end == NONE => {}
            Entry::Vacant(free) => drop(free.insert(end)),
        }
    }

    fn link(&self, slot: Slot) -> &Link<O> {
        &self.links[slot as usize]
    }

    fn link_mut(&mut self, slot: Slot) -> &mut Link<O> {
        &mut self.links[slot as usize]
    }
}

/// A tag is a keyed hash already.
fn rehash<O>(links: &[Link<O>], slot: Slot) -> u64 {
    links[slot as usize].tag.map_or(0, NonZeroU64::get)
}
