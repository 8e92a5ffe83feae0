//! A community's queue: what is open, and what somebody does about it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::Body;
use super::problem::Problem;
use super::reply::{Chrome, View, reply, see_other, wants_json};
use super::session::Worker;
use super::words::Words;
use crate::domain::person::{Phone, mask_name};
use crate::domain::report::ReportId;
use crate::domain::triage::{Move, Outcome, Status};
use crate::service::intake::Personal;
use crate::service::{Acting, House, triage};
use crate::store::{Conn, Error, journal, report};

/// Reports on one page.
const ROWS_SHOWN: u64 = 100;

/// The queue as a page shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueueView {
    /// Whose queue it is.
    pub(super) area: String,
    /// Who looks at it.
    pub(super) person: String,
    /// In which role.
    pub(super) role: &'static str,
    /// How far each queue's history was read, for the stream to go on from.
    pub(super) cursor: String,
    /// Open reports in the order of their receipt.
    pub(super) rows: Vec<Row>,
    /// Where the next page goes on; empty on the last one.
    pub(super) next: String,
}

/// A report as it stands in a list: nothing that names a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Row {
    /// The report.
    pub(super) id: Uuid,
    /// Counts the changes; to be sent back with each move.
    pub(super) version: i32,
    /// The receipt number.
    pub(super) number: String,
    /// The queue.
    pub(super) queue: String,
    /// Whether it has no community yet.
    pub(super) unrouted: bool,
    /// `return` or `leave`.
    pub(super) direction: &'static str,
    /// The same in words.
    pub(super) direction_words: &'static str,
    /// The masked name.
    pub(super) name: String,
    /// The masked telephone.
    pub(super) phone: String,
    /// How many.
    pub(super) persons: i16,
    /// Estate, building, unit and room.
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
    /// By when somebody is to call.
    pub(super) due_at: DateTime<Utc>,
    /// The same in words.
    pub(super) due: String,
    /// Whether that is past and nobody has called.
    pub(super) overdue: bool,
}

/// One report, with its personal data where they were asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseView {
    /// The report.
    pub(super) row: Row,
    /// Name and telephone, after a look that was recorded.
    pub(super) revealed: Option<Revealed>,
    /// What can come of it.
    pub(super) outcomes: Vec<Choice>,
    /// Whether somebody has just changed it.
    pub(super) stale: bool,
}

/// Personal data of one report.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Revealed {
    /// The name.
    pub(super) name: String,
    /// The telephone as people read it.
    pub(super) phone: String,
    /// The link that calls it.
    pub(super) tel: String,
    /// The note; may be empty.
    pub(super) note: String,
}

/// Something that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Choice {
    /// What to send.
    pub(super) value: &'static str,
    /// What to read.
    pub(super) label: &'static str,
}

/// The version that a move is made upon.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    version: i32,
}

/// How a report ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Close {
    version: i32,
    /// `confirmed`, `informed`, `cancelled` or `referred`.
    outcome: String,
}

/// Where a list goes on.
#[derive(Debug, Deserialize)]
pub(super) struct After {
    after: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a QueueView,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a CaseView,
}

impl View for QueueView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        QueuePage { c, w: c.w, v: self }.render()
    }
}

impl View for CaseView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        CasePage { c, w: c.w, v: self }.render()
    }
}

/// `GET /staff`: what is open within the person's scope.
pub(super) async fn list(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, after): (Worker, web::Query<After>),
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(&request);
    let acting = worker.0;
    let (scope, after) = (acting.scope.clone(), after.after.map(ReportId));
    let work = move |conn: Conn| async move {
        // The cursor first: what arrives between the two reads is announced once more.
        let reached = journal::reached(&conn).await?;
        let rows = report::open(&conn, &scope, after, ROWS_SHOWN).await?;
        Ok::<_, Error>((reached, rows))
    };
    let (reached, rows) = house.db.run(work).await?;
    let cursor = super::stream::Cursor::of(&acting.scope, &reached);
    let full = rows.len() as u64 == ROWS_SHOWN;
    let next = rows
        .last()
        .filter(|_| full)
        .map(|row| format!("/staff?after={}", row.id.0));
    let rows: Result<Vec<Row>, Error> = rows.iter().map(|row| draw(&house, row, &chrome)).collect();
    let area = house
        .atlas()
        .tree
        .get(acting.scope.root())
        .map(|area| area.name_in(chrome.lang.is_english()).to_owned());
    let view = QueueView {
        area: area.unwrap_or_default(),
        person: acting.staff.name,
        role: chrome.w.role(acting.staff.role),
        cursor: cursor.to_string(),
        rows: rows?,
        next: next.unwrap_or_default(),
    };
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// The row of a list; opens what is sealed only to mask it.
pub(super) fn draw(house: &House, row: &report::Row, chrome: &Chrome) -> Result<Row, Error> {
    let (atlas, lang, w) = (house.atlas(), chrome.lang, chrome.w);
    let personal = Personal::open(&house.keys, row)?;
    let now = house.local_now();
    let due = house.clock.local(row.contact_due_at);
    let door = row.placard.and_then(|placard| atlas.door_of(placard));
    let place = door
        .map(|door| door.place(lang.is_english()))
        .unwrap_or_default();
    let phone = Phone::read(&personal.phone).map(|phone| phone.masked());
    Ok(Row {
        id: row.id.0,
        version: row.version,
        number: row.number.clone(),
        queue: atlas
            .tree
            .get(row.queue)
            .map(|area| area.name_in(lang.is_english()).to_owned())
            .unwrap_or_default(),
        unrouted: atlas.tree.is_unrouted(row.queue),
        direction: row.direction.code(),
        direction_words: w.direction(row.direction),
        name: mask_name(&personal.name),
        phone: phone.unwrap_or_default(),
        persons: row.persons,
        place: format!("{place} {}", personal.room).trim().to_owned(),
        region: personal.region.clone(),
        day: lang.day(row.travel_day),
        status: row.status.code(),
        status_words: w.status(row.status),
        received: lang.moment(house.clock.local(row.received_at), now.date()),
        due_at: row.contact_due_at,
        due: lang.moment(due, now.date()),
        overdue: row.status == Status::Waiting && now > due,
    })
}

fn case(
    house: &House,
    (row, revealed): (&report::Row, Option<Revealed>),
    chrome: &Chrome,
) -> Result<CaseView, Error> {
    Ok(CaseView {
        row: draw(house, row, chrome)?,
        revealed,
        outcomes: Outcome::ALL
            .iter()
            .map(|outcome| Choice {
                value: outcome.code(),
                label: chrome.w.outcome(*outcome),
            })
            .collect(),
        stale: false,
    })
}

/// `GET /staff/reports/{id}`
pub(super) async fn show(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id): (Worker, web::Path<Uuid>),
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(&request);
    let (scope, id) = (worker.0.scope, ReportId(*id));
    let work = move |conn: Conn| async move { report::find(&conn, &scope, id).await };
    let row: report::Row = house.db.run(work).await?;
    reply(
        &request,
        StatusCode::OK,
        (&case(&house, (&row, None), &chrome)?, &chrome),
    )
}

/// `POST /staff/reports/{id}/accept`
pub(super) async fn accept(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id, body): (Worker, web::Path<Uuid>, Body<Version>),
) -> Result<HttpResponse, Problem> {
    let at = (ReportId(*id), body.0.version);
    step(&request, &house, (&worker.0, at, Move::Accept)).await
}

/// `POST /staff/reports/{id}/close`
pub(super) async fn close(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id, body): (Worker, web::Path<Uuid>, Body<Close>),
) -> Result<HttpResponse, Problem> {
    let outcome = Outcome::from_code(&body.0.outcome).ok_or(Problem::Malformed)?;
    let at = (ReportId(*id), body.0.version);
    step(&request, &house, (&worker.0, at, Move::Close(outcome))).await
}

/// Makes the move; a stale one is answered with the report as it stands, for both values to be
/// seen.
async fn step(
    request: &HttpRequest,
    house: &House,
    (acting, at, step): (&Acting, (ReportId, i32), Move),
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(request);
    match triage::step(house, acting, at, step).await {
        Ok(row) if wants_json(request) => reply(
            request,
            StatusCode::OK,
            (&case(house, (&row, None), &chrome)?, &chrome),
        ),
        Ok(row) if row.status == Status::Closed => Ok(see_other("/staff")),
        Ok(row) => Ok(see_other(&format!("/staff/reports/{}", row.id.0))),
        Err(triage::Refused::Stale(row)) => {
            let mut view = case(house, (&row, None), &chrome)?;
            view.stale = true;
            reply(request, StatusCode::CONFLICT, (&view, &chrome))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /staff/reports/{id}/reveal`: name and telephone, after a line in the history says so.
pub(super) async fn reveal(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id): (Worker, web::Path<Uuid>),
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(&request);
    let (row, personal) = triage::reveal(&house, &worker.0, ReportId(*id)).await?;
    let phone = Phone::read(&personal.phone).ok();
    let revealed = Revealed {
        name: personal.name,
        phone: phone.as_ref().map(Phone::spoken).unwrap_or(personal.phone),
        tel: phone.as_ref().map(Phone::tel).unwrap_or_default(),
        note: personal.note.unwrap_or_default(),
    };
    reply(
        &request,
        StatusCode::OK,
        (&case(&house, (&row, Some(revealed)), &chrome)?, &chrome),
    )
}
