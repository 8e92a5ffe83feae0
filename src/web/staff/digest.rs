//! The morning digest as a page: the reports of the night by building, to work on or to print.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::area::Area;
use crate::domain::open_cases::{NightCounts, NightCursor};
use crate::service::App;
use crate::service::digest::{self as digests, DigestPage};
use crate::store::report;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::http::return_to::ReturnTo;
use crate::web::staff::flash::{self, FlashView};
use crate::web::staff::row::{Row, draw};

/// How many days back a digest can be requested.
const DAYS_BACK_MAX: i64 = 366;
/// Reports on one page: more than an ordinary night has, so that it is printed as a whole.
const ROWS_SHOWN: usize = 500;

/// The reports of one night in the queues of one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DigestView {
    /// The name of the person's area.
    pub(crate) area: String,
    /// The day after the night, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// The same in words.
    pub(crate) day_words: String,
    /// When the night began, in words.
    pub(crate) from: String,
    /// When it ended, in words.
    pub(crate) to: String,
    /// The number of reports.
    pub(crate) reports: i64,
    /// The number of persons on them.
    pub(crate) persons: i64,
    /// Reports that wait for the first call.
    pub(crate) waiting: i64,
    /// Urgent reports.
    pub(crate) red: i64,
    /// By queue; a queue without reports on this page is absent.
    pub(crate) queues: Vec<QueueView>,
    /// The address of the next page; empty on the last one.
    pub(crate) next: String,
    /// The way back from a case to this page.
    #[serde(skip)]
    back: ReturnTo,
    /// The flash message.
    #[serde(skip)]
    flash: Option<FlashView>,
}

/// The reports of one night in one queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NightQueueView)]
pub(crate) struct QueueView {
    /// The id of the queue.
    pub(crate) id: i32,
    /// Its name.
    pub(crate) name: String,
    /// The number of reports.
    pub(crate) reports: i64,
    /// The number of persons on them.
    pub(crate) persons: i64,
    /// By building.
    pub(crate) buildings: Vec<BuildingView>,
}

/// The reports of one night from one building.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BuildingView {
    /// The names of the estate and the building.
    pub(crate) name: String,
    /// The reports: urgent ones first, then in the order of receipt.
    pub(crate) rows: Vec<Row>,
}

/// The requested morning.
#[derive(Debug, Deserialize)]
pub(crate) struct Morning {
    /// The day after the night; today if absent.
    day: Option<NaiveDate>,
    /// Where the page begins; at the first report if absent.
    after: Option<String>,
}

template!(DigestView, "digest.html");

impl BuildingView {
    /// The place without the building's name, which is the heading.
    fn within<'a>(&self, row: &'a Row) -> &'a str {
        let inside = row.place.strip_prefix(&self.name);
        inside.map_or(row.place.as_str(), |inside| {
            inside.trim_start_matches([',', ' '])
        })
    }
}

/// `GET /staff/digest`: the night before today, or before another day.
#[utoipa::path(get, operation_id = "digest", path = "/staff/digest", security(("staff" = [])), params(("day" = Option<chrono::NaiveDate>, Query, description = "the day after the night; today by default"),
        ("after" = Option<String>, Query, description = "the `after` in the `next` of the previous page")),
    responses((status = 200, body = DigestView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn show(
    context: Authorized<WorkQueue>,
    morning: web::Query<Morning>,
) -> Result<HttpResponse, Problem> {
    let app = &context.app;
    let today = app.local_now().date();
    let day = morning.day.unwrap_or(today);
    if !(0..=DAYS_BACK_MAX).contains(&(today - day).num_days()) {
        return Err(Problem::Malformed);
    }
    let after = morning.after.as_deref().map(NightCursor::read);
    let after = after
        .map(|read| read.ok_or(Problem::Malformed))
        .transpose()?;
    let scope = &context.principal.scope;
    let night = digests::page(app, scope, day, after, ROWS_SHOWN).await?;
    app.names.learn(&app.db, &night.rows).await?;
    let mut view = view(app, &night, &context.page);
    view.back = ReturnTo::to(&address(day, after));
    view.flash = flash::pending(&context, &view.back, None).await?;
    context.reply(StatusCode::OK, &view)
}

/// The address of a page of the digest.
fn address(day: NaiveDate, after: Option<NightCursor>) -> String {
    let after = after.map_or_else(String::new, |after| format!("&after={after}"));
    format!("/staff/digest?day={day}{after}")
}

fn view(app: &App, night: &DigestPage, page: &PageContext) -> DigestView {
    let (atlas, lang, digest) = (app.atlas(), page.lang, &night.digest);
    let today = app.local_now().date();
    let moment = |at| lang.moment(app.clock.local(at), today);
    let sum = digest.sum();
    let next = night.next.map(|next| address(digest.day, Some(next)));
    let queues = night.rows.chunk_by(|one, next| one.queue == next.queue);
    DigestView {
        area: area_name(atlas.tree.get(digest.area), page),
        day: digest.day.to_string(),
        day_words: lang.day(digest.day),
        from: moment(digest.night.start),
        to: moment(digest.night.end),
        reports: sum.reports,
        persons: sum.persons,
        waiting: sum.waiting,
        red: sum.urgent,
        queues: queues
            .map(|rows| {
                let counts = digest.queues.get(&rows[0].queue);
                queue_view(app, rows, counts.copied().unwrap_or_default(), page)
            })
            .collect(),
        next: next.unwrap_or_default(),
        back: ReturnTo::default(),
        flash: None,
    }
}

fn area_name(area: Option<&Area>, page: &PageContext) -> String {
    area.map_or_else(String::new, |area| {
        area.name_in(page.lang.is_english()).to_owned()
    })
}

/// The reports of one queue, which stand building by building.
fn queue_view(
    app: &App,
    rows: &[report::Row],
    counts: NightCounts,
    page: &PageContext,
) -> QueueView {
    let queue = rows[0].queue;
    let buildings = rows.chunk_by(|one, next| one.building == next.building);
    QueueView {
        id: queue.0,
        name: area_name(app.atlas().tree.area_of(queue), page),
        reports: counts.reports,
        persons: counts.persons,
        buildings: buildings
            .map(|rows| building_view(app, rows, page))
            .collect(),
    }
}

fn building_view(app: &App, rows: &[report::Row], page: &PageContext) -> BuildingView {
    let atlas = app.atlas();
    let place = atlas.place(rows[0].building, None);
    let name = place.map(|place| place.building_name(page.lang.is_english()));
    let mut rows: Vec<_> = rows.iter().map(|row| draw(app, row, page)).collect();
    rows.sort_by_key(|row| row.red.is_empty());
    BuildingView {
        name: name.unwrap_or_else(|| page.w.night.elsewhere.to_owned()),
        rows,
    }
}
