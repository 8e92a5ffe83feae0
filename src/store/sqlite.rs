//! Opens the embedded database so that an acknowledgement outlives a power cut, and reads the
//! settings back: a setting that was asked for and not taken is a loss waiting for its day.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{self, Connection, Executor};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::time::{Instant, sleep};

use super::{Conn, Error, Options, Presence, connect, connect_options, held};

/// The first version in which a reset of the write-ahead log cannot lose a page.
const VERSION_MIN: (u32, u32, u32) = (3, 51, 3);
/// The pause before a database that was busy is opened again.
const OPEN_AGAIN: Duration = Duration::from_millis(20);

/// The settings of a connection that writes; each is read back, see [`check_settings`].
pub(super) const PRAGMAS: [(&str, &str); 6] = [
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("secure_delete", "ON"),
    ("trusted_schema", "OFF"),
    // Otherwise a statement of many rows writes a file of its own for its undoing.
    ("temp_store", "MEMORY"),
];

/// One connection of the pool writes, and one of the intake writer; several read. Within the process
/// no call waits for a lock in the database: writers take turns, see [`super::Db::write`].
pub(super) async fn open(options: &Options) -> Result<Conn, Error> {
    let write = connect_in_turn(options).await?;
    check(&write, false).await?;
    let read = connect_with(options, options.connections_max, true).await?;
    check(&read, true).await?;
    let files = files_of(&write).await?;
    Ok(Conn { read, write, files })
}

/// Opens the writing connection. Two programs that open the same new file at once refuse each other
/// the change to WAL, whatever the time-out says; then one after the other.
async fn connect_in_turn(options: &Options) -> Result<DatabaseConnection, Error> {
    let until = Instant::now() + options.busy_after;
    loop {
        match connect_with(options, 1, false).await {
            Err(Error::Busy(_)) if Instant::now() < until => sleep(OPEN_AGAIN).await,
            done => return done,
        }
    }
}

/// Whether the connection may be used again. After an error of the disk SQLite ends a transaction
/// by itself, the layer below still counts it as open, and makes the next one a savepoint within
/// it: after the second such error what is released there is *not* committed. Such a connection
/// is closed.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // An error is the good answer: there was no transaction left to roll back.
    let _ = connection.execute("ROLLBACK").await;
    Ok(!connection.is_in_transaction())
}

/// The file and its write-ahead log, both of which exist while a connection is open.
async fn files_of(db: &DatabaseConnection) -> Result<Vec<Presence>, Error> {
    let file = ask(
        db,
        "SELECT file FROM pragma_database_list WHERE name = 'main'",
    )
    .await?;
    if file.is_empty() {
        return Ok(Vec::new()); // In memory: there is nothing to lose sight of.
    }
    ["", "-wal"]
        .into_iter()
        .map(|end| Presence::of(format!("{file}{end}").into()))
        .collect()
}

async fn connect_with(
    options: &Options,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection, Error> {
    let busy_after = options.busy_after;
    let mut connect_options = connect_options(options, connections);
    connect_options.map_sqlx_sqlite_opts(move |sqlite: SqliteConnectOptions| {
        let sqlite = sqlite.create_if_missing(true).busy_timeout(busy_after);
        PRAGMAS
            .into_iter()
            .fold(sqlite, |sqlite, (name, value)| sqlite.pragma(name, value))
            .pragma("query_only", if read_only { "ON" } else { "OFF" })
    });
    // Connections stay as long as the process: with the last of them the log would be folded
    // away, and the next would make another one.
    connect_options.idle_timeout(None).max_lifetime(None);
    connect_options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| Box::pin(is_clean(connection)))
    });
    connect(connect_options).await
}

async fn check(db: &DatabaseConnection, read_only: bool) -> Result<(), Error> {
    let mut found = BTreeMap::new();
    found.insert("sqlite_version", ask(db, "SELECT sqlite_version()").await?);
    for (name, _) in expected(read_only) {
        found.insert(name, ask(db, &format!("PRAGMA {name}")).await?);
    }
    check_settings(read_only, |name| Ok(found[name].clone()))
}

/// What each setting of a connection may be.
fn expected(read_only: bool) -> [(&'static str, &'static [&'static str]); 6] {
    [
        ("journal_mode", &["wal"]),
        // 2 is FULL, 3 is EXTRA.
        ("synchronous", &["2", "3"]),
        ("foreign_keys", &["1"]),
        ("secure_delete", &["1"]),
        ("trusted_schema", &["0"]),
        ("query_only", if read_only { &["1"] } else { &["0"] }),
    ]
}

/// Whether a connection keeps what it acknowledges; `ask` reads a setting back, or `sqlite_version`.
pub(super) fn check_settings(
    read_only: bool,
    ask: impl Fn(&'static str) -> Result<String, Error>,
) -> Result<(), Error> {
    let version = ask("sqlite_version")?;
    if version_of(&version) < Some(VERSION_MIN) {
        let (major, minor, patch) = VERSION_MIN;
        return Err(Error::Unsafe {
            setting: "sqlite_version",
            is: version,
            must_be: format!("{major}.{minor}.{patch} or newer"),
        });
    }
    for (name, may_be) in expected(read_only) {
        held(name, &ask(name)?, may_be)?;
    }
    Ok(())
}

async fn ask(db: &DatabaseConnection, question: &str) -> Result<String, Error> {
    let statement = Statement::from_string(db.get_database_backend(), question);
    let row = db.query_one_raw(statement).await?.ok_or(Error::Missing)?;
    // The answer is text or a number, as the pragma likes it.
    let text = row.try_get_by_index::<String>(0);
    Ok(match text {
        Ok(text) => text,
        Err(_) => row.try_get_by_index::<i64>(0)?.to_string(),
    })
}

fn version_of(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sea_orm::Database;

    use super::*;

    /// guarantee: SQLite runs with settings that survive a power failure, or does not start
    #[tokio::test]
    async fn pragmas_are_read_back_and_unsafe_ones_refused() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/a.db", folder.path().display());
        let options = Options {
            url: url.clone(),
            connections_max: 2,
            // Opening flushes to the disk, which may be busy with other tests.
            busy_after: Duration::from_mins(1),
        };
        let conn = open(&options).await.unwrap();
        for conn in [conn.read, conn.write] {
            conn.close().await.unwrap();
        }
        // The file keeps its journal mode; everything else belongs to a connection.
        for loose in [
            "PRAGMA synchronous = NORMAL",
            "PRAGMA foreign_keys = OFF",
            "PRAGMA secure_delete = OFF",
            "PRAGMA trusted_schema = ON",
            "PRAGMA journal_mode = DELETE",
        ] {
            let conn = connect_with(&options, 1, false).await.unwrap();
            check(&conn, false).await.unwrap();
            conn.execute_unprepared(loose).await.unwrap();
            let refused = check(&conn, false).await;
            assert!(matches!(refused, Err(Error::Unsafe { .. })), "{loose}");
            // The journal mode changes only where no other connection has the file open.
            conn.close().await.unwrap();
        }
        let plain = Database::connect(url).await.unwrap();
        assert!(
            check(&plain, false).await.is_err(),
            "the default of the layer below"
        );
    }
}
