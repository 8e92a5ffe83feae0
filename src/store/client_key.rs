//! Keys that a client made itself (`Idempotency-Key`), and the report that each stands for.
//! Keys that the page brought need no row: they are the report's number.

use entity::client_key;
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{Error, Tx};
use crate::domain::report::ReportId;

/// The report that this key stands for: `fresh` where the key is new, the earlier one otherwise.
pub async fn claim(tx: &Tx, hash: [u8; 32], fresh: ReportId) -> Result<ReportId, Error> {
    let row = client_key::ActiveModel {
        hash: Set(hash.to_vec()),
        report_id: Set(fresh.0),
    };
    client_key::Entity::insert(row)
        .on_conflict(
            OnConflict::column(client_key::Column::Hash)
                .do_nothing()
                .to_owned(),
        )
        .try_insert()
        .exec_without_returning(&tx.0)
        .await?;
    let found = client_key::Entity::find_by_id(hash.to_vec())
        .one(&tx.0)
        .await?;
    Ok(ReportId(found.ok_or(Error::Missing)?.report_id))
}
