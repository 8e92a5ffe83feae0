//! Wake-ups: how far each queue's journal reaches. What happened is in the journal and nowhere
//! else, so a slow reader lags behind in the database and never in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::area::AreaId;

/// Who follows what.
#[derive(Debug)]
pub struct Live {
    queues: Mutex<HashMap<AreaId, watch::Sender<i64>>>,
    any: watch::Sender<u64>,
    closed: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            queues: Mutex::default(),
            any: watch::Sender::new(0),
            closed: watch::Sender::new(false),
        }
    }
}

impl Live {
    /// Tells all who follow this queue that its history now reaches `seq`. Never goes back.
    pub fn reached(&self, queue: AreaId, seq: i64) {
        let moved = self.sender(queue).send_if_modified(|reached| {
            let further = seq > *reached;
            *reached = seq.max(*reached);
            further
        });
        if moved {
            self.any.send_modify(|times| *times += 1);
        }
    }

    /// How far the queue's history is known to reach.
    pub fn known(&self, queue: AreaId) -> i64 {
        *self.sender(queue).borrow()
    }

    /// Follows all queues; the value only says that something moved.
    pub fn follow_all(&self) -> watch::Receiver<u64> {
        self.any.subscribe()
    }

    /// Becomes true when the house closes, so that streams end and the server need not wait.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    /// Ends all streams.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    fn sender(&self, queue: AreaId) -> watch::Sender<i64> {
        self.lock()
            .entry(queue)
            .or_insert_with(|| watch::Sender::new(0))
            .clone()
    }

    /// The map is whole at every instant, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, HashMap<AreaId, watch::Sender<i64>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follower_sees_the_furthest_and_no_step_back() {
        let live = Live::default();
        let mut all = live.follow_all();
        live.reached(AreaId(1), 5);
        live.reached(AreaId(1), 3);
        live.reached(AreaId(2), 9);
        assert_eq!(*all.borrow_and_update(), 2);
        live.reached(AreaId(1), 5);
        assert_eq!((live.known(AreaId(1)), live.known(AreaId(3))), (5, 0));
        assert!(!all.has_changed().unwrap());
    }
}
