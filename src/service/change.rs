//! Changes: a report, its line of history and the tallies, written together.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{App, Rules};
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::staff::StaffId;
use crate::domain::totals::Count;
use crate::domain::triage::{Standing, Status};
use crate::store::journal::Entry;
use crate::store::report::{Row, State};
use crate::store::{Error, Tx, journal, report, tally};

/// What a transaction needs to know besides the database.
pub(super) struct Transition {
    pub(super) atlas: std::sync::Arc<Atlas>,
    pub(super) rules: Rules,
    pub(super) now: DateTime<Utc>,
}

impl Transition {
    pub(super) fn of(app: &App) -> Self {
        Self {
            atlas: app.atlas(),
            rules: app.rules.clone(),
            now: app.clock.now(),
        }
    }

    /// How long a report of this queue may wait for the first call.
    pub(super) fn first_contact(&self, row: &Row) -> chrono::TimeDelta {
        self.rules.rota(&self.atlas, row.queue).day.first_contact
    }

    /// Where the row stands, as far as moves of the resident and the house depend on it.
    pub(super) fn standing(&self, row: &Row) -> Standing {
        Standing {
            status: row.status,
            unrouted: self.atlas.tree.is_unrouted(row.queue),
            refusals: row.refusals,
            closed_by_mover: false,
        }
    }

    /// Where the row stands for somebody at work, by its history. The owner is not always who
    /// closed it.
    pub(super) fn standing_for(&self, row: &Row, (who, lines): (StaffId, &[Entry])) -> Standing {
        let closed = lines.iter().filter(|line| line.event == Event::Closed);
        let last = closed.max_by_key(|line| line.version);
        Standing {
            closed_by_mover: last.is_some_and(|line| line.actor == Some(who)),
            ..self.standing(row)
        }
    }
}

/// The state after a move to this status, before what the move itself changes: who waits has no
/// owner, what has ended has an end, and the time to call again belongs to *unreachable* alone.
pub(super) fn moved(row: &Row, status: Status, now: DateTime<Utc>) -> State {
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
        to.accepted_at = row.accepted_at.or(Some(now));
    }
    to.closed_at = match (status.is_open(), row.closed_at) {
        (true, _) => None,
        (false, before) => before.or(Some(now)),
    };
    to
}

pub(super) type Said = (DateTime<Utc>, Option<StaffId>, Option<String>);

pub(super) fn entry(row: &Row, event: Event, (at, actor, detail): Said) -> Entry {
    Entry {
        area: row.queue,
        seq: 0,
        report: row.id,
        event,
        version: row.version + 1,
        at,
        actor,
        detail,
    }
}

/// A change that was written, and how far it took each queue's history.
pub(super) struct Done {
    pub(super) row: Row,
    pub(super) reached: BTreeMap<AreaId, i64>,
}

/// Tells whoever follows the queues; after the commit.
pub(super) fn announce(app: &App, done: Done) -> Row {
    for (queue, seq) in done.reached {
        app.notifier.reached(queue, seq);
    }
    done.row
}

impl Transition {
    /// Writes the change, its line of history (two, where the report changes its queue) and the
    /// tallies; and the same for what was merged into the report, where nobody calls about that
    /// any more. The journals first: their locks put all who change these queues in one order.
    pub(super) async fn write(
        &self,
        tx: &Tx,
        row: Row,
        (to, line): (&State, Entry),
    ) -> Result<Done, Error> {
        let freed = self.freed(tx, (&row, to)).await?;
        let mut entries = vec![line.clone()];
        if to.queue != row.queue {
            entries.push(Entry {
                area: to.queue,
                event: Event::Arrived,
                detail: None,
                ..line
            });
        }
        let by_the_house =
            |(row, _): &(Row, State)| entry(row, Event::Split, (self.now, None, None));
        entries.extend(freed.iter().map(by_the_house));
        let reached = write_entries(tx, entries).await?;
        change(tx, &row, to).await?;
        for (row, to) in freed {
            change(tx, &row, &to).await?;
        }
        Ok(Done {
            row: row.changed(to),
            reached,
        })
    }
}

/// Brings the report into the state, and its count from drawer to drawer.
async fn change(tx: &Tx, row: &Row, to: &State) -> Result<(), Error> {
    report::change(tx, row, to).await?;
    let (from, into) = (
        row.tally_key(row.queue, row.status),
        row.tally_key(to.queue, to.status),
    );
    if from == into {
        return Ok(());
    }
    let persons = i64::from(row.persons);
    let count = |sign: i64| Count {
        reports: sign,
        persons: sign * persons,
    };
    let moved = BTreeMap::from([
        ((row.tally.0, from), count(-1)),
        ((row.tally.0, into), count(1)),
    ]);
    tally::add(tx, moved).await
}

pub(super) async fn write_entries(
    tx: &Tx,
    mut entries: Vec<Entry>,
) -> Result<BTreeMap<AreaId, i64>, Error> {
    let mut steps = BTreeMap::new();
    for entry in &entries {
        *steps.entry(entry.area).or_insert(0) += 1;
    }
    let reached = journal::advance(tx, &steps).await?;
    let mut left = reached.clone();
    for entry in entries.iter_mut().rev() {
        let last = left.get_mut(&entry.area).ok_or(Error::Missing)?;
        entry.seq = *last;
        *last -= 1;
    }
    journal::append(tx, entries).await?;
    Ok(reached)
}
