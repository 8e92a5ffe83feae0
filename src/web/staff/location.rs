//! Spots: buildings and units as somebody at a desk chooses them, within their scope.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::place::{Atlas, Building, BuildingId, Placard, PlacardId, PlacardState, Place};
use crate::domain::staff::Scope;
use crate::service::App;
use crate::web::form::placard;
use crate::web::http::lang::Lang;
use crate::web::http::problem::Problem;

/// Spots that are shown at once; who has more looks for words.
const SPOTS_SHOWN: usize = 120;

/// A building, and one of its units where it has placards. In addresses `12` or `12-34`.
#[derive(Debug)]
pub(crate) struct Location {
    atlas: Arc<Atlas>,
    building: BuildingId,
    placard: Option<PlacardId>,
}

/// An estate to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Estate {
    /// Its name.
    pub(crate) name: String,
    /// Its buildings and units.
    pub(crate) spots: Vec<SpotView>,
}

/// A building or a unit to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SpotView {
    /// As addresses name it.
    pub(crate) spot: String,
    /// In words.
    pub(crate) name: String,
}

impl Location {
    /// The spot that an address names, where it lies within the scope; what lies outside is
    /// missing like what never was.
    pub(crate) fn open(app: &App, scope: &Scope, text: &str) -> Result<Self, Problem> {
        let (building, placard) = match text.split_once('-') {
            Some((building, placard)) => (building, Some(placard)),
            None => (text, None),
        };
        let number = |text: &str| text.parse().or(Err(Problem::Missing));
        let spot = Self {
            atlas: app.atlas(),
            building: BuildingId(number(building)?),
            placard: placard.map(number).transpose()?.map(PlacardId),
        };
        let place = spot.place()?;
        let meant = place.building.id == spot.building
            && place.placard.map(|placard| placard.id) == spot.placard
            && scope.covers(place.building.area);
        meant.then_some(()).ok_or(Problem::Missing)?;
        Ok(spot)
    }

    /// The place.
    pub(crate) fn place(&self) -> Result<Place<'_>, Problem> {
        let place = self.atlas.place(Some(self.building), self.placard);
        place.ok_or(Problem::Missing)
    }

    /// Nothing where the campaign takes reports from here today; else the answer that says so.
    pub(crate) fn takes(&self, app: &App) -> Result<(), Problem> {
        placard::takes(app, &self.atlas, self.place()?.building.area)
    }

    /// The atlas in which it was found; the page keeps to it.
    pub(crate) fn atlas(&self) -> &Atlas {
        &self.atlas
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name_of(self.building, self.placard))
    }
}

fn name_of(building: BuildingId, placard: Option<PlacardId>) -> String {
    match placard {
        Some(placard) => format!("{}-{}", building.0, placard.0),
        None => building.0.to_string(),
    }
}

/// The spots of the scope whose names hold all words of `find`, by estate; and whether there are
/// more than are shown.
pub(crate) fn estates(
    atlas: &Atlas,
    scope: &Scope,
    (find, lang): (&str, Lang),
) -> (Vec<Estate>, bool) {
    let (find, english) = (find.to_lowercase(), lang.is_english());
    let places = spots(atlas, scope)
        .into_iter()
        .filter_map(|(building, placard)| {
            let place = atlas.place(Some(building), placard)?;
            let said = format!("{} {}", place.words(false), place.words(true)).to_lowercase();
            let found = find.split_whitespace().all(|word| said.contains(word));
            found.then_some((name_of(building, placard), place))
        });
    let (mut estates, mut last, mut shown) = (Vec::<Estate>::new(), None, 0);
    for (spot, place) in places {
        if shown == SPOTS_SHOWN {
            return (estates, true);
        }
        shown += 1;
        let (estate, words) = (place.estate.name_in(english), place.words(english));
        if last.replace(place.estate.id) != Some(place.estate.id) {
            estates.push(Estate {
                name: estate.to_owned(),
                spots: Vec::new(),
            });
        }
        let name = words.strip_prefix(estate).unwrap_or(&words);
        let name = name.trim_start_matches([',', ' ']).to_owned();
        if let Some(estate) = estates.last_mut() {
            estate.spots.push(SpotView { spot, name });
        }
    }
    (estates, false)
}

/// Every unit of the scope by its latest placard, one that is in use before all others; and the
/// building as a whole where a unit has none.
fn spots(atlas: &Atlas, scope: &Scope) -> Vec<(BuildingId, Option<PlacardId>)> {
    let mut placards: Vec<&Placard> = atlas.placards().collect();
    placards.sort_by_key(|placard| {
        let idle = placard.state != PlacardState::Active;
        (placard.building.0, &placard.unit, idle, -placard.id.0)
    });
    placards.dedup_by_key(|placard| (placard.building, &placard.unit));
    let mut hanging: HashMap<BuildingId, Vec<PlacardId>> = HashMap::new();
    for placard in placards {
        let units = hanging.entry(placard.building).or_default();
        units.push(placard.id);
    }
    let mut buildings: Vec<&Building> = atlas
        .buildings()
        .filter(|building| scope.covers(building.area))
        .collect();
    buildings.sort_by_key(|building| (building.estate.0, building.id.0));
    let spots = buildings.into_iter().flat_map(|building| {
        let units = hanging.remove(&building.id).unwrap_or_default();
        let bare = units.is_empty() || units.len() < building.units.len();
        let whole = bare.then_some((building.id, None));
        let units = units.into_iter().map(|unit| (building.id, Some(unit)));
        units.chain(whole)
    });
    spots.collect()
}
