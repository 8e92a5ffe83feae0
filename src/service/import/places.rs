//! Imports of places: areas, buildings, test sites, regions.

use std::collections::HashMap;

use super::ImportError;
use super::calendar::own_hours;
use crate::csv_table::{Mistake, Record};
use crate::domain::area::{AreaId, Level};
use crate::domain::hours::Hours;
use crate::domain::place::Atlas;
use crate::domain::position::Position;
use crate::domain::region::{self, RegionId};
use crate::domain::rota::WorkingDay;
use crate::store::place::{AreaRow, BuildingRow};
use crate::store::region::RegionRow;
use crate::store::site::SiteRow;
use crate::store::{Error, Tx, place, region as regions, site};

async fn area_named(tx: &Tx, line: &Record, column: &str) -> Result<(AreaId, Level), ImportError> {
    let code = line.need(column)?;
    match place::area_of(tx, code).await {
        Err(Error::Missing) => Err(line.mistake(format!("no area has the code {code}")).into()),
        found => Ok(found?),
    }
}

pub(super) async fn import_area(
    tx: &Tx,
    line: &Record,
    city: WorkingDay,
) -> Result<(), ImportError> {
    let level = line.need("level")?;
    let level =
        Level::from_code(level).ok_or_else(|| line.mistake(format!("no such level: {level:?}")))?;
    let parent = match line.get("parent_code") {
        "" => None,
        _ => Some(area_named(tx, line, "parent_code").await?),
    };
    if let Some(wrong) = misplaced(tx, line.need("code")?, level, parent).await? {
        return Err(line.mistake(wrong).into());
    }
    let row = AreaRow {
        parent: parent.map(|(parent, _)| parent),
        level,
        code: line.need("code")?.to_owned(),
        name: line.need("name")?.to_owned(),
        name_en: line.get("name_en").to_owned(),
        short_name: line.get("short_name").to_owned(),
        number_prefix: line.get("number_prefix").to_owned(),
        phone: line.get("phone").to_owned(),
        hours: own_hours(line, level, city)?,
    };
    place::put_area(tx, row).await?;
    Ok(())
}

/// Why an area cannot have this level below that parent. An area that has a queue keeps a level
/// with a queue, so that its reports stay in lists; a child has a lower level than its parent.
async fn misplaced(
    tx: &Tx,
    code: &str,
    level: Level,
    parent: Option<(AreaId, Level)>,
) -> Result<Option<String>, Error> {
    let before = match place::area_of(tx, code).await {
        Err(Error::Missing) => None,
        found => Some(found?.1),
    };
    if before.is_some_and(Level::has_queue) && !level.has_queue() {
        let was = before.map_or("", Level::code);
        let words = format!("{code} is a {was}: the reports in its queue would be in no list");
        return Ok(Some(words));
    }
    Ok(match parent {
        Some((_, above)) if above >= level => {
            let (above, level) = (above.code(), level.code());
            Some(format!("a {level} cannot lie in a {above}"))
        }
        None if !level.has_queue() => Some(format!(
            "a {} lies in a community: parent_code is empty",
            level.code()
        )),
        _ => None,
    })
}

/// Imports one building. It lies in the community of its estate, or in one of that community's
/// grids where the column `grid_code` names one.
pub(super) async fn import_building(
    tx: &Tx,
    atlas: &Atlas,
    line: &Record,
) -> Result<(), ImportError> {
    let (area, _) = area_named(tx, line, "area_code").await?;
    let mut ground = area;
    if !line.get("grid_code").is_empty() {
        (ground, _) = area_named(tx, line, "grid_code").await?;
        if ground == area || !atlas.tree.above(ground).contains(&area) {
            let code = line.get("grid_code");
            return Err(line
                .mistake(format!("{code} is no grid of this area"))
                .into());
        }
    }
    let name = line.need("estate")?;
    let estate = place::put_estate(tx, area, name, line.get("estate_en")).await?;
    if !line.has("grid_code") {
        // A table without the column `grid_code` leaves each building in its grid.
        let kept = place::ground_of(tx, estate, line.need("building")?).await?;
        let kept = kept.filter(|kept| atlas.tree.above(*kept).contains(&area));
        ground = kept.unwrap_or(area);
    }
    let row = BuildingRow {
        estate,
        area: ground,
        name: line.need("building")?.to_owned(),
        name_en: line.get("building_en").to_owned(),
        units: line
            .get("units")
            .split([';', '；'])
            .map(|unit| unit.trim().to_owned())
            .filter(|unit| !unit.is_empty())
            .collect(),
        position: position(line)?,
    };
    place::put_building(tx, row).await?;
    Ok(())
}

pub(super) async fn import_site(tx: &Tx, line: &Record) -> Result<(), ImportError> {
    let hours = line.need("hours")?;
    let row = SiteRow {
        area: area_named(tx, line, "area_code").await?.0,
        name: line.need("name")?.to_owned(),
        name_en: line.get("name_en").to_owned(),
        address: line.get("address").to_owned(),
        phone: line.get("phone").to_owned(),
        position: position(line)?,
        hours: Hours::read(hours).or(Err(line.mistake(format!("no opening hours: {hours:?}"))))?,
        opens_from: line.day("opens_from")?,
        suspended: line.flag("suspended")?.unwrap_or_default(),
        checked_on: line.day("checked_on")?,
        sample: line.flag("sample")?.unwrap_or_default(),
    };
    Ok(site::put(tx, row).await?)
}

/// The column `coordinates` says which system; without it GCJ-02, which China's maps use.
fn position(line: &Record) -> Result<Position, Mistake> {
    let (lon, lat) = (line.number("lon")?, line.number("lat")?);
    let position = match line.get("coordinates") {
        "" | "gcj02" => Position::new(lon, lat),
        "wgs84" => Position::from_wgs84(lon, lat),
        "bd09" => Position::from_bd09(lon, lat),
        other => return Err(line.mistake(format!("unknown coordinates: {other:?}"))),
    };
    position.ok_or_else(|| line.mistake(format!("no place on earth: {lon}, {lat}")))
}

/// Imports provinces first, then cities, then counties: each region names its parent by its name.
pub(super) async fn import_regions(
    tx: &Tx,
    lines: &[Record],
    mistakes: &mut Vec<Mistake>,
) -> Result<(), ImportError> {
    let mut codes: HashMap<(&str, &str), &str> = HashMap::new();
    for (digit, level) in [
        ("0", region::Level::Country),
        ("1", region::Level::Province),
        ("2", region::Level::City),
        ("3", region::Level::County),
    ] {
        let known = regions::by_code(tx).await?;
        let mut rows = Vec::new();
        for line in lines.iter().filter(|line| line.get("level") == digit) {
            let (code, name) = (line.get("code6"), line.get("name"));
            if code.is_empty() || name.is_empty() {
                mistakes.push(line.mistake("code6 and name must be filled".into()));
                continue;
            }
            let (city, province) = (line.get("city"), line.get("province"));
            let above = match digit {
                "0" | "1" => None,
                "2" => codes.get(&("", province)),
                _ => codes
                    .get(&(province, city))
                    .or_else(|| codes.get(&("", province))),
            };
            let parent: Option<RegionId> = above.and_then(|code| known.get(*code)).copied();
            let mut full_name = String::new();
            for part in [province, city, name] {
                // 直辖县级 and 市辖区 are headings of the statistics, not places.
                if !part.is_empty() && !full_name.ends_with(part) && !part.contains("直辖") {
                    full_name.push_str(part);
                }
            }
            match digit {
                "1" => codes.insert(("", name), code),
                "2" => codes.insert((province, name), code),
                _ => None,
            };
            rows.push(RegionRow {
                code: code.to_owned(),
                level,
                name: name.to_owned(),
                full_name,
                parent,
                english: Some(line.get("english").to_owned()).filter(|name| !name.is_empty()),
            });
        }
        regions::put(tx, rows).await?;
    }
    Ok(())
}
