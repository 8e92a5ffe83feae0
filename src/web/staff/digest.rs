//! The morning digest as a page: what the night brought, by building, to be worked or printed.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::place::BuildingId;
use crate::service::App;
use crate::service::digest::{self as digests, Digest};
use crate::store::report;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::{View, reply};
use crate::web::http::return_to::ReturnTo;
use crate::web::staff::flash::{self, Done};
use crate::web::staff::row::{Row, draw};
use crate::web::text::Words;

/// How many days back a digest can be asked for.
const DAYS_BACK_MAX: i64 = 366;

/// What one night brought to the queues of one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DigestView {
    /// Whose queues.
    pub(crate) area: String,
    /// The day that begins after the night, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// The same in words.
    pub(crate) day_words: String,
    /// When the night began, in words.
    pub(crate) from: String,
    /// When it ended, in words.
    pub(crate) to: String,
    /// Reports.
    pub(crate) reports: i64,
    /// Persons on them.
    pub(crate) persons: i64,
    /// Reports that still wait for the first call.
    pub(crate) waiting: usize,
    /// Reports that are red.
    pub(crate) red: usize,
    /// By queue; queues that got nothing are absent.
    pub(crate) queues: Vec<QueueView>,
    /// Whether there was more than a digest takes.
    pub(crate) more: bool,
    /// How cases lead back here.
    #[serde(skip)]
    back: ReturnTo,
    /// What somebody has just done.
    #[serde(skip)]
    done: Option<Done>,
}

/// What one night brought to one queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NightQueueView)]
pub(crate) struct QueueView {
    /// Our number of the queue.
    pub(crate) id: i32,
    /// Its name.
    pub(crate) name: String,
    /// Reports.
    pub(crate) reports: i64,
    /// Persons on them.
    pub(crate) persons: i64,
    /// By building.
    pub(crate) buildings: Vec<BuildingView>,
}

/// What one night brought to one building.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BuildingView {
    /// Estate and building.
    pub(crate) name: String,
    /// The reports, what is red first, then in the order of their receipt.
    pub(crate) rows: Vec<Row>,
}

/// The morning that is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Morning {
    /// Today, where nothing is said.
    day: Option<NaiveDate>,
}

#[derive(Template)]
#[template(path = "digest.html")]
struct Page<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a DigestView,
}

impl View for DigestView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        Page { c, w: c.w, v: self }.render()
    }
}

impl BuildingView {
    /// Where in the building, since its name stands above.
    fn within<'a>(&self, row: &'a Row) -> &'a str {
        let inside = row.place.strip_prefix(&self.name);
        inside.map_or(row.place.as_str(), |inside| {
            inside.trim_start_matches([',', ' '])
        })
    }
}

/// `GET /staff/digest`: the night before today, or before another day.
#[utoipa::path(get, operation_id = "digest", path = "/staff/digest", security(("staff" = [])), params(("day" = Option<chrono::NaiveDate>, Query, description = "the day after the night; today by default")),
    responses((status = 200, body = DigestView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn show(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, morning): (Authorized<WorkQueue>, web::Query<Morning>),
) -> Result<HttpResponse, Problem> {
    let chrome = PageContext::of(&request);
    let today = app.local_now().date();
    let day = morning.day.unwrap_or(today);
    if !(0..=DAYS_BACK_MAX).contains(&(today - day).num_days()) {
        return Err(Problem::Malformed);
    }
    let digest = digests::of(&app, &worker.principal.scope, day).await?;
    app.names.learn(&app.db, digest.rows()).await?;
    let mut view = view(&app, &digest, &chrome);
    view.done = flash::told(&request, (&app, &worker.principal), (&view.back, None)).await?;
    reply(&request, StatusCode::OK, (&view, &chrome))
}

fn view(app: &App, digest: &Digest, chrome: &PageContext) -> DigestView {
    let (atlas, lang) = (app.atlas(), chrome.lang);
    let name = |area| {
        let area = atlas.tree.get(area);
        area.map_or_else(String::new, |area| {
            area.name_in(lang.is_english()).to_owned()
        })
    };
    let moment = |at| lang.moment(app.clock.local(at), app.local_now().date());
    let mut queues = Vec::with_capacity(digest.queues.len());
    for (queue, night) in &digest.queues {
        let count = night.count();
        let buildings = night.buildings.iter();
        let buildings = buildings.map(|(building, rows)| lines(app, (*building, rows), chrome));
        queues.push(QueueView {
            id: queue.0,
            name: name(*queue),
            reports: count.reports,
            persons: count.persons,
            buildings: buildings.collect(),
        });
    }
    let count = digest.count();
    DigestView {
        area: name(digest.area),
        day: digest.day.to_string(),
        day_words: lang.day(digest.day),
        from: moment(digest.night.0),
        to: moment(digest.night.1),
        reports: count.reports,
        persons: count.persons,
        waiting: digest.waiting(),
        red: digest.red(),
        queues,
        more: digest.more,
        back: ReturnTo::to(&format!("/staff/digest?day={}", digest.day)),
        done: None,
    }
}

fn lines(
    app: &App,
    (building, rows): (Option<BuildingId>, &[report::Row]),
    chrome: &PageContext,
) -> BuildingView {
    let atlas = app.atlas();
    let place = atlas.place(building, None);
    let name = place.map(|place| place.building_name(chrome.lang.is_english()));
    let mut drawn: Vec<_> = rows.iter().map(|row| draw(app, row, chrome)).collect();
    drawn.sort_by_key(|row| row.red.is_empty());
    BuildingView {
        name: name.unwrap_or_else(|| chrome.w.night.elsewhere.to_owned()),
        rows: drawn,
    }
}
