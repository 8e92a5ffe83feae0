//! Places: estates, buildings and the placards in their lifts, resolved from memory.

use std::collections::HashMap;

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::area::{Area, AreaId, Tree};
use super::calendar::{Calendar, Holiday};
use super::code::Code;
use super::coded::coded;
use super::position::{Nearest, Position};
use super::queue::{Queue, QueueId};
use super::region::{Gazetteer, RegionId};
use super::report::Direction;
use super::site::TestSite;
use super::staff::Scope;
use super::urgent::UrgentRule;

/// Our number of an estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EstateId(pub i32);

/// Our number of a building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BuildingId(pub i32);

/// Our number of a placard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlacardId(pub i32);

/// 小区
#[derive(Clone, Debug)]
pub struct Estate {
    /// Our number.
    pub id: EstateId,
    /// Chinese name.
    pub name: String,
    /// English name; empty where none was given.
    pub name_en: String,
}

impl Estate {
    /// Its name, in English where that is wanted and known.
    pub fn name_in(&self, english: bool) -> &str {
        if english && !self.name_en.is_empty() {
            &self.name_en
        } else {
            &self.name
        }
    }
}

/// 楼栋
#[derive(Clone, Debug)]
pub struct Building {
    /// Our number.
    pub id: BuildingId,
    /// The estate around it.
    pub estate: EstateId,
    /// The lowest area that it is known to lie in.
    pub area: AreaId,
    /// Chinese name.
    pub name: String,
    /// English name; empty where none was given.
    pub name_en: String,
    /// Its units; none where the building is one.
    pub units: Vec<String>,
    /// Where it stands, where that is known.
    pub position: Option<Position>,
}

/// Whether a placard may still be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumCount, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum PlacardState {
    /// On the wall.
    Active,
    /// Taken out of use.
    Revoked,
    /// Another one hangs in its place.
    Replaced,
}

coded!(PlacardState);

/// 码牌
#[derive(Clone, Debug)]
pub struct Placard {
    /// Our number.
    pub id: PlacardId,
    /// The building that it hangs in.
    pub building: BuildingId,
    /// The unit or lift; empty where the building has only one.
    pub unit: String,
    /// The text in its address.
    pub code: Code,
    /// Two characters that stand on the paper and on the page.
    pub check_word: String,
    /// Whether it may be used.
    pub state: PlacardState,
    /// The print run.
    pub batch: String,
}

/// Everything about places that a page needs, held in memory and replaced as a whole.
#[derive(Debug, Default)]
pub struct Atlas {
    /// Which state of the places it shows; a later one has a greater number.
    pub cache_version: i64,
    /// The areas.
    pub tree: Tree,
    /// Regions that people come from and go to.
    pub gazetteer: Gazetteer,
    /// The days that are off.
    pub calendar: Calendar,
    urgent_rules: Vec<UrgentRule>,
    estates: HashMap<EstateId, Estate>,
    buildings: HashMap<BuildingId, Building>,
    placards: HashMap<Code, Placard>,
    codes: HashMap<PlacardId, Code>,
    sites: Nearest<TestSite>,
}

/// The rows of an atlas, in any order.
#[derive(Debug, Default)]
pub struct PlaceRows {
    /// All areas.
    pub areas: Vec<Area>,
    /// Their queues.
    pub queues: Vec<Queue>,
    /// All regions.
    pub regions: Vec<super::region::Region>,
    /// All estates.
    pub estates: Vec<Estate>,
    /// All buildings.
    pub buildings: Vec<Building>,
    /// All placards.
    pub placards: Vec<Placard>,
    /// All test sites.
    pub sites: Vec<TestSite>,
    /// All days that are not what the week makes of them.
    pub holidays: Vec<Holiday>,
    /// All urgent rules, in the order in which they are tried.
    pub urgent_rules: Vec<UrgentRule>,
}

/// Where a placard leads: the place, and who takes its reports.
#[derive(Clone, Copy, Debug)]
pub struct PlacardPlace<'a> {
    /// The placard.
    pub placard: &'a Placard,
    /// The building.
    pub building: &'a Building,
    /// The estate.
    pub estate: &'a Estate,
    /// The queue that its reports go to.
    pub queue_id: QueueId,
    /// The area of that queue.
    pub queue: &'a Area,
    /// The subdistrict whose name and number prefix it bears.
    pub subdistrict: &'a Area,
}

/// What a report is about, and who takes it: what a door leads to, or a building that a staff
/// member named at a desk.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The placard; none where only the building is known.
    pub placard: Option<&'a Placard>,
    /// The building.
    pub building: &'a Building,
    /// The estate.
    pub estate: &'a Estate,
    /// The queue that its reports go to.
    pub queue_id: QueueId,
    /// The area of that queue.
    pub queue: &'a Area,
    /// The subdistrict that numbers its receipts.
    pub subdistrict: &'a Area,
}

impl Atlas {
    /// An atlas of these rows.
    pub fn new(rows: PlaceRows) -> Self {
        let codes = rows.placards.iter().map(|p| (p.id, p.code.clone()));
        Self {
            cache_version: 0,
            codes: codes.collect(),
            tree: Tree::new(rows.areas, rows.queues),
            gazetteer: Gazetteer::new(rows.regions),
            calendar: Calendar::new(rows.holidays),
            urgent_rules: rows.urgent_rules,
            estates: rows.estates.into_iter().map(|e| (e.id, e)).collect(),
            buildings: rows.buildings.into_iter().map(|b| (b.id, b)).collect(),
            placards: rows
                .placards
                .into_iter()
                .map(|placard| (placard.code.clone(), placard))
                .collect(),
            sites: Nearest::new(
                rows.sites
                    .into_iter()
                    .map(|site| (site.position, site))
                    .collect(),
            ),
        }
    }

    /// Where this code leads; none for a code that was never issued.
    pub fn door(&self, code: &Code) -> Option<PlacardPlace<'_>> {
        let placard = self.placards.get(code)?;
        let building = self.buildings.get(&placard.building)?;
        let queue_id = self.tree.queue_of(building.area)?;
        Some(PlacardPlace {
            placard,
            building,
            estate: self.estates.get(&building.estate)?,
            queue_id,
            queue: self.tree.area_of(queue_id)?,
            subdistrict: self.tree.subdistrict_of(building.area)?,
        })
    }

    /// Where the placard with this number leads.
    pub fn door_of(&self, placard: PlacardId) -> Option<PlacardPlace<'_>> {
        self.door(self.codes.get(&placard)?)
    }

    /// The place of a report: that of its placard, else its building; none where neither is known.
    pub fn place(
        &self,
        building: Option<BuildingId>,
        placard: Option<PlacardId>,
    ) -> Option<Place<'_>> {
        if let Some(door) = placard.and_then(|placard| self.door_of(placard)) {
            return Some(door.into());
        }
        let building = self.building(building?)?;
        let queue_id = self.tree.queue_of(building.area)?;
        Some(Place {
            placard: None,
            building,
            estate: self.estates.get(&building.estate)?,
            queue_id,
            queue: self.tree.area_of(queue_id)?,
            subdistrict: self.tree.subdistrict_of(building.area)?,
        })
    }

    /// The test sites nearest to a position with their distance in metres, nearest first.
    pub fn nearest_sites(&self, at: Position, count: usize) -> Vec<(&TestSite, f64)> {
        self.sites.nearest(at, count).collect()
    }

    /// The test sites of an area whose position is unknown: those of its community first, then those
    /// of its subdistrict, then all others, each in the order in which they were imported.
    pub fn sites_of(&self, area: AreaId, count: usize) -> Vec<&TestSite> {
        let above = self.tree.above(area);
        let steps = |site: &TestSite| {
            let mut upward = self.tree.above(site.area).into_iter();
            let common = upward.find_map(|area| above.iter().position(|here| *here == area));
            (common.unwrap_or(usize::MAX), site.id.0)
        };
        let mut sites: Vec<&TestSite> = self.sites.iter().collect();
        sites.sort_by_cached_key(|site| steps(site));
        sites.truncate(count);
        sites
    }

    /// The name of the first urgent rule that a report with this direction and region matches.
    pub fn red(&self, direction: Direction, region: Option<RegionId>) -> Option<&str> {
        let region = region.and_then(|region| self.gazetteer.get(region));
        let code = region.map(|region| region.code.as_str());
        let mut rules = self.urgent_rules.iter();
        let rule = rules.find(|rule| rule.matches(direction, code))?;
        Some(&rule.name)
    }

    /// The estate with this number.
    pub fn estate(&self, id: EstateId) -> Option<&Estate> {
        self.estates.get(&id)
    }

    /// Whether a report of this queue about this building lies within the scope.
    pub fn shows(&self, scope: &Scope, queue: QueueId, building: Option<BuildingId>) -> bool {
        scope.sees(queue, self.ground(building))
    }

    /// The lowest area that the building of a report is known to lie in.
    pub fn ground(&self, building: Option<BuildingId>) -> Option<AreaId> {
        self.building(building?).map(|building| building.area)
    }

    /// The building with this number.
    pub fn building(&self, id: BuildingId) -> Option<&Building> {
        self.buildings.get(&id)
    }

    /// Every building, in no particular order.
    pub fn buildings(&self) -> impl Iterator<Item = &Building> {
        self.buildings.values()
    }

    /// The placard in use at the place of one that is not.
    pub fn hanging_instead(&self, gone: &Placard) -> Option<&Placard> {
        self.placards().find(|placard| {
            placard.state == PlacardState::Active
                && (placard.building, &placard.unit) == (gone.building, &gone.unit)
        })
    }

    /// Every placard, in no particular order.
    pub fn placards(&self) -> impl Iterator<Item = &Placard> {
        self.placards.values()
    }
}

impl<'a> From<PlacardPlace<'a>> for Place<'a> {
    fn from(door: PlacardPlace<'a>) -> Self {
        Self {
            placard: Some(door.placard),
            building: door.building,
            estate: door.estate,
            queue_id: door.queue_id,
            queue: door.queue,
            subdistrict: door.subdistrict,
        }
    }
}

impl PlacardPlace<'_> {
    /// The place in words, largest first: estate, building, unit.
    pub fn place(&self, english: bool) -> String {
        Place::from(*self).words(english)
    }

    /// Estate and building in words.
    pub fn building_name(&self, english: bool) -> String {
        Place::from(*self).building_name(english)
    }
}

impl Place<'_> {
    /// In words, largest first: estate, building, and the unit where it is known.
    pub fn words(&self, english: bool) -> String {
        let unit = unit(self.placard.map_or("", |placard| &placard.unit), english);
        joined([self.building_name(english), unit], english)
    }

    /// Estate and building in words.
    pub fn building_name(&self, english: bool) -> String {
        let or = |en: &str, zh: &str| {
            if english && !en.is_empty() {
                en.to_owned()
            } else {
                zh.to_owned()
            }
        };
        let estate = or(&self.estate.name_en, &self.estate.name);
        let building = or(&self.building.name_en, &self.building.name);
        joined([estate, building], english)
    }
}

fn joined(parts: [String; 2], english: bool) -> String {
    let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(if english { ", " } else { " " })
}

/// A unit in words: `1单元` is *Unit 1* in English; other names stay.
fn unit(name: &str, english: bool) -> String {
    match name.strip_suffix("单元") {
        Some(number) if english => format!("Unit {number}"),
        _ => name.to_owned(),
    }
}
