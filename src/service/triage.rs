//! Triage: staff take reports, see what is needed for a call, and end them.

use std::collections::BTreeMap;

use super::intake::Personal;
use super::{Acting, House};
use crate::domain::report::{Event, ReportId};
use crate::domain::totals::Count;
use crate::domain::triage::{IllegalMove, Move, Outcome};
use crate::store::journal::Entry;
use crate::store::report::{Change, Row};
use crate::store::{Conn, Error, Tx, journal, report, tally};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The report has moved on since the page was drawn; this is how it stands.
    #[error("the report has changed meanwhile")]
    Stale(Box<Row>),
    /// No such move from where it stands.
    #[error("the report cannot make this move")]
    Illegal(Box<Row>),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Makes the move and writes it into the history, or changes nothing. `version` is the one that
/// the person saw.
pub async fn step(
    house: &House,
    acting: &Acting,
    (id, version): (ReportId, i32),
    step: Move,
) -> Result<Row, Refused> {
    let (acting, at) = (acting.clone(), house.clock.now());
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let row = report::find(&tx, &acting.scope, id).await?;
        if row.version != version {
            return Err(Refused::Stale(Box::new(row)));
        }
        let status = match row.status.step(step) {
            Ok(status) => status,
            Err(IllegalMove { .. }) => return Err(Refused::Illegal(Box::new(row))),
        };
        let (event, outcome) = match step {
            Move::Accept => (Event::Accepted, None),
            Move::Close(outcome) => (Event::Closed, Some(outcome)),
        };
        let entry = Entry {
            area: row.queue,
            seq: 0,
            report: id,
            event,
            version: version + 1,
            at,
            actor: Some(acting.staff.id),
            detail: outcome.map(Outcome::code).map(str::to_owned),
        };
        // The journal first: its lock puts all who change this queue in one order.
        let seq = write_entry(&tx, entry).await?;
        let change = Change {
            status,
            outcome,
            owner: Some(acting.staff.id),
            at,
        };
        report::change(&tx, &row, change).await?;
        let persons = i64::from(row.persons);
        let (from, to) = (row.drawer(row.status), row.drawer(status));
        let mut moved = BTreeMap::new();
        moved.insert(
            (row.tally.0, from),
            Count {
                reports: -1,
                persons: -persons,
            },
        );
        moved.insert(
            (row.tally.0, to),
            Count {
                reports: 1,
                persons,
            },
        );
        tally::add(&tx, moved).await?;
        let row = report::find(&tx, &acting.scope, id).await?;
        tx.commit().await?;
        Ok((row, seq))
    };
    let (row, seq) = house.db.run(work).await?;
    house.live.reached(row.queue, seq);
    Ok(row)
}

/// Opens the personal data of one report for one person, after a line in its history says so: the
/// resident sees who looked. If the line cannot be written, nothing is shown.
pub async fn reveal(
    house: &House,
    acting: &Acting,
    id: ReportId,
) -> Result<(Row, Personal), Refused> {
    let (acting, at) = (acting.clone(), house.clock.now());
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let row = report::find(&tx, &acting.scope, id).await?;
        let entry = Entry {
            area: row.queue,
            seq: 0,
            report: id,
            event: Event::Revealed,
            version: row.version,
            at,
            actor: Some(acting.staff.id),
            detail: None,
        };
        let seq = write_entry(&tx, entry).await?;
        tx.commit().await?;
        Ok::<_, Error>((row, seq))
    };
    let (row, seq) = house.db.run(work).await?;
    house.live.reached(row.queue, seq);
    let personal = Personal::open(&house.keys, &row)?;
    Ok((row, personal))
}

async fn write_entry(tx: &Tx, mut entry: Entry) -> Result<i64, Error> {
    let reached = journal::advance(tx, &BTreeMap::from([(entry.area, 1)])).await?;
    entry.seq = reached.get(&entry.area).copied().ok_or(Error::Missing)?;
    let seq = entry.seq;
    journal::append(tx, vec![entry]).await?;
    Ok(seq)
}
