//! The schema: brought up to date at the start, and checked by every transaction that writes. A
//! program writes nothing into a schema that is newer than it, not even one report while the schema
//! moves on.

use migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::{Error, postgres};

/// Applies all missing steps in the caller's transaction, by one node at a time: on SQLite the
/// transaction holds the write lock; on PostgreSQL it waits for a lock of its own, and then for
/// the transactions that write. Newer where a later version of this program was here before.
pub(super) async fn bring_up(tx: &DatabaseTransaction) -> Result<(), Error> {
    let postgres = tx.get_database_backend() == DbBackend::Postgres;
    if postgres {
        postgres::queue_to_migrate(tx).await?;
    }
    Migrator::install(tx).await?;
    check(tx).await?;
    let pending = Migrator::pending(tx).await?;
    if postgres && !pending.is_empty() {
        postgres::wait_for_writers(tx).await?;
    }
    Ok(Migrator::up(tx).await?)
}

/// Asks for the last step that the schema has taken. Where steps are missing the answer is null.
pub(super) const LAST_STEP: &str = "SELECT max(version) AS last FROM seaql_migrations";

/// Whether this program knows every step that the schema has taken. Until the transaction ends no
/// other node takes a further one: on SQLite no other transaction writes, on PostgreSQL this read
/// holds the table of steps.
pub(super) async fn check(on: &impl ConnectionTrait) -> Result<(), Error> {
    let last = Statement::from_string(on.get_database_backend(), LAST_STEP);
    let row = on.query_one_raw(last).await?;
    let found = row.map(|row| row.try_get("", "last"));
    known(found.transpose()?.flatten())
}

/// Whether this program knows the step.
pub(super) fn known(last: Option<String>) -> Result<(), Error> {
    match last {
        Some(found) if found.as_str() > Migrator::last() => Err(Error::Newer {
            found,
            known: Migrator::last().to_owned(),
        }),
        _ => Ok(()),
    }
}
