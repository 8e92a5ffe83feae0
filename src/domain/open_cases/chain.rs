//! Chains: the open cases that share a tag, in the order of their receipt.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::Tag;

/// Where a case is kept.
pub(super) type Slot = u32;

/// Stands for no slot.
const NONE: Slot = Slot::MAX;

/// One case in the chain of its tag.
#[derive(Clone, Copy, Debug)]
struct Link {
    tag: Option<Tag>,
    received_at: i64,
    before: Slot,
    after: Slot,
}

const ALONE: Link = Link {
    tag: None,
    received_at: 0,
    before: NONE,
    after: NONE,
};

/// The chains of one kind of tag.
#[derive(Clone, Debug, Default)]
pub(super) struct Chains {
    links: Vec<Link>,
    /// The last case of each chain.
    ends: HashTable<Slot>,
}

impl Link {
    fn neighbour(&self) -> Slot {
        if self.before == NONE {
            self.after
        } else {
            self.before
        }
    }
}

impl Chains {
    /// Puts the case into the chain of its tag. Returns a case that shares its chain from now on and
    /// did not before.
    pub(super) fn insert(
        &mut self,
        slot: Slot,
        tag: Option<Tag>,
        received_at: i64,
    ) -> Option<Slot> {
        if self.links.len() <= slot as usize {
            self.links.resize(slot as usize + 1, ALONE);
        }
        let tag = tag?;
        let mut before = self.end(tag);
        let mut after = NONE;
        // A new case is received after the others; an older one comes back rarely.
        while before != NONE && self.link(before).received_at > received_at {
            (before, after) = (self.link(before).before, before);
        }
        let link = Link {
            tag: Some(tag),
            received_at,
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
        *self.link_mut(slot) = ALONE;
        let neighbour = link.neighbour();
        (neighbour != NONE && !self.is_shared(neighbour)).then_some(neighbour)
    }

    /// The tag of the case.
    pub(super) fn tag(&self, slot: Slot) -> Option<Tag> {
        self.link(slot).tag
    }

    /// Whether another case has the same tag.
    pub(super) fn is_shared(&self, slot: Slot) -> bool {
        let link = self.link(slot);
        link.before != NONE || link.after != NONE
    }

    /// The other cases of the chain with the time of their receipt: those before this one, the nearest
    /// first, then those after it, the nearest first. Each direction ends where a case was received
    /// more than `window` apart.
    pub(super) fn others(&self, slot: Slot, window: i64) -> impl Iterator<Item = Slot> {
        let own = self.link(slot).received_at;
        let near = move |other: &Slot| (self.link(*other).received_at - own).abs() <= window;
        let before = self.walk(self.link(slot).before, |link| link.before);
        let after = self.walk(self.link(slot).after, |link| link.after);
        before.take_while(near).chain(after.take_while(near))
    }

    /// All cases of a tag, the last one first.
    pub(super) fn all(&self, tag: Tag) -> impl Iterator<Item = Slot> {
        self.walk(self.end(tag), |link| link.before)
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.links.shrink_to_fit();
    }

    fn walk(&self, from: Slot, next: fn(&Link) -> Slot) -> impl Iterator<Item = Slot> {
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

    fn end(&self, tag: Tag) -> Slot {
        let same = |slot: &Slot| self.link(*slot).tag == Some(tag);
        self.ends.find(hash(tag), same).copied().unwrap_or(NONE)
    }

    /// Says which case is the last one of the chain; with none the chain is gone.
    fn set_end(&mut self, tag: Tag, end: Slot) {
        let links = &self.links;
        let tag_of = |slot: &Slot| links[*slot as usize].tag;
        let same = |slot: &Slot| tag_of(slot) == Some(tag);
        let rehash = |slot: &Slot| tag_of(slot).map_or(0, hash);
        match self.ends.entry(hash(tag), same, rehash) {
            Entry::Occupied(known) if end == NONE => drop(known.remove()),
            Entry::Occupied(mut known) => *known.get_mut() = end,
            Entry::Vacant(_) if end == NONE => {}
            Entry::Vacant(free) => drop(free.insert(end)),
        }
    }

    fn link(&self, slot: Slot) -> &Link {
        &self.links[slot as usize]
    }

    fn link_mut(&mut self, slot: Slot) -> &mut Link {
        &mut self.links[slot as usize]
    }
}

/// A tag is a keyed hash already.
fn hash(tag: Tag) -> u64 {
    tag.0.get()
}
