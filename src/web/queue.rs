//! A community's queue: what is open, as a list that the page keeps alive.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Days;
use serde::Serialize;
use utoipa::ToSchema;

use super::case::Choice;
use super::going::{Back, QUEUE};
use super::listing::{Asked, Chip, Filters, Wish, kept};
use super::problem::Problem;
use super::reply::{Chrome, View, reply, wants_json};
use super::row::{Row, draw};
use super::search;
use super::session::Worker;
use super::undo::{self, Done};
use super::words::Words;
use crate::domain::area::AreaId;
use crate::domain::deadline::DUE_SOON_PERCENT;
use crate::domain::listing::{Listing, Mark};
use crate::domain::staff::Role;
use crate::domain::triage::Outcome;
use crate::service::{Acting, House, listing};
use crate::store::report;

/// Reports on one page.
const ROWS_SHOWN: usize = 100;
/// Reports of one bulk request at most.
pub(super) const BULK_MAX: usize = 500;
/// Days ahead of which the page is told whether they are off: longer than it stays open.
const OFF_DAYS_TOLD: u64 = 14;

/// The queue as a page shows it.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct QueueView {
    /// Whose queue it is.
    pub(super) area: String,
    /// Who looks at it.
    pub(super) person: String,
    /// In which role.
    pub(super) role: &'static str,
    /// Our number of that person.
    pub(super) person_id: i32,
    /// How far each queue's history was read, for the stream to go on from.
    pub(super) cursor: String,
    /// The server's clock, in milliseconds since 1970.
    pub(super) now_ms: i64,
    /// By how many minutes the city's clocks are ahead of UTC.
    pub(super) offset_minutes: i64,
    /// When calls may begin, `HH:MM`.
    pub(super) day_starts: String,
    /// When quiet hours begin, `HH:MM`.
    pub(super) day_ends: String,
    /// The next days on which nobody is called, `YYYY-MM-DD`, parted by blanks.
    pub(super) off_days: String,
    /// Whether the night's reports are to be called now: the digest is offered first.
    pub(super) morning: bool,
    /// Whether what is red, or told up, is to reach this person: the centre's, at any hour.
    pub(super) on_duty: bool,
    /// For how long a step can be taken back, in milliseconds.
    pub(super) undo_ms: i64,
    /// Every view, and how many reports it has.
    pub(super) views: Vec<Chip>,
    /// The view that is shown; `search` where these are the results of one.
    pub(super) view: &'static str,
    /// The order of the reports.
    pub(super) sort: &'static str,
    /// What the view may be narrowed to.
    pub(super) filters: Filters,
    /// Why nothing was found, stable; empty where that is not so.
    pub(super) code: &'static str,
    /// The same in words.
    pub(super) message: &'static str,
    /// The reports of the view.
    pub(super) rows: Vec<Row>,
    /// Where the next page goes on; empty on the last one.
    pub(super) next: String,
    /// What was searched for.
    #[serde(skip)]
    pub(super) said: String,
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
    pub(super) back: Back,
    /// What somebody has just done.
    #[serde(skip)]
    pub(super) done: Option<Done>,
    /// What the view is narrowed to: direction, queue, buildings.
    #[serde(skip)]
    narrow: (&'static str, String, String),
    /// An empty row, for the page to fill.
    #[serde(skip)]
    blank: Row,
    /// How reports can end.
    pub(super) outcomes: Vec<Choice>,
    /// Reports of one bulk request at most.
    #[serde(skip)]
    bulk_max: usize,
    /// What the page's scripts say, as JSON.
    #[serde(skip)]
    words: String,
}

/// What a page of the queue shows.
#[derive(Debug)]
pub(super) enum Shown {
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
    c: &'a Chrome,
    w: &'static Words,
    v: &'a QueueView,
}

impl View for QueueView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
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
pub(super) async fn list(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, asked): (Worker, web::Query<Asked>),
) -> Result<HttpResponse, Problem> {
    let (mut chrome, acting) = (Chrome::of(&request), worker.0);
    let last = kept(&request, acting.staff.id).filter(|_| !wants_json(&request));
    let wish = asked.read((&house, &acting), last)?;
    let mut view = view((&house, &acting), &chrome, (&wish, Shown::Wished)).await?;
    view.done = undo::told(&request, (&house, &acting), (&view.back, None)).await?;
    chrome.other = format!("{}&lang={}", view.here, chrome.lang.other().code());
    let mut response = reply(&request, StatusCode::OK, (&view, &chrome))?;
    // An open page that asks again chooses nothing.
    if let Some(cookie) = wish.cookie(&house).filter(|_| !wants_json(&request)) {
        // A cookie of ours always fits into a header.
        let _ = response.add_cookie(&cookie);
    }
    Ok(response)
}

/// The page with all its counts.
pub(super) async fn view(
    (house, acting): (&House, &Acting),
    chrome: &Chrome,
    (wish, shown): (&Wish, Shown),
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
    let seen = listing::view(house, (&acting.scope, &wish.look), limit).await?;
    let (rows, reached) = found.unwrap_or((seen.rows, seen.reached));
    house.names.learn(&house.db, &rows).await?;
    let listing = wish.look.listing;
    let current = said.is_none().then_some(listing);
    let place = |mark: Option<Mark>| mark.map(|mark| mark.to_string()).unwrap_or_default();
    let (from, until) = (place(wish.look.after), place(seen.next));
    let next = seen
        .next
        .map(|mark| wish.address(QUEUE, listing, Some(mark)));
    let cursor = super::stream::Cursor::of(&acting.scope, &reached).to_string();
    Ok(QueueView {
        views: wish.chips(&seen.counts, (chrome, current)),
        view: current.map_or("search", Listing::code),
        sort: wish.look.order.code(),
        filters: wish.filters((house, &acting.scope), chrome),
        back: Back::to(if said.is_some() { search::PATH } else { &here }),
        said: said.unwrap_or_default(),
        here,
        narrow: (wish.direction(), wish.queue(), wish.buildings()),
        from,
        until,
        rows: rows.iter().map(|row| draw(house, row, chrome)).collect(),
        next: next.unwrap_or_default(),
        ..frame(house, (acting, cursor), chrome)
    })
}

/// The page around the reports.
fn frame(house: &House, (acting, cursor): (&Acting, String), chrome: &Chrome) -> QueueView {
    let area = house
        .atlas()
        .tree
        .get(acting.scope.root())
        .map(|area| area.name_in(chrome.lang.is_english()).to_owned());
    let now = house.clock.now();
    let hours = hours(house, acting.scope.root());
    QueueView {
        area: area.unwrap_or_default(),
        person: acting.staff.name.clone(),
        person_id: acting.staff.id.0,
        role: chrome.w.role(acting.staff.role),
        cursor,
        now_ms: now.timestamp_millis(),
        offset_minutes: house.clock.offset_minutes(now),
        day_starts: hours.starts,
        day_ends: hours.ends,
        off_days: hours.off_days,
        morning: hours.morning,
        on_duty: acting.staff.role == Role::DutyOfficer,
        undo_ms: house.rules.undo.num_milliseconds(),
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

fn hours(house: &House, area: AreaId) -> Hours {
    let (atlas, local) = (house.atlas(), house.local_now());
    let rota = house.rules.rota(&atlas, area);
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
