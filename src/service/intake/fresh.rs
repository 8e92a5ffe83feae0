//! What the writer of this node wrote last, so that open streams need not read it from the database. A
//! stream that is slower than the next batch reads it there.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Submission;
use super::batch::Appended;
use crate::domain::queue::QueueId;
use crate::store::journal;
use crate::store::report::Row;

/// New reports of one queue with their entries, in the order of its journal.
pub type Arrived = Arc<[(journal::Entry, Row)]>;

/// The reports of the last batch.
#[derive(Debug, Default)]
pub struct Fresh(RwLock<HashMap<QueueId, Arrived>>);

impl Fresh {
    /// The reports whose entries follow `seen` and reach at least to `reached`; none where the last batch
    /// does not have all of them.
    pub fn after(&self, queue: QueueId, seen: i64, reached: i64) -> Option<Arrived> {
        let batch = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let arrived = batch.get(&queue)?;
        let (first, last) = (arrived.first()?, arrived.last()?);
        (first.0.seq == seen + 1 && last.0.seq >= reached).then(|| Arc::clone(arrived))
    }

    /// Keeps the reports of this batch, and of no other.
    pub(super) fn keep(&self, submissions: Vec<Submission>, appended: &[Appended]) {
        let mut queues: HashMap<QueueId, Vec<(journal::Entry, Row)>> = HashMap::new();
        let mut new = appended.iter().peekable();
        for (nth, submission) in submissions.into_iter().enumerate() {
            let Some(appended) = new.next_if(|appended| appended.submission == nth) else {
                continue;
            };
            let mut entry = super::batch::entry(&submission);
            entry.seq = appended.seq;
            let arrived = queues.entry(entry.queue).or_default();
            arrived.push((entry, Row::from(submission.report)));
        }
        let batch = queues.into_iter().map(|(queue, all)| (queue, all.into()));
        // The map is whole at every instant, so a panic elsewhere leaves it usable.
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = batch.collect();
    }

    /// Keeps nothing: no stream reads it.
    pub(super) fn clear(&self) {
        let mut batch = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !batch.is_empty() {
            *batch = HashMap::new();
        }
    }
}
