//! Test sites as rows: what imports write.

use chrono::NaiveDate;
use entity::site::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{Error, Source, Tx};
use crate::domain::area::AreaId;
use crate::domain::hours::Hours;
use crate::domain::position::Position;

/// A test site as an import says it; its name within the area tells whether it is new.
#[derive(Clone, Debug)]
pub struct SiteRow {
    /// The area that keeps it.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
    /// English name, or empty.
    pub name_en: String,
    /// Street and number.
    pub address: String,
    /// The telephone, or empty.
    pub phone: String,
    /// Where it is.
    pub position: Position,
    /// When it is open.
    pub hours: Hours,
    /// The first day, where it is yet to open.
    pub opens_from: Option<NaiveDate>,
    /// Whether it is closed for the time being.
    pub suspended: bool,
    /// When its entry was last verified.
    pub checked_on: Option<NaiveDate>,
    /// Whether it is made up for a demonstration.
    pub sample: bool,
}

/// Inserts the site, or replaces the one of the same name in the same area.
pub async fn put(tx: &Tx, row: SiteRow) -> Result<(), Error> {
    let model = ActiveModel {
        area_id: Set(row.area.0),
        name: Set(row.name),
        name_en: Set(row.name_en),
        address: Set(row.address),
        phone: Set(row.phone),
        lon: Set(row.position.lon()),
        lat: Set(row.position.lat()),
        hours: Set(row.hours.to_string()),
        opens_from: Set(row.opens_from),
        suspended: Set(row.suspended),
        checked_on: Set(row.checked_on),
        sample: Set(row.sample),
        ..ActiveModel::default()
    };
    let replaced = OnConflict::columns([Column::AreaId, Column::Name])
        .update_columns([
            Column::NameEn,
            Column::Address,
            Column::Phone,
            Column::Lon,
            Column::Lat,
            Column::Hours,
            Column::OpensFrom,
            Column::Suspended,
            Column::CheckedOn,
            Column::Sample,
        ])
        .to_owned();
    Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}
