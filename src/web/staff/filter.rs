//! Views of the queue: what the address says about them, how many reports each has, and what
//! somebody chose last on this device.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::area::AreaId;
use crate::domain::listing::{Filter, ListQuery, Listing, Order, PageCursor};
use crate::domain::place::{Atlas, BuildingId, EstateId};
use crate::domain::report::Direction;
use crate::domain::staff::{Scope, StaffId};
use crate::service::{App, Principal, listing};
use crate::web::http::auth::{Authorized, WorkQueue, is_secure};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};

/// How long the choice of a view is kept on a device, in days.
const KEPT_DAYS: i64 = 365;

/// What the address says; empty is as good as absent, because forms send what nobody chose.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    view: Option<String>,
    sort: Option<String>,
    direction: Option<String>,
    queue: Option<String>,
    estate: Option<String>,
    building: Option<String>,
    after: Option<String>,
}

/// The same in the terms of the house.
#[derive(Debug)]
pub(crate) struct ViewRequest {
    pub(crate) look: ListQuery,
    /// The order, where somebody chose one.
    chosen: Option<Order>,
    estate: Option<EstateId>,
    building: Option<BuildingId>,
    /// Whether the address itself names a view or an order.
    spoken: bool,
}

/// A view and how many reports it has.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ViewTab {
    /// The view.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) label: &'static str,
    /// How many reports, exactly.
    pub(crate) count: i64,
    /// Where it is.
    pub(crate) address: String,
    /// Whether it is the one that is shown.
    pub(crate) current: bool,
    /// Whether it is offered only where it has something in it.
    pub(crate) rare: bool,
    /// Whether something is amiss as long as it has anything in it.
    pub(crate) alarm: bool,
}

/// All views, for a page that is open already.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountsView {
    /// Every view, in the order in which they are offered.
    pub(crate) views: Vec<ViewTab>,
}

/// One of several things to choose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Choice {
    /// What the address says for it.
    pub(crate) value: String,
    /// What people read.
    pub(crate) label: String,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
}

/// What a view may be narrowed to.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Filters {
    /// The orders.
    pub(crate) sorts: Vec<Choice>,
    /// The directions.
    pub(crate) directions: Vec<Choice>,
    /// The queues, where the scope has several.
    pub(crate) queues: Vec<Choice>,
    /// The estates of the scope.
    pub(crate) estates: Vec<Choice>,
    /// The buildings of the chosen estate.
    pub(crate) buildings: Vec<Choice>,
    /// Whether the view is narrowed to anything.
    pub(crate) narrowed: bool,
    /// The view as a whole.
    pub(crate) whole: String,
}

impl Asked {
    /// What somebody wishes to see: what the address says, then what they chose before, then all
    /// that is open. Malformed where the address says what nobody could have meant.
    pub(crate) fn read(
        &self,
        (app, principal): (&App, &Principal),
        kept: Option<(Listing, Option<Order>)>,
    ) -> Result<ViewRequest, Problem> {
        let listing = said(self.view.as_ref(), Listing::from_code)?;
        let order = said(self.sort.as_ref(), Order::from_code)?;
        let number = |text: &str| text.parse::<i32>().ok();
        let estate = said(self.estate.as_ref(), number)?.map(EstateId);
        let building = said(self.building.as_ref(), number)?.map(BuildingId);
        let spoken = listing.is_some() || order.is_some();
        let shown = listing.or(kept.map(|(listing, _)| listing));
        let shown = shown.unwrap_or_default();
        let chosen = order.or(kept.and_then(|(_, order)| order));
        let today = app.local_now().date();
        let narrow = Filter {
            direction: said(self.direction.as_ref(), Direction::from_code)?,
            queue: said(self.queue.as_ref(), number)?.map(AreaId),
            buildings: buildings_of(&app.atlas(), estate, building),
        };
        Ok(ViewRequest {
            look: ListQuery {
                listing: shown,
                order: chosen.unwrap_or(shown.order()),
                narrow,
                me: principal.staff.id,
                bins: app.atlas().tree.bins(principal.scope.queues()),
                now: app.clock.now(),
                day_began: app.clock.instant(today.and_time(NaiveTime::MIN)),
                after: said(self.after.as_ref(), PageCursor::read)?,
            },
            chosen,
            estate,
            building,
            spoken,
        })
    }
}

fn said<T>(text: Option<&String>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    match text.map(String::as_str) {
        None | Some("") => Ok(None),
        Some(text) => read(text).map(Some).ok_or(Problem::Malformed),
    }
}

/// A building says more than its estate; one that is not in the chosen estate is left over from
/// another one, and says nothing.
fn buildings_of(
    atlas: &Atlas,
    estate: Option<EstateId>,
    building: Option<BuildingId>,
) -> Option<Vec<BuildingId>> {
    let Some(estate) = estate else {
        return building.map(|building| vec![building]);
    };
    let all = || atlas.buildings().filter(|one| one.estate == estate);
    match building.filter(|id| all().any(|one| one.id == *id)) {
        Some(building) => Some(vec![building]),
        None => Some(all().map(|one| one.id).collect()),
    }
}

impl ViewRequest {
    /// Where this view is, as it is narrowed.
    pub(crate) fn address(
        &self,
        path: &str,
        listing: Listing,
        after: Option<PageCursor>,
    ) -> String {
        let narrow = &self.look.narrow;
        let number = |number: i32| number.to_string();
        let parts = [
            ("sort", self.chosen.map(|order| order.code().to_owned())),
            (
                "direction",
                narrow.direction.map(|way| way.code().to_owned()),
            ),
            ("queue", narrow.queue.map(|queue| number(queue.0))),
            ("estate", self.estate.map(|estate| number(estate.0))),
            ("building", self.building.map(|building| number(building.0))),
            ("after", after.map(|mark| mark.to_string())),
        ];
        let mut text = format!("{path}?view={}", listing.code());
        for (name, value) in parts {
            let Some(value) = value else { continue };
            // Writing to a string does not fail.
            let _ = write!(text, "&{name}={value}");
        }
        text
    }

    /// What a page's script needs to tell whether a row belongs to the view.
    pub(crate) fn direction(&self) -> &'static str {
        self.look.narrow.direction.map_or("", Direction::code)
    }

    pub(crate) fn queue(&self) -> String {
        let queue = self.look.narrow.queue;
        queue.map(|queue| queue.0.to_string()).unwrap_or_default()
    }

    pub(crate) fn buildings(&self) -> String {
        let Some(some) = &self.look.narrow.buildings else {
            return String::new();
        };
        // Never empty where it is narrowed: an estate without buildings has nothing in it.
        let all = some.iter().map(|building| building.0).chain([0]);
        all.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
    }

    /// The views with these counts; `shown` is the one that is looked at.
    pub(crate) fn chips(
        &self,
        counts: &[(Listing, i64)],
        (chrome, shown): (&PageContext, Option<Listing>),
    ) -> Vec<ViewTab> {
        let chip = |(listing, count): &(Listing, i64)| ViewTab {
            code: listing.code(),
            label: chrome.w.listing(*listing),
            count: *count,
            address: self.address("/staff", *listing, None),
            current: shown == Some(*listing),
            rare: listing.is_rare(),
            alarm: listing.is_alarm(),
        };
        counts.iter().map(chip).collect()
    }

    /// What the view may be narrowed to by somebody with this scope.
    pub(crate) fn filters(&self, (app, scope): (&App, &Scope), chrome: &PageContext) -> Filters {
        let (atlas, english) = (app.atlas(), chrome.lang.is_english());
        let narrow = &self.look.narrow;
        let any = |label: &str, chosen: bool| choice("", label.to_owned(), chosen);
        let w = &chrome.w.listing;
        let sorts = Order::ALL.map(|order| {
            let label = chrome.w.order(order).to_owned();
            choice(order.code(), label, order == self.look.order)
        });
        let ways = Direction::ALL.map(|way| {
            let label = chrome.w.direction(way).to_owned();
            choice(way.code(), label, narrow.direction == Some(way))
        });
        let none = narrow.direction.is_none();
        let directions = [any(w.any_direction, none)].into_iter().chain(ways);
        let mut queues = queues_of(&atlas, scope, chrome);
        if queues.len() == 1 {
            queues.clear();
        }
        let queues = queues.into_iter().map(|(id, label)| (id.0, label));
        let queue = narrow.queue.map(|queue| queue.0);
        let (estates, buildings) = places_of(&atlas, scope, (self.estate, english));
        Filters {
            sorts: sorts.into(),
            directions: directions.collect(),
            queues: choices(queues, queue, w.any_queue),
            estates: choices(estates, self.estate.map(|one| one.0), w.any_estate),
            buildings: choices(buildings, self.building.map(|one| one.0), w.any_building),
            narrowed: *narrow != Filter::default(),
            whole: format!("/staff?view={}", self.look.listing.code()),
        }
    }

    /// The cookie that keeps the view on this device, where the address named one. It bears the
    /// number of the person: on a shared telephone everybody has their own.
    pub(crate) fn cookie(&self, app: &App) -> Option<Cookie<'static>> {
        if !self.spoken {
            return None;
        }
        let order = self.chosen.map(Order::code).unwrap_or_default();
        let value = format!("{}.{order}", self.look.listing.code());
        let cookie = Cookie::build(cookie_name(self.look.me), value)
            .path("/staff")
            .http_only(true)
            .secure(is_secure(app))
            .same_site(SameSite::Lax)
            .max_age(Duration::days(KEPT_DAYS));
        Some(cookie.finish())
    }
}

fn cookie_name(person: StaffId) -> String {
    format!("view-{}", person.0)
}

/// What this person chose last on this device.
pub(crate) fn kept(request: &HttpRequest, person: StaffId) -> Option<(Listing, Option<Order>)> {
    let cookie = request.cookie(&cookie_name(person))?;
    let (listing, order) = cookie.value().split_once('.')?;
    Some((Listing::from_code(listing)?, Order::from_code(order)))
}

fn choice(value: &str, label: String, chosen: bool) -> Choice {
    Choice {
        value: value.to_owned(),
        label,
        chosen,
    }
}

/// All of them behind the one that stands for any; none where there is nothing to choose from.
fn choices(
    some: impl IntoIterator<Item = (i32, String)>,
    chosen: Option<i32>,
    any: &str,
) -> Vec<Choice> {
    let some = some.into_iter();
    let mut all: Vec<Choice> = some
        .map(|(id, label)| choice(&id.to_string(), label, chosen == Some(id)))
        .collect();
    if !all.is_empty() {
        all.insert(0, choice("", any.to_owned(), chosen.is_none()));
    }
    all
}

/// The queues of the scope: its communities, and the bins of what no community owns.
fn queues_of(atlas: &Atlas, scope: &Scope, chrome: &PageContext) -> Vec<(AreaId, String)> {
    let english = chrome.lang.is_english();
    let queues = scope.own_queues().iter().filter_map(|id| {
        let area = atlas.tree.get(*id)?;
        if atlas.tree.queue_of(*id) != Some(*id) {
            return None;
        }
        let name = area.name_in(english);
        Some(match atlas.tree.is_unrouted(*id) {
            true => (*id, format!("{name} · {}", chrome.w.staff.unrouted)),
            false => (*id, name.to_owned()),
        })
    });
    queues.collect()
}

type Named = Vec<(i32, String)>;

/// The estates with a building in the scope, and the buildings of the one that was chosen.
fn places_of(
    atlas: &Atlas,
    scope: &Scope,
    (chosen, english): (Option<EstateId>, bool),
) -> (Named, Named) {
    let name = |zh: &str, en: &str| match english && !en.is_empty() {
        true => en.to_owned(),
        false => zh.to_owned(),
    };
    let mut estates = BTreeMap::new();
    let mut buildings = BTreeMap::new();
    for building in atlas.buildings() {
        if !scope.covers(building.area) {
            continue;
        }
        if let Some(estate) = atlas.estate(building.estate) {
            estates.insert(estate.id.0, name(&estate.name, &estate.name_en));
        }
        if chosen == Some(building.estate) {
            buildings.insert(building.id.0, name(&building.name, &building.name_en));
        }
    }
    (
        estates.into_iter().collect(),
        buildings.into_iter().collect(),
    )
}

/// `GET /staff/counts`: how many reports each view has, for a page that is open already.
#[utoipa::path(get, operation_id = "counts", path = "/staff/counts", security(("staff" = [])),
    params(("view" = Option<String>, Query), ("direction" = Option<String>, Query), ("queue" = Option<i32>, Query), ("estate" = Option<i32>, Query), ("building" = Option<i32>, Query)),
    responses((status = 200, body = CountsView, description = "how many reports each view has, narrowed as asked"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn counts(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, asked): (Authorized<WorkQueue>, web::Query<Asked>),
) -> Result<HttpResponse, Problem> {
    let principal = worker.into_inner().principal;
    let wish = asked.read((&app, &principal), None)?;
    let seen = listing::view(&app, (&principal.scope, &wish.look), 0).await?;
    let shown = Some(wish.look.listing);
    let views = wish.chips(&seen.counts, (&PageContext::of(&request), shown));
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(CountsView { views }))
}
