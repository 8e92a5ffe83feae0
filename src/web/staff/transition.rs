//! Steps: what somebody does with a report, one by one or with many at once.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::area::AreaId;
use crate::domain::report::ReportId;
use crate::domain::staff::StaffId;
use crate::domain::triage::{Move, Outcome};
use crate::service::triage::{RETRY_MINUTES_MAX, Refused, Step};
use crate::service::{App, Principal, triage};
use crate::store::{Error, report};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::body::Body;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::reply;
use crate::web::http::request::wants_json;
use crate::web::http::response::see_other;
use crate::web::http::return_to::ReturnTo;
use crate::web::staff::case::{CaseView, case, show_revealed};
use crate::web::staff::flash::{News, tell};
use crate::web::staff::rejected::{RejectedStep, StepForm};
use crate::web::staff::row::draw;

/// What addresses say for taking and calling, and for taking back; neither is a move by itself.
const CALL: &str = "call";
const UNDO: &str = "undo";

/// The version that a step is made upon.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    version: i32,
}

/// What somebody asks for, in the terms of the house; none for what it does not know.
pub(crate) fn read(step: &str, form: &StepForm, now: DateTime<Utc>) -> Option<Step> {
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
#[utoipa::path(post, operation_id = "step", path = "/staff/reports/{id}/{step}", request_body = StepForm, security(("staff" = [])),
    params(("id" = uuid::Uuid, Path), ("step" = String, Path, description = "`accept`, `assign`, `close`, `unreachable`, `note`, `refuse`, `transfer`, `merge`, `split`, `invalidate`, `verify` or `reopen`")),
    responses((status = 200, description = "`row` as it stands now, whether it has `left` this person's queues, and the step in words as `said`"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "stale or illegal: the report as it stands"), (status = 422, body = CaseView, description = "a reason or a target is missing")))]
pub(crate) async fn step(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, path, body): (
        Authorized<WorkQueue>,
        web::Path<(Uuid, String)>,
        Body<StepForm>,
    ),
) -> Result<HttpResponse, Problem> {
    let (id, name) = path.into_inner();
    let (id, form) = (ReportId(id), body.0);
    let who = (&**app, &worker.principal);
    let step = read(&name, &form, app.clock.now()).ok_or(Problem::Malformed)?;
    let made = step.step;
    match triage::step(&app, &worker.principal, (id, form.version), step).await {
        Ok(row) => {
            let said = PageContext::of(&request).w.made(made);
            let news = News::Made(id, row.version);
            after(&request, who, (&row, said, news)).await
        }
        Err(refused) => point_out(&request, who, (id, refused), (&name, form)).await,
    }
}

/// The page, or the JSON, after a step: what has left or ended leads back to where somebody was.
async fn after(
    request: &HttpRequest,
    (app, principal): (&App, &Principal),
    (row, said, news): (&report::Row, &'static str, News),
) -> Result<HttpResponse, Problem> {
    let seen = app.atlas().shows(&principal.scope, row.queue, row.building);
    if wants_json(request) {
        learn_names(app, [row]).await;
        let row = draw(app, row, &PageContext::of(request));
        let answer = serde_json::json!({ "row": row, "left": !seen, "said": said });
        return Ok(HttpResponse::Ok().json(answer));
    }
    // Whoever takes an end back or brings one back looks at it.
    let stays = seen && (row.status.is_open() || matches!(news, News::Undone));
    let next = ReturnTo::of(request).after(row.id, stays);
    Ok(tell(see_other(&next), (app, principal), news))
}

/// Learns who has these reports, as far as that can be had: the step was made, and whoever made it
/// is not to be told otherwise because a name could not be read.
pub(crate) async fn learn_names(app: &App, rows: impl IntoIterator<Item = &report::Row>) {
    if let Err(error) = app.names.learn(&app.db, rows).await {
        tracing::error!(?error, "the names of those who have reports cannot be read");
    }
}

async fn point_out(
    request: &HttpRequest,
    (app, principal): (&App, &Principal),
    (id, refused): (ReportId, Refused),
    (name, form): (&str, StepForm),
) -> Result<HttpResponse, Problem> {
    let (mut view, chrome) = case(request, (app, principal), id).await?;
    let w = &chrome.w.case;
    let problem = match refused {
        Refused::Store(error) => return Err(error.into()),
        refused => Problem::from(refused),
    };
    let (status, code, words) = problem.tell(chrome.w);
    view.stale = code == "stale";
    (view.code, view.refused) = (code, words);
    view.wanted = match name {
        UNDO => RejectedStep::plain(name, w.undo),
        CALL => RejectedStep::plain(name, w.call),
        _ => RejectedStep::of((app, principal), (name, form), (&view.colleagues, &chrome)).await?,
    };
    reply(request, status, (&view, &chrome))
}

/// `POST /staff/reports/{id}/undo`: takes the person's own last step back.
#[utoipa::path(post, operation_id = "undo", path = "/staff/reports/{id}/undo", request_body = Version, security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "as after a step"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = CaseView)))]
pub(crate) async fn undo(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, id, body): (Authorized<WorkQueue>, web::Path<Uuid>, Body<Version>),
) -> Result<HttpResponse, Problem> {
    let (id, who) = (ReportId(*id), (&**app, &worker.principal));
    match triage::undo(&app, &worker.principal, (id, body.0.version)).await {
        Ok(row) => {
            let said = PageContext::of(&request).w.staff.undone;
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
    (app, principal): (&App, &Principal),
    (id, refused): (ReportId, Refused),
) -> Result<HttpResponse, Problem> {
    let refused = match refused {
        Refused::Store(Error::Missing) if !wants_json(request) => Refused::Late,
        other => other,
    };
    let back = ReturnTo::of(request);
    let late = matches!(refused, Refused::Late);
    if late && back.is_on_list() && !wants_json(request) {
        return Ok(tell(see_other(back.list()), (app, principal), News::Late));
    }
    let form = StepForm::default();
    match point_out(request, (app, principal), (id, refused), (UNDO, form)).await {
        Err(Problem::Missing) if late && !wants_json(request) => {
            Ok(tell(see_other(back.list()), (app, principal), News::Late))
        }
        Err(Problem::Missing) if late => Err(Problem::Late),
        pointed => pointed,
    }
}

/// `POST /staff/reports/{id}/call`: takes the report and shows the telephone, in one tap.
#[utoipa::path(post, operation_id = "call", path = "/staff/reports/{id}/call", request_body = Version, security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView, description = "accepted, with the telephone"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "stale, illegal, or `unreadable`: nothing was changed")))]
pub(crate) async fn call(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, id, body): (Authorized<WorkQueue>, web::Path<Uuid>, Body<Version>),
) -> Result<HttpResponse, Problem> {
    let (id, who) = (ReportId(*id), (&**app, &worker.principal));
    let accept = Step::plain(Move::Accept);
    if !triage::can_open(&app, &worker.principal, id).await? {
        // Nobody is made the owner of a call that cannot be made.
        return show_revealed(&request, who, (id, None)).await;
    }
    match triage::step(&app, &worker.principal, (id, body.0.version), accept).await {
        Ok(row) => {
            let news = News::Made(id, row.version);
            let shown = match show_revealed(&request, who, (id, Some(news))).await {
                // The report is theirs; its page says so, and shows the telephone once it can.
                Err(_) if !wants_json(&request) => see_other(&ReturnTo::of(&request).case(id)),
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
