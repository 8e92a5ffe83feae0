//! Search: a report by its number, its telephone or its door, within a scope.

use super::audit::{self, Actor, AuditAct};
use super::listing::in_order;
use super::personal::Personal;
use super::status::{days_of, read_number};
use super::{App, Principal};
use crate::domain::audit::AuditEvent;
use crate::domain::listing::{Filter, ListQuery, Listing, Order};
use crate::domain::phone::Phone;
use crate::domain::place::{Atlas, BuildingId};
use crate::domain::place_search::SoughtDoor;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::store::report::{FOUND_MAX, Row};
use crate::store::{Conn, Error, report};

/// Open reports that a search for a door opens at most.
const OPENED_MAX: usize = 1_000;

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Neither a receipt number, a telephone nor a door.
    #[error("neither a number, a telephone nor a door")]
    Unreadable,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// The reports.
    pub rows: Vec<Row>,
    /// Whether there may be more that are not among them.
    pub more: bool,
}

impl Found {
    fn latest(rows: Vec<Row>) -> Self {
        let more = rows.len() as u64 >= FOUND_MAX;
        Self { rows, more }
    }
}

/// The reports of the scope with this number or telephone, open and closed, the newest first; or the
/// open ones at this door, the most urgent first. A whole telephone is found by its keyed hash.
pub async fn find(app: &App, principal: &Principal, text: &str) -> Result<Found, SearchError> {
    let scope = principal.scope.clone();
    if let Some(number) = read_number(app, text) {
        record(app, principal, "number").await?;
        let days = days_of(app, &number);
        let work = move |conn: Conn| async move {
            report::found_by_number(&conn, &scope, &number, days).await
        };
        return Ok(Found::latest(app.db.read(work).await?));
    }
    let city = app.rules.phone_area_code.as_ref();
    let Ok(phone) = Phone::read_near(text, city) else {
        let door = SoughtDoor::read(text).ok_or(SearchError::Unreadable)?;
        record(app, principal, "door").await?;
        return at_door(app, principal, &door).await;
    };
    record(app, principal, "telephone").await?;
    let tag = app.keys.phone_tag(phone.as_str());
    let work = move |conn: Conn| async move { report::found_by_phone(&conn, &scope, tag).await };
    Ok(Found::latest(app.db.read(work).await?))
}

/// Enters the search before it is made: what kind of words were searched, and not the words.
async fn record(app: &App, principal: &Principal, by: &str) -> Result<(), Error> {
    let facts = serde_json::json!({ "by": by });
    let actor = Actor::Staff(principal.staff.id);
    audit::record(app, AuditAct::of(actor, AuditEvent::Searched, facts)).await
}

/// The open reports at this door. Rooms and telephones are sealed, so at most [`OPENED_MAX`] reports
/// of the buildings are opened in memory and compared.
async fn at_door(
    app: &App,
    principal: &Principal,
    door: &SoughtDoor,
) -> Result<Found, SearchError> {
    let atlas = app.atlas();
    let buildings = (!door.names.is_empty()).then(|| buildings(&atlas, &principal.scope, door));
    if buildings.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Found::default());
    }
    let query = ListQuery {
        listing: Listing::Open,
        order: Order::Deadline,
        narrow: Filter {
            buildings,
            ..Filter::default()
        },
        me: principal.staff.id,
        bins: Vec::new(),
        now: app.clock.now(),
        day_began: app.clock.now(),
        after: None,
        fold_from: None,
    };
    app.open_cases.catch_up(&app.db).await?;
    let page = {
        let known = app.open_cases.read();
        let seen = known.within(&principal.scope, &atlas);
        seen.page(&query, OPENED_MAX)
    };
    let ids: Vec<ReportId> = page.cursors.iter().map(|cursor| cursor.id).collect();
    let scope = principal.scope.clone();
    let work = move |conn: Conn| async move { in_order(&conn, &scope, &ids).await };
    let mut rows = app.db.read(work).await?;
    rows.retain(|row| door.number.is_none() || is_at(app, row, door));
    let found_max = usize::try_from(FOUND_MAX).unwrap_or(usize::MAX);
    let more = page.more || rows.len() > found_max;
    rows.truncate(found_max);
    Ok(Found { rows, more })
}

fn buildings(atlas: &Atlas, scope: &Scope, door: &SoughtDoor) -> Vec<BuildingId> {
    let covered = atlas.buildings().filter(|one| scope.covers(one.area));
    let named = covered.filter(|one| {
        let estate = atlas.estate(one.estate);
        estate.is_some_and(|estate| door.names(estate, one))
    });
    named.map(|building| building.id).collect()
}

fn is_at(app: &App, row: &Row, door: &SoughtDoor) -> bool {
    let personal = Personal::open(app, row);
    personal.is_some_and(|personal| door.is_at(&personal.room, &personal.phone))
}
