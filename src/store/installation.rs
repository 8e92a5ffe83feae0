//! The row about the database as a whole: which master key it was begun with.

use entity::installation::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{Error, Source, Tx};

/// The number of the one row.
const ID: i32 = 1;

/// The fingerprint of the database's key. None for a database that has just been made.
pub async fn fingerprint(on: &impl Source) -> Result<Option<String>, Error> {
    let row = Entity::find_by_id(ID).one(on.inner()).await?;
    Ok(row.map(|row| row.key_fingerprint))
}

/// Writes the fingerprint where there is none yet, and returns the one that is there.
pub async fn claim(tx: &Tx, fingerprint: String) -> Result<String, Error> {
    let row = ActiveModel {
        id: Set(ID),
        key_fingerprint: Set(fingerprint),
    };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(tx.inner())
        .await?;
    self::fingerprint(tx).await?.ok_or(Error::Missing)
}
