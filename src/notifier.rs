//! Wake-ups: how far each queue's journal reaches. What happened is in the journal and nowhere
//! else, so a slow reader lags behind in the database and never in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::domain::queue::QueueId;

/// Who follows what.
#[derive(Debug)]
pub struct Notifier {
    queues: RwLock<HashMap<QueueId, i64>>,
    any: watch::Sender<u64>,
    /// How often this node has written.
    own: watch::Sender<u64>,
    /// How often another node has said that it has written.
    elsewhere: watch::Sender<u64>,
    closed: CancellationToken,
}

impl Default for Notifier {
    fn default() -> Self {
        Self {
            queues: RwLock::default(),
            any: watch::Sender::new(0),
            own: watch::Sender::new(0),
            elsewhere: watch::Sender::new(0),
            closed: CancellationToken::new(),
        }
    }
}

impl Notifier {
    /// Tells all who follow this queue that its history now reaches `seq`. Never goes back.
    pub fn reached(&self, queue: QueueId, seq: i64) {
        if self.known(queue) >= seq {
            return;
        }
        {
            // The map is whole at every instant, so a panic elsewhere leaves it usable.
            let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
            let reached = queues.entry(queue).or_default();
            *reached = seq.max(*reached);
        }
        self.any.send_modify(|times| *times += 1);
    }

    /// Tells the same of entries that this node has written.
    pub fn wrote(&self, heads: BTreeMap<QueueId, i64>) {
        if heads.is_empty() {
            return;
        }
        for (queue, seq) in heads {
            self.reached(queue, seq);
        }
        self.own.send_modify(|times| *times += 1);
    }

    /// Says that another node has written something.
    pub fn wrote_elsewhere(&self) {
        self.elsewhere.send_modify(|times| *times += 1);
    }

    /// Follows what this node writes.
    pub fn own(&self) -> watch::Receiver<u64> {
        self.own.subscribe()
    }

    /// Follows what other nodes say that they have written.
    pub fn elsewhere(&self) -> watch::Receiver<u64> {
        self.elsewhere.subscribe()
    }

    /// How far the queue's history is known to reach.
    pub fn known(&self, queue: QueueId) -> i64 {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.get(&queue).copied().unwrap_or_default()
    }

    /// Which of these queues were read less far than their history reaches, by their place in the
    /// list, and how far that is.
    pub fn ahead(&self, seen: &[(QueueId, i64)]) -> Vec<(usize, i64)> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        let reached = |(at, (queue, seen)): (usize, &(QueueId, i64))| {
            let reached = *queues.get(queue)?;
            (reached > *seen).then_some((at, reached))
        };
        seen.iter().enumerate().filter_map(reached).collect()
    }

    /// Whether there are streams that follow what happens.
    pub fn is_followed(&self) -> bool {
        self.any.receiver_count() > 0
    }

    /// Follows all queues; the value only says that something moved.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.any.subscribe()
    }

    /// Is cancelled when the server closes, so that streams end and the server need not wait.
    pub fn closing(&self) -> CancellationToken {
        self.closed.clone()
    }

    /// Ends all streams.
    pub fn close(&self) {
        self.closed.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follower_sees_the_furthest_and_no_step_back() {
        let notifier = Notifier::default();
        let mut all = notifier.subscribe();
        notifier.reached(QueueId(1), 5);
        notifier.reached(QueueId(1), 3);
        notifier.reached(QueueId(2), 9);
        assert_eq!(*all.borrow_and_update(), 2);
        notifier.reached(QueueId(1), 5);
        assert_eq!(
            (notifier.known(QueueId(1)), notifier.known(QueueId(3))),
            (5, 0)
        );
        assert!(!all.has_changed().unwrap());
    }

    #[test]
    fn subscriber_of_several_queues_learns_which_have_news() {
        let notifier = Notifier::default();
        notifier.reached(QueueId(1), 5);
        notifier.reached(QueueId(2), 9);
        let seen = [(QueueId(1), 5), (QueueId(2), 8), (QueueId(3), 0)];
        assert_eq!(notifier.ahead(&seen), [(1, 9)]);
    }
}
