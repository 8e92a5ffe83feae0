//! The command centre: totals that include this minute and add up.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use super::reply::{Chrome, View, reply};
use super::session::Observer;
use super::words::Words;
use crate::domain::area::Level;
use crate::domain::report::Direction;
use crate::domain::staff::{Act, Scope};
use crate::domain::totals::{Count, Totals};
use crate::domain::triage::{Stage, Status};
use crate::service::{House, listing};
use crate::store::{Conn, Error, tally};

/// Every level that can be told that a report is overdue, nearest first.
const TOLD: [Level; 2] = [Level::Subdistrict, Level::District];

/// Today's totals of one scope, and what of everything open rings.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TotalsView {
    /// The area.
    pub(super) area: String,
    /// The local day, `YYYY-MM-DD`.
    pub(super) day: String,
    /// The local time of these figures, `HH:MM:SS`.
    pub(super) at: String,
    /// All reports of the day.
    pub(super) reports: i64,
    /// All persons on them.
    pub(super) persons: i64,
    /// Open reports without a community, whenever they came in.
    pub(super) unrouted: i64,
    /// Open reports that are red, whenever they came in.
    pub(super) red: i64,
    /// Open reports that are overdue and were told to a level, by the highest one, whenever they
    /// came in.
    pub(super) escalated: Vec<Told>,
    /// Whether whoever looks may open the lists behind the figures.
    #[serde(skip)]
    opens: bool,
    /// By direction.
    pub(super) directions: Vec<Figure>,
    /// By stage: waiting, in hand, done, set aside.
    pub(super) stages: Vec<Figure>,
    /// By status.
    pub(super) statuses: Vec<Figure>,
    /// By queue, unrouted bins included; they add up to `reports`.
    pub(super) queues: Vec<QueueFigures>,
    /// By local hour of receipt, from midnight to this hour.
    pub(super) hours: Vec<HourFigure>,
}

/// One figure.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Figure {
    /// What is counted.
    pub(super) code: &'static str,
    /// The same in words.
    pub(super) label: &'static str,
    /// Reports.
    pub(super) reports: i64,
    /// Persons.
    pub(super) persons: i64,
}

/// What was told to one level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Told {
    /// `subdistrict` or `district`.
    pub(super) code: &'static str,
    /// The same in words.
    pub(super) label: &'static str,
    /// Open reports.
    pub(super) reports: i64,
}

/// The figures of one queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueueFigures {
    /// Our number of the area.
    pub(super) id: i32,
    /// Its name.
    pub(super) name: String,
    /// Whether these have no community.
    pub(super) unrouted: bool,
    /// All reports of the day.
    pub(super) reports: i64,
    /// All persons.
    pub(super) persons: i64,
    /// Reports by stage: waiting, in hand, done, set aside; they add up to `reports`.
    pub(super) stages: Vec<i64>,
}

/// One hour.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HourFigure {
    /// The local hour, 0 to 23.
    pub(super) hour: i16,
    /// Reports.
    pub(super) reports: i64,
    /// Share of the fullest hour, 0 to 20, for the bar.
    pub(super) bar: i64,
}

#[derive(Template)]
#[template(path = "centre.html")]
struct Page<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a TotalsView,
}

impl View for TotalsView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        Page { c, w: c.w, v: self }.render()
    }
}

/// `GET /centre`
pub(super) async fn totals(
    request: HttpRequest,
    house: web::Data<House>,
    observer: Observer,
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(&request);
    let mut view = figures(&house, &observer.0.scope, &chrome).await?;
    view.opens = observer.0.staff.role.may(Act::WorkQueue);
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// Today's totals, from the drawers that are kept in the transactions of the reports themselves.
pub(super) async fn figures(
    house: &House,
    scope: &Scope,
    chrome: &Chrome,
) -> Result<TotalsView, Error> {
    let now = house.local_now();
    let (day, within) = (now.date(), scope.clone());
    let work = move |conn: Conn| async move { tally::of_day(&conn, &within, day).await };
    let drawers = house.db.run(work).await?;
    let alarms = listing::alarms(house, scope).await?;
    let atlas = house.atlas();
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
