//! Cache versions: how often a kind of data was replaced, so that every node knows when to reload.

use entity::cache_version;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::{Error, Source, Tx};

/// The name under which changes of places, placards, sites and regions are counted.
pub const PLACES: &str = "places";

/// Tells every node that this kind of data has changed, from the commit on.
pub async fn bump(tx: &Tx, name: &'static str) -> Result<(), Error> {
    let next = Expr::col(("cache_version", "version")).add(1);
    let insert = Query::insert()
        .into_table("cache_version")
        .columns(["name", "version"])
        .values_panic([name.into(), 1.into()])
        .on_conflict(OnConflict::column("name").value("version", next).to_owned())
        .to_owned();
    tx.inner().execute(&insert).await?;
    Ok(())
}

/// How often this kind of data was replaced.
pub async fn reached(on: &impl Source, name: &str) -> Result<i64, Error> {
    let row = cache_version::Entity::find_by_id(name)
        .one(on.inner())
        .await?;
    Ok(row.map_or(0, |row| row.version))
}
