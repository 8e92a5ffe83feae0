//! Everything that is open, read from the embedded database's file: a row costs a fifth of what it
//! costs through a pool, which hands every value from one thread to another.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, Row};

use super::{Stored, Whole};
use crate::domain::area::AreaId;
use crate::store::Error;

const HEADS: &str = "SELECT area_id, reached FROM journal_head";
/// In the order of `report_open`: by id, and so almost as the rows lie in the file.
const OPEN: &str = "SELECT id, queue_id, building_id, direction, status, owner_id, incomplete, urgent IS NOT NULL, \
     received_at, contact_due_at, finish_due_at, escalated_to, escalated_at, phone_tag, room_tag, persons \
     FROM report WHERE closed_at IS NULL ORDER BY id";

/// Reads all that is open at one moment. Blocks.
pub(super) fn whole(file: &Path, busy_after: Duration) -> Result<Whole, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(busy_after)?;
    // Both statements see one moment.
    let tx = connection.transaction()?;
    let mut whole = Whole::default();
    let mut heads = tx.prepare(HEADS)?;
    let mut rows = heads.query([])?;
    while let Some(row) = rows.next()? {
        whole.reached.insert(AreaId(row.get(0)?), row.get(1)?);
    }
    let mut open = tx.prepare(OPEN)?;
    let mut rows = open.query([])?;
    while let Some(row) = rows.next()? {
        whole.take(&stored(row)?);
    }
    Ok(whole)
}

fn stored<'a>(row: &'a Row<'_>) -> Result<Stored<'a>, Error> {
    Ok(Stored {
        id: row.get(0)?,
        queue: row.get(1)?,
        building: row.get(2)?,
        direction: text(row, 3)?.unwrap_or_default(),
        persons: row.get(15)?,
        status: text(row, 4)?.unwrap_or_default(),
        owner: row.get(5)?,
        incomplete: row.get(6)?,
        urgent: row.get(7)?,
        received_at: time(row, 8)?.unwrap_or_default(),
        contact_due_at: time(row, 9)?.unwrap_or_default(),
        finish_due_at: time(row, 10)?.unwrap_or_default(),
        escalated_to: text(row, 11)?,
        escalated_at: time(row, 12)?,
        phone_tag: row
            .get_ref(13)?
            .as_blob_or_null()
            .map_err(rusqlite::Error::from)?,
        room_tag: row
            .get_ref(14)?
            .as_blob_or_null()
            .map_err(rusqlite::Error::from)?,
    })
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, Error> {
    let text = row.get_ref(column)?.as_str_or_null();
    Ok(text.map_err(rusqlite::Error::from)?)
}

fn time(row: &Row<'_>, column: usize) -> Result<Option<DateTime<Utc>>, Error> {
    let text = text(row, column)?;
    let time = text.map(DateTime::parse_from_rfc3339).transpose();
    let time = time.map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(time.map(|time| time.to_utc()))
}
