//! Places: the atlas in memory, imports from people's spreadsheets, placards for every unit.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{House, calendar};
use crate::domain::area::{AreaId, Level};
use crate::domain::code::{CODE_CHARS_MAX, Code};
use crate::domain::hours::Hours;
use crate::domain::place::{Atlas, BuildingId, Door, PlacardState};
use crate::domain::position::Position;
use crate::domain::region::{self, RegionId};
use crate::domain::rota::WorkingDay;
use crate::poster::Poster;
use crate::sheet::{Line, Mistake};
use crate::store::place::{AreaRow, BuildingRow, PlacardRow};
use crate::store::region::RegionRow;
use crate::store::site::SiteRow;
use crate::store::{Conn, Error, Tx, generation, place, region as regions, site, survey};

/// How often a new code is drawn when the last one is taken.
const CODE_TRIES_MAX: u32 = 20;
/// Characters of the check word: common, written with few strokes, none offensive in any pair.
const CHECK_CHARACTERS: &str =
    "山水木石田禾竹云风雨星月江河湖海春夏秋冬东西南北金玉花草鸟鱼马羊牛松柏梅兰菊桃李";

/// Why an import was not taken; then nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// These lines are wrong.
    #[error("{} line(s) cannot be taken", .0.len())]
    Lines(Vec<Mistake>),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Areas, parents before children or after.
    Areas,
    /// Estates with their buildings and units.
    Buildings,
    /// Test sites.
    Sites,
    /// Regions of the country.
    Regions,
    /// Days that are off, or worked against the rule of the week.
    Holidays,
    /// What reaches the duty officer at any hour.
    RedRules,
}

impl Kind {
    /// The headings that a file of this kind must have.
    pub fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Areas => &["code", "parent_code", "level", "name"],
            Self::Buildings => &["area_code", "estate", "building", "units", "lon", "lat"],
            Self::Sites => &["area_code", "name", "address", "lon", "lat", "hours"],
            Self::Regions => &["code6", "level", "name", "city", "province"],
            Self::Holidays => &["day", "kind", "name"],
            Self::RedRules => &["name", "direction", "region_prefix", "active"],
        }
    }
}

/// Draws the atlas anew from the database; says which generation it shows. One after the other:
/// whoever began to read before a change would else put back what they saw then.
pub async fn reload(house: &House) -> Result<i64, Error> {
    let _drawing = house.drawing.lock().await;
    let work = |conn: Conn| async move {
        // The generation first: whatever changes between the two reads is seen next time.
        let seen = generation::reached(&conn, generation::PLACES).await?;
        Ok::<_, Error>((seen, survey::take(&conn).await?))
    };
    let (seen, survey) = house.db.run(work).await?;
    let mut atlas = Atlas::new(survey);
    atlas.generation = seen;
    for area in atlas.tree.areas() {
        if !house.rules.working_day.with(&area.hours).is_sound() {
            tracing::warn!(
                area = area.code,
                "its hours no longer fit the city's, which hold"
            );
        }
    }
    house.atlas.store(std::sync::Arc::new(atlas));
    Ok(seen)
}

/// Takes the whole sheet or, with every mistake named, nothing of it. Returns the lines taken.
pub async fn import(house: &House, kind: Kind, lines: Vec<Line>) -> Result<usize, Refused> {
    let (count, working_day) = (lines.len(), house.rules.working_day);
    let atlas = house.atlas();
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let mut mistakes = Vec::new();
        if kind == Kind::Regions {
            import_regions(&tx, &lines, &mut mistakes).await?;
        } else {
            for line in &lines {
                let taken = match kind {
                    Kind::Areas => import_area(&tx, line, working_day).await,
                    Kind::Sites => import_site(&tx, line).await,
                    Kind::Holidays => calendar::import_holiday(&tx, line).await,
                    Kind::RedRules => calendar::import_red_rule(&tx, line).await,
                    _ => import_building(&tx, &atlas, line).await.map(|_| ()),
                };
                match taken {
                    Err(Refused::Lines(wrong)) => mistakes.extend(wrong),
                    taken => taken?,
                }
            }
        }
        if !mistakes.is_empty() {
            return Err(Refused::Lines(mistakes));
        }
        generation::bump(&tx, generation::PLACES).await?;
        tx.commit().await?;
        Ok(())
    };
    house.db.run(work).await?;
    reload(house).await?;
    Ok(count)
}

impl From<Mistake> for Refused {
    fn from(mistake: Mistake) -> Self {
        Self::Lines(vec![mistake])
    }
}

async fn area_named(tx: &Tx, line: &Line, column: &str) -> Result<AreaId, Refused> {
    let code = line.need(column)?;
    match place::area_of(tx, code).await {
        Err(Error::Missing) => Err(line.mistake(format!("no area has the code {code}")).into()),
        found => Ok(found?),
    }
}

async fn import_area(tx: &Tx, line: &Line, day: WorkingDay) -> Result<(), Refused> {
    let level = line.need("level")?;
    let level =
        Level::from_code(level).ok_or_else(|| line.mistake(format!("no such level: {level:?}")))?;
    let parent = match line.get("parent_code") {
        "" => None,
        _ => Some(area_named(tx, line, "parent_code").await?),
    };
    let row = AreaRow {
        parent,
        level,
        code: line.need("code")?.to_owned(),
        name: line.need("name")?.to_owned(),
        name_en: line.get("name_en").to_owned(),
        short_name: line.get("short_name").to_owned(),
        number_prefix: line.get("number_prefix").to_owned(),
        phone: line.get("phone").to_owned(),
        hours: calendar::own_hours(line, (level, day))?,
    };
    place::put_area(tx, row).await?;
    Ok(())
}

/// A building lies in the community of its estate, or, where the sheet says so in `grid_code`, in
/// one of that community's grids.
async fn import_building(tx: &Tx, atlas: &Atlas, line: &Line) -> Result<BuildingId, Refused> {
    let area = area_named(tx, line, "area_code").await?;
    let mut ground = area;
    if !line.get("grid_code").is_empty() {
        ground = area_named(tx, line, "grid_code").await?;
        if ground == area || !atlas.tree.above(ground).contains(&area) {
            let code = line.get("grid_code");
            return Err(line
                .mistake(format!("{code} is no grid of this area"))
                .into());
        }
    }
    let name = (line.need("estate")?, line.get("estate_en"));
    let estate = place::put_estate(tx, area, name).await?;
    if !line.has("grid_code") {
        // A sheet that says nothing of grids takes no building out of one.
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
    Ok(place::put_building(tx, row).await?)
}

async fn import_site(tx: &Tx, line: &Line) -> Result<(), Refused> {
    let hours = line.need("hours")?;
    let row = SiteRow {
        area: area_named(tx, line, "area_code").await?,
        name: line.need("name")?.to_owned(),
        name_en: line.get("name_en").to_owned(),
        address: line.get("address").to_owned(),
        phone: line.get("phone").to_owned(),
        position: position(line)?,
        hours: Hours::read(hours).or(Err(line.mistake(format!("no opening hours: {hours:?}"))))?,
        opens_from: day(line, "opens_from")?,
        suspended: line.flag("suspended")?.unwrap_or_default(),
        checked_on: day(line, "checked_on")?,
        sample: line.flag("sample")?.unwrap_or_default(),
    };
    Ok(site::put(tx, row).await?)
}

pub(super) fn day(line: &Line, column: &str) -> Result<Option<NaiveDate>, Mistake> {
    let text = line.get(column);
    if text.is_empty() {
        return Ok(None);
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    day.map(Some).ok_or_else(|| {
        line.mistake(format!(
            "column {column} is no day like 2026-09-15: {text:?}"
        ))
    })
}

/// The column `coordinates` says which system; without it GCJ-02, which China's maps use.
fn position(line: &Line) -> Result<Position, Mistake> {
    let (lon, lat) = (line.number("lon")?, line.number("lat")?);
    let position = match line.get("coordinates") {
        "" | "gcj02" => Position::new(lon, lat),
        "wgs84" => Position::from_wgs84(lon, lat),
        "bd09" => Position::from_bd09(lon, lat),
        other => return Err(line.mistake(format!("unknown coordinates: {other:?}"))),
    };
    position.ok_or_else(|| line.mistake(format!("no place on earth: {lon}, {lat}")))
}

/// Provinces first, then cities, then counties: each level names the one above by words.
async fn import_regions(
    tx: &Tx,
    lines: &[Line],
    mistakes: &mut Vec<Mistake>,
) -> Result<(), Refused> {
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

/// Issues a placard for every unit that has none in use; says how many were issued.
pub async fn issue_placards(house: &House, batch: &str) -> Result<usize, Error> {
    let (length, at, batch) = (house.rules.code_length, house.clock.now(), batch.to_owned());
    let atlas = house.atlas();
    let mut taken: HashSet<Code> = atlas
        .placards()
        .map(|placard| placard.code.clone())
        .collect();
    let mut rows = Vec::new();
    for (building, unit) in bare_units(&atlas) {
        rows.push(PlacardRow {
            building,
            unit,
            check_word: check_word(),
            code: fresh_code(length, &mut taken)?,
            batch: batch.clone(),
            issued_at: at,
        });
    }
    let issued = rows.len();
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        place::insert_placards(&tx, rows).await?;
        generation::bump(&tx, generation::PLACES).await?;
        tx.commit().await
    };
    house.db.run::<_, Error, _, _>(work).await?;
    reload(house).await?;
    Ok(issued)
}

/// Units without a placard in use, in the order of their buildings.
fn bare_units(atlas: &Atlas) -> Vec<(BuildingId, String)> {
    let hanging: HashSet<(BuildingId, &str)> = atlas
        .placards()
        .filter(|placard| placard.state == PlacardState::Active)
        .map(|placard| (placard.building, placard.unit.as_str()))
        .collect();
    let mut buildings: Vec<_> = atlas.buildings().collect();
    buildings.sort_by_key(|building| building.id.0);
    let whole = [String::new()];
    buildings
        .into_iter()
        .flat_map(|building| {
            let units = if building.units.is_empty() {
                &whole[..]
            } else {
                &building.units
            };
            units.iter().map(|unit| (building.id, unit.clone()))
        })
        .filter(|(building, unit)| !hanging.contains(&(*building, unit.as_str())))
        .collect()
}

fn fresh_code(length: usize, taken: &mut HashSet<Code>) -> Result<Code, Error> {
    for _ in 0..CODE_TRIES_MAX {
        let code = Code::from_payload(&rand::random::<[u8; CODE_CHARS_MAX]>(), length);
        if taken.insert(code.clone()) {
            return Ok(code);
        }
    }
    Err(Error::Conflict)
}

fn check_word() -> String {
    let characters: Vec<char> = CHECK_CHARACTERS.chars().collect();
    let one = || characters[usize::from(rand::random::<u16>()) % characters.len()];
    [one(), one()].into_iter().collect()
}

/// Takes one placard out of use; nothing else has to be printed again.
pub async fn revoke_placard(house: &House, code: Code) -> Result<(), Error> {
    let at = house.clock.now();
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        place::revoke_placard(&tx, &code, at).await?;
        generation::bump(&tx, generation::PLACES).await?;
        tx.commit().await
    };
    house.db.run(work).await?;
    reload(house).await?;
    Ok(())
}

/// What stands on the poster of a placard.
pub fn poster_of(house: &House, atlas: &Atlas, door: &Door<'_>) -> Poster {
    Poster {
        address: house.placard_address(door.placard.code.as_str()),
        code: door.placard.code.to_string(),
        check_word: door.placard.check_word.clone(),
        city: atlas
            .tree
            .upward(door.building.area)
            .last()
            .map(|top| top.short_name.clone())
            .unwrap_or_default(),
        place_zh: door.place(false),
        place_en: door.place(true),
        office_zh: door.subdistrict.name.clone(),
        office_en: door.subdistrict.name_en.clone(),
        phone: atlas
            .tree
            .phone_of(door.building.area)
            .unwrap_or_default()
            .to_owned(),
        batch: door.placard.batch.clone(),
        print_date: house.local_now().date().to_string(),
    }
}
