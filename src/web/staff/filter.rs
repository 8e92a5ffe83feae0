//! The queue's tabs and filters: every view with its count, and the values that a view can be
//! filtered by.

use std::collections::BTreeMap;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::listing::{Filter, Listing, Order};
use crate::domain::place::{Atlas, EstateId};
use crate::domain::report::Direction;
use crate::domain::staff::Scope;
use crate::service::{App, listing};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::context::StaffContext;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::staff::view_request::{ViewParams, ViewRequest};

/// A view and its number of reports.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ViewTab {
    /// The view's code.
    pub(crate) code: &'static str,
    /// Its name.
    pub(crate) label: &'static str,
    /// The exact number of reports.
    pub(crate) count: i64,
    /// Its address.
    pub(crate) address: String,
    /// Whether the page shows this view.
    pub(crate) current: bool,
    /// Whether the tab is hidden while the view is empty.
    pub(crate) rare: bool,
    /// Whether a report in this view is an alarm.
    pub(crate) alarm: bool,
}

/// All views, for a page that is open already.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountsView {
    /// Every view, in the order of the tabs.
    pub(crate) views: Vec<ViewTab>,
}

/// A value that a view can be filtered or sorted by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilterOption {
    /// The value in the address; empty for any.
    pub(crate) value: String,
    /// The label to show.
    pub(crate) label: String,
    /// Whether it is chosen.
    pub(crate) chosen: bool,
}

/// The values that a view can be filtered and sorted by.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Filters {
    /// The orders.
    pub(crate) sorts: Vec<FilterOption>,
    /// The directions.
    pub(crate) directions: Vec<FilterOption>,
    /// The queues, if the scope has several.
    pub(crate) queues: Vec<FilterOption>,
    /// The estates of the scope.
    pub(crate) estates: Vec<FilterOption>,
    /// The buildings of the chosen estate.
    pub(crate) buildings: Vec<FilterOption>,
    /// Whether the view is filtered.
    pub(crate) narrowed: bool,
    /// The address of the view without a filter.
    pub(crate) whole: String,
}

/// The filter as a page's script reads it, to decide whether a new row belongs to the view.
#[derive(Debug, Default)]
pub(crate) struct FilterData {
    /// The direction's code; empty for both.
    pub(crate) direction: &'static str,
    /// The id of the queue; empty for all.
    pub(crate) queue: String,
    /// The ids of the buildings, separated by blanks; empty for all.
    pub(crate) buildings: String,
}

impl ViewRequest {
    /// The tabs with these counts; `shown` is the view that the page shows.
    pub(crate) fn tabs(
        &self,
        counts: &[(Listing, i64)],
        shown: Option<Listing>,
        page: &PageContext,
    ) -> Vec<ViewTab> {
        let tab = |(listing, count): &(Listing, i64)| ViewTab {
            code: listing.code(),
            label: page.w.listing(*listing),
            count: *count,
            address: self.address("/staff", *listing, None),
            current: shown == Some(*listing),
            rare: listing.is_rare(),
            alarm: listing.is_alarm(),
        };
        counts.iter().map(tab).collect()
    }

    /// The filter as data of the page.
    pub(crate) fn filter_data(&self) -> FilterData {
        let narrow = &self.query.narrow;
        let buildings = narrow.buildings.as_ref().map(|buildings| {
            // The 0 keeps the text from being empty for an estate without buildings.
            let ids = buildings.iter().map(|building| building.0).chain([0]);
            ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
        });
        FilterData {
            direction: narrow.direction.map_or("", Direction::code),
            queue: narrow.queue.map_or_else(String::new, |id| id.0.to_string()),
            buildings: buildings.unwrap_or_default(),
        }
    }

    /// The filters that this person can choose from.
    pub(crate) fn filters(&self, context: &StaffContext) -> Filters {
        let (atlas, page) = (context.app.atlas(), &context.page);
        let scope = &context.principal.scope;
        let narrow = &self.query.narrow;
        let w = &page.w.listing;
        let mut queues = queues_of(&atlas, scope, page);
        if queues.len() == 1 {
            queues.clear();
        }
        let queue = narrow.queue.map(|queue| queue.0);
        let estate = self.estate.map(|estate| estate.0);
        let building = self.building.map(|building| building.0);
        let places = Places::of(&atlas, scope, self.estate, page.lang.is_english());
        Filters {
            sorts: sorts(self.query.order, page),
            directions: directions(&context.app, narrow.direction, page),
            queues: options(queues, queue, w.any_queue),
            estates: options(places.estates, estate, w.any_estate),
            buildings: options(places.buildings, building, w.any_building),
            narrowed: Filter {
                phone: None,
                queue: narrow.queue.filter(|_| narrow.phone.is_none()),
                ..narrow.clone()
            } != Filter::default(),
            whole: format!("/staff?view={}", self.query.listing.code()),
        }
    }
}

fn sorts(chosen: Order, page: &PageContext) -> Vec<FilterOption> {
    let sort = |order: &Order| option(order.code(), page.w.order(*order), *order == chosen);
    Order::ALL.iter().map(sort).collect()
}

fn directions(app: &App, chosen: Option<Direction>, page: &PageContext) -> Vec<FilterOption> {
    let any = option("", page.w.listing.any_direction, chosen.is_none());
    let direction = |one: &Direction| {
        let label = page.w.direction(*one, &app.rules.campaign.city);
        option(one.code(), &label, chosen == Some(*one))
    };
    let directions = Direction::ALL.iter().map(direction);
    [any].into_iter().chain(directions).collect()
}

fn option(value: &str, label: &str, chosen: bool) -> FilterOption {
    FilterOption {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen,
    }
}

/// The options with these ids and names, after the one for any; none if there is nothing to choose.
fn options(
    named: impl IntoIterator<Item = (i32, String)>,
    chosen: Option<i32>,
    any: &str,
) -> Vec<FilterOption> {
    let mut options: Vec<FilterOption> = named
        .into_iter()
        .map(|(id, label)| option(&id.to_string(), &label, chosen == Some(id)))
        .collect();
    if !options.is_empty() {
        options.insert(0, option("", any, chosen.is_none()));
    }
    options
}

/// The queues of the scope: its communities, and the bins of unrouted reports.
fn queues_of(atlas: &Atlas, scope: &Scope, page: &PageContext) -> Vec<(i32, String)> {
    let queues = scope.own_queues().iter().filter_map(|id| {
        let area = atlas.tree.area_of(*id)?;
        let name = area.name_in(page.lang.is_english());
        let label = if atlas.tree.is_unrouted(*id) {
            format!("{name} · {}", page.w.staff.unrouted)
        } else {
            name.to_owned()
        };
        Some((id.0, label))
    });
    queues.collect()
}

/// Ids and names of places to choose from.
#[derive(Default)]
struct Places {
    estates: BTreeMap<i32, String>,
    buildings: BTreeMap<i32, String>,
}

impl Places {
    /// The estates with a building in the scope, and the buildings of the chosen estate.
    fn of(atlas: &Atlas, scope: &Scope, chosen: Option<EstateId>, english: bool) -> Self {
        let name = |zh: &str, en: &str| {
            let name = if english && !en.is_empty() { en } else { zh };
            name.to_owned()
        };
        let mut places = Self::default();
        let covered = atlas.buildings().filter(|one| scope.covers(one.area));
        for building in covered {
            if let Some(estate) = atlas.estate(building.estate) {
                let name = name(&estate.name, &estate.name_en);
                places.estates.insert(estate.id.0, name);
            }
            if chosen == Some(building.estate) {
                let name = name(&building.name, &building.name_en);
                places.buildings.insert(building.id.0, name);
            }
        }
        places
    }
}

/// `GET /staff/counts`: the number of reports in each view, for a page that is open already.
#[utoipa::path(get, operation_id = "counts", path = "/staff/counts", security(("staff" = [])),
    params(("view" = Option<String>, Query), ("direction" = Option<String>, Query), ("queue" = Option<i32>, Query), ("estate" = Option<i32>, Query), ("building" = Option<i32>, Query), ("same" = Option<uuid::Uuid>, Query)),
    responses((status = 200, body = CountsView, description = "how many reports each view has, narrowed as asked"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn counts(
    context: Authorized<WorkQueue>,
    params: web::Query<ViewParams>,
) -> Result<HttpResponse, Problem> {
    let request = params.read(&context, None).await?;
    let scope = &context.principal.scope;
    let listed = listing::view(&context.app, scope, &request.query, 0).await?;
    let shown = Some(request.query.listing);
    let views = request.tabs(&listed.counts, shown, &context.page);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(CountsView { views }))
}
