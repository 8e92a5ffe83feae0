//! Lines that stand for many reports: of a telephone with many open reports in one queue a view
//! shows the first one, and says how many there are.

use std::collections::HashMap;
use std::num::NonZeroU64;

use super::OpenCases;
use super::chain::Slot;
use super::entry::fact;
use super::rank::Rank;

/// The fewest reports of one telephone that a line may stand for. Cases in such a crowd are marked
/// as they come and go, so that a view does not ask for the telephone of any other case.
pub const FOLD_MIN: usize = 3;

/// What a line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The reports of the view.
    pub reports: i64,
    /// Those of them that were received today.
    pub today: i64,
}

/// The crowds of a view.
#[derive(Debug)]
pub(super) struct Folds {
    /// So many reports of one telephone stand as one line.
    from: usize,
    day_began: i64,
    crowds: HashMap<NonZeroU64, Crowd>,
}

/// The reports of one telephone in one queue, as far as they belong to the view.
#[derive(Debug)]
struct Crowd {
    /// All of them, as long as they are too few for a line.
    few: Vec<Rank>,
    first: Rank,
    fold: Fold,
}

impl Folds {
    pub(super) fn new(from: usize, day_began: i64) -> Self {
        Self {
            from: from.max(FOLD_MIN),
            day_began,
            crowds: HashMap::new(),
        }
    }

    /// Takes a case of this telephone in its queue.
    pub(super) fn take(&mut self, phone: NonZeroU64, rank: Rank, received_at: i64) {
        let crowd = self.crowds.entry(phone).or_insert_with(|| Crowd {
            few: Vec::new(),
            first: rank,
            fold: Fold {
                reports: 0,
                today: 0,
            },
        });
        crowd.first = crowd.first.min(rank);
        crowd.fold.reports += 1;
        crowd.fold.today += i64::from(received_at >= self.day_began);
        if crowd.few.len() < self.from {
            crowd.few.push(rank);
        }
    }

    /// Calls `line` with the first case of each line and what the line stands for, and with each case
    /// of a crowd that is too small for one.
    pub(super) fn lines(self, mut line: impl FnMut(Rank, Option<Fold>)) {
        for crowd in self.crowds.into_values() {
            if crowd.few.len() < self.from {
                crowd.few.into_iter().for_each(|rank| line(rank, None));
            } else {
                line(crowd.first, Some(crowd.fold));
            }
        }
    }
}

impl OpenCases {
    /// Marks the case that has joined the chain of its telephone, where the chain is a crowd by now.
    pub(super) fn join_crowd(&mut self, slot: Slot) {
        let others = self.beside(slot);
        if others.len() + 1 >= FOLD_MIN {
            self.mark_crowd(slot, true);
        }
        if others.len() + 1 == FOLD_MIN {
            for other in others {
                self.mark_crowd(other, true);
            }
        }
    }

    /// Takes the marks from the cases that are no crowd without this one, which is about to leave.
    pub(super) fn leave_crowd(&mut self, slot: Slot) {
        let others = self.beside(slot);
        if others.len() + 1 == FOLD_MIN {
            for other in others {
                self.mark_crowd(other, false);
            }
        }
    }

    fn mark_crowd(&mut self, slot: Slot, is: bool) {
        let facts = self.queues.entry(slot).facts & !fact::CROWD;
        let crowd = if is { fact::CROWD } else { 0 };
        self.queues.set_facts(slot, facts | crowd);
    }

    /// Other cases of the queue with the telephone of this one; no more than a crowd needs.
    fn beside(&self, slot: Slot) -> Vec<Slot> {
        let phones = &self.phones_of_queues;
        let others = phones.before(slot).chain(phones.after(slot));
        others.take(FOLD_MIN).collect()
    }
}
