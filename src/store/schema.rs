//! The schema: brought up to date at the start, and checked by every transaction that writes. A
//! program writes nothing into a schema that is newer than it, not even one report while the schema
//! moves on.

use migration::Migrator;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

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

/// Whether this program knows every step that the schema has taken. Until the transaction ends no
/// other node takes a further one: on SQLite no other transaction writes, on PostgreSQL this read
/// holds the table of steps.
pub(super) async fn check(on: &impl ConnectionTrait) -> Result<(), Error> {
    let mut last = Query::select();
    last.expr_as(Expr::col("version").max(), "last")
        .from("seaql_migrations");
    let row = on.query_one(&last).await?;
    let found: Option<String> = row
        .map(|row| row.try_get("", "last"))
        .transpose()?
        .flatten();
    match found {
        Some(found) if found.as_str() > Migrator::last() => Err(Error::Newer {
            found,
            known: Migrator::last().to_owned(),
        }),
        _ => Ok(()),
    }
}
