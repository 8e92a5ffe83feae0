//! Regions as rows: what imports write.

use std::collections::HashMap;

use entity::region::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{Error, ROWS_PER_INSERT, Source, Tx};
use crate::domain::region::{Level, RegionId};
use crate::domain::said::Said;

/// A region as an import says it; its code tells whether it is new.
#[derive(Clone, Debug)]
pub struct RegionRow {
    /// Six digits of GB/T 2260, or the letters of a country.
    pub code: String,
    /// How high it stands.
    pub level: Level,
    /// Its own name.
    pub name: String,
    /// Its name with those above it.
    pub full_name: String,
    /// The region above.
    pub parent: Option<RegionId>,
    /// Its name in English, where that is not how the name is read.
    pub english: Said<Option<String>>,
}

/// Inserts the regions, or replaces what is said of those with the same codes; all of them say
/// something of the same columns.
pub async fn put(tx: &Tx, rows: Vec<RegionRow>) -> Result<(), Error> {
    let english = rows
        .first()
        .and_then(|row| row.english.then(Column::English));
    let mut said = vec![
        Column::Level,
        Column::Name,
        Column::FullName,
        Column::ParentId,
    ];
    said.extend(english);
    let mut rows = rows.into_iter().map(model).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        let replaced = OnConflict::column(Column::Code)
            .update_columns(said.clone())
            .to_owned();
        Entity::insert_many(chunk)
            .on_conflict(replaced)
            .exec_without_returning(tx.inner())
            .await?;
    }
    Ok(())
}

/// Our number of every region, by code.
pub async fn by_code(on: &impl Source) -> Result<HashMap<String, RegionId>, Error> {
    let rows = Entity::find().all(on.inner()).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.code, RegionId(row.id)))
        .collect())
}

fn model(row: RegionRow) -> ActiveModel {
    ActiveModel {
        code: Set(row.code),
        level: Set(row.level.code().to_owned()),
        name: Set(row.name),
        full_name: Set(row.full_name),
        parent_id: Set(row.parent.map(|parent| parent.0)),
        english: Set(row.english.or_default()),
        ..ActiveModel::default()
    }
}
