//! Opens PostgreSQL, bounds every statement on the server's side, and refuses a server that
//! acknowledges before it has written.

use sea_orm::sqlx::Connection as _;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, Statement};

use super::{Conn, Error, Options, connect, connect_options, held};

/// How long one statement may run; the longest of ours take milliseconds.
const STATEMENT_MS_MAX: u32 = 10_000;
/// How long a transaction may stand idle before the server ends it.
const IDLE_IN_TRANSACTION_MS_MAX: u32 = 10_000;
/// The number under which nodes queue for the schema: "mashang" as bytes.
const MIGRATION_LOCK: i64 = 0x006d_6173_6861_6e67;

/// One pool for everything: the server has its own queue for writers.
pub(super) async fn open(options: &Options) -> Result<Conn, Error> {
    let lock_ms = options.busy_after.as_millis().to_string();
    let mut connect_options = connect_options(options, options.connections_max);
    connect_options.map_sqlx_postgres_opts(move |postgres| {
        postgres.options([
            ("statement_timeout", STATEMENT_MS_MAX.to_string()),
            ("lock_timeout", lock_ms.clone()),
            // A transaction that waited for a lock must see what was written meanwhile, whatever
            // the server's or the role's own default is.
            ("default_transaction_isolation", "read committed".to_owned()),
            (
                "idle_in_transaction_session_timeout",
                IDLE_IN_TRANSACTION_MS_MAX.to_string(),
            ),
        ])
    });
    // A connection never goes back to the pool with a transaction still open on it. A ROLLBACK
    // without one would be a warning in two logs for every call.
    connect_options.map_sqlx_postgres_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            let clean = !connection.is_in_transaction();
            Box::pin(async move { Ok(clean) })
        })
    });
    let db = connect(connect_options).await?;
    check(&db).await?;
    Ok(Conn {
        read: db.clone(),
        write: db,
        files: Vec::new(),
    })
}

/// Waits until no other node changes the schema, and lets this transaction take its time.
pub(super) async fn queue_to_migrate(tx: &DatabaseTransaction) -> Result<(), Error> {
    tx.execute_unprepared(&format!(
        "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
         SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
    ))
    .await?;
    Ok(())
}

/// Waits until every transaction that writes has ended, and lets none begin before this one has:
/// each reads this table first.
pub(super) async fn wait_for_writers(tx: &DatabaseTransaction) -> Result<(), Error> {
    tx.execute_unprepared("LOCK TABLE seaql_migrations IN ACCESS EXCLUSIVE MODE")
        .await?;
    Ok(())
}

async fn check(db: &DatabaseConnection) -> Result<(), Error> {
    let commit = ask(db, "SHOW synchronous_commit").await?;
    held(
        "synchronous_commit",
        &commit,
        &["on", "remote_apply", "remote_write", "local"],
    )?;
    held(
        "default_transaction_isolation",
        &ask(db, "SHOW default_transaction_isolation").await?,
        &["read committed"],
    )?;
    held("fsync", &ask(db, "SHOW fsync").await?, &["on"])?;
    held(
        "full_page_writes",
        &ask(db, "SHOW full_page_writes").await?,
        &["on"],
    )?;
    let text = ask(db, "SHOW server_encoding").await?;
    held("server_encoding", &text, &["UTF8"])
}

async fn ask(db: &DatabaseConnection, question: &str) -> Result<String, Error> {
    let statement = Statement::from_string(db.get_database_backend(), question);
    let row = db.query_one_raw(statement).await?.ok_or(Error::Missing)?;
    Ok(row.try_get_by_index(0)?)
}
