//! The command centre: totals that include this minute and add up.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::area::Level;
use crate::domain::report::Direction;
use crate::domain::staff::{Act, Scope};
use crate::domain::totals::{Count, Totals};
use crate::domain::triage::{Stage, Status};
use crate::service::{App, listing};
use crate::store::{Conn, Error, tally};
use crate::web::http::auth::{Authorized, SeeTotals};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::{View, reply};
use crate::web::text::Words;

/// Every level that can be told that a report is overdue, nearest first.
const TOLD: [Level; 2] = [Level::Subdistrict, Level::District];

/// Today's totals of one scope, and what of everything open rings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TotalsView {
    /// The area.
    pub(crate) area: String,
    /// The local day, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// The local time of these figures, `HH:MM:SS`.
    pub(crate) at: String,
    /// All reports of the day.
    pub(crate) reports: i64,
    /// All persons on them.
    pub(crate) persons: i64,
    /// Open reports without a community, whenever they came in.
    pub(crate) unrouted: i64,
    /// Open reports that are red, whenever they came in.
    pub(crate) red: i64,
    /// Open reports that are overdue and were told to a level, by the highest one, whenever they
    /// came in.
    pub(crate) escalated: Vec<Told>,
    /// Whether whoever looks may open the lists behind the figures.
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

/// One figure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Figure {
    /// What is counted.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) label: &'static str,
    /// Reports.
    pub(crate) reports: i64,
    /// Persons.
    pub(crate) persons: i64,
}

/// What was told to one level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Told {
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
    /// Our number of the area.
    pub(crate) id: i32,
    /// Its name.
    pub(crate) name: String,
    /// Whether these have no community.
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
    /// Share of the fullest hour, 0 to 20, for the bar.
    pub(crate) bar: i64,
}

#[derive(Template)]
#[template(path = "centre.html")]
struct Page<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a TotalsView,
}

impl View for TotalsView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        Page { c, w: c.w, v: self }.render()
    }
}

/// `GET /centre`
#[utoipa::path(get, operation_id = "centre", path = "/centre", security(("staff" = [])),
    responses((status = 200, body = TotalsView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
pub(crate) async fn totals(
    request: HttpRequest,
    app: web::Data<App>,
    observer: Authorized<SeeTotals>,
) -> Result<HttpResponse, Problem> {
    let chrome = PageContext::of(&request);
    let mut view = figures(&app, &observer.principal.scope, &chrome).await?;
    view.opens = observer.principal.staff.role.may(Act::WorkQueue);
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// Today's totals, from the drawers that are kept in the transactions of the reports themselves.
pub(crate) async fn figures(
    app: &App,
    scope: &Scope,
    chrome: &PageContext,
) -> Result<TotalsView, Error> {
    let now = app.local_now();
    let (day, within) = (now.date(), scope.clone());
    let work = move |conn: Conn| async move { tally::of_day(&conn, &within, day).await };
    let drawers = app.db.read(work).await?;
    let alarms = listing::alarms(app, scope).await?;
    let atlas = app.atlas();
    let totals = Totals::of(drawers);
    let w = chrome.w;
    let figure = |code, label, count: Option<&Count>| {
        let count = count.copied().unwrap_or_default();
        Figure {
            code,
            label,
            reports: count.reports,
            persons: count.persons,
        }
    };
    let queues = scope.own_queues().iter().filter_map(|area| {
        let totals = totals.by_queue.get(area);
        let owns = atlas.tree.queue_of(*area) == Some(*area) && !atlas.tree.is_unrouted(*area);
        let named = atlas.tree.get(*area)?;
        let totals = totals.cloned().or(owns.then(Default::default))?;
        let stage = |stage: &Stage| totals.of_stage(*stage).reports;
        Some(QueueFigures {
            id: area.0,
            name: named.name_in(chrome.lang.is_english()).to_owned(),
            unrouted: !owns,
            reports: totals.all.reports,
            persons: totals.all.persons,
            stages: Stage::ALL.iter().map(stage).collect(),
        })
    });
    let fullest = totals
        .by_hour
        .values()
        .map(|count| count.reports)
        .max()
        .unwrap_or(1)
        .max(1);
    let hour_now = i16::try_from(chrono::Timelike::hour(&now)).unwrap_or(23);
    let hours = (0..=hour_now).map(|hour| {
        let reports = totals.by_hour.get(&hour).map_or(0, |count| count.reports);
        HourFigure {
            hour,
            reports,
            bar: reports * 20 / fullest,
        }
    });
    Ok(TotalsView {
        area: atlas
            .tree
            .get(scope.root())
            .map(|area| area.name_in(chrome.lang.is_english()).to_owned())
            .unwrap_or_default(),
        day: day.to_string(),
        at: now.format("%H:%M:%S").to_string(),
        reports: totals.all.reports,
        persons: totals.all.persons,
        unrouted: alarms.unrouted,
        red: alarms.red,
        opens: false,
        escalated: TOLD
            .map(|level| Told {
                code: level.code(),
                label: w.escalated(level),
                reports: alarms.told.get(&level).copied().unwrap_or_default(),
            })
            .into(),
        directions: Direction::ALL
            .iter()
            .map(|way| figure(way.code(), w.direction(*way), totals.by_direction.get(way)))
            .collect(),
        stages: Stage::ALL
            .iter()
            .map(|stage| {
                figure(
                    stage.code(),
                    w.stage(*stage),
                    Some(&totals.of_stage(*stage)),
                )
            })
            .collect(),
        statuses: Status::ALL
            .iter()
            .map(|status| {
                figure(
                    status.code(),
                    w.status(*status),
                    totals.by_status.get(status),
                )
            })
            .collect(),
        queues: queues.collect(),
        hours: hours.collect(),
    })
}
