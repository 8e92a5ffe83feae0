//! A report as a row of a list, with its personal data masked.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::deadline::Urgency;
use crate::domain::person::{Phone, mask_name};
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::{Channel, Direction};
use crate::domain::triage::Outcome;
use crate::service::App;
use crate::service::personal::Personal;
use crate::service::unrouted::Dispatch;
use crate::store::report;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::staff::choice::Target;
use crate::web::text::Words;

/// A report in a list. Names and telephones are masked.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate field of the JSON"
)]
pub(crate) struct Row {
    /// The report.
    pub(crate) id: Uuid,
    /// The number of changes; to be sent back with each step.
    pub(crate) version: i32,
    /// The receipt number.
    pub(crate) number: String,
    /// The queue.
    pub(crate) queue: String,
    /// The id of the queue.
    pub(crate) queue_id: i32,
    /// The id of the building, where it is known.
    pub(crate) building_id: Option<i32>,
    /// Whether the report has no community yet.
    pub(crate) unrouted: bool,
    /// How the report came in: `page`, `api` or `desk`.
    pub(crate) channel: &'static str,
    /// Whether a staff member entered it for the resident.
    pub(crate) desk: bool,
    /// `return`, `leave` or `unsaid`.
    pub(crate) direction: &'static str,
    /// The same in the city's words.
    pub(crate) direction_words: String,
    /// Whether the sealed data cannot be opened; name, telephone and room are then unknown.
    pub(crate) unreadable: bool,
    /// The masked name; null if the data cannot be opened.
    pub(crate) name: Option<String>,
    /// Whether the resident left only a telephone number.
    pub(crate) incomplete: bool,
    /// The masked telephone; null if the data cannot be opened.
    pub(crate) phone: Option<String>,
    /// The number of persons.
    pub(crate) persons: i16,
    /// Estate, building, unit and room; without the room if the data cannot be opened.
    pub(crate) place: String,
    /// The origin or the destination.
    pub(crate) region: String,
    /// The day of travel, in words.
    pub(crate) day: String,
    /// The status.
    pub(crate) status: &'static str,
    /// The same in words.
    pub(crate) status_words: &'static str,
    /// The time of receipt, in words.
    pub(crate) received: String,
    /// The same in milliseconds since 1970.
    pub(crate) received_ms: i64,
    /// Whether the case has ended.
    pub(crate) closed: bool,
    /// When it ended, in milliseconds since 1970; 0 while it is open.
    pub(crate) closed_ms: i64,
    /// The id of the staff member who took it.
    pub(crate) owner_id: Option<i32>,
    /// That person's name; empty if the report has no owner.
    pub(crate) owner: String,
    /// The outcome: `confirmed`, `informed`, `cancelled`, `referred` or empty.
    pub(crate) outcome: &'static str,
    /// The same in words.
    pub(crate) outcome_words: &'static str,
    /// When to call again, in words; empty if no time is set.
    pub(crate) retry: String,
    /// The deadline of the first contact; it never moves back.
    pub(crate) contact_due_at: DateTime<Utc>,
    /// The deadline for closing the case; it never moves.
    pub(crate) finish_due_at: DateTime<Utc>,
    /// The deadline that counts: `contact` until the report is taken, then `finish`; empty once
    /// the case has ended.
    pub(crate) due_kind: &'static str,
    /// The same in words, with its time; empty as well.
    pub(crate) due_text: String,
    /// The time of that deadline.
    pub(crate) due_at: Option<DateTime<Utc>>,
    /// The same in milliseconds since 1970; 0 if no deadline counts.
    pub(crate) due_ms: i64,
    /// The time from the receipt to that deadline, in milliseconds.
    pub(crate) given_ms: i64,
    /// The deadline in words.
    pub(crate) due: String,
    /// Whether the deadline has passed.
    pub(crate) overdue: bool,
    /// `ahead`, `due_soon` or `overdue`; empty if no deadline counts.
    pub(crate) urgency: &'static str,
    /// The highest level that the overdue report was escalated to: `subdistrict`, `district` or empty.
    pub(crate) escalated_to: &'static str,
    /// The same in words.
    pub(crate) escalated: &'static str,
    /// Equal for the reports of one telephone in one queue; says nothing else.
    pub(crate) caller: String,
    /// How many reports of its telephone this line of a list stands for; 0 for the report alone.
    pub(crate) flood: i64,
    /// The same in words; empty as well.
    pub(crate) flood_words: String,
    /// The address that lists each of them; empty as well.
    pub(crate) flood_address: String,
    /// The name of the urgent rule that the report matches; empty if it is not urgent.
    pub(crate) red: String,
    /// How to send it to a community, where it lies in a bin and this person may.
    #[serde(skip)]
    pub(crate) dispatch: Option<DispatchView>,
}

/// The way from a bin to a community.
#[derive(Clone, Debug, Default)]
pub(crate) struct DispatchView {
    /// The community that refused the report last; empty if none did.
    pub(crate) refused_by: String,
    /// Why.
    pub(crate) reason: String,
    /// The community to which it probably belongs.
    pub(crate) suggested: Option<Target>,
    /// The other communities; those that refused it stand last.
    pub(crate) others: Vec<Target>,
}

impl DispatchView {
    /// The dispatch in the language of the page.
    pub(crate) fn of(dispatch: &Dispatch, atlas: &Atlas, page: &PageContext) -> Self {
        let target = |queue: &QueueId| Target {
            id: queue.0,
            name: queue_name(atlas, *queue, page.lang),
        };
        Self {
            refused_by: (dispatch.refused_by)
                .map_or_else(String::new, |queue| queue_name(atlas, queue, page.lang)),
            reason: dispatch.reason.clone().unwrap_or_default(),
            suggested: dispatch.suggested.as_ref().map(target),
            others: dispatch.others.iter().map(target).collect(),
        }
    }
}

impl Row {
    /// The owner, as this person reads it: "me" for themselves.
    pub(crate) fn owner_for(&self, person_id: i32, w: &'static Words) -> &str {
        if self.owner_id == Some(person_id) {
            w.case.me
        } else {
            &self.owner
        }
    }

    /// Status, outcome and owner in one line.
    pub(crate) fn summary(&self, person_id: i32, w: &'static Words) -> String {
        let parts = [
            self.status_words,
            self.outcome_words,
            self.owner_for(person_id, w),
        ];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" · ")
    }
}

/// Draws the row of a list. Opens the sealed data only to mask them; if they cannot be opened, the
/// row goes without them. The caller has loaded the owner's name (`app.names.learn`) before.
pub(crate) fn draw(app: &App, row: &report::Row, page: &PageContext) -> Row {
    let (atlas, lang, w) = (app.atlas(), page.lang, page.w);
    let personal = Personal::open(app, row);
    let personal = personal.as_ref();
    let today = app.local_now().date();
    let moment = |at| lang.moment(app.clock.local(at), today);
    Row {
        id: row.id.0,
        version: row.version,
        number: row.number.clone(),
        queue: queue_name(&atlas, row.queue, lang),
        queue_id: row.queue.0,
        building_id: row.building.map(|building| building.0),
        unrouted: atlas.tree.is_unrouted(row.queue),
        channel: row.channel.code(),
        desk: row.channel == Channel::Desk,
        direction: row.direction.code(),
        direction_words: w.direction(row.direction, &app.rules.campaign.city),
        unreadable: personal.is_none(),
        name: personal.map(|personal| name(row, personal, w)),
        incomplete: row.incomplete,
        phone: personal.map(|personal| masked(&personal.phone)),
        persons: row.persons,
        place: place(&atlas, row, personal, lang),
        region: region(&atlas, row, personal, lang),
        day: match row.direction {
            // A telephone alone says no day.
            Direction::Unsaid => String::new(),
            _ => lang.day(row.travel_day),
        },
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
        retry: row.retry_at.map(moment).unwrap_or_default(),
        contact_due_at: row.contact_due_at,
        finish_due_at: row.finish_due_at,
        escalated_to: row.escalated.map_or("", |(level, _)| level.code()),
        escalated: (row.escalated).map_or("", |(level, _)| w.escalated_short(level)),
        red: row.urgent.clone().unwrap_or_default(),
        caller: row.phone().map_or_else(String::new, |phone| {
            format!("{:x}-{}", phone.0, row.queue.0)
        }),
        ..deadline(app, row, page)
    }
}

/// The fields of the deadline that counts; the others stay empty.
fn deadline(app: &App, row: &report::Row, page: &PageContext) -> Row {
    let Some((due, at)) = row.due() else {
        return Row::default();
    };
    let given = at - row.received_at;
    let passed = app.clock.now() - row.received_at;
    let urgency = Urgency::after(passed, given);
    let words = (page.lang).moment(app.clock.local(at), app.local_now().date());
    Row {
        due_kind: due.code(),
        due_text: format!("{} {words}", page.w.due(due)),
        due_at: Some(at),
        due_ms: at.timestamp_millis(),
        given_ms: given.num_milliseconds(),
        due: words,
        overdue: urgency == Urgency::Overdue,
        urgency: urgency.code(),
        ..Row::default()
    }
}

fn queue_name(atlas: &Atlas, queue: QueueId, lang: Lang) -> String {
    let area = atlas.tree.area_of(queue);
    area.map_or_else(String::new, |area| {
        area.name_in(lang.is_english()).to_owned()
    })
}

fn name(row: &report::Row, personal: &Personal, w: &Words) -> String {
    if row.incomplete && personal.name.is_empty() {
        w.form.incomplete.to_owned()
    } else {
        mask_name(&personal.name)
    }
}

fn place(atlas: &Atlas, row: &report::Row, personal: Option<&Personal>, lang: Lang) -> String {
    let place = atlas.place(row.building, row.placard);
    let place = place.map_or_else(String::new, |place| place.words(lang.is_english()));
    let room = personal.map_or("", |personal| personal.room.as_str());
    format!("{place} {room}").trim().to_owned()
}

/// The region as a reader of this language needs it; from the gazetteer alone if the data cannot be
/// opened.
fn region(atlas: &Atlas, row: &report::Row, personal: Option<&Personal>, lang: Lang) -> String {
    let said = personal.map_or("", |personal| personal.region.as_str());
    atlas.gazetteer.written(row.region, said, lang.is_english())
}

fn masked(phone: &str) -> String {
    Phone::read(phone).map_or_else(|_| String::new(), |phone| phone.masked())
}
