//! The writer's own connection to the embedded database.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rusqlite::types::ValueRef;
use rusqlite::{OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::recent_keys::RecentKeys;
use super::{Found, Lookup, Reserved, Rows, Wanted, phone_runs};
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::totals::Count;
use crate::domain::triage::Status;
use crate::store::client_key::KeyHash;
use crate::store::journal::{Head, LAST_MAC, StoredEntry};
use crate::store::report::{Known, NewReport};
use crate::store::tally::DayTallyKey;
use crate::store::{Error, schema, sqlite};

/// Statements that stay prepared; there are fewer.
const STATEMENTS: usize = 32;

/// Pages of the log at which a commit of the writer folds it back itself. A thread does it long
/// before, see [`super::checkpoint`].
const LOG_PAGES_MAX: i32 = 65_536;
/// Reports that move at once into the table that goes by telephone.
const RECENT_MAX: i64 = 1_024;

const KNOWN: &str = "SELECT content_hash, number, received_at FROM report WHERE id = ?1";
const RESERVE: &str = "INSERT INTO receipt_sequence (area_id, day, reached) VALUES (?1, ?2, ?3) \
     ON CONFLICT (area_id, day) DO UPDATE SET reached = receipt_sequence.reached + excluded.reached \
     RETURNING reached";
const INSERT_ENTRY: &str = "INSERT INTO journal_entry (queue_id, seq, report_id, kind, version, at, actor_id, detail, \
     detail_hash, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const INSERT_RECENT: &str = "INSERT INTO recent_report (report_id, phone_tag) VALUES (?1, ?2)";
const EMPTY_RECENT: &str = "DELETE FROM recent_report";
const INSERT_REPORT: &str = "INSERT INTO report (id, content_hash, number, serial_day, serial, queue_id, placard_id, \
     building_id, channel, lang, direction, persons, region_id, travel_day, incomplete, notice_version, urgent, \
     status, version, refusals, received_at, tally_day, tally_hour, contact_due_at, finish_due_at, sealed, \
     phone_tag, room_tag) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
     ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)";
const COUNT: &str = "INSERT INTO tally (day, queue_id, hour, direction, status, reports, persons) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
     ON CONFLICT (day, queue_id, hour, direction, status) DO UPDATE \
     SET reports = tally.reports + excluded.reports, persons = tally.persons + excluded.persons";

/// A connection that opens when it is needed.
#[derive(Debug)]
pub struct Connection {
    path: PathBuf,
    busy_after: Duration,
    open: Option<rusqlite::Connection>,
    keys: RefCell<RecentKeys>,
    /// Whether a transaction has begun and not been committed.
    uncommitted: bool,
}

/// A transaction on it.
#[derive(Debug)]
pub struct SqliteTx<'a> {
    tx: Transaction<'a>,
    keys: &'a RefCell<RecentKeys>,
    uncommitted: &'a mut bool,
}

impl Connection {
    pub(super) fn to(path: &Path, busy_after: Duration) -> Self {
        Self {
            path: path.to_owned(),
            busy_after,
            open: None,
            keys: RefCell::default(),
            uncommitted: false,
        }
    }

    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// The connection, opened where it is not open.
    pub(super) fn opened(&mut self) -> Result<&mut rusqlite::Connection, Error> {
        let connection = match self.open.take() {
            Some(open) => open,
            None => open(&self.path, self.busy_after)?,
        };
        Ok(self.open.insert(connection))
    }

    /// Begins a transaction that holds the write lock, on a schema that this program knows.
    pub(super) fn begin(&mut self) -> Result<SqliteTx<'_>, Error> {
        if self.uncommitted {
            // What the last transaction told these keys may not have happened.
            self.keys.take();
        }
        let open = match self.open.take() {
            Some(open) => open,
            None => open(&self.path, self.busy_after)?,
        };
        let tx = self
            .open
            .insert(open)
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let last: Option<String> = tx
            .prepare_cached(schema::LAST_STEP)?
            .query_row([], |row| row.get(0))?;
        schema::known(last)?;
        self.uncommitted = true;
        Ok(SqliteTx {
            tx,
            keys: &self.keys,
            uncommitted: &mut self.uncommitted,
        })
    }
}

/// Opens a connection that may write.
fn open(path: &Path, busy_after: Duration) -> Result<rusqlite::Connection, Error> {
    // The file exists: the pool has created it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy_after)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    for (name, value) in sqlite::PRAGMAS {
        connection.pragma_update(None, name, value)?;
    }
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES_MAX)?;
    sqlite::check_settings(false, |setting| match setting {
        "sqlite_version" => Ok(rusqlite::version().to_owned()),
        _ => Ok(
            connection.pragma_query_value(None, setting, |row| match row.get_ref(0)? {
                ValueRef::Integer(number) => Ok(number.to_string()),
                text => Ok(text.as_str()?.to_owned()),
            })?,
        ),
    })?;
    Ok(connection)
}

impl SqliteTx<'_> {
    pub(super) fn commit(self) -> Result<(), Error> {
        self.tx.commit()?;
        *self.uncommitted = false;
        Ok(())
    }

    pub(super) fn find(&self, lookup: &Lookup) -> Result<Found, Error> {
        let mut found = Found::default();
        if !lookup.keys.is_empty() {
            found.claimed = self.claimed(&lookup.keys)?;
        }
        let mut known = self.tx.prepare_cached(KNOWN)?;
        for id in lookup.reports.iter().chain(found.claimed.values()) {
            if let Some(row) = known.query_row([id.0], read_known).optional()? {
                found.known.insert(*id, row?);
            }
        }
        Ok(found)
    }

    fn claimed(&self, keys: &[KeyHash]) -> Result<HashMap<KeyHash, ReportId>, Error> {
        let mut claimed = HashMap::new();
        let mut recent = self.keys.borrow_mut();
        recent.catch_up(&self.tx)?;
        for key in keys {
            if let Some(id) = recent.report_of(&self.tx, key)? {
                claimed.insert(*key, id);
            }
        }
        Ok(claimed)
    }

    pub(super) fn reserve(&self, wanted: &Wanted) -> Result<Reserved, Error> {
        let mut reserved = Reserved::default();
        let mut serials = self.tx.prepare_cached(RESERVE)?;
        for ((area, day), count) in &wanted.serials {
            let last =
                serials.query_row(params![area.0, text_of_day(*day), count], |row| row.get(0))?;
            reserved.serials.insert((*area, *day), last);
        }
        reserved.heads = self.advance(&wanted.entries)?;
        Ok(reserved)
    }

    fn advance(&self, steps: &BTreeMap<QueueId, i64>) -> Result<BTreeMap<QueueId, Head>, Error> {
        let mut advance = self.tx.prepare_cached(&format!(
            "INSERT INTO journal_head (queue_id, reached) VALUES (?1, ?2) \
             ON CONFLICT (queue_id) DO UPDATE SET reached = journal_head.reached + excluded.reached \
             RETURNING reached, {LAST_MAC}"
        ))?;
        let mut heads = BTreeMap::new();
        for (queue, step) in steps {
            let head = advance.query_row(params![queue.0, step], |row| {
                let mac: Option<Vec<u8>> = row.get(1)?;
                Ok(Head {
                    seq: row.get(0)?,
                    mac: mac.unwrap_or_default(),
                })
            })?;
            heads.insert(*queue, head);
        }
        Ok(heads)
    }

    pub(super) fn insert(&self, rows: &Rows<'_>) -> Result<(), Error> {
        self.insert_entries(&rows.entries)?;
        self.insert_recent(rows)?;
        self.insert_keys(&rows.reports)?;
        self.insert_reports(&rows.reports)?;
        self.count(&rows.counts)
    }

    fn insert_entries(&self, entries: &[StoredEntry]) -> Result<(), Error> {
        let mut insert = self.tx.prepare_cached(INSERT_ENTRY)?;
        for entry in entries {
            insert.execute(params![
                entry.queue.0,
                entry.seq,
                entry.report.map(|report| report.0),
                entry.kind,
                entry.version,
                text_of_time(entry.at),
                entry.actor,
                entry.detail,
                entry.detail_hash,
                entry.mac,
            ])?;
        }
        Ok(())
    }

    /// Takes one step in what may wait: telephones' runs are merged, clients' keys sorted. Returns
    /// whether there was anything to do.
    pub(super) fn tidy(&self) -> Result<bool, Error> {
        let merged = phone_runs::merge(&self.tx, phone_runs::FAN, phone_runs::STEP_ROWS)?;
        let mut keys = self.keys.borrow_mut();
        Ok(keys.tidy(&self.tx)? || merged)
    }

    /// Lists the reports as recent. Many of them move on together, sorted.
    fn insert_recent(&self, rows: &Rows<'_>) -> Result<(), Error> {
        let mut insert = self.tx.prepare_cached(INSERT_RECENT)?;
        for new in &rows.reports {
            insert.execute(params![new.id.0, new.phone_tag])?;
        }
        // The table is empty after each move, and its rows are numbered from 1.
        if self.tx.last_insert_rowid() >= RECENT_MAX {
            phone_runs::add(&self.tx)?;
            self.tx.prepare_cached(EMPTY_RECENT)?.execute([])?;
        }
        Ok(())
    }

    fn insert_keys(&self, reports: &[&NewReport]) -> Result<(), Error> {
        let keys = reports.iter();
        let keys = keys.filter_map(|new| Some((new.client_key?, new.id)));
        self.keys.borrow_mut().add(&self.tx, keys)
    }

    fn insert_reports(&self, reports: &[&NewReport]) -> Result<(), Error> {
        let mut insert = self.tx.prepare_cached(INSERT_REPORT)?;
        for new in reports {
            insert.execute(params![
                new.id.0,
                new.content_hash,
                new.number,
                text_of_day(new.serial.0),
                new.serial.1,
                new.queue.0,
                new.placard.map(|placard| placard.0),
                new.building.0,
                new.channel.code(),
                new.lang,
                new.direction.code(),
                new.persons,
                new.region.map(|region| region.0),
                text_of_day(new.travel_day),
                new.incomplete,
                new.notice_version,
                new.urgent,
                Status::Waiting.code(),
                1,
                0,
                text_of_time(new.received_at),
                text_of_day(new.tally.0),
                new.tally.1,
                text_of_time(new.contact_due_at),
                text_of_time(new.finish_due_at),
                new.sealed,
                new.phone_tag,
                new.room_tag,
            ])?;
        }
        Ok(())
    }

    fn count(&self, counts: &BTreeMap<DayTallyKey, Count>) -> Result<(), Error> {
        let mut add = self.tx.prepare_cached(COUNT)?;
        for ((day, key), count) in counts {
            add.execute(params![
                text_of_day(*day),
                key.queue.0,
                key.hour,
                key.direction.code(),
                key.status.code(),
                count.reports,
                count.persons,
            ])?;
        }
        Ok(())
    }
}

fn read_known(row: &Row<'_>) -> rusqlite::Result<Result<Known, Error>> {
    let at: String = row.get(2)?;
    let at = DateTime::parse_from_rfc3339(&at);
    let (content_hash, number) = (row.get(0)?, row.get(1)?);
    Ok(at
        .map(|at| Known {
            content_hash,
            number,
            received_at: at.to_utc(),
        })
        .map_err(|error| Error::Corrupt(error.to_string())))
}

/// A time as sea-orm stores it.
fn text_of_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// A day as sea-orm stores it.
fn text_of_day(day: NaiveDate) -> String {
    day.to_string()
}
