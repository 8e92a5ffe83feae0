//! Steps: what somebody does with a report, one by one or with many at once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::Body;
use super::case::{case, show_revealed};
use super::going::Back;
use super::problem::Problem;
use super::queue::BULK_MAX;
use super::reply::{Chrome, reply, see_other, wants_json};
use super::row::{Row, draw};
use super::session::Worker;
use super::undo::{News, tell};
use super::wanted::Wanted;
use crate::domain::area::AreaId;
use crate::domain::report::ReportId;
use crate::domain::staff::StaffId;
use crate::domain::triage::{Move, Outcome};
use crate::service::triage::{RETRY_MINUTES_MAX, Refused, Step};
use crate::service::{Acting, House, triage};
use crate::store::{Error, report};

/// What addresses say for taking and calling, and for taking back; neither is a move by itself.
const CALL: &str = "call";
const UNDO: &str = "undo";

/// A step, upon the version that the person saw.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepForm {
    version: i32,
    /// With `close`: `confirmed`, `informed`, `cancelled` or `referred`.
    #[serde(default)]
    pub(super) outcome: String,
    /// Why; owed with `refuse`, `invalidate`, `reopen` and `note`.
    #[serde(default)]
    pub(super) reason: String,
    /// With `unreachable`: in how many minutes to call again.
    pub(super) retry_minutes: Option<u32>,
    /// With `transfer`: our number of the community.
    pub(super) to: Option<i32>,
    /// With `assign`: our number of the colleague.
    pub(super) staff: Option<i32>,
    /// With `merge`: the report that says the same.
    pub(super) same_as: Option<Uuid>,
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
    let who = (&**house, &worker.0);
    let step = read(&name, &form, house.clock.now()).ok_or(Problem::Malformed)?;
    let made = step.step;
    match triage::step(&house, &worker.0, (id, form.version), step).await {
        Ok(row) => {
            let said = Chrome::of(&request).w.made(made);
            let news = News::Made(id, row.version);
            after(&request, who, (&row, said, news)).await
        }
        Err(refused) => point_out(&request, who, (id, refused), (&name, form)).await,
    }
}

/// The page, or the JSON, after a step: what has left or ended leads back to where somebody was.
async fn after(
    request: &HttpRequest,
    (house, acting): (&House, &Acting),
    (row, said, news): (&report::Row, &'static str, News),
) -> Result<HttpResponse, Problem> {
    let seen = house
        .atlas()
        .shows(&acting.scope, (row.queue, row.building));
    if wants_json(request) {
        learn_names(house, [row]).await;
        let row = draw(house, row, &Chrome::of(request));
        let answer = serde_json::json!({ "row": row, "left": !seen, "said": said });
        return Ok(HttpResponse::Ok().json(answer));
    }
    // Whoever takes an end back or brings one back looks at it.
    let stays = seen && (row.status.is_open() || matches!(news, News::Undone));
    let next = Back::of(request).after(row.id, stays);
    Ok(tell(see_other(&next), (house, acting), news))
}

/// Learns who has these reports, as far as that can be had: the step was made, and whoever made it
/// is not to be told otherwise because a name could not be read.
async fn learn_names(house: &House, rows: impl IntoIterator<Item = &report::Row>) {
    if let Err(error) = house.names.learn(&house.db, rows).await {
        tracing::error!(?error, "the names of those who have reports cannot be read");
    }
}

async fn point_out(
    request: &HttpRequest,
    (house, acting): (&House, &Acting),
    (id, refused): (ReportId, Refused),
    (name, form): (&str, StepForm),
) -> Result<HttpResponse, Problem> {
    let (mut view, chrome) = case(request, (house, acting), id).await?;
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
    view.stale = code == "stale";
    (view.code, view.refused) = (code, words);
    view.wanted = match name {
        UNDO => Wanted::plain(name, w.undo),
        CALL => Wanted::plain(name, w.call),
        _ => Wanted::of((house, acting), (name, form), (&view, &chrome)).await?,
    };
    reply(request, status, (&view, &chrome))
}

/// `POST /staff/reports/{id}/undo`: takes the person's own last step back.
pub(super) async fn undo(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id, body): (Worker, web::Path<Uuid>, Body<Version>),
) -> Result<HttpResponse, Problem> {
    let (id, who) = (ReportId(*id), (&**house, &worker.0));
    match triage::undo(&house, &worker.0, (id, body.0.version)).await {
        Ok(row) => {
            let said = Chrome::of(&request).w.staff.undone;
            after(&request, who, (&row, said, News::Undone)).await
        }
        Err(refused) => too_late(&request, who, (id, refused)).await,
    }
}

/// Why a step was not taken back. People are told so where they are, also of a report that has
/// left their sight; whether somebody else has gone on from there or there never was such a step
/// is one answer.
async fn too_late(
    request: &HttpRequest,
    (house, acting): (&House, &Acting),
    (id, refused): (ReportId, Refused),
) -> Result<HttpResponse, Problem> {
    let refused = match refused {
        Refused::Store(Error::Missing) if !wants_json(request) => Refused::Late,
        other => other,
    };
    let back = Back::of(request);
    let late = matches!(refused, Refused::Late);
    if late && back.is_on_list() && !wants_json(request) {
        return Ok(tell(see_other(back.list()), (house, acting), News::Late));
    }
    let form = StepForm::default();
    match point_out(request, (house, acting), (id, refused), (UNDO, form)).await {
        Err(Problem::Missing) if late && !wants_json(request) => {
            Ok(tell(see_other(back.list()), (house, acting), News::Late))
        }
        Err(Problem::Missing) if late => Err(Problem::Late),
        pointed => pointed,
    }
}

/// `POST /staff/reports/{id}/call`: takes the report and shows the telephone, in one tap.
pub(super) async fn call(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id, body): (Worker, web::Path<Uuid>, Body<Version>),
) -> Result<HttpResponse, Problem> {
    let (id, who) = (ReportId(*id), (&**house, &worker.0));
    let accept = Step::plain(Move::Accept);
    if !triage::can_open(&house, &worker.0, id).await? {
        // Nobody is made the owner of a call that cannot be made.
        return show_revealed(&request, who, (id, None)).await;
    }
    match triage::step(&house, &worker.0, (id, body.0.version), accept).await {
        Ok(row) => {
            let news = News::Made(id, row.version);
            let shown = match show_revealed(&request, who, (id, Some(news))).await {
                // The report is theirs; its page says so, and shows the telephone once it can.
                Err(_) if !wants_json(&request) => see_other(&Back::of(&request).case(id)),
                shown => shown?,
            };
            Ok(tell(shown, who, news))
        }
        Err(refused) => {
            let form = StepForm::default();
            point_out(&request, who, (id, refused), (CALL, form)).await
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
        learn_names(&house, &row).await;
        results.push(BulkResult {
            id: item.id,
            done: code.is_empty(),
            code,
            row: row.map(|row| draw(&house, &row, &chrome)),
        });
    }
    Ok(HttpResponse::Ok().json(BulkView { results }))
}
