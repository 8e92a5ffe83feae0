//! The transactions of the intake writer. On SQLite the writer has a connection of its own and
//! statements that stay prepared: it works in its own thread, and no statement waits for another
//! thread. On PostgreSQL it uses the pool like everything else.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use super::client_key::{self, KeyHash};
use super::journal::{self, Head, StoredEntry};
use super::report::{self, Known, NewReport};
use super::tally::{self, DayTallyKey};
use super::{Db, Error, Tx, receipt_sequence};
use crate::domain::area::AreaId;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::totals::Count;

mod checkpoint;
mod phone_runs;
mod recent_keys;
mod sqlite;

use checkpoint::Checkpointer;
use sqlite::{Connection, SqliteTx};

/// What a batch asks for first: which of its reports and keys are known.
#[derive(Debug, Default)]
pub struct Lookup {
    /// The ids that pages brought.
    pub reports: Vec<ReportId>,
    /// The keys of clients.
    pub keys: Vec<KeyHash>,
}

/// What is known of a batch.
#[derive(Debug, Default)]
pub struct Found {
    /// The report that each known key stands for.
    pub claimed: HashMap<KeyHash, ReportId>,
    /// The known reports, those of the known keys among them.
    pub known: HashMap<ReportId, Known>,
}

/// What a batch needs numbers for.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Receipts of each subdistrict's day.
    pub serials: BTreeMap<(AreaId, NaiveDate), i32>,
    /// Entries of each queue.
    pub entries: BTreeMap<QueueId, i64>,
}

/// The numbers that a batch has: the last one of each row of [`Wanted`].
#[derive(Debug, Default)]
pub struct Reserved {
    /// The last serial of each subdistrict's day.
    pub serials: BTreeMap<(AreaId, NaiveDate), i32>,
    /// The new number of each queue's head, and the hash of the entry before the new ones.
    pub heads: BTreeMap<QueueId, Head>,
}

/// The rows of a batch.
#[derive(Debug)]
pub struct Rows<'a> {
    /// The journal entries.
    pub entries: Vec<StoredEntry>,
    /// The reports.
    pub reports: Vec<&'a NewReport>,
    /// What is added to the totals.
    pub counts: BTreeMap<DayTallyKey, Count>,
}

/// What the writer writes through.
#[derive(Debug)]
pub struct IntakeDb {
    db: Db,
    /// The writer's own connection, and what folds its log; none on PostgreSQL.
    sqlite: Option<(Connection, Checkpointer)>,
}

/// A transaction of the writer.
#[derive(Debug)]
pub enum IntakeTx<'a> {
    /// On the writer's own connection.
    Sqlite(SqliteTx<'a>),
    /// On a connection of the pool.
    Postgres(Tx),
}

impl IntakeDb {
    /// A writer of this database. It connects with its first transaction.
    pub fn of(db: &Db) -> Self {
        let file = db.conn.files.first().zip(db.turn.as_ref());
        let sqlite = file.map(|(file, turn)| {
            let connection = || Connection::to(file.path(), db.busy_after);
            let checkpointer = Checkpointer::start(db, connection(), Arc::clone(turn));
            (connection(), checkpointer)
        });
        Self {
            sqlite,
            db: db.clone(),
        }
    }

    /// Runs the work in a transaction, and commits when it returns `Ok`. From then on the change
    /// outlives a crash and a power cut. An `Err` changes nothing.
    pub async fn write<T>(
        &mut self,
        work: impl AsyncFnOnce(&IntakeTx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _turn = self.db.turn().await?;
        let Some((connection, checkpointer)) = &mut self.sqlite else {
            let tx = IntakeTx::Postgres(self.db.begin().await?);
            let done = work(&tx).await?;
            if let IntakeTx::Postgres(tx) = tx {
                tx.commit().await?;
            }
            return Ok(done);
        };
        self.db.conn.present()?;
        let done = async {
            let tx = IntakeTx::Sqlite(connection.begin()?);
            let done = work(&tx).await?;
            if let IntakeTx::Sqlite(tx) = tx {
                tx.commit()?;
            }
            Ok(done)
        };
        let done = done.await;
        checkpointer.committed();
        if matches!(done, Err(Error::Unavailable(_))) {
            // After an error of the disk no one knows the state of a connection.
            connection.close();
        }
        done
    }
}

impl IntakeDb {
    /// Takes a small step in what may wait: the indexes on SQLite are put in order. Returns
    /// whether there was anything to do.
    pub async fn tidy(&mut self) -> Result<bool, Error> {
        if self.sqlite.is_none() {
            return Ok(false);
        }
        self.write(async |tx| match tx {
            IntakeTx::Sqlite(tx) => tx.tidy(),
            IntakeTx::Postgres(_) => Ok(false),
        })
        .await
    }
}

impl IntakeTx<'_> {
    /// Finds what is known of a batch.
    pub async fn find(&self, lookup: &Lookup) -> Result<Found, Error> {
        let tx = match self {
            Self::Sqlite(tx) => return tx.find(lookup),
            Self::Postgres(tx) => tx,
        };
        let claimed = client_key::known(tx, &lookup.keys).await?;
        let ids = lookup.reports.iter().chain(claimed.values()).copied();
        let ids: Vec<ReportId> = ids.collect();
        let known = report::known(tx, &ids).await?;
        Ok(Found { claimed, known })
    }

    /// Reserves the numbers. Their rows are locked, in the order of their keys, until the end of the
    /// transaction.
    pub async fn reserve(&self, wanted: &Wanted) -> Result<Reserved, Error> {
        match self {
            Self::Sqlite(tx) => tx.reserve(wanted),
            Self::Postgres(tx) => Ok(Reserved {
                serials: receipt_sequence::reserve(tx, &wanted.serials).await?,
                heads: journal::advance(tx, &wanted.entries).await?,
            }),
        }
    }

    /// Writes the rows. A conflict where one of the keys was used in the meantime.
    pub async fn insert(&self, rows: Rows<'_>) -> Result<(), Error> {
        let tx = match self {
            Self::Sqlite(tx) => return tx.insert(&rows),
            Self::Postgres(tx) => tx,
        };
        journal::append(tx, rows.entries).await?;
        let keys = rows.reports.iter();
        let keys = keys.filter_map(|new| Some((new.client_key?, new.id)));
        client_key::keep(tx, keys.collect()).await?;
        report::insert(tx, rows.reports.into_iter()).await?;
        tally::add(tx, rows.counts).await
    }
}

#[cfg(test)]
mod tests;
