//! Twins: reports that were merged into another one. Whatever happens to that one, somebody calls
//! about it or has ended it; else those that were merged into it wait again.

use std::collections::BTreeSet;

use super::change::{Transition, moved};
use super::triage::Refused;
use crate::domain::area::AreaId;
use crate::domain::report::ReportId;
use crate::domain::triage::{Move, Mover};
use crate::store::report::{Row, State};
use crate::store::{Error, Tx, journal, report};

/// Whether the report may be merged into the other one: that one keeps others, and this one keeps
/// none. It stays true until the transaction ends.
pub(super) async fn may_merge(tx: &Tx, row: &Row, other: ReportId) -> Result<(), Refused> {
    let tied = hold(tx, row, Some(other)).await?;
    let (kept, merged): (Vec<Row>, Vec<Row>) = tied.into_iter().partition(|row| row.id == other);
    if !kept.iter().any(|kept| kept.status.keeps_others()) {
        return Err(Refused::Target);
    }
    match merged.is_empty() {
        true => Ok(()),
        false => Err(Refused::Keeps),
    }
}

impl Transition {
    /// What was merged into the report and waits again, since the report comes into a state in
    /// which it keeps no others. Whoever made that step need not see them: it is the house that
    /// loses nobody.
    pub(super) async fn freed(
        &self,
        tx: &Tx,
        (row, to): (&Row, &State),
    ) -> Result<Vec<(Row, State)>, Error> {
        if to.status.keeps_others() || !row.status.keeps_others() {
            return Ok(Vec::new());
        }
        let merged = hold(tx, row, None).await?;
        let freed = merged.into_iter().filter_map(|twin| {
            let to = self.waits(&twin)?;
            Some((twin, to))
        });
        Ok(freed.collect())
    }

    fn waits(&self, twin: &Row) -> Option<State> {
        let standing = self.standing(twin);
        let status = standing.step(Move::Split, Mover::System, self.rules.refusals_max);
        Some(moved(twin, status.ok()?, self.now))
    }
}

/// What is tied to the report, once nobody else can change it, nor tie anything else to it:
/// whoever does holds the journals of both queues. Read before to learn which journals those are,
/// since all are locked in one order; a conflict where something went elsewhere in between.
async fn hold(tx: &Tx, row: &Row, other: Option<ReportId>) -> Result<Vec<Row>, Error> {
    let before = report::tied(tx, row, other).await?;
    let queues = before.iter().map(|tied| tied.queue).chain([row.queue]);
    let queues: BTreeSet<AreaId> = queues.collect();
    journal::hold(tx, queues.iter().copied()).await?;
    let tied = report::tied(tx, row, other).await?;
    match tied.iter().all(|tied| queues.contains(&tied.queue)) {
        true => Ok(tied),
        false => Err(Error::Conflict),
    }
}
