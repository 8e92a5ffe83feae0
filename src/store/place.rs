//! Areas, estates, buildings and placards as rows: what imports write.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{area, building, estate, placard};
use sea_orm::ActiveValue::{self, Set, Unchanged};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::{Error, ROWS_PER_INSERT, Source, Tx};
use crate::domain::area::{AreaId, Level};
use crate::domain::code::Code;
use crate::domain::place::{BuildingId, EstateId, PlacardState};
use crate::domain::position::Position;
use crate::domain::rota::OwnHours;
use crate::domain::said::Said;

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
    pub name_en: Said<String>,
    /// What people call it, or empty.
    pub short_name: Said<String>,
    /// What receipt numbers begin with, or empty.
    pub number_prefix: Said<String>,
    /// The telephone, or empty.
    pub phone: Said<String>,
    /// Its own hours.
    pub hours: Said<OwnHours>,
}

/// An estate as an import says it.
#[derive(Clone, Debug)]
pub struct EstateRow {
    /// The area around it.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
    /// English name, or empty.
    pub name_en: Said<String>,
}

/// An estate that is there.
#[derive(Clone, Debug)]
pub struct KnownEstate {
    /// Our number.
    pub id: EstateId,
    /// The area around it.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
}

/// A building that is there.
#[derive(Clone, Debug)]
pub struct KnownBuilding {
    /// Our number.
    pub id: BuildingId,
    /// The estate around it.
    pub estate: EstateId,
    /// The lowest area known.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
}

/// A building as an import says it.
#[derive(Clone, Debug)]
pub struct BuildingRow {
    /// The estate around it.
    pub estate: EstateId,
    /// The lowest area known.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
    /// English name, or empty.
    pub name_en: Said<String>,
    /// Its units; none where the building is one.
    pub units: Vec<String>,
    /// Where it stands, where that is known.
    pub position: Said<Option<Position>>,
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

/// Inserts the area, or replaces what is said of the one with the same code.
pub async fn put_area(tx: &Tx, row: AreaRow) -> Result<(), Error> {
    use area::Column;
    let mut said = vec![Column::ParentId, Column::Level, Column::Name];
    said.extend(row.name_en.then(Column::NameEn));
    said.extend(row.short_name.then(Column::ShortName));
    said.extend(row.number_prefix.then(Column::NumberPrefix));
    said.extend(row.phone.then(Column::Phone));
    let hours = [
        Column::DayStarts,
        Column::DayEnds,
        Column::NightDue,
        Column::FirstContactMinutes,
        Column::FinishHours,
        Column::OffDaysCalled,
    ];
    said.extend(row.hours.then(hours).into_iter().flatten());
    let hours = row.hours.or_default();
    let model = area::ActiveModel {
        parent_id: Set(row.parent.map(|parent| parent.0)),
        level: Set(row.level.code().to_owned()),
        code: Set(row.code),
        name: Set(row.name),
        name_en: Set(row.name_en.or_default()),
        short_name: Set(row.short_name.or_default()),
        number_prefix: Set(row.number_prefix.or_default()),
        phone: Set(row.phone.or_default()),
        day_starts: Set(hours.starts),
        day_ends: Set(hours.ends),
        night_due: Set(hours.night_due),
        first_contact_minutes: Set(hours.first_contact.and_then(in_minutes)),
        finish_hours: Set(hours.finish.and_then(in_hours)),
        off_days_called: Set(hours.off_days_called),
        ..area::ActiveModel::default()
    };
    let replaced = OnConflict::column(Column::Code)
        .update_columns(said)
        .to_owned();
    area::Entity::insert(model)
        .on_conflict(replaced)
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
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

/// The own hours of the area with this code, as they are; none of them where it is new.
pub async fn hours_of(on: &impl Source, code: &str) -> Result<OwnHours, Error> {
    let row = area::Entity::find()
        .filter(area::Column::Code.eq(code))
        .one(on.inner())
        .await?;
    Ok(row.map(|row| read_hours(&row)).unwrap_or_default())
}

/// The own hours in a row.
pub(super) fn read_hours(row: &area::Model) -> OwnHours {
    OwnHours {
        starts: row.day_starts,
        ends: row.day_ends,
        night_due: row.night_due,
        first_contact: (row.first_contact_minutes).map(|n| TimeDelta::minutes(n.into())),
        finish: row.finish_hours.map(|n| TimeDelta::hours(n.into())),
        off_days_called: row.off_days_called,
    }
}

/// Every estate that is there.
pub async fn estates(on: &impl Source) -> Result<Vec<KnownEstate>, Error> {
    let rows = estate::Entity::find().all(on.inner()).await?;
    let known = |row: estate::Model| KnownEstate {
        id: EstateId(row.id),
        area: AreaId(row.area_id),
        name: row.name,
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Every building that is there.
pub async fn buildings(on: &impl Source) -> Result<Vec<KnownBuilding>, Error> {
    let rows = building::Entity::find().all(on.inner()).await?;
    let known = |row: building::Model| KnownBuilding {
        id: BuildingId(row.id),
        estate: EstateId(row.estate_id),
        area: AreaId(row.area_id),
        name: row.name,
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Inserts the estate, or changes what is said of the `known` one, which keeps its name.
pub async fn put_estate(
    tx: &Tx,
    known: Option<EstateId>,
    row: EstateRow,
) -> Result<EstateId, Error> {
    let Some(known) = known else {
        let model = estate::ActiveModel {
            area_id: Set(row.area.0),
            name: Set(row.name),
            name_en: Set(row.name_en.or_default()),
            ..estate::ActiveModel::default()
        };
        let done = estate::Entity::insert(model).exec(tx.inner()).await?;
        return Ok(EstateId(done.last_insert_id));
    };
    if let Said::Value(name_en) = row.name_en {
        let changed = estate::ActiveModel {
            id: Unchanged(known.0),
            name_en: Set(name_en),
            ..estate::ActiveModel::default()
        };
        estate::Entity::update(changed).exec(tx.inner()).await?;
    }
    Ok(known)
}

/// Inserts the building, or changes what is said of the `known` one, which keeps its name.
pub async fn put_building(
    tx: &Tx,
    known: Option<BuildingId>,
    row: BuildingRow,
) -> Result<(), Error> {
    let degrees = |degree: fn(Position) -> f64| row.position.map(|at| at.map(degree));
    let changed = building::ActiveModel {
        area_id: Set(row.area.0),
        units: Set(row.units.join(UNIT_SEPARATOR)),
        name_en: said(row.name_en),
        lon: said(degrees(Position::lon)),
        lat: said(degrees(Position::lat)),
        ..building::ActiveModel::default()
    };
    let Some(known) = known else {
        let mut model = building::ActiveModel {
            estate_id: Set(row.estate.0),
            name: Set(row.name),
            ..changed
        };
        if model.name_en.is_not_set() {
            model.name_en = Set(String::new());
        }
        building::Entity::insert(model)
            .exec_without_returning(tx.inner())
            .await?;
        return Ok(());
    };
    let changed = building::ActiveModel {
        id: Unchanged(known.0),
        ..changed
    };
    building::Entity::update(changed).exec(tx.inner()).await?;
    Ok(())
}

/// The value of a column that is said; one that is not stays as it is.
fn said<T: Into<sea_orm::Value>>(said: Said<T>) -> ActiveValue<T> {
    match said {
        Said::Nothing => ActiveValue::NotSet,
        Said::Value(value) => Set(value),
    }
}

/// The units of buildings that have a placard in use.
pub async fn units_with_placards(
    on: &impl Source,
) -> Result<HashMap<BuildingId, Vec<String>>, Error> {
    let rows = placard::Entity::find()
        .filter(placard::Column::State.eq(PlacardState::Active.code()))
        .select_only()
        .columns([placard::Column::BuildingId, placard::Column::Unit])
        .distinct()
        .into_tuple::<(i32, String)>()
        .all(on.inner())
        .await?;
    let mut units = HashMap::<BuildingId, Vec<String>>::new();
    for (building, unit) in rows {
        units.entry(BuildingId(building)).or_default().push(unit);
    }
    Ok(units)
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
