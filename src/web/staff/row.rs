//! A report as a line of a list, of the queue as of any other: what everybody reads of it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::deadline::Urgency;
use crate::domain::person::{Phone, mask_name};
use crate::domain::report::Channel;
use crate::domain::triage::Outcome;
use crate::service::App;
use crate::service::personal::Personal;
use crate::store::report;
use crate::web::http::page_context::PageContext;
use crate::web::text::Words;

/// A report as it stands in a list: nothing that names whoever reported.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row of JSON, each of them a fact of its own"
)]
pub(crate) struct Row {
    /// The report.
    pub(crate) id: Uuid,
    /// Counts the changes; to be sent back with each move.
    pub(crate) version: i32,
    /// The receipt number.
    pub(crate) number: String,
    /// The queue.
    pub(crate) queue: String,
    /// Our number of it.
    pub(crate) queue_id: i32,
    /// Our number of the building, where known.
    pub(crate) building_id: Option<i32>,
    /// Whether it has no community yet.
    pub(crate) unrouted: bool,
    /// How it came in: `page`, `api` or `desk`.
    pub(crate) channel: &'static str,
    /// Whether somebody wrote it down at a desk.
    pub(crate) desk: bool,
    /// `return` or `leave`.
    pub(crate) direction: &'static str,
    /// The same in words.
    pub(crate) direction_words: &'static str,
    /// Whether what was said cannot be opened: name, telephone and room are then unknown.
    pub(crate) unreadable: bool,
    /// The masked name; null where it cannot be opened.
    pub(crate) name: Option<String>,
    /// Whether it left no more than a telephone.
    pub(crate) incomplete: bool,
    /// The masked telephone; null where it cannot be opened.
    pub(crate) phone: Option<String>,
    /// How many.
    pub(crate) persons: i16,
    /// Estate, building, unit and room; without the room where it cannot be opened.
    pub(crate) place: String,
    /// Where from, or where to.
    pub(crate) region: String,
    /// The day of travel, in words.
    pub(crate) day: String,
    /// Where it stands.
    pub(crate) status: &'static str,
    /// The same in words.
    pub(crate) status_words: &'static str,
    /// When it was received, in words.
    pub(crate) received: String,
    /// The same in milliseconds since 1970.
    pub(crate) received_ms: i64,
    /// Whether it has ended.
    pub(crate) closed: bool,
    /// When it has ended, in milliseconds since 1970; 0 where it has not.
    pub(crate) closed_ms: i64,
    /// Our number of the person who took it.
    pub(crate) owner_id: Option<i32>,
    /// What colleagues call that person; empty where nobody has.
    pub(crate) owner: String,
    /// What came of it: `confirmed`, `informed`, `cancelled`, `referred` or empty.
    pub(crate) outcome: &'static str,
    /// The same in words.
    pub(crate) outcome_words: &'static str,
    /// When to call again, in words; empty where that is not agreed.
    pub(crate) retry: String,
    /// By when somebody is to call; never moves back.
    pub(crate) contact_due_at: DateTime<Utc>,
    /// By when the case is to be ended; never moves.
    pub(crate) finish_due_at: DateTime<Utc>,
    /// Which deadline counts: `contact` until somebody has taken it, then `finish`; empty once
    /// it has ended.
    pub(crate) due_kind: &'static str,
    /// The same in words, with when it is; empty as well.
    pub(crate) due_text: String,
    /// When that is.
    pub(crate) due_at: Option<DateTime<Utc>>,
    /// The same in milliseconds since 1970; 0 where no deadline counts.
    pub(crate) due_ms: i64,
    /// How long there was from the receipt on, in milliseconds.
    pub(crate) given_ms: i64,
    /// The deadline in words.
    pub(crate) due: String,
    /// Whether that is past.
    pub(crate) overdue: bool,
    /// `ahead`, `due_soon` or `overdue`; empty where no deadline counts.
    pub(crate) urgency: &'static str,
    /// The highest level that was told that it is overdue: `subdistrict`, `district` or empty.
    pub(crate) escalated_to: &'static str,
    /// The same in words.
    pub(crate) escalated: &'static str,
    /// The red rule that it matched; empty where it is not red.
    pub(crate) red: String,
}

impl Row {
    /// Who has the report, as this person reads it.
    pub(crate) fn owner_for(&self, person_id: i32, w: &'static Words) -> &str {
        match self.owner_id == Some(person_id) {
            true => w.case.me,
            false => &self.owner,
        }
    }

    /// How it stands, in a line of words: where, with what outcome, in whose hands.
    pub(crate) fn stands(&self, person_id: i32, w: &'static Words) -> String {
        let parts = [
            self.status_words,
            self.outcome_words,
            self.owner_for(person_id, w),
        ];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" · ")
    }
}

/// The row of a list; opens what is sealed only to mask it, and stands there without it where it
/// cannot be opened. Whoever draws has had the names learnt of those who have the reports.
pub(crate) fn draw(app: &App, row: &report::Row, chrome: &PageContext) -> Row {
    let (atlas, lang, w) = (app.atlas(), chrome.lang, chrome.w);
    let personal = Personal::open(app, row);
    let personal = personal.as_ref();
    let now = app.local_now();
    let moment = |at| lang.moment(app.clock.local(at), now.date());
    let due = row.due();
    let given = due.map(|(_, at)| at - row.received_at);
    let passed = app.clock.now() - row.received_at;
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
        desk: row.channel == Channel::Desk,
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
        owner: (row.owner).map_or_else(String::new, |owner| app.names.of(owner)),
        outcome: row.outcome.map_or("", Outcome::code),
        outcome_words: row.outcome.map_or("", |outcome| w.outcome(outcome)),
        retry: row
            .retry_at
            .map(|at| lang.moment(app.clock.local(at), now.date()))
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
        red: row.urgent.clone().unwrap_or_default(),
    }
}

fn masked(phone: &str) -> String {
    Phone::read(phone).map_or_else(|_| String::new(), |phone| phone.masked())
}
