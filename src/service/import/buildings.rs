//! Imports of estates and their buildings: a line per building, or a line per unit of one.

use std::collections::HashMap;

use super::sites::position;
use super::{Import, area_named, units};
use crate::csv_table::{Mistake, Mistakes, Record};
use crate::domain::area::AreaId;
use crate::domain::place::{BuildingId, EstateId};
use crate::domain::place_name::likely_key;
use crate::domain::plain_text::key;
use crate::domain::position::Position;
use crate::domain::said::Said;
use crate::store::place::{self, BuildingRow, EstateRow, KnownBuilding};
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
    /// The community.
    area: AreaId,
    /// Its grid, where the file names one.
    grid: Option<AreaId>,
    estate: String,
    building: String,
    units: Vec<String>,
    position: Said<Option<Position>>,
}

/// What is there already, by the keys of the names: several spellings of one name are one.
struct Known {
    estates: HashMap<(AreaId, String), EstateId>,
    buildings: HashMap<(EstateId, String), (BuildingId, AreaId)>,
    /// The first spelling of each building of an estate, by what likely names the same one.
    spellings: HashMap<(EstateId, String), String>,
    /// The units on whose walls placards hang.
    placards: HashMap<BuildingId, Vec<String>>,
}

pub(super) async fn import(import: &mut Import<'_>, lines: &[Record]) -> Result<(), Error> {
    let mut known = Known::take(import.tx).await?;
    for said in joined(import, lines).await? {
        put(import, &mut known, said).await?;
    }
    Ok(())
}

/// The buildings of the file in its order; lines of the same building are joined.
async fn joined<'a>(
    import: &mut Import<'_>,
    lines: &'a [Record],
) -> Result<Vec<Listed<'a>>, Error> {
    let mut all: Vec<Listed<'a>> = Vec::new();
    let mut places = HashMap::new();
    for line in lines {
        let Some(said) = read(import, line).await? else {
            continue;
        };
        let name = (said.area, key(&said.estate), key(&said.building));
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
    Ok(all)
}

/// The line; none where a column is wrong. Every wrong column is named.
async fn read<'a>(import: &mut Import<'_>, line: &'a Record) -> Result<Option<Listed<'a>>, Error> {
    let before = import.mistakes.0.len();
    let area = match import.mistakes.keep(line.code("area_code")) {
        Some(code) => area_named(import, line, &code).await?,
        None => None,
    };
    let grid = grid(import, line, area).await?;
    let listed = words(&mut import.mistakes, line, area, grid);
    Ok(listed.filter(|_| import.mistakes.0.len() == before))
}

/// The grid of the column `grid_code`, which lies in this area; none where the column is empty, not
/// there, or wrong, which is kept as a mistake.
async fn grid(
    import: &mut Import<'_>,
    line: &Record,
    area: Option<AreaId>,
) -> Result<Option<AreaId>, Error> {
    let code = import.mistakes.keep(line.optional_code("grid_code"));
    let Some(code) = code.flatten() else {
        return Ok(None);
    };
    let (Some(grid), Some(area)) = (area_named(import, line, &code).await?, area) else {
        return Ok(None);
    };
    if grid == area || !import.atlas.tree.above(grid).contains(&area) {
        let what = format!("{code} is no grid of this area");
        import.mistakes.0.push(line.mistake(what));
        return Ok(None);
    }
    Ok(Some(grid))
}

fn words<'a>(
    mistakes: &mut Mistakes,
    line: &'a Record,
    area: Option<AreaId>,
    grid: Option<AreaId>,
) -> Option<Listed<'a>> {
    let estate = mistakes.keep(line.name("estate"));
    let building = mistakes.keep(line.name("building"));
    let units = mistakes.keep(units_of(line));
    let position = mistakes.keep(optional_position(line));
    Some(Listed {
        line,
        area: area?,
        grid,
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
    let (line, area) = (said.line, said.area);
    let estate = known.estate(import.tx, area, &said).await?;
    let building = known.buildings.get(&(estate, key(&said.building))).copied();
    if let Some(spelling) = known.other_spelling(estate, &said.building) {
        let what = format!(
            "{} may be {spelling} of this estate in another spelling; it was taken as a building of its own",
            said.building
        );
        import.warnings.push(line.mistake(what));
    }
    if let Some(unit) = building.and_then(|(id, _)| known.dropped_unit(id, &said.units)) {
        let what = format!(
            "{} has a placard in use at {unit}, which this line leaves out; name the unit, or revoke the placard first",
            said.building
        );
        import.mistakes.0.push(line.mistake(what));
        return Ok(());
    }
    // A table without the column `grid_code` leaves each building in its grid.
    let kept = building.map(|(_, ground)| ground).filter(|ground| {
        !line.has("grid_code") && import.atlas.tree.above(*ground).contains(&area)
    });
    let ground = said.grid.or(kept).unwrap_or(area);
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
        let buildings = place::buildings(tx).await?;
        let spelling = |known: &KnownBuilding| {
            let name = (known.estate, likely_key(&known.name));
            (name, known.name.clone())
        };
        Ok(Self {
            spellings: buildings.iter().map(spelling).collect(),
            placards: place::units_with_placards(tx).await?,
            estates: estates
                .map(|known| ((known.area, key(&known.name)), known.id))
                .collect(),
            buildings: buildings
                .into_iter()
                .map(|known| ((known.estate, key(&known.name)), (known.id, known.area)))
                .collect(),
        })
    }

    /// How a building of this estate is spelled that is likely the same one and not known as such;
    /// each pair of spellings is said once.
    fn other_spelling(&mut self, estate: EstateId, name: &str) -> Option<String> {
        let is_known = self.buildings.contains_key(&(estate, key(name)));
        let first = self.spellings.entry((estate, likely_key(name)));
        let first = first.or_insert_with(|| name.to_owned());
        (!is_known && key(first) != key(name)).then(|| first.clone())
    }

    /// A unit with a placard in use that is not among these.
    fn dropped_unit(&self, building: BuildingId, units: &[String]) -> Option<&String> {
        let on_walls = self.placards.get(&building)?;
        let is_kept = |wall: &String| units.iter().any(|unit| key(unit) == key(wall));
        on_walls
            .iter()
            .find(|wall| !wall.is_empty() && !is_kept(wall))
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
