//! The morning digest as a page: the reports of the night by building, to work on or to print.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::area::AreaId;
use crate::domain::place::{Atlas, BuildingId};
use crate::service::App;
use crate::service::digest::{self as digests, Digest, QueueNight};
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
    pub(crate) waiting: usize,
    /// Urgent reports.
    pub(crate) red: usize,
    /// By queue; a queue without reports is absent.
    pub(crate) queues: Vec<QueueView>,
    /// Whether there are more reports than a digest lists.
    pub(crate) more: bool,
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
#[utoipa::path(get, operation_id = "digest", path = "/staff/digest", security(("staff" = [])), params(("day" = Option<chrono::NaiveDate>, Query, description = "the day after the night; today by default")),
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
    let digest = digests::of(app, &context.principal.scope, day).await?;
    app.names.learn(&app.db, digest.rows()).await?;
    let mut view = view(app, &digest, &context.page);
    view.flash = flash::pending(&context, &view.back, None).await?;
    context.reply(StatusCode::OK, &view)
}

fn view(app: &App, digest: &Digest, page: &PageContext) -> DigestView {
    let (atlas, lang) = (app.atlas(), page.lang);
    let today = app.local_now().date();
    let moment = |at| lang.moment(app.clock.local(at), today);
    let count = digest.count();
    DigestView {
        area: area_name(&atlas, digest.area, page),
        day: digest.day.to_string(),
        day_words: lang.day(digest.day),
        from: moment(digest.night.0),
        to: moment(digest.night.1),
        reports: count.reports,
        persons: count.persons,
        waiting: digest.waiting(),
        red: digest.urgent(),
        queues: (digest.queues.iter())
            .map(|(queue, night)| queue_view(app, *queue, night, page))
            .collect(),
        more: digest.more,
        back: ReturnTo::to(&format!("/staff/digest?day={}", digest.day)),
        flash: None,
    }
}

fn area_name(atlas: &Atlas, area: AreaId, page: &PageContext) -> String {
    let area = atlas.tree.get(area);
    area.map_or_else(String::new, |area| {
        area.name_in(page.lang.is_english()).to_owned()
    })
}

fn queue_view(app: &App, queue: AreaId, night: &QueueNight, page: &PageContext) -> QueueView {
    let count = night.count();
    QueueView {
        id: queue.0,
        name: area_name(&app.atlas(), queue, page),
        reports: count.reports,
        persons: count.persons,
        buildings: (night.buildings.iter())
            .map(|(building, rows)| building_view(app, *building, rows, page))
            .collect(),
    }
}

fn building_view(
    app: &App,
    building: Option<BuildingId>,
    rows: &[report::Row],
    page: &PageContext,
) -> BuildingView {
    let atlas = app.atlas();
    let place = atlas.place(building, None);
    let name = place.map(|place| place.building_name(page.lang.is_english()));
    let mut rows: Vec<_> = rows.iter().map(|row| draw(app, row, page)).collect();
    rows.sort_by_key(|row| row.red.is_empty());
    BuildingView {
        name: name.unwrap_or_else(|| page.w.night.elsewhere.to_owned()),
        rows,
    }
}
