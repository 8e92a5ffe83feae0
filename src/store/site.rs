//! Test sites as rows: what imports write.

use chrono::NaiveDate;
use entity::site::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{Error, Source, Tx};
use crate::domain::area::AreaId;
use crate::domain::hours::Hours;
use crate::domain::position::Position;
use crate::domain::said::Said;

/// A test site as an import says it; its name within the area tells whether it is new.
#[derive(Clone, Debug)]
pub struct SiteRow {
    /// The area that keeps it.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
    /// English name, or empty.
    pub name_en: Said<String>,
    /// Street and number.
    pub address: String,
    /// The telephone, or empty.
    pub phone: Said<String>,
    /// What it costs, what to bring, when it is crowded; or empty.
    pub note: Said<String>,
    /// The same in English, or empty.
    pub note_en: Said<String>,
    /// Where it is.
    pub position: Position,
    /// When it is open.
    pub hours: Hours,
    /// The first day, where it is yet to open.
    pub opens_from: Said<Option<NaiveDate>>,
    /// Whether it is closed for the time being.
    pub suspended: Said<bool>,
    /// When its entry was last verified.
    pub checked_on: Said<Option<NaiveDate>>,
    /// Whether it is made up for a demonstration.
    pub sample: Said<bool>,
}

/// Inserts the site, or replaces what is said of the one of the same name in the same area.
pub async fn put(tx: &Tx, row: SiteRow) -> Result<(), Error> {
    let mut said = vec![Column::Address, Column::Lon, Column::Lat, Column::Hours];
    said.extend(row.name_en.then(Column::NameEn));
    said.extend(row.phone.then(Column::Phone));
    said.extend(row.note.then(Column::Note));
    said.extend(row.note_en.then(Column::NoteEn));
    said.extend(row.opens_from.then(Column::OpensFrom));
    said.extend(row.suspended.then(Column::Suspended));
    said.extend(row.checked_on.then(Column::CheckedOn));
    said.extend(row.sample.then(Column::Sample));
    let model = ActiveModel {
        area_id: Set(row.area.0),
        name: Set(row.name),
        name_en: Set(row.name_en.or_default()),
        address: Set(row.address),
        phone: Set(row.phone.or_default()),
        note: Set(row.note.or_default()),
        note_en: Set(row.note_en.or_default()),
        lon: Set(row.position.lon()),
        lat: Set(row.position.lat()),
        hours: Set(row.hours.to_string()),
        opens_from: Set(row.opens_from.or_default()),
        suspended: Set(row.suspended.or_default()),
        checked_on: Set(row.checked_on.or_default()),
        sample: Set(row.sample.or_default()),
        ..ActiveModel::default()
    };
    let replaced = OnConflict::columns([Column::AreaId, Column::Name])
        .update_columns(said)
        .to_owned();
    Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}
