//! Duplicates: reports that were merged into another one. While a report has duplicates, staff
//! call about it or have closed it; otherwise its duplicates wait again.

use std::collections::BTreeSet;

use super::change::{Transition, TransitionError};
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::triage::{Move, Mover};
use crate::store::report::{Row, State};
use crate::store::{Error, Tx, journal, report};

/// Whether the report may be merged into the other one: the other one can have duplicates, and
/// this one has none. The answer holds until the transaction ends.
pub(super) async fn may_merge(tx: &Tx, row: &Row, other: ReportId) -> Result<(), TransitionError> {
    let group = merge_group(tx, row, Some(other)).await?;
    let (target, duplicates): (Vec<Row>, Vec<Row>) =
        group.into_iter().partition(|row| row.id == other);
    if !target.iter().any(|row| row.status.can_absorb()) {
        return Err(TransitionError::Target);
    }
    if duplicates.is_empty() {
        Ok(())
    } else {
        Err(TransitionError::HasDuplicates)
    }
}

impl Transition {
    /// The report's duplicates with their new states, when the report's new state cannot have
    /// duplicates. The person who made the step may not be allowed to see them: the system
    /// releases them, so that none is lost.
    pub(super) async fn released(&self, row: &Row, to: &State) -> Result<Vec<(Row, State)>, Error> {
        if to.status.can_absorb() || !row.status.can_absorb() {
            return Ok(Vec::new());
        }
        let duplicates = merge_group(&self.tx, row, None).await?;
        let released = duplicates.into_iter().filter_map(|duplicate| {
            let to = self.waiting_again(&duplicate)?;
            Some((duplicate, to))
        });
        Ok(released.collect())
    }

    fn waiting_again(&self, duplicate: &Row) -> Option<State> {
        let status = self.status_after(duplicate, Move::Split, Mover::System);
        Some(self.state_after(duplicate, status.ok()?))
    }
}

/// The report's duplicates and the other report, locked: until the transaction ends no other
/// transaction changes them or merges a report into this one. The group is read twice, because
/// the journal heads are locked in one order and the first read tells which ones. Conflict where
/// a report changed its queue in between.
async fn merge_group(tx: &Tx, row: &Row, other: Option<ReportId>) -> Result<Vec<Row>, Error> {
    let before = report::merge_group(tx, row, other).await?;
    let queues = before.iter().map(|one| one.queue).chain([row.queue]);
    let queues: BTreeSet<QueueId> = queues.collect();
    journal::hold(tx, queues.iter().copied()).await?;
    let group = report::merge_group(tx, row, other).await?;
    if group.iter().all(|one| queues.contains(&one.queue)) {
        Ok(group)
    } else {
        Err(Error::Conflict)
    }
}
