//! Keys that a client made itself (`Idempotency-Key`), and the report that each stands for.
//! Keys that the page brought need no row: they are the report's number. On SQLite the newest keys are
//! in `recent_key`, see `intake::recent_keys`.

use std::collections::HashMap;

use entity::client_key;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    QueryFilter,
};

use super::{Error, ROWS_PER_INSERT, Source, Tx};
use crate::domain::report::ReportId;

/// A client's own key, hashed.
pub type KeyHash = [u8; 16];

/// The reports that these keys stand for, as far as they were used.
pub async fn known(
    on: &impl Source,
    keys: &[KeyHash],
) -> Result<HashMap<KeyHash, ReportId>, Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let hashes = || keys.iter().map(|key| key.to_vec());
    let mut rows = Vec::new();
    // Before the table to which they move: a key that moves between the two reads is found.
    if on.inner().get_database_backend() == DbBackend::Sqlite {
        let mut recent = Query::select();
        recent
            .columns(["hash", "report_id"])
            .from("recent_key")
            .and_where(Expr::col("hash").is_in(hashes()));
        for row in on.inner().query_all(&recent).await? {
            rows.push(client_key::Model::from_query_result(&row, "")?);
        }
    }
    let moved = client_key::Entity::find()
        .filter(client_key::Column::Hash.is_in(hashes()))
        .all(on.inner())
        .await?;
    rows.extend(moved);
    let read = |row: client_key::Model| {
        let hash = row.hash.try_into();
        let hash = hash.or(Err(Error::unreadable("client_key.hash")))?;
        Ok((hash, ReportId(row.report_id)))
    };
    rows.into_iter().map(read).collect()
}

/// Writes which report each key stands for; a key that was used in the meantime is a conflict
/// of the whole.
pub async fn keep(tx: &Tx, keys: Vec<(KeyHash, ReportId)>) -> Result<(), Error> {
    for some in keys.chunks(ROWS_PER_INSERT) {
        let rows = some.iter().map(|(hash, report)| client_key::ActiveModel {
            hash: Set(hash.to_vec()),
            report_id: Set(report.0),
        });
        client_key::Entity::insert_many(rows)
            .exec_without_returning(tx.inner())
            .await?;
    }
    Ok(())
}
