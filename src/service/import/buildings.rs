//! Imports of estates and their buildings: a line per building, or a line per unit of one.

use std::collections::HashMap;

use super::sites::position;
use super::{Import, area_named, units};
use crate::csv_table::{Mistake, Record};
use crate::domain::area::AreaId;
use crate::domain::place::{BuildingId, EstateId};
use crate::domain::plain_text::key;
use crate::domain::position::Position;
use crate::domain::said::Said;
use crate::store::place::{self, BuildingRow, EstateRow};
use crate::store::{Error, Tx};

/// Columns that a file of buildings may have; what it does not have stays as it is.
pub(super) const OPTIONAL: [&str; 6] = [
    "grid_code",
    "estate_en",
    "building_en",
    "lon",
    "lat",
    "coordinates",
];
/// How far apart two units of one building may stand, in metres; further are two buildings of one
/// name.
const SPREAD_M: f64 = 300.0;

/// A building as the lines of the file say it together.
struct Listed<'a> {
    line: &'a Record,
    area_code: String,
    estate: String,
    building: String,
    units: Vec<String>,
    position: Said<Option<Position>>,
}

/// What is there already, by the keys of the names: several spellings of one name are one.
struct Known {
    estates: HashMap<(AreaId, String), EstateId>,
    buildings: HashMap<(EstateId, String), (BuildingId, AreaId)>,
}

pub(super) async fn import(import: &mut Import<'_>, lines: &[Record]) -> Result<(), Error> {
    let mut known = Known::take(import.tx).await?;
    for said in joined(import, lines) {
        put(import, &mut known, said).await?;
    }
    Ok(())
}

/// The buildings of the file in its order; lines of the same building are joined.
fn joined<'a>(import: &mut Import<'_>, lines: &'a [Record]) -> Vec<Listed<'a>> {
    let mut all: Vec<Listed<'a>> = Vec::new();
    let mut places = HashMap::new();
    for line in lines {
        let Some(said) = read(import, line) else {
            continue;
        };
        let name = (
            said.area_code.clone(),
            key(&said.estate),
            key(&said.building),
        );
        match places.get(&name) {
            Some(at) => {
                let joined = join(&mut all[*at], said);
                import.mistakes.keep(joined);
            }
            None => {
                places.insert(name, all.len());
                all.push(said);
            }
        }
    }
    all
}

fn read<'a>(import: &mut Import<'_>, line: &'a Record) -> Option<Listed<'a>> {
    let mistakes = &mut import.mistakes;
    let area_code = mistakes.keep(line.code("area_code"));
    mistakes.keep(line.optional_code("grid_code"));
    let estate = mistakes.keep(line.name("estate"));
    let building = mistakes.keep(line.name("building"));
    let units = mistakes.keep(units_of(line));
    let position = mistakes.keep(optional_position(line));
    Some(Listed {
        line,
        area_code: area_code?,
        estate: estate?,
        building: building?,
        units: units?,
        position: position?,
    })
}

fn units_of(line: &Record) -> Result<Vec<String>, Mistake> {
    let units = units::read(line.get("units")).map_err(|what| line.mistake(what))?;
    match units
        .iter()
        .find_map(|unit| line.check_name("units", unit).err())
    {
        Some(wrong) => Err(wrong),
        None => Ok(units),
    }
}

/// Joins a further line of a building to those before it.
fn join(into: &mut Listed<'_>, further: Listed<'_>) -> Result<(), Mistake> {
    let (before, line) = (into.line.line, further.line);
    let name = format!("{} {}", into.estate, into.building);
    let wrong =
        |why: &str| Err(line.mistake(format!("{name} stands on line {before} already{why}")));
    if into.units.is_empty() || further.units.is_empty() {
        return wrong(", without its units");
    }
    for column in ["grid_code", "estate_en", "building_en"] {
        if line.get(column) != into.line.get(column) {
            return wrong(&format!(", with another {column}"));
        }
    }
    match (into.position.or_default(), further.position.or_default()) {
        (Some(here), Some(there)) if here.distance_m(there) > SPREAD_M => {
            return wrong(&format!(", {:.0} m from here", here.distance_m(there)));
        }
        (None, Some(there)) => into.position = Said::Value(Some(there)),
        _ => {}
    }
    for unit in further.units {
        if into.units.iter().any(|known| key(known) == key(&unit)) {
            return wrong(&format!(", with the unit {unit}"));
        }
        into.units.push(unit);
    }
    Ok(())
}

/// The position, which may be unknown: then both cells are empty.
fn optional_position(line: &Record) -> Result<Said<Option<Position>>, Mistake> {
    let has = line.has("lon") || line.has("lat");
    if line.get("lon").is_empty() && line.get("lat").is_empty() {
        return Ok(Said::when(has, None));
    }
    position(line).map(|position| Said::Value(Some(position)))
}

/// Puts one building. It lies in the community of its estate, or in one of that community's grids
/// where the column `grid_code` names one.
async fn put(import: &mut Import<'_>, known: &mut Known, said: Listed<'_>) -> Result<(), Error> {
    let line = said.line;
    let Some(area) = area_named(import, line, &said.area_code).await? else {
        return Ok(());
    };
    let mut grid = None;
    if let Ok(Some(code)) = line.optional_code("grid_code") {
        grid = area_named(import, line, &code).await?;
        let Some(grid) = grid else {
            return Ok(());
        };
        if grid == area || !import.atlas.tree.above(grid).contains(&area) {
            let what = format!("{code} is no grid of this area");
            import.mistakes.0.push(line.mistake(what));
            return Ok(());
        }
    }
    let estate = known.estate(import.tx, area, &said).await?;
    let building = known.buildings.get(&(estate, key(&said.building))).copied();
    // A table without the column `grid_code` leaves each building in its grid.
    let kept = building.map(|(_, ground)| ground).filter(|ground| {
        !line.has("grid_code") && import.atlas.tree.above(*ground).contains(&area)
    });
    let ground = grid.or(kept).unwrap_or(area);
    let row = BuildingRow {
        estate,
        area: ground,
        name: said.building,
        name_en: line.said("building_en"),
        units: said.units,
        position: said.position,
    };
    place::put_building(import.tx, building.map(|(id, _)| id), row).await
}

impl Known {
    async fn take(tx: &Tx) -> Result<Self, Error> {
        let estates = place::estates(tx).await?.into_iter();
        let buildings = place::buildings(tx).await?.into_iter();
        Ok(Self {
            estates: estates
                .map(|known| ((known.area, key(&known.name)), known.id))
                .collect(),
            buildings: buildings
                .map(|known| ((known.estate, key(&known.name)), (known.id, known.area)))
                .collect(),
        })
    }

    /// The estate of the line, which is made where it is not there.
    async fn estate(
        &mut self,
        tx: &Tx,
        area: AreaId,
        said: &Listed<'_>,
    ) -> Result<EstateId, Error> {
        let name = (area, key(&said.estate));
        let row = EstateRow {
            area,
            name: said.estate.clone(),
            name_en: said.line.said("estate_en"),
        };
        let id = place::put_estate(tx, self.estates.get(&name).copied(), row).await?;
        self.estates.insert(name, id);
        Ok(id)
    }
}
