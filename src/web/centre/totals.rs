//! The command centre: today's totals. They are current, and their parts add up.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::Timelike;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::area::Level;
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::Direction;
use crate::domain::staff::{Act, Scope};
use crate::domain::totals::{Count, Totals};
use crate::domain::triage::{Stage, Status};
use crate::service::App;
use crate::service::listing::{self, Alarms};
use crate::store::{Conn, Error, tally};
use crate::web::http::auth::{Authorized, SeeTotals};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::text::Words;

/// The levels that overdue reports are escalated to, nearest first.
const ESCALATED_TO: [Level; 2] = [Level::Subdistrict, Level::District];
/// The length of the bar of the hour with the most reports.
const BAR_MAX: i64 = 20;

/// Today's totals of one scope, and the alarms of all its open reports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotalsView {
    /// The name of the area.
    pub(crate) area: String,
    /// The local day, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// The local time of these totals, `HH:MM:SS`.
    pub(crate) at: String,
    /// All reports of the day.
    pub(crate) reports: i64,
    /// All persons on them.
    pub(crate) persons: i64,
    /// Open reports without a community, of any day.
    pub(crate) unrouted: i64,
    /// Open urgent reports, of any day.
    pub(crate) red: i64,
    /// Open escalated reports, by the highest level that each was escalated to, of any day.
    pub(crate) escalated: Vec<EscalatedFigure>,
    /// Whether the person may open the lists behind the figures.
    #[serde(skip)]
    opens: bool,
    /// By direction.
    pub(crate) directions: Vec<Figure>,
    /// By stage: waiting, in hand, done, set aside.
    pub(crate) stages: Vec<Figure>,
    /// By status.
    pub(crate) statuses: Vec<Figure>,
    /// By queue, unrouted bins included; they add up to `reports`.
    pub(crate) queues: Vec<QueueFigures>,
    /// By local hour of receipt, from midnight to this hour.
    pub(crate) hours: Vec<HourFigure>,
}

/// A count of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Figure {
    /// The code of the kind.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) label: String,
    /// Reports.
    pub(crate) reports: i64,
    /// Persons.
    pub(crate) persons: i64,
}

/// The reports that were escalated to one level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EscalatedFigure {
    /// `subdistrict` or `district`.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) label: &'static str,
    /// Open reports.
    pub(crate) reports: i64,
}

/// The figures of one queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueFigures {
    /// The id of the queue.
    pub(crate) id: i32,
    /// Its name.
    pub(crate) name: String,
    /// Whether it is a bin of unrouted reports.
    pub(crate) unrouted: bool,
    /// All reports of the day.
    pub(crate) reports: i64,
    /// All persons.
    pub(crate) persons: i64,
    /// Reports by stage: waiting, in hand, done, set aside; they add up to `reports`.
    pub(crate) stages: Vec<i64>,
}

/// One hour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HourFigure {
    /// The local hour, 0 to 23.
    pub(crate) hour: i16,
    /// Reports.
    pub(crate) reports: i64,
    /// The length of the bar, 0 to 20; 20 is the hour with the most reports.
    pub(crate) bar: i64,
}

template!(TotalsView, "centre.html");

/// `GET /centre`
#[utoipa::path(get, operation_id = "centre", path = "/centre", security(("staff" = [])),
    responses((status = 200, body = TotalsView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn totals(context: Authorized<SeeTotals>) -> Result<HttpResponse, Problem> {
    let principal = &context.principal;
    let mut view = totals_view(&context.app, &principal.scope, &context.page).await?;
    view.opens = principal.staff.role.may(Act::WorkQueue);
    context.reply(StatusCode::OK, &view)
}

/// Today's totals, from the tallies that the transactions of the reports themselves maintain.
pub(crate) async fn totals_view(
    app: &App,
    scope: &Scope,
    page: &PageContext,
) -> Result<TotalsView, Error> {
    let now = app.local_now();
    let (day, within) = (now.date(), scope.clone());
    let work = move |conn: Conn| async move { tally::of_day(&conn, &within, day).await };
    let totals = Totals::of(app.db.read(work).await?);
    let alarms = listing::alarms(app, scope).await?;
    let atlas = app.atlas();
    let area = atlas.tree.get(scope.root());
    let area = area.map(|area| area.name_in(page.lang.is_english()).to_owned());
    Ok(TotalsView {
        area: area.unwrap_or_default(),
        day: day.to_string(),
        at: now.format("%H:%M:%S").to_string(),
        reports: totals.all.reports,
        persons: totals.all.persons,
        unrouted: alarms.unrouted,
        red: alarms.red,
        opens: false,
        escalated: escalated(&alarms, page.w),
        directions: directions(app, &totals, page.w),
        stages: stages(&totals, page.w),
        statuses: statuses(&totals, page.w),
        queues: (scope.own_queues().iter())
            .filter_map(|queue| queue_figures(&atlas, &totals, *queue, page))
            .collect(),
        hours: hours(&totals, now.hour()),
    })
}

fn figure(code: &'static str, label: String, count: Option<Count>) -> Figure {
    let count = count.unwrap_or_default();
    Figure {
        code,
        label,
        reports: count.reports,
        persons: count.persons,
    }
}

fn escalated(alarms: &Alarms, w: &Words) -> Vec<EscalatedFigure> {
    let figure = |level: Level| EscalatedFigure {
        code: level.code(),
        label: w.escalated(level),
        reports: alarms.escalated.get(&level).copied().unwrap_or_default(),
    };
    ESCALATED_TO.map(figure).into()
}

fn directions(app: &App, totals: &Totals, w: &Words) -> Vec<Figure> {
    let figure = |way: &Direction| {
        let count = totals.by_direction.get(way).copied();
        figure(
            way.code(),
            w.direction(*way, &app.rules.campaign.city),
            count,
        )
    };
    Direction::ALL.iter().map(figure).collect()
}

fn stages(totals: &Totals, w: &Words) -> Vec<Figure> {
    let figure = |stage: &Stage| {
        let count = totals.of_stage(*stage);
        figure(stage.code(), w.stage(*stage).to_owned(), Some(count))
    };
    Stage::ALL.iter().map(figure).collect()
}

fn statuses(totals: &Totals, w: &Words) -> Vec<Figure> {
    let figure = |status: &Status| {
        let count = totals.by_status.get(status).copied();
        figure(status.code(), w.status(*status).to_owned(), count)
    };
    Status::ALL.iter().map(figure).collect()
}

/// The figures of one queue; `None` for a bin without reports.
fn queue_figures(
    atlas: &Atlas,
    totals: &Totals,
    queue: QueueId,
    page: &PageContext,
) -> Option<QueueFigures> {
    let tree = &atlas.tree;
    let owns = tree.is_community(queue);
    let area = tree.area_of(queue)?;
    let totals = totals.by_queue.get(&queue).cloned();
    let totals = totals.or(owns.then(Default::default))?;
    let stage = |stage: &Stage| totals.of_stage(*stage).reports;
    Some(QueueFigures {
        id: queue.0,
        name: area.name_in(page.lang.is_english()).to_owned(),
        unrouted: !owns,
        reports: totals.all.reports,
        persons: totals.all.persons,
        stages: Stage::ALL.iter().map(stage).collect(),
    })
}

/// The hours from midnight to this one.
fn hours(totals: &Totals, hour_now: u32) -> Vec<HourFigure> {
    let counts = totals.by_hour.values().map(|count| count.reports);
    let fullest = counts.max().unwrap_or_default().max(1);
    let figure = |hour: i16| {
        let reports = totals.by_hour.get(&hour).map_or(0, |count| count.reports);
        HourFigure {
            hour,
            reports,
            bar: reports * BAR_MAX / fullest,
        }
    };
    (0..=i16::try_from(hour_now).unwrap_or(23))
        .map(figure)
        .collect()
}
