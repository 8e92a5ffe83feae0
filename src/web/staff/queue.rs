//! A community's queue: what is open, as a list that the page keeps alive.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Days;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::area::AreaId;
use crate::domain::deadline::DUE_SOON_PERCENT;
use crate::domain::listing::{Listing, PageCursor};
use crate::domain::staff::Role;
use crate::domain::triage::Outcome;
use crate::service::{App, Principal, listing};
use crate::store::report;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::{View, reply};
use crate::web::http::request::wants_json;
use crate::web::http::return_to::{QUEUE, ReturnTo, SEARCH};
use crate::web::staff::bulk::BULK_MAX;
use crate::web::staff::choice::Choice;
use crate::web::staff::filter::{Asked, Filters, ViewRequest, ViewTab, kept};
use crate::web::staff::flash::{self, Done};
use crate::web::staff::row::{Row, draw};
use crate::web::text::Words;

/// Reports on one page.
const ROWS_SHOWN: usize = 100;
/// Days ahead of which the page is told whether they are off: longer than it stays open.
const OFF_DAYS_TOLD: u64 = 14;

/// The queue as a page shows it.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct QueueView {
    /// Whose queue it is.
    pub(crate) area: String,
    /// Who looks at it.
    pub(crate) person: String,
    /// In which role.
    pub(crate) role: &'static str,
    /// Our number of that person.
    pub(crate) person_id: i32,
    /// How far each queue's history was read, for the stream to go on from.
    pub(crate) cursor: String,
    /// The server's clock, in milliseconds since 1970.
    pub(crate) now_ms: i64,
    /// By how many minutes the city's clocks are ahead of UTC.
    pub(crate) offset_minutes: i64,
    /// When calls may begin, `HH:MM`.
    pub(crate) day_starts: String,
    /// When quiet hours begin, `HH:MM`.
    pub(crate) day_ends: String,
    /// The next days on which nobody is called, `YYYY-MM-DD`, parted by blanks.
    pub(crate) off_days: String,
    /// Whether the night's reports are to be called now: the digest is offered first.
    pub(crate) morning: bool,
    /// Whether what is red, or told up, is to reach this person: the centre's, at any hour.
    pub(crate) on_duty: bool,
    /// For how long a step can be taken back, in milliseconds.
    pub(crate) undo_ms: i64,
    /// Every view, and how many reports it has.
    pub(crate) views: Vec<ViewTab>,
    /// The view that is shown; `search` where these are the results of one.
    pub(crate) view: &'static str,
    /// The order of the reports.
    pub(crate) sort: &'static str,
    /// What the view may be narrowed to.
    pub(crate) filters: Filters,
    /// Why nothing was found, stable; empty where that is not so.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) message: &'static str,
    /// The reports of the view.
    pub(crate) rows: Vec<Row>,
    /// Where the next page goes on; empty on the last one.
    pub(crate) next: String,
    /// What was searched for.
    #[serde(skip)]
    pub(crate) said: String,
    /// Where this view is, for the page to ask again.
    #[serde(skip)]
    here: String,
    /// The places after which and up to which the page lists; empty where that is the end.
    #[serde(skip)]
    from: String,
    #[serde(skip)]
    until: String,
    /// How cases lead back here.
    #[serde(skip)]
    pub(crate) back: ReturnTo,
    /// What somebody has just done.
    #[serde(skip)]
    pub(crate) done: Option<Done>,
    /// What the view is narrowed to: direction, queue, buildings.
    #[serde(skip)]
    narrow: (&'static str, String, String),
    /// An empty row, for the page to fill.
    #[serde(skip)]
    blank: Row,
    /// How reports can end.
    pub(crate) outcomes: Vec<Choice>,
    /// Reports of one bulk request at most.
    #[serde(skip)]
    bulk_max: usize,
    /// What the page's scripts say, as JSON.
    #[serde(skip)]
    words: String,
}

/// What a page of the queue shows.
#[derive(Debug)]
pub(crate) enum Shown {
    /// The view that somebody wishes to see.
    Wished,
    /// What a search has found, and what it was for.
    Found {
        /// The words.
        said: String,
        /// The reports.
        rows: Vec<report::Row>,
        /// How far history reached before they were sought.
        reached: BTreeMap<AreaId, i64>,
    },
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a QueueView,
}

impl View for QueueView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        QueuePage { c, w: c.w, v: self }.render()
    }
}

impl QueueView {
    /// Who has this report, as whoever looks reads it.
    fn owner<'a>(&self, row: &'a Row, w: &'static Words) -> &'a str {
        row.owner_for(self.person_id, w)
    }
}

/// `GET /staff`: a view of what is within the person's scope. Somebody who names none gets the one
/// they chose last on this device; a program gets all that is open.
#[utoipa::path(get, operation_id = "queue", path = "/staff", security(("staff" = [])),
    params(("view" = Option<String>, Query, description = "`open`, `mine`, `waiting`, `due_soon`, `overdue`, `unreachable`, `incomplete`, `duplicates` or `closed_today`"),
        ("sort" = Option<String>, Query, description = "`deadline` or `newest`"), ("direction" = Option<String>, Query, description = "`return` or `leave`"),
        ("queue" = Option<i32>, Query), ("estate" = Option<i32>, Query), ("building" = Option<i32>, Query),
        ("after" = Option<String>, Query, description = "the `next` of the previous page")),
    responses((status = 200, body = QueueView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, asked): (Authorized<WorkQueue>, web::Query<Asked>),
) -> Result<HttpResponse, Problem> {
    let (mut chrome, principal) = (PageContext::of(&request), worker.into_inner().principal);
    let last = kept(&request, principal.staff.id).filter(|_| !wants_json(&request));
    let wish = asked.read((&app, &principal), last)?;
    let mut view = view((&app, &principal), &chrome, (&wish, Shown::Wished)).await?;
    view.done = flash::told(&request, (&app, &principal), (&view.back, None)).await?;
    chrome.other = format!("{}&lang={}", view.here, chrome.lang.other().code());
    let mut response = reply(&request, StatusCode::OK, (&view, &chrome))?;
    // An open page that asks again chooses nothing.
    if let Some(cookie) = wish.cookie(&app).filter(|_| !wants_json(&request)) {
        // A cookie of ours always fits into a header.
        let _ = response.add_cookie(&cookie);
    }
    Ok(response)
}

/// The page with all its counts.
pub(crate) async fn view(
    (app, principal): (&App, &Principal),
    chrome: &PageContext,
    (wish, shown): (&ViewRequest, Shown),
) -> Result<QueueView, Problem> {
    let here = wish.address(QUEUE, wish.look.listing, wish.look.after);
    let (said, found) = match shown {
        Shown::Wished => (None, None),
        Shown::Found {
            said,
            rows,
            reached,
        } => (Some(said), Some((rows, reached))),
    };
    let limit = found.as_ref().map_or(ROWS_SHOWN, |_| 0);
    let seen = listing::view(app, (&principal.scope, &wish.look), limit).await?;
    let (rows, reached) = found.unwrap_or((seen.rows, seen.reached));
    app.names.learn(&app.db, &rows).await?;
    let listing = wish.look.listing;
    let current = said.is_none().then_some(listing);
    let place = |mark: Option<PageCursor>| mark.map(|mark| mark.to_string()).unwrap_or_default();
    let (from, until) = (place(wish.look.after), place(seen.next));
    let next = seen
        .next
        .map(|mark| wish.address(QUEUE, listing, Some(mark)));
    let cursor = crate::web::staff::cursor::Cursor::of(&principal.scope, &reached).to_string();
    Ok(QueueView {
        views: wish.chips(&seen.counts, (chrome, current)),
        view: current.map_or("search", Listing::code),
        sort: wish.look.order.code(),
        filters: wish.filters((app, &principal.scope), chrome),
        back: ReturnTo::to(if said.is_some() { SEARCH } else { &here }),
        said: said.unwrap_or_default(),
        here,
        narrow: (wish.direction(), wish.queue(), wish.buildings()),
        from,
        until,
        rows: rows.iter().map(|row| draw(app, row, chrome)).collect(),
        next: next.unwrap_or_default(),
        ..frame(app, (principal, cursor), chrome)
    })
}

/// The page around the reports.
fn frame(app: &App, (principal, cursor): (&Principal, String), chrome: &PageContext) -> QueueView {
    let area = app
        .atlas()
        .tree
        .get(principal.scope.root())
        .map(|area| area.name_in(chrome.lang.is_english()).to_owned());
    let now = app.clock.now();
    let hours = hours(app, principal.scope.root());
    QueueView {
        area: area.unwrap_or_default(),
        person: principal.staff.name.clone(),
        person_id: principal.staff.id.0,
        role: chrome.w.role(principal.staff.role),
        cursor,
        now_ms: now.timestamp_millis(),
        offset_minutes: app.clock.offset_minutes(now),
        day_starts: hours.starts,
        day_ends: hours.ends,
        off_days: hours.off_days,
        morning: hours.morning,
        on_duty: principal.staff.role == Role::DutyOfficer,
        undo_ms: app.rules.undo.num_milliseconds(),
        outcomes: (Outcome::ALL.iter())
            .map(|outcome| Choice {
                value: outcome.code(),
                label: chrome.w.outcome(*outcome),
            })
            .collect(),
        bulk_max: BULK_MAX,
        words: script_words(chrome.w),
        ..QueueView::default()
    }
}

/// When the people of one area are not to be disturbed, as their pages know it.
struct Hours {
    starts: String,
    ends: String,
    off_days: String,
    morning: bool,
}

fn hours(app: &App, area: AreaId) -> Hours {
    let (atlas, local) = (app.atlas(), app.local_now());
    let rota = app.rules.rota(&atlas, area);
    let day = rota.day;
    let days = (0..OFF_DAYS_TOLD).map(|ahead| local.date() + Days::new(ahead));
    let off: Vec<_> = days.filter(|day| rota.is_off(*day)).collect();
    let called = local.date().and_time(day.night_due) + day.first_contact;
    Hours {
        starts: day.starts.format("%H:%M").to_string(),
        ends: day.ends.format("%H:%M").to_string(),
        morning: !rota.is_off(local.date()) && local < called,
        off_days: (off.iter().map(ToString::to_string))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// What the page's scripts say. `<` is spelled so that no word could end the element around it.
fn script_words(w: &Words) -> String {
    let s = &w.staff;
    serde_json::json!({
        "left": s.left, "over": s.over, "hours": s.span_hours, "minutes": s.span_minutes, "rough": w.night.rough,
        "soon": 1.0 - f64::from(DUE_SOON_PERCENT) / 100.0, "undone": s.undone, "changed": s.changed,
        "why": { "stale": w.case.why_stale, "illegal_move": w.case.why_illegal, "too_late": w.case.why_late, "other": w.case.why_other },
        "bulkUndone": w.case.bulk_undone, "both": w.case.both,
        "failed": s.failed, "mark": s.mark, "fresh": s.new_reports, "working": s.working, "bulk": s.bulk_done, "notice": s.notice_text, "red": w.night.red_notice, "moved": s.moved_away,
    })
    .to_string()
    .replace('<', "\\u003c")
}
