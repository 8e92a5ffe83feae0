//! The database: open, begin, commit, and one file per noun. Only here is SQL.
//!
//! Every call runs in a task of its own that nobody can drop half-way: a cancelled `begin` leaves
//! an open transaction on a pooled connection, and what is then acknowledged on it is lost.

use std::future::Future;
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

pub mod all_places;
pub mod cache_version;
pub mod calendar;
pub mod client_key;
mod error;
pub mod escalation;
mod file_identity;
pub mod journal;
pub mod open_case;
pub mod place;
mod postgres;
pub mod receipt_sequence;
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
    runtime: Handle,
    tasks: TaskTracker,
}

/// Connections, only to be had inside [`Db::run`].
#[derive(Clone, Debug)]
pub struct Conn {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// The files that are written to; none on PostgreSQL.
    files: Vec<Presence>,
}

/// A transaction that may write. Dropped without [`Tx::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Tx(DatabaseTransaction);

/// The database as it is at one moment, however many statements read it.
#[derive(Debug)]
pub struct Snapshot(DatabaseTransaction);

mod sealed {
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
    /// Holds the moment of the first read for all that follow.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        let postgres = self.read.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            // On SQLite every transaction is one.
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        Ok(Snapshot(self.read.begin_with_options(options).await?))
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once: one that
    /// reads first and writes later fails when another has written in between.
    ///
    /// Unavailable where the database's files are no longer where they were opened: what goes on
    /// being written to a file without a name is gone with the process. Newer where a later version
    /// of this program has moved the schema on.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let tx = self.begin_unchecked().await?;
        schema::check(&tx.0).await?;
        Ok(tx)
    }

    async fn begin_unchecked(&self) -> Result<Tx, Error> {
        self.present()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Tx(self.write.begin_with_options(options).await?))
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

impl Snapshot {
    /// Lets go of the moment; nothing was written.
    pub async fn end(self) -> Result<(), Error> {
        Ok(self.0.rollback().await?)
    }
}

impl Tx {
    /// From its return on, what was written outlives a crash and a power cut.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.0.commit().await?)
    }
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
        schema::bring_up(&conn).await?;
        Ok(Self {
            conn,
            runtime: Handle::current(),
            tasks: TaskTracker::new(),
        })
    }

    /// Runs database work to its end, even when whoever asked has gone away.
    pub async fn run<T, E, F, Fut>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(Conn) -> Fut,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let work = work(self.conn.clone());
        match self.tasks.spawn_on(work, &self.runtime).await {
            Ok(done) => done,
            Err(error) => Err(Error::Unavailable(DbErr::Custom(error.to_string())).into()),
        }
    }

    /// Sets something to work that [`Db::close`] waits for.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(work, &self.runtime);
    }

    /// Waits for all work under way, then closes the connections.
    pub async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
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
