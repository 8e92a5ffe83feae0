//! Locations: the buildings and units that a staff member chooses at the desk, within their scope.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::place::{
    Atlas, Building, BuildingId, EstateId, Placard, PlacardId, PlacardState, Place,
};
use crate::domain::plain_text::plain;
use crate::domain::staff::Scope;
use crate::service::App;
use crate::web::form::placard;
use crate::web::http::lang::Lang;
use crate::web::http::problem::Problem;

/// Locations that a page lists at most; a person with more of them searches by words.
const LOCATIONS_SHOWN: usize = 120;

/// A building, or one of its units that has a placard. In addresses `12` or `12-34`.
#[derive(Debug)]
pub(crate) struct Location {
    atlas: Arc<Atlas>,
    building: BuildingId,
    placard: Option<PlacardId>,
}

/// An estate with the locations to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Estate {
    /// Its name.
    pub(crate) name: String,
    /// Its buildings and units.
    pub(crate) spots: Vec<LocationView>,
    #[serde(skip)]
    id: EstateId,
}

/// A building or a unit to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LocationView {
    /// The location as addresses name it.
    pub(crate) spot: String,
    /// Its name within the estate.
    pub(crate) name: String,
}

impl Location {
    /// The location that an address names. One outside of the scope is missing, like one that does
    /// not exist.
    pub(crate) fn open(app: &App, scope: &Scope, text: &str) -> Result<Self, Problem> {
        let (building, placard) = match text.split_once('-') {
            Some((building, placard)) => (building, Some(placard)),
            None => (text, None),
        };
        let number = |text: &str| text.parse().or(Err(Problem::Missing));
        let location = Self {
            atlas: app.atlas(),
            building: BuildingId(number(building)?),
            placard: placard.map(number).transpose()?.map(PlacardId),
        };
        let place = location.place()?;
        let exists = place.building.id == location.building
            && place.placard.map(|placard| placard.id) == location.placard
            && scope.covers(place.building.area);
        if exists {
            Ok(location)
        } else {
            Err(Problem::Missing)
        }
    }

    /// The place.
    pub(crate) fn place(&self) -> Result<Place<'_>, Problem> {
        let place = self.atlas.place(Some(self.building), self.placard);
        place.ok_or(Problem::Missing)
    }

    /// Fails if the campaign takes no reports from here today; the error says why.
    pub(crate) fn takes(&self, app: &App) -> Result<(), Problem> {
        placard::takes(app, &self.atlas, self.place()?.building.area)
    }

    /// The atlas in which the location was found; the whole request uses this one.
    pub(crate) fn atlas(&self) -> &Atlas {
        &self.atlas
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&address_of(self.building, self.placard))
    }
}

fn address_of(building: BuildingId, placard: Option<PlacardId>) -> String {
    match placard {
        Some(placard) => format!("{}-{}", building.0, placard.0),
        None => building.0.to_string(),
    }
}

/// The locations of the scope whose names contain all words of `find`, by estate; and whether
/// there are more than a page lists.
pub(crate) fn estates(atlas: &Atlas, scope: &Scope, find: &str, lang: Lang) -> (Vec<Estate>, bool) {
    let (find, english) = (lower(find), lang.is_english());
    let mut found = locations(atlas, scope)
        .into_iter()
        .filter_map(|(building, placard)| {
            let place = atlas.place(Some(building), placard)?;
            matches(&place, &find).then(|| (address_of(building, placard), place))
        });
    let mut estates = Vec::<Estate>::new();
    for (spot, place) in found.by_ref().take(LOCATIONS_SHOWN) {
        let view = LocationView {
            spot,
            name: name_within_estate(&place, english),
        };
        match estates.last_mut() {
            Some(estate) if estate.id == place.estate.id => estate.spots.push(view),
            _ => estates.push(Estate {
                name: place.estate.name_in(english).to_owned(),
                spots: vec![view],
                id: place.estate.id,
            }),
        }
    }
    (estates, found.next().is_some())
}

/// Whether the name of the place, in either language, contains every word of `find`.
fn matches(place: &Place<'_>, find: &str) -> bool {
    let names = lower(&format!("{} {}", place.words(false), place.words(true)));
    find.split_whitespace().all(|word| names.contains(word))
}

fn lower(text: &str) -> String {
    plain(text).flat_map(char::to_lowercase).collect()
}

fn name_within_estate(place: &Place<'_>, english: bool) -> String {
    let words = place.words(english);
    let name = words.strip_prefix(place.estate.name_in(english));
    let name = name.unwrap_or(&words);
    name.trim_start_matches([',', ' ']).to_owned()
}

/// Every unit of the scope by its latest placard, where one in use precedes all others; and the
/// whole building where a unit has no placard.
fn locations(atlas: &Atlas, scope: &Scope) -> Vec<(BuildingId, Option<PlacardId>)> {
    let mut placards = placards_by_building(atlas);
    let mut buildings: Vec<&Building> = atlas
        .buildings()
        .filter(|building| scope.covers(building.area))
        .collect();
    buildings.sort_by_key(|building| (building.estate.0, building.id.0));
    buildings
        .into_iter()
        .flat_map(|building| {
            let units = placards.remove(&building.id).unwrap_or_default();
            let has_bare_unit = units.is_empty() || units.len() < building.units.len();
            let whole = has_bare_unit.then_some((building.id, None));
            let units = units.into_iter().map(|unit| (building.id, Some(unit)));
            units.chain(whole)
        })
        .collect()
}

/// One placard for each unit of each building.
fn placards_by_building(atlas: &Atlas) -> HashMap<BuildingId, Vec<PlacardId>> {
    let mut placards: Vec<&Placard> = atlas.placards().collect();
    placards.sort_by_key(|placard| {
        let idle = placard.state != PlacardState::Active;
        (placard.building.0, &placard.unit, idle, -placard.id.0)
    });
    placards.dedup_by_key(|placard| (placard.building, &placard.unit));
    let mut by_building: HashMap<BuildingId, Vec<PlacardId>> = HashMap::new();
    for placard in placards {
        let units = by_building.entry(placard.building).or_default();
        units.push(placard.id);
    }
    by_building
}
