//! Reads all places, placards, sites and regions at once, for the atlas in memory.

use entity::{area, building, estate, placard, region, site};
use sea_orm::EntityTrait;

use super::place::{UNIT_SEPARATOR, read_hours};
use super::{Error, Source, calendar, queue};
use crate::domain::area::{Area, AreaId, Level};
use crate::domain::code::Code;
use crate::domain::hours::Hours;
use crate::domain::place::{
    Building, BuildingId, Estate, EstateId, Placard, PlacardId, PlacardState, PlaceRows,
};
use crate::domain::position::Position;
use crate::domain::region::{self as regions, Region, RegionId};
use crate::domain::site::{SiteId, TestSite};

/// Every row that an atlas is drawn from.
pub async fn take(on: &impl Source) -> Result<PlaceRows, Error> {
    let db = on.inner();
    Ok(PlaceRows {
        areas: all(area::Entity::find().all(db).await?, read_area)?,
        queues: queue::of_areas(on).await?,
        regions: all(region::Entity::find().all(db).await?, read_region)?,
        estates: all(estate::Entity::find().all(db).await?, |row| {
            Ok(Estate {
                id: EstateId(row.id),
                name: row.name,
                name_en: row.name_en,
            })
        })?,
        buildings: all(building::Entity::find().all(db).await?, read_building)?,
        placards: all(placard::Entity::find().all(db).await?, read_placard)?,
        sites: all(site::Entity::find().all(db).await?, read_site)?,
        holidays: calendar::holidays(on).await?,
        urgent_rules: calendar::urgent_rules(on).await?,
    })
}

fn all<R, T>(rows: Vec<R>, read: impl Fn(R) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    rows.into_iter().map(read).collect()
}

fn read_area(row: area::Model) -> Result<Area, Error> {
    let hours = read_hours(&row);
    Ok(Area {
        id: AreaId(row.id),
        parent: row.parent_id.map(AreaId),
        level: Level::from_code(&row.level).ok_or_else(|| Error::unreadable("area.level"))?,
        code: row.code,
        name: row.name,
        name_en: row.name_en,
        short_name: row.short_name,
        number_prefix: row.number_prefix,
        phone: row.phone,
        hours,
    })
}

fn read_region(row: region::Model) -> Result<Region, Error> {
    Ok(Region {
        id: RegionId(row.id),
        level: regions::Level::from_code(&row.level)
            .ok_or_else(|| Error::unreadable("region.level"))?,
        code: row.code,
        name: row.name,
        full_name: row.full_name,
        parent: row.parent_id.map(RegionId),
        english: row.english,
    })
}

fn read_building(row: building::Model) -> Result<Building, Error> {
    Ok(Building {
        id: BuildingId(row.id),
        estate: EstateId(row.estate_id),
        area: AreaId(row.area_id),
        name: row.name,
        name_en: row.name_en,
        units: row
            .units
            .split(UNIT_SEPARATOR)
            .filter(|unit| !unit.is_empty())
            .map(str::to_owned)
            .collect(),
        position: match row.lon.zip(row.lat) {
            Some((lon, lat)) => Some(position(lon, lat)?),
            None => None,
        },
    })
}

fn read_placard(row: placard::Model) -> Result<Placard, Error> {
    Ok(Placard {
        id: PlacardId(row.id),
        building: BuildingId(row.building_id),
        unit: row.unit,
        code: Code::read(&row.code).or(Err(Error::unreadable("placard.code")))?,
        check_word: row.check_word,
        state: PlacardState::from_code(&row.state)
            .ok_or_else(|| Error::unreadable("placard.state"))?,
        batch: row.batch,
    })
}

/// One site with unreadable hours must not take every page along.
fn read_site(row: site::Model) -> Result<TestSite, Error> {
    let hours = Hours::stored(&row.hours);
    if hours.is_err() {
        tracing::warn!(
            site = row.id,
            "the opening hours of a test site cannot be read"
        );
    }
    Ok(TestSite {
        id: SiteId(row.id),
        area: AreaId(row.area_id),
        name: row.name,
        name_en: row.name_en,
        address: row.address,
        phone: row.phone,
        position: position(row.lon, row.lat)?,
        hours: hours.ok(),
        opens_from: row.opens_from,
        suspended: row.suspended,
        checked_on: row.checked_on,
        sample: row.sample,
    })
}

fn position(lon: f64, lat: f64) -> Result<Position, Error> {
    Position::new(lon, lat).ok_or_else(|| Error::Corrupt(format!("no place on earth: {lon} {lat}")))
}
