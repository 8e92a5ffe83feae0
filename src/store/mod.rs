//! The database: open, read, write, and one file per noun. Only here is SQL. Transactions begin
//! and end in this file, and in `intake` for its writer.
//!
//! Every call runs in a task of its own that a dropped request does not cancel: a cancelled `begin`
//! leaves an open transaction on a pooled connection, and a later commit on it is lost.

use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::task::TaskTracker;

pub mod all_places;
pub mod announcement;
pub mod cache_version;
pub mod calendar;
pub mod client_key;
mod error;
pub mod escalation;
mod file_identity;
pub mod installation;
pub mod intake;
pub mod journal;
pub mod lease;
pub mod open_case;
pub mod place;
mod postgres;
pub mod queue;
pub mod receipt_sequence;
mod recent_report;
pub mod region;
pub mod report;
mod schema;
pub mod session;
pub mod site;
mod sqlite;
pub mod staff;
pub mod tally;
pub mod undo;
pub mod webhook;

pub use error::Error;
use file_identity::Presence;

/// Rows of one INSERT at most. SQLite binds at most 32,766 values in a statement and PostgreSQL
/// 65,535; a test holds the widest row to it.
const ROWS_PER_INSERT: usize = 800;

/// Where the database is and how it is held.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite:<file>` or `postgres://…`.
    pub url: String,
    /// Connections for reading (SQLite) or for everything (PostgreSQL).
    pub connections_max: u32,
    /// How long a statement waits for a lock, and a call for a connection, before it is *busy*.
    pub busy_after: Duration,
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    conn: Conn,
    /// Whose turn it is to write on SQLite, in the order of their calls: two connections that wait
    /// for SQLite's own lock ask for it in vain again and again.
    turn: Option<Arc<Mutex<()>>>,
    /// Reads open cases from the embedded database's file.
    case_reader: Option<Arc<std::sync::Mutex<open_case::Reader>>>,
    busy_after: Duration,
    runtime: Handle,
    tasks: TaskTracker,
}

/// Connections outside of a transaction. Only [`Db::read`] hands them out.
#[derive(Clone, Debug)]
pub struct Conn {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// The files that are written to; none on PostgreSQL.
    files: Vec<Presence>,
}

/// A transaction that may write. Only [`Db::write`] hands it out, and ends it.
#[derive(Debug)]
pub struct Tx(Arc<DatabaseTransaction>);

/// A transaction that only reads: every statement sees the database at the moment of the first
/// one. Only [`Db::snapshot`] hands it out, and ends it.
#[derive(Debug)]
pub struct Snapshot(Arc<DatabaseTransaction>);

mod sealed {
    /// Closes [`super::Source`]: only the types here are sources.
    pub trait Sealed {}
    impl Sealed for super::Snapshot {}
    impl Sealed for super::Conn {}
    impl Sealed for super::Tx {}
}

/// Something that can be read from: connections outside of a transaction, or a transaction.
pub trait Source: sealed::Sealed + Sync {
    /// What sea-orm calls it.
    type Inner: sea_orm::ConnectionTrait;
    /// For the files of this floor.
    fn inner(&self) -> &Self::Inner;
}

impl Source for Conn {
    type Inner = DatabaseConnection;
    fn inner(&self) -> &DatabaseConnection {
        &self.read
    }
}

impl Source for Tx {
    type Inner = DatabaseTransaction;
    fn inner(&self) -> &DatabaseTransaction {
        &self.0
    }
}

impl Source for Snapshot {
    type Inner = DatabaseTransaction;
    fn inner(&self) -> &DatabaseTransaction {
        &self.0
    }
}

impl Conn {
    /// Begins a transaction in which all statements see one moment.
    async fn begin_snapshot(&self) -> Result<DatabaseTransaction, Error> {
        let postgres = self.read.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            // On SQLite every transaction sees one moment.
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        Ok(self.read.begin_with_options(options).await?)
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once: a
    /// transaction that reads first and writes later fails when another one has written in
    /// between.
    ///
    /// Unavailable where the database's files are no longer where they were opened: what is
    /// written to a deleted file is lost when the process ends.
    async fn begin(&self) -> Result<DatabaseTransaction, Error> {
        self.present()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Whether this program may write into the schema as it is now.
    pub async fn fits(&self) -> Result<(), Error> {
        schema::check(&self.read).await
    }

    /// Whether the database's files are still where they were opened.
    pub fn present(&self) -> Result<(), Error> {
        self.files.iter().try_for_each(Presence::check)
    }
}

impl Tx {
    async fn commit(self) -> Result<(), Error> {
        Ok(taken_back(self.0)?.commit().await?)
    }
}

/// Takes the transaction back after the work that shared it has ended.
fn taken_back(shared: Arc<DatabaseTransaction>) -> Result<DatabaseTransaction, Error> {
    Arc::into_inner(shared).ok_or_else(|| {
        let kept = "the work has ended and still holds its transaction";
        Error::Unavailable(DbErr::Custom(kept.into()))
    })
}

impl Db {
    /// Opens the database, brings its schema up to date and refuses to go on with settings that
    /// could lose what was acknowledged.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let conn = if options.url.starts_with("sqlite:") {
            sqlite::open(options).await?
        } else {
            postgres::open(options).await?
        };
        let tx = conn.begin().await?;
        schema::bring_up(&tx).await?;
        tx.commit().await?;
        let file = conn.files.first().map(|file| file.path().to_owned());
        let reader = |file| open_case::Reader::of(file, options.busy_after);
        Ok(Self {
            turn: file.as_ref().map(|_| Arc::default()),
            case_reader: file.map(|file| Arc::new(std::sync::Mutex::new(reader(file)))),
            conn,
            busy_after: options.busy_after,
            runtime: Handle::current(),
            tasks: TaskTracker::new(),
        })
    }

    /// Reads outside of a transaction: each statement sees the database of its own moment. The
    /// work runs to its end even when the caller is dropped.
    pub async fn read<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(Conn) -> Fut,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.detached(work(self.conn.clone())).await
    }

    /// Reads the database of one moment, however many statements the work needs. The work runs to
    /// its end even when the caller is dropped.
    pub async fn snapshot<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(Snapshot) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let conn = self.conn.clone();
        self.detached(async move {
            let tx = Arc::new(conn.begin_snapshot().await?);
            let found = work(Snapshot(Arc::clone(&tx))).await;
            // Nothing was written.
            taken_back(tx)?.rollback().await.map_err(Error::from)?;
            found
        })
        .await
    }

    /// Runs the work in a transaction that may write, and commits when it returns `Ok`. It returns
    /// after the commit: from then on the change outlives a crash and a power cut. An `Err`
    /// changes nothing. The work runs to its end even when the caller is dropped.
    ///
    /// Newer where a later version of this program has changed the schema.
    pub async fn write<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let db = self.clone();
        self.detached(async move {
            let _turn = db.turn().await?;
            // A transaction that is dropped is rolled back: every `?` changes nothing.
            let tx = db.begin().await?;
            let done = work(Tx(Arc::clone(&tx.0))).await?;
            tx.commit().await?;
            Ok(done)
        })
        .await
    }

    /// Waits until no other call of this process writes to the embedded database. Busy where that
    /// takes too long.
    async fn turn(&self) -> Result<Option<OwnedMutexGuard<()>>, Error> {
        let Some(turn) = &self.turn else {
            return Ok(None);
        };
        let turn = Arc::clone(turn).lock_owned();
        let late = |_| Error::Busy(DbErr::Custom("others write for too long".into()));
        tokio::time::timeout(self.busy_after, turn)
            .await
            .map(Some)
            .map_err(late)
    }

    /// A transaction that may write, in a schema that this program knows.
    async fn begin(&self) -> Result<Tx, Error> {
        let tx = Arc::new(self.conn.begin().await?);
        schema::check(&*tx).await?;
        Ok(Tx(tx))
    }

    async fn detached<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match self.tasks.spawn_on(work, &self.runtime).await {
            Ok(done) => done,
            Err(error) => Err(Error::Unavailable(DbErr::Custom(error.to_string())).into()),
        }
    }

    /// Whether the nodes on this database can tell each other that they have written.
    pub fn has_announcements(&self) -> bool {
        self.conn.read.get_database_backend() == DbBackend::Postgres
    }

    /// Runs the work on a thread where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let done = self.tasks.spawn_blocking_on(work, &self.runtime).await;
        done.map_err(|error| Error::Unavailable(DbErr::Custom(error.to_string())))?
    }

    /// Sets something to work that [`Db::close`] waits for.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(work, &self.runtime);
    }

    /// Sets something to work in a thread of its own. [`Db::close`] waits for it.
    pub fn spawn_thread<F>(&self, work: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()>,
    {
        let runtime = self.runtime.clone();
        let work = move || runtime.block_on(work());
        self.tasks.spawn_blocking_on(work, &self.runtime);
    }

    /// Waits for all work under way, then closes the connections.
    pub async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        if let Some(reader) = &self.case_reader {
            reader
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .close();
        }
        // A failure to close leaves nothing to be done: whatever was acknowledged is on disk.
        let _ = self.conn.read.close_by_ref().await;
        let _ = self.conn.write.close_by_ref().await;
    }
}

/// What both databases have in common. Statement logging stays off: statements carry people.
fn connect_options(options: &Options, connections: u32) -> ConnectOptions {
    let mut connect = ConnectOptions::new(options.url.clone());
    connect
        .max_connections(connections)
        .acquire_timeout(options.busy_after)
        .connect_timeout(options.busy_after)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    connect
}

async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, Error> {
    Ok(Database::connect(options).await?)
}

/// Whether a setting that was read back is one of those that keep the promise.
fn held(name: &'static str, is: &str, may_be: &[&str]) -> Result<(), Error> {
    if may_be.contains(&is) {
        return Ok(());
    }
    Err(Error::Unsafe {
        setting: name,
        is: is.to_owned(),
        must_be: may_be.join(" or "),
    })
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn a_whole_insert_binds_no_more_than_sqlite_takes() {
        const BOUND_MAX: usize = 32_766;
        let report = entity::report::Column::iter().count();
        let placard = entity::placard::Column::iter().count();
        assert!(
            ROWS_PER_INSERT * report.max(placard) <= BOUND_MAX,
            "{report}"
        );
    }
}
