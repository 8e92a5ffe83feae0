//! Areas, estates, buildings and placards as rows: what imports write.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{area, building, estate, placard};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::{Error, ROWS_PER_INSERT, Source, Tx};
use crate::domain::area::{AreaId, Level};
use crate::domain::code::Code;
use crate::domain::place::{BuildingId, EstateId, PlacardState};
use crate::domain::position::Position;
use crate::domain::rota::OwnHours;

/// What stands between the units of a building in its row.
pub(super) const UNIT_SEPARATOR: &str = ";";

/// An area as an import says it; its official code tells whether it is new.
#[derive(Clone, Debug)]
pub struct AreaRow {
    /// The area above.
    pub parent: Option<AreaId>,
    /// How high it stands.
    pub level: Level,
    /// The official code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name, or empty.
    pub name_en: String,
    /// What people call it, or empty.
    pub short_name: String,
    /// What receipt numbers begin with, or empty.
    pub number_prefix: String,
    /// The telephone, or empty.
    pub phone: String,
    /// Its own hours; none leaves them as they are.
    pub hours: Option<OwnHours>,
}

/// A building as an import says it; its name within the estate tells whether it is new.
#[derive(Clone, Debug)]
pub struct BuildingRow {
    /// The estate around it.
    pub estate: EstateId,
    /// The lowest area known.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
    /// English name, or empty.
    pub name_en: String,
    /// Its units; none where the building is one.
    pub units: Vec<String>,
    /// Where it stands.
    pub position: Position,
}

/// A placard that is about to be printed.
#[derive(Clone, Debug)]
pub struct PlacardRow {
    /// The building.
    pub building: BuildingId,
    /// The unit, or empty.
    pub unit: String,
    /// The text in its address.
    pub code: Code,
    /// Two characters that stand on the paper and on the page.
    pub check_word: String,
    /// The print run.
    pub batch: String,
    /// When.
    pub issued_at: DateTime<Utc>,
}

/// Inserts the area, or replaces the one with the same code.
pub async fn put_area(tx: &Tx, row: AreaRow) -> Result<AreaId, Error> {
    use area::Column;
    let code = row.code.clone();
    let hours = row.hours.unwrap_or_default();
    let model = area::ActiveModel {
        parent_id: Set(row.parent.map(|parent| parent.0)),
        level: Set(row.level.code().to_owned()),
        code: Set(row.code),
        name: Set(row.name),
        name_en: Set(row.name_en),
        short_name: Set(row.short_name),
        number_prefix: Set(row.number_prefix),
        phone: Set(row.phone),
        day_starts: Set(hours.starts),
        day_ends: Set(hours.ends),
        night_due: Set(hours.night_due),
        first_contact_minutes: Set(hours.first_contact.and_then(in_minutes)),
        finish_hours: Set(hours.finish.and_then(in_hours)),
        off_days_called: Set(hours.off_days_called),
        ..area::ActiveModel::default()
    };
    let mut replaced = OnConflict::column(Column::Code)
        .update_columns([
            Column::ParentId,
            Column::Level,
            Column::Name,
            Column::NameEn,
            Column::ShortName,
            Column::NumberPrefix,
            Column::Phone,
        ])
        .to_owned();
    if row.hours.is_some() {
        replaced.update_columns([
            Column::DayStarts,
            Column::DayEnds,
            Column::NightDue,
            Column::FirstContactMinutes,
            Column::FinishHours,
            Column::OffDaysCalled,
        ]);
    }
    area::Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    Ok(area_of(tx, &code).await?.0)
}

fn in_minutes(span: TimeDelta) -> Option<i32> {
    span.num_minutes().try_into().ok()
}

fn in_hours(span: TimeDelta) -> Option<i32> {
    span.num_hours().try_into().ok()
}

/// The area with this official code, and how high it stands.
pub async fn area_of(on: &impl Source, code: &str) -> Result<(AreaId, Level), Error> {
    let row = area::Entity::find()
        .filter(area::Column::Code.eq(code))
        .one(on.inner())
        .await?
        .ok_or(Error::Missing)?;
    let level = Level::from_code(&row.level).ok_or_else(|| Error::unreadable("area.level"))?;
    Ok((AreaId(row.id), level))
}

/// Inserts the estate, or replaces the one of the same name in the same area.
pub async fn put_estate(
    tx: &Tx,
    area: AreaId,
    name: &str,
    name_en: &str,
) -> Result<EstateId, Error> {
    use estate::Column;
    let model = estate::ActiveModel {
        area_id: Set(area.0),
        name: Set(name.to_owned()),
        name_en: Set(name_en.to_owned()),
        ..estate::ActiveModel::default()
    };
    let replaced = OnConflict::columns([Column::AreaId, Column::Name])
        .update_column(Column::NameEn)
        .to_owned();
    estate::Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    let row = estate::Entity::find()
        .filter(Column::AreaId.eq(area.0))
        .filter(Column::Name.eq(name))
        .one(tx.inner())
        .await?;
    Ok(EstateId(row.ok_or(Error::Missing)?.id))
}

/// The area that the building of this name lies in, where there is one.
pub async fn ground_of(tx: &Tx, estate: EstateId, name: &str) -> Result<Option<AreaId>, Error> {
    let found = building::Entity::find()
        .filter(building::Column::EstateId.eq(estate.0))
        .filter(building::Column::Name.eq(name))
        .one(tx.inner())
        .await?;
    Ok(found.map(|row| AreaId(row.area_id)))
}

/// Inserts the building, or replaces the one of the same name in the same estate.
pub async fn put_building(tx: &Tx, row: BuildingRow) -> Result<BuildingId, Error> {
    use building::Column;
    let (estate, name) = (row.estate, row.name.clone());
    let model = building::ActiveModel {
        estate_id: Set(row.estate.0),
        area_id: Set(row.area.0),
        name: Set(row.name),
        name_en: Set(row.name_en),
        units: Set(row.units.join(UNIT_SEPARATOR)),
        lon: Set(row.position.lon()),
        lat: Set(row.position.lat()),
        ..building::ActiveModel::default()
    };
    let replaced = OnConflict::columns([Column::EstateId, Column::Name])
        .update_columns([
            Column::AreaId,
            Column::NameEn,
            Column::Units,
            Column::Lon,
            Column::Lat,
        ])
        .to_owned();
    building::Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    let row = building::Entity::find()
        .filter(Column::EstateId.eq(estate.0))
        .filter(Column::Name.eq(name))
        .one(tx.inner())
        .await?;
    Ok(BuildingId(row.ok_or(Error::Missing)?.id))
}

/// Issues placards; a conflict where one of their codes was ever issued before.
pub async fn insert_placards(tx: &Tx, rows: Vec<PlacardRow>) -> Result<(), Error> {
    let model = |row: PlacardRow| placard::ActiveModel {
        building_id: Set(row.building.0),
        unit: Set(row.unit),
        code: Set(row.code.as_str().to_owned()),
        check_word: Set(row.check_word),
        state: Set(PlacardState::Active.code().to_owned()),
        batch: Set(row.batch),
        issued_at: Set(row.issued_at),
        revoked_at: Set(None),
        replaced_by: Set(None),
        ..placard::ActiveModel::default()
    };
    let mut rows = rows.into_iter().map(model).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        placard::Entity::insert_many(chunk)
            .exec_without_returning(tx.inner())
            .await?;
    }
    Ok(())
}

/// Takes a placard out of use; the others of its print run stay as they are.
pub async fn revoke_placard(tx: &Tx, code: &Code, at: DateTime<Utc>) -> Result<(), Error> {
    let done = placard::Entity::update_many()
        .col_expr(
            placard::Column::State,
            Expr::value(PlacardState::Revoked.code()),
        )
        .col_expr(placard::Column::RevokedAt, Expr::value(at))
        .filter(placard::Column::Code.eq(code.as_str()))
        .filter(placard::Column::State.eq(PlacardState::Active.code()))
        .exec(tx.inner())
        .await?;
    match done.rows_affected {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}
