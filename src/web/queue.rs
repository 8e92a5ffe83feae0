//! A community's queue: what is open, as a list that the page keeps alive.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Days, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::Choice;
use super::listing::{Asked, Chip, Filters, Wish, kept};
use super::problem::Problem;
use super::reply::{Chrome, View, reply, wants_json};
use super::session::Worker;
use super::words::Words;
use crate::domain::area::AreaId;
use crate::domain::deadline::{DUE_SOON_PERCENT, Urgency};
use crate::domain::listing::{Listing, Mark};
use crate::domain::person::{Phone, mask_name};
use crate::domain::staff::Role;
use crate::domain::triage::Outcome;
use crate::service::personal::Personal;
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

/// A report as it stands in a list: nothing that names a person.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row of JSON, each of them a fact of its own"
)]
pub(super) struct Row {
    /// The report.
    pub(super) id: Uuid,
    /// Counts the changes; to be sent back with each move.
    pub(super) version: i32,
    /// The receipt number.
    pub(super) number: String,
    /// The queue.
    pub(super) queue: String,
    /// Our number of it.
    pub(super) queue_id: i32,
    /// Our number of the building, where known.
    pub(super) building_id: Option<i32>,
    /// Whether it has no community yet.
    pub(super) unrouted: bool,
    /// How it came in: `page`, `api` or `desk`.
    pub(super) channel: &'static str,
    /// `return` or `leave`.
    pub(super) direction: &'static str,
    /// The same in words.
    pub(super) direction_words: &'static str,
    /// Whether what was said cannot be opened: name, telephone and room are then unknown.
    pub(super) unreadable: bool,
    /// The masked name; null where it cannot be opened.
    pub(super) name: Option<String>,
    /// Whether it left no more than a telephone.
    pub(super) incomplete: bool,
    /// The masked telephone; null where it cannot be opened.
    pub(super) phone: Option<String>,
    /// How many.
    pub(super) persons: i16,
    /// Estate, building, unit and room; without the room where it cannot be opened.
    pub(super) place: String,
    /// Where from, or where to.
    pub(super) region: String,
    /// The day of travel, in words.
    pub(super) day: String,
    /// Where it stands.
    pub(super) status: &'static str,
    /// The same in words.
    pub(super) status_words: &'static str,
    /// When it was received, in words.
    pub(super) received: String,
    /// The same in milliseconds since 1970.
    pub(super) received_ms: i64,
    /// Whether it has ended.
    pub(super) closed: bool,
    /// When it has ended, in milliseconds since 1970; 0 where it has not.
    pub(super) closed_ms: i64,
    /// Our number of the person who took it.
    pub(super) owner_id: Option<i32>,
    /// When to call again, in words; empty where that is not agreed.
    pub(super) retry: String,
    /// By when somebody is to call; never moves back.
    pub(super) contact_due_at: DateTime<Utc>,
    /// By when the case is to be ended; never moves.
    pub(super) finish_due_at: Option<DateTime<Utc>>,
    /// Which deadline counts: `contact` until somebody has taken it, then `finish`; empty once
    /// it has ended.
    pub(super) due_kind: &'static str,
    /// The same in words, with when it is; empty as well.
    pub(super) due_text: String,
    /// When that is.
    pub(super) due_at: Option<DateTime<Utc>>,
    /// The same in milliseconds since 1970; 0 where no deadline counts.
    pub(super) due_ms: i64,
    /// How long there was from the receipt on, in milliseconds.
    pub(super) given_ms: i64,
    /// The deadline in words.
    pub(super) due: String,
    /// Whether that is past.
    pub(super) overdue: bool,
    /// `ahead`, `due_soon` or `overdue`; empty where no deadline counts.
    pub(super) urgency: &'static str,
    /// The highest level that was told that it is overdue: `subdistrict`, `district` or empty.
    pub(super) escalated_to: &'static str,
    /// The same in words.
    pub(super) escalated: &'static str,
    /// The red rule that it matched; empty where it is not red.
    pub(super) red: String,
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

/// `GET /staff`: a view of what is within the person's scope. Somebody who names none gets the one
/// they chose last on this device; a program gets all that is open.
pub(super) async fn list(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, asked): (Worker, web::Query<Asked>),
) -> Result<HttpResponse, Problem> {
    let (chrome, acting) = (Chrome::of(&request), worker.0);
    let last = kept(&request, acting.staff.id).filter(|_| !wants_json(&request));
    let wish = asked.read((&house, &acting), last)?;
    let view = view((&house, &acting), &chrome, (&wish, Shown::Wished)).await?;
    let mut response = reply(&request, StatusCode::OK, (&view, &chrome))?;
    if let Some(cookie) = wish.cookie(&house) {
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
    let listing = wish.look.listing;
    let current = said.is_none().then_some(listing);
    let place = |mark: Option<Mark>| mark.map(|mark| mark.to_string()).unwrap_or_default();
    let (from, until) = (place(wish.look.after), place(seen.next));
    let next = seen
        .next
        .map(|mark| wish.address("/staff", listing, Some(mark)));
    let cursor = super::stream::Cursor::of(&acting.scope, &reached).to_string();
    Ok(QueueView {
        views: wish.chips(&seen.counts, (chrome, current)),
        view: current.map_or("search", Listing::code),
        sort: wish.look.order.code(),
        filters: wish.filters((house, &acting.scope), chrome),
        said: said.unwrap_or_default(),
        here: wish.address("/staff", listing, wish.look.after),
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
        "soon": 1.0 - f64::from(DUE_SOON_PERCENT) / 100.0, "done": s.done, "undone": s.undone, "changed": s.changed,
        "why": { "stale": w.case.why_stale, "illegal_move": w.case.why_illegal, "other": w.case.why_other },
        "failed": s.failed, "working": s.working, "bulk": s.bulk_done, "notice": s.notice_text, "red": w.night.red_notice, "moved": s.moved_away,
    })
    .to_string()
    .replace('<', "\\u003c")
}

/// The row of a list; opens what is sealed only to mask it, and stands there without it where it
/// cannot be opened.
pub(super) fn draw(house: &House, row: &report::Row, chrome: &Chrome) -> Row {
    let (atlas, lang, w) = (house.atlas(), chrome.lang, chrome.w);
    let personal = Personal::open(house, row);
    let personal = personal.as_ref();
    let now = house.local_now();
    let moment = |at| lang.moment(house.clock.local(at), now.date());
    let due = row.due();
    let given = due.map(|(_, at)| at - row.received_at);
    let passed = house.clock.now() - row.received_at;
    let urgency = given.map(|given| Urgency::after(passed, given));
    let place = atlas.place(row.building, row.placard);
    let place = place
        .map(|place| place.words(lang.is_english()))
        .unwrap_or_default();
    let room = personal.map_or("", |personal| personal.room.as_str());
    let known = row.region.and_then(|region| atlas.gazetteer.get(region));
    Row {
        id: row.id.0,
        version: row.version,
        number: row.number.clone(),
        queue: atlas
            .tree
            .get(row.queue)
            .map(|area| area.name_in(lang.is_english()).to_owned())
            .unwrap_or_default(),
        queue_id: row.queue.0,
        building_id: row.building.map(|building| building.0),
        unrouted: atlas.tree.is_unrouted(row.queue),
        channel: row.channel.code(),
        direction: row.direction.code(),
        direction_words: w.direction(row.direction),
        unreadable: personal.is_none(),
        name: personal.map(
            |personal| match row.incomplete && personal.name.is_empty() {
                true => w.form.incomplete.to_owned(),
                false => mask_name(&personal.name),
            },
        ),
        incomplete: row.incomplete,
        phone: personal.map(|personal| masked(&personal.phone)),
        persons: row.persons,
        place: format!("{place} {room}").trim().to_owned(),
        region: match (personal, known) {
            (Some(personal), _) => personal.region.clone(),
            (None, known) => known.map_or_else(String::new, |known| known.full_name.clone()),
        },
        day: lang.day(row.travel_day),
        status: row.status.code(),
        status_words: w.status(row.status),
        received: moment(row.received_at),
        received_ms: row.received_at.timestamp_millis(),
        closed: !row.status.is_open(),
        closed_ms: row.closed_at.map_or(0, |at| at.timestamp_millis()),
        owner_id: row.owner.map(|owner| owner.0),
        retry: row
            .retry_at
            .map(|at| lang.moment(house.clock.local(at), now.date()))
            .unwrap_or_default(),
        contact_due_at: row.contact_due_at,
        finish_due_at: row.finish_due_at,
        due_kind: due.map(|(due, _)| due.code()).unwrap_or_default(),
        due_text: due.map_or_else(String::new, |(due, at)| {
            format!("{} {}", w.due(due), moment(at))
        }),
        due_at: due.map(|(_, at)| at),
        due_ms: due.map_or(0, |(_, at)| at.timestamp_millis()),
        given_ms: given.map_or(0, |given| given.num_milliseconds()),
        due: due.map_or_else(String::new, |(_, at)| moment(at)),
        overdue: urgency == Some(Urgency::Overdue),
        urgency: urgency.map(Urgency::code).unwrap_or_default(),
        escalated_to: row.escalated.map_or("", |(level, _)| level.code()),
        escalated: (row.escalated).map_or("", |(level, _)| w.escalated_short(level)),
        red: row.red.clone().unwrap_or_default(),
    }
}

fn masked(phone: &str) -> String {
    Phone::read(phone).map_or_else(|_| String::new(), |phone| phone.masked())
}
