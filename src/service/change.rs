//! Transitions: a report, its journal entries and the tallies, written in one transaction.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, Rules, chain};
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::staff::StaffId;
use crate::domain::totals::Count;
use crate::domain::triage::{IllegalMove, Move, Mover, Standing, Status};
use crate::seal::Keys;
use crate::store::journal::Entry;
use crate::store::report::{Row, State};
use crate::store::{Error, Tx, report, tally};

/// Tries of one transition, the first one included, when another node changes the same report.
const TRIES_MAX: u32 = 2;

/// Why a transition changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum TransitionError {
    /// The report has changed since the page was drawn; this is the report now.
    #[error("the report has changed meanwhile")]
    Stale(Box<Row>),
    /// The report's state or the person's role does not allow the move.
    #[error("the report cannot make this move")]
    Illegal(Box<Row>),
    /// The move needs a reason, or the reason is too long.
    #[error("a reason is owed")]
    Reason,
    /// The named community, person or report is not allowed.
    #[error("the target cannot be meant")]
    Target,
    /// The report that is to be merged has duplicates itself.
    #[error("others were merged into this report")]
    HasDuplicates,
    /// The time for taking the step back is over.
    #[error("the step cannot be taken back any more")]
    Late,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What every part of a transition needs: one transaction, and the places, rules and time that
/// hold for it.
pub(super) struct Transition {
    pub(super) tx: Tx,
    pub(super) atlas: Arc<Atlas>,
    pub(super) rules: Arc<Rules>,
    pub(super) keys: Arc<Keys>,
    pub(super) now: DateTime<Utc>,
}

/// The result of a written transition, and the journal head of each queue that it changed.
pub(super) struct Written<T> {
    pub(super) value: T,
    pub(super) heads: BTreeMap<QueueId, i64>,
}

/// Runs the work in one transaction. Publishes the journal heads after the commit.
pub(super) async fn transact<T, E, W, F>(app: &App, work: W) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    W: FnOnce(Transition) -> F + Send + 'static,
    F: Future<Output = Result<Written<T>, E>> + Send + 'static,
{
    let (atlas, now) = (app.atlas(), app.clock.now());
    let (rules, keys) = (Arc::clone(&app.rules), Arc::clone(&app.keys));
    let work = move |tx| {
        work(Transition {
            tx,
            atlas,
            rules,
            keys,
            now,
        })
    };
    let written = app.db.write(work).await?;
    // Only after the commit.
    app.notifier.wrote(written.heads);
    Ok(written.value)
}

/// Like [`transact`]; tries once more when another node changed the same report meanwhile.
pub(super) async fn make<W, F>(app: &App, work: impl Fn() -> W) -> Result<Row, TransitionError>
where
    W: FnOnce(Transition) -> F + Send + 'static,
    F: Future<Output = Result<Written<Row>, TransitionError>> + Send + 'static,
{
    let mut tries = 1;
    loop {
        match transact(app, work()).await {
            Err(TransitionError::Store(Error::Conflict)) if tries < TRIES_MAX => tries += 1,
            done => return done,
        }
    }
}

impl Transition {
    /// How long a report of this queue may wait for the first call.
    pub(super) fn first_contact(&self, row: &Row) -> TimeDelta {
        let rota = self.rules.rota_of_queue(&self.atlas, row.queue);
        rota.day.first_contact
    }

    /// The status after the move, or [`TransitionError::Illegal`].
    pub(super) fn status_after(
        &self,
        row: &Row,
        step: Move,
        mover: Mover,
    ) -> Result<Status, TransitionError> {
        let standing = standing(&self.atlas, row);
        match standing.step(step, mover, self.rules.refusals_max) {
            Ok(status) => Ok(status),
            Err(IllegalMove { .. }) => Err(TransitionError::Illegal(Box::new(row.clone()))),
        }
    }

    /// A journal entry of this transition. [`chain::append`] gives it its number.
    pub(super) fn entry(
        &self,
        row: &Row,
        event: Event,
        actor: Option<StaffId>,
        detail: Option<String>,
    ) -> Entry {
        Entry {
            queue: row.queue,
            seq: 0,
            report: row.id,
            event,
            version: row.version + 1,
            at: self.now,
            actor,
            detail,
        }
    }

    /// The state after a move to this status, without what the move itself sets: a waiting report
    /// has no owner, a closed report has a time of closing, and only an unreachable report has a
    /// time for the next call.
    pub(super) fn state_after(&self, row: &Row, status: Status) -> State {
        let mut to = row.state();
        to.status = status;
        if status == row.status {
            return to;
        }
        to.retry_at = None;
        to.merged_into = None;
        if status == Status::Waiting {
            (to.owner, to.outcome) = (None, None);
        }
        if status == Status::Accepted {
            to.accepted_at = row.accepted_at.or(Some(self.now));
        }
        to.closed_at = match (status.is_open(), row.closed_at) {
            (true, _) => None,
            (false, before) => before.or(Some(self.now)),
        };
        to
    }

    /// Writes the new state, its journal entry (two when the report changes its queue) and the
    /// tallies. Releases the report's duplicates when the new state cannot have any. The journal
    /// heads come first: their locks put all transactions on these queues in one order.
    pub(super) async fn write(
        &self,
        row: Row,
        to: &State,
        entry: Entry,
    ) -> Result<Written<Row>, Error> {
        let released = self.released(&row, to).await?;
        let mut entries = vec![entry.clone()];
        if to.queue != row.queue {
            entries.push(Entry {
                queue: to.queue,
                event: Event::Arrived,
                detail: None,
                ..entry
            });
        }
        let split = |(row, _): &(Row, State)| self.entry(row, Event::Split, None, None);
        entries.extend(released.iter().map(split));
        let heads = chain::append(&self.tx, &self.keys, entries).await?;
        write_state(&self.tx, &row, to).await?;
        for (row, to) in released {
            write_state(&self.tx, &row, &to).await?;
        }
        Ok(Written {
            value: row.changed(to),
            heads,
        })
    }
}

/// What moves of the resident and of the system depend on.
pub(super) fn standing(atlas: &Atlas, row: &Row) -> Standing {
    Standing {
        status: row.status,
        unrouted: atlas.tree.is_unrouted(row.queue),
        refusals: row.refusals,
        closed_by_mover: false,
    }
}

/// What moves of this person depend on. The journal says who closed the report: its owner is not
/// always the one.
pub(super) fn standing_for(who: StaffId, atlas: &Atlas, row: &Row, entries: &[Entry]) -> Standing {
    let closed = entries.iter().filter(|entry| entry.event == Event::Closed);
    let last = closed.max_by_key(|entry| entry.version);
    Standing {
        closed_by_mover: last.is_some_and(|entry| entry.actor == Some(who)),
        ..standing(atlas, row)
    }
}

/// Writes the new state and moves the report from one tally to the other.
async fn write_state(tx: &Tx, row: &Row, to: &State) -> Result<(), Error> {
    report::change(tx, row, to).await?;
    let from = row.tally_key(row.queue, row.status);
    let into = row.tally_key(to.queue, to.status);
    if from == into {
        return Ok(());
    }
    let persons = i64::from(row.persons);
    let count = |sign: i64| Count {
        reports: sign,
        persons: sign * persons,
    };
    let counts = BTreeMap::from([
        ((row.tally.0, from), count(-1)),
        ((row.tally.0, into), count(1)),
    ]);
    tally::add(tx, counts).await
}
