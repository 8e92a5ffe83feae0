//! Open cases, read from the embedded database's file through a connection of their own: a row costs
//! a fifth of what it costs through the pool, which hands every value from one thread to another.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OpenFlags, Row, Transaction};

use super::{Before, Changes, News, Stored, Whole, followed, open_status};
use crate::domain::deadline::Due;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::store::Error;

const HEADS: &str = "SELECT queue_id, reached FROM journal_head";
const NAMED: &str = "SELECT report_id FROM journal_entry WHERE queue_id = ?1 AND seq > ?2";
const COLUMNS: &str = "SELECT id, queue_id, building_id, direction, status, owner_id, incomplete, urgent IS NOT NULL, \
     received_at, contact_due_at, finish_due_at, escalated_to, escalated_at, phone_tag, room_tag, persons \
     FROM report WHERE closed_at IS NULL";
const COUNT: &str = "SELECT COUNT(*) FROM report WHERE closed_at IS NULL";

/// Reads open cases. Its methods block.
#[derive(Debug)]
pub struct Reader {
    file: PathBuf,
    busy_after: Duration,
    open: Option<Connection>,
}

impl Reader {
    pub(in crate::store) fn of(file: PathBuf, busy_after: Duration) -> Self {
        Self {
            file,
            busy_after,
            open: None,
        }
    }

    pub(in crate::store) fn close(&mut self) {
        self.open = None;
    }

    /// What has changed, or everything. All of it is of one moment.
    pub(super) fn news(
        &mut self,
        before: Option<&Before>,
        window: TimeDelta,
    ) -> Result<News, Error> {
        let mut connection = match self.open.take() {
            Some(open) => open,
            None => self.connect()?,
        };
        let news = read_news(&connection.transaction()?, before, window)?;
        self.open = Some(connection);
        Ok(news)
    }

    fn connect(&self) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(self.busy_after)?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        Ok(connection)
    }
}

fn read_news(
    tx: &Transaction<'_>,
    before: Option<&Before>,
    window: TimeDelta,
) -> Result<News, Error> {
    let reached = heads(tx)?;
    let behind = before.and_then(|before| followed(before, &reached));
    match behind {
        Some(behind) => Ok(News::Changes(changes(tx, reached, &behind)?)),
        None => Ok(News::Whole(Box::new(whole(tx, reached, window)?))),
    }
}

fn heads(tx: &Transaction<'_>) -> Result<BTreeMap<QueueId, i64>, Error> {
    let mut heads = tx.prepare_cached(HEADS)?;
    let rows = heads.query_map([], |row| Ok((QueueId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// In the order of `report_open`: by id, and so almost as the rows lie in the file.
fn whole(
    tx: &Transaction<'_>,
    reached: BTreeMap<QueueId, i64>,
    window: TimeDelta,
) -> Result<Whole, Error> {
    let mut whole = Whole::up_to(reached, window);
    let count: u32 = tx.query_row(COUNT, [], |row| row.get(0))?;
    whole.cases.reserve(count as usize);
    let mut open = tx.prepare(&format!("{COLUMNS} ORDER BY id"))?;
    let mut rows = open.query([])?;
    while let Some(row) = rows.next()? {
        whole.take(&stored(row)?);
    }
    Ok(whole)
}

fn changes(
    tx: &Transaction<'_>,
    reached: BTreeMap<QueueId, i64>,
    behind: &[(QueueId, i64)],
) -> Result<Changes, Error> {
    let mut changes = Changes::up_to(reached);
    let mut named = tx.prepare_cached(NAMED)?;
    for (queue, known) in behind {
        let mut rows = named.query((queue.0, known))?;
        while let Some(row) = rows.next()? {
            changes.named.insert((*queue, ReportId(row.get(0)?)));
        }
    }
    let mut find = tx.prepare_cached(&format!("{COLUMNS} AND id = ?1"))?;
    for id in changes.ids() {
        let mut rows = find.query([id])?;
        if let Some(row) = rows.next()? {
            changes.take(&stored(row)?);
        }
    }
    Ok(changes)
}

fn stored<'a>(row: &'a Row<'_>) -> Result<Stored<'a>, Error> {
    let status = open_status(text(row, 4)?.unwrap_or_default());
    // A time costs as much to read as the rest of the row.
    let due_at = match status {
        Some((_, Due::Finish)) => time(row, 10)?,
        _ => time(row, 9)?,
    };
    Ok(Stored {
        id: row.get(0)?,
        queue: row.get(1)?,
        building: row.get(2)?,
        direction: text(row, 3)?.unwrap_or_default(),
        persons: row.get(15)?,
        status,
        owner: row.get(5)?,
        incomplete: row.get(6)?,
        urgent: row.get(7)?,
        received_at: time(row, 8)?.unwrap_or_default(),
        due_at: due_at.unwrap_or_default(),
        escalated_to: text(row, 11)?,
        escalated_at: time(row, 12)?,
        phone_tag: bytes(row, 13)?,
        room_tag: bytes(row, 14)?,
    })
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, Error> {
    let text = row.get_ref(column)?.as_str_or_null();
    Ok(text.map_err(rusqlite::Error::from)?)
}

fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a [u8]>, Error> {
    let bytes = row.get_ref(column)?.as_blob_or_null();
    Ok(bytes.map_err(rusqlite::Error::from)?)
}

fn time(row: &Row<'_>, column: usize) -> Result<Option<DateTime<Utc>>, Error> {
    let text = text(row, column)?;
    let time = text.map(DateTime::parse_from_rfc3339).transpose();
    let time = time.map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(time.map(|time| time.to_utc()))
}
