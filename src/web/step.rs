//! Steps: what somebody does with a report, one by one or with many at once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::Body;
use super::case::{case, show_revealed};
use super::problem::Problem;
use super::queue::{BULK_MAX, Row, draw};
use super::reply::{Chrome, reply, see_other, wants_json};
use super::session::Worker;
use crate::domain::area::AreaId;
use crate::domain::report::ReportId;
use crate::domain::staff::StaffId;
use crate::domain::triage::{Move, Outcome};
use crate::service::triage::{Refused, Step};
use crate::service::{Acting, House, triage};
use crate::store::report;

/// The longest time to the next call, in minutes.
const RETRY_MINUTES_MAX: u32 = 7 * 24 * 60;

/// A step, upon the version that the person saw.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepForm {
    version: i32,
    /// With `close`: `confirmed`, `informed`, `cancelled` or `referred`.
    #[serde(default)]
    outcome: String,
    /// Why; owed with `refuse`, `invalidate`, `reopen` and `note`.
    #[serde(default)]
    reason: String,
    /// With `unreachable`: in how many minutes to call again.
    retry_minutes: Option<u32>,
    /// With `transfer`: our number of the community.
    to: Option<i32>,
    /// With `assign`: our number of the colleague.
    staff: Option<i32>,
    /// With `merge`: the report that says the same.
    same_as: Option<Uuid>,
}

/// The version that a step is made upon.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    version: i32,
}

/// One step with many reports.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Bulk {
    /// The step.
    step: String,
    /// The reports, 500 at most.
    reports: Vec<BulkItem>,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    reason: String,
    retry_minutes: Option<u32>,
    to: Option<i32>,
    staff: Option<i32>,
}

/// One report of many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkItem {
    id: Uuid,
    version: i32,
}

/// What became of each report, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkView {
    /// A result a report.
    pub(super) results: Vec<BulkResult>,
}

/// What became of one report.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkResult {
    /// The report.
    pub(super) id: Uuid,
    /// Whether the step was made.
    pub(super) done: bool,
    /// Why not, stable and in snake case; empty where it was.
    pub(super) code: &'static str,
    /// The report as it stands now, where it can be seen.
    pub(super) row: Option<Row>,
}

/// What somebody asks for, in the terms of the house; none for what it does not know.
fn read(step: &str, form: &StepForm, now: DateTime<Utc>) -> Option<Step> {
    let known = Move::OF_STAFF
        .into_iter()
        .find(|known| known.code() == step)?;
    let step = match known {
        Move::Close(_) => Move::Close(Outcome::from_code(&form.outcome)?),
        other => other,
    };
    let minutes = form
        .retry_minutes
        .filter(|m| (1..=RETRY_MINUTES_MAX).contains(m));
    Some(Step {
        step,
        reason: form.reason.clone(),
        retry_at: minutes.map(|minutes| now + TimeDelta::minutes(minutes.into())),
        to: form.to.map(AreaId),
        assignee: form.staff.map(StaffId),
        same_as: form.same_as.map(ReportId),
    })
}

/// `POST /staff/reports/{id}/{step}`: makes the step. One that is stale, illegal or incomplete is
/// answered with the report as it stands, what was wanted, and the words that were written.
pub(super) async fn step(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, path, body): (Worker, web::Path<(Uuid, String)>, Body<StepForm>),
) -> Result<HttpResponse, Problem> {
    let (id, name) = path.into_inner();
    let (id, form) = (ReportId(id), body.0);
    let step = read(&name, &form, house.clock.now()).ok_or(Problem::Malformed)?;
    let done = triage::step(&house, &worker.0, (id, form.version), step.clone()).await;
    match done {
        Ok(row) => Ok(after(&request, (&house, &worker.0), &row)),
        Err(refused) => {
            let wanted = Chrome::of(&request).w.step(step.step);
            let kept = (wanted, form.reason);
            point_out(&request, (&house, &worker.0), (id, refused), kept).await
        }
    }
}

/// The page, or the JSON, after a step: what has left or ended leads back to the queue.
fn after(
    request: &HttpRequest,
    (house, acting): (&House, &Acting),
    row: &report::Row,
) -> HttpResponse {
    let chrome = Chrome::of(request);
    let seen = house
        .atlas()
        .shows(&acting.scope, (row.queue, row.building));
    if wants_json(request) {
        let row = draw(house, row, &chrome);
        return HttpResponse::Ok().json(serde_json::json!({ "row": row, "left": !seen }));
    }
    if seen && row.status.is_open() {
        return see_other(&format!("/staff/reports/{}", row.id.0));
    }
    see_other("/staff")
}

async fn point_out(
    request: &HttpRequest,
    (house, acting): (&House, &Acting),
    (id, refused): (ReportId, Refused),
    (wanted, reason): (&'static str, String),
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(request);
    let w = &chrome.w.case;
    let (status, code, words) = match refused {
        Refused::Stale(_) => (StatusCode::CONFLICT, "stale", chrome.w.staff.changed),
        Refused::Illegal(_) => (StatusCode::CONFLICT, "illegal_move", w.illegal),
        Refused::Late => (StatusCode::CONFLICT, "too_late", w.late),
        Refused::Reason => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "reason_owed",
            w.reason_owed,
        ),
        Refused::Target => (StatusCode::UNPROCESSABLE_ENTITY, "no_such_target", w.target),
        Refused::Keeps => (StatusCode::CONFLICT, "keeps_others", w.keeps),
        Refused::Store(error) => return Err(error.into()),
    };
    let mut view = case(house, (acting, id), &chrome).await?;
    view.stale = code == "stale";
    (view.code, view.refused, view.wanted, view.reason) = (code, words, wanted, reason);
    reply(request, status, (&view, &chrome))
}

/// `POST /staff/reports/{id}/undo`: takes the person's own last step back.
pub(super) async fn undo(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id, body): (Worker, web::Path<Uuid>, Body<Version>),
) -> Result<HttpResponse, Problem> {
    let id = ReportId(*id);
    match triage::undo(&house, &worker.0, (id, body.0.version)).await {
        Ok(row) => Ok(after(&request, (&house, &worker.0), &row)),
        Err(refused) => {
            let wanted = (Chrome::of(&request).w.case.undo, String::new());
            point_out(&request, (&house, &worker.0), (id, refused), wanted).await
        }
    }
}

/// `POST /staff/reports/{id}/call`: takes the report and shows the telephone, in one tap.
pub(super) async fn call(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id, body): (Worker, web::Path<Uuid>, Body<Version>),
) -> Result<HttpResponse, Problem> {
    let id = ReportId(*id);
    let accept = Step::plain(Move::Accept);
    if !triage::can_open(&house, &worker.0, id).await? {
        // Nobody is made the owner of a call that cannot be made.
        return show_revealed(&request, (&house, &worker.0), id).await;
    }
    match triage::step(&house, &worker.0, (id, body.0.version), accept).await {
        Ok(_) => show_revealed(&request, (&house, &worker.0), id).await,
        Err(refused) => {
            let wanted = (Chrome::of(&request).w.case.call, String::new());
            point_out(&request, (&house, &worker.0), (id, refused), wanted).await
        }
    }
}

/// `POST /staff/bulk`: the same step with each of many reports, by itself; one that is refused
/// stops no other.
pub(super) async fn bulk(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, body): (Worker, Body<Bulk>),
) -> Result<HttpResponse, Problem> {
    let (chrome, bulk) = (Chrome::of(&request), body.0);
    if bulk.reports.len() > BULK_MAX {
        return Err(Problem::TooLarge);
    }
    let form = StepForm {
        outcome: bulk.outcome,
        reason: bulk.reason,
        retry_minutes: bulk.retry_minutes,
        to: bulk.to,
        staff: bulk.staff,
        ..StepForm::default()
    };
    let step = read(&bulk.step, &form, house.clock.now()).ok_or(Problem::Malformed)?;
    let mut results = Vec::with_capacity(bulk.reports.len());
    for item in bulk.reports {
        let at = (ReportId(item.id), item.version);
        let done = triage::step(&house, &worker.0, at, step.clone()).await;
        let (code, row) = match done {
            Ok(row) => ("", Some(row)),
            Err(Refused::Stale(row)) => ("stale", Some(*row)),
            Err(Refused::Illegal(row)) => ("illegal_move", Some(*row)),
            Err(Refused::Reason) => ("reason_owed", None),
            Err(Refused::Target) => ("no_such_target", None),
            Err(Refused::Keeps) => ("keeps_others", None),
            Err(refused) => (Problem::from(refused).code(), None),
        };
        results.push(BulkResult {
            id: item.id,
            done: code.is_empty(),
            code,
            row: row.map(|row| draw(&house, &row, &chrome)),
        });
    }
    Ok(HttpResponse::Ok().json(BulkView { results }))
}
