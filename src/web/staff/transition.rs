//! Steps with one report: make, undo, take and call.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::StaffId;
use crate::domain::triage::{Move, Outcome};
use crate::service::triage::{RETRY_MINUTES_MAX, Step, TransitionError};
use crate::service::{App, triage};
use crate::store::{Error, report};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::body::Body;
use crate::web::http::context::StaffContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::response::see_other;
use crate::web::http::return_to::ReturnTo;
use crate::web::staff::case::{CaseView, load, show_revealed};
use crate::web::staff::flash::{self, Flash};
use crate::web::staff::rejected::{RejectedStep, StepForm};
use crate::web::staff::row::draw;

/// *Take and call* and *undo* in addresses; neither is a move of its own.
const CALL: &str = "call";
const UNDO: &str = "undo";

/// The version of the report that the person saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    version: i32,
}

/// The step that a form names; `None` if there is no such step or outcome.
pub(crate) fn read(step: &str, form: &StepForm, now: DateTime<Utc>) -> Option<Step> {
    let known = Move::OF_STAFF
        .into_iter()
        .find(|known| known.code() == step)?;
    let kind = match known {
        Move::Close(_) => Move::Close(Outcome::from_code(&form.outcome)?),
        other => other,
    };
    let minutes = form
        .retry_minutes
        .filter(|m| (1..=RETRY_MINUTES_MAX).contains(m));
    Some(Step {
        kind,
        reason: form.reason.clone(),
        retry_at: minutes.map(|minutes| now + TimeDelta::minutes(minutes.into())),
        to: form.to.map(QueueId),
        assignee: form.staff.map(StaffId),
        same_as: form.same_as.map(ReportId),
    })
}

/// `POST /staff/reports/{id}/{step}`: makes the step. The answer to a rejected step holds the
/// report as it is now, the step and the reason that was written.
#[utoipa::path(post, operation_id = "step", path = "/staff/reports/{id}/{step}", request_body = StepForm, security(("staff" = [])),
    params(("id" = uuid::Uuid, Path), ("step" = String, Path, description = "`accept`, `assign`, `close`, `unreachable`, `note`, `refuse`, `transfer`, `merge`, `split`, `invalidate`, `verify` or `reopen`")),
    responses((status = 200, description = "`row` as it stands now, whether it has `left` this person's queues, and the step in words as `said`"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "stale or illegal: the report as it stands"), (status = 422, body = CaseView, description = "a reason or a target is missing")))]
pub(crate) async fn step(
    mut context: Authorized<WorkQueue>,
    path: web::Path<(Uuid, String)>,
    form: Body<StepForm>,
) -> Result<HttpResponse, Problem> {
    let (id, name) = path.into_inner();
    let (id, form) = (ReportId(id), form.0);
    let step = read(&name, &form, context.app.clock.now()).ok_or(Problem::Malformed)?;
    let text = context.page.w.made(step.kind);
    match triage::step(&context.app, &context.principal, id, form.version, step).await {
        Ok(row) => answer(&context, &row, text, Flash::Made(id, row.version)).await,
        Err(refused) => reject(&mut context, id, refused, &name, form).await,
    }
}

/// The answer to a step: JSON for programs; for browsers a redirect to where the person was.
async fn answer(
    context: &StaffContext,
    row: &report::Row,
    text: &'static str,
    flash: Flash,
) -> Result<HttpResponse, Problem> {
    let app = &context.app;
    let visible = app
        .atlas()
        .shows(&context.principal.scope, row.queue, row.building);
    if context.wants_json() {
        learn_names(app, [row]).await;
        let row = draw(app, row, &context.page);
        let answer = serde_json::json!({ "row": row, "left": !visible, "said": text });
        return Ok(HttpResponse::Ok().json(answer));
    }
    // After an undo the person sees the case, also a closed one.
    let stays = visible && (row.status.is_open() || matches!(flash, Flash::Undone));
    let next = ReturnTo::of(&context.request).after(row.id, stays);
    Ok(flash::set(see_other(&next), context, flash))
}

/// Loads the owners' names, if the database answers. The step is made already, so a failure is
/// only logged.
pub(crate) async fn learn_names(app: &App, rows: impl IntoIterator<Item = &report::Row>) {
    if let Err(error) = app.names.learn(&app.db, rows).await {
        tracing::error!(?error, "the names of owners cannot be read");
    }
}

/// The case page with the rejected step.
async fn reject(
    context: &mut StaffContext,
    id: ReportId,
    refused: TransitionError,
    name: &str,
    form: StepForm,
) -> Result<HttpResponse, Problem> {
    let mut view = load(context, id).await?;
    let w = context.page.w;
    let problem = match refused {
        TransitionError::Store(error) => return Err(error.into()),
        refused => Problem::from(refused),
    };
    let (status, code, text) = problem.tell(w);
    view.stale = matches!(problem, Problem::Stale);
    (view.code, view.refused) = (code, text);
    view.wanted = match name {
        UNDO => RejectedStep::plain(name, w.case.undo, form),
        CALL => RejectedStep::plain(name, w.case.call, form),
        _ => RejectedStep::of(context, name, form, &view.colleagues).await?,
    };
    context.reply(status, &view)
}

/// `POST /staff/reports/{id}/undo`: undoes the person's own last step.
#[utoipa::path(post, operation_id = "undo", path = "/staff/reports/{id}/undo", request_body = Version, security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, description = "as after a step"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = CaseView)))]
pub(crate) async fn undo(
    mut context: Authorized<WorkQueue>,
    id: web::Path<Uuid>,
    form: Body<Version>,
) -> Result<HttpResponse, Problem> {
    let id = ReportId(*id);
    match triage::undo(&context.app, &context.principal, id, form.0.version).await {
        Ok(row) => {
            let text = context.page.w.staff.undone;
            answer(&context, &row, text, Flash::Undone).await
        }
        Err(refused) => reject_undo(&mut context, id, refused).await,
    }
}

/// Answers an undo that came too late on the page where the person is, also for a report that has
/// left their scope. The answer does not tell whether a colleague went on or the step never was.
async fn reject_undo(
    context: &mut StaffContext,
    id: ReportId,
    refused: TransitionError,
) -> Result<HttpResponse, Problem> {
    let for_program = context.wants_json();
    let refused = match refused {
        TransitionError::Store(Error::Missing) if !for_program => TransitionError::Late,
        other => other,
    };
    let is_late = matches!(refused, TransitionError::Late);
    let back = ReturnTo::of(&context.request);
    if is_late && back.is_on_list() && !for_program {
        return Ok(flash::set(see_other(back.list()), context, Flash::Late));
    }
    match reject(context, id, refused, UNDO, StepForm::default()).await {
        Err(Problem::Missing) if is_late && for_program => Err(Problem::Late),
        Err(Problem::Missing) if is_late => {
            Ok(flash::set(see_other(back.list()), context, Flash::Late))
        }
        answer => answer,
    }
}

/// `POST /staff/reports/{id}/call`: takes the report and shows the telephone, in one tap. A reason
/// becomes a note of the step.
#[utoipa::path(post, operation_id = "call", path = "/staff/reports/{id}/call", request_body = StepForm, security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView, description = "accepted, with the telephone"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "stale, illegal, or `unreadable`: nothing was changed")))]
pub(crate) async fn call(
    mut context: Authorized<WorkQueue>,
    id: web::Path<Uuid>,
    form: Body<StepForm>,
) -> Result<HttpResponse, Problem> {
    let (id, form) = (ReportId(*id), form.0);
    if !triage::can_open(&context.app, &context.principal, id).await? {
        // Without a readable telephone the person cannot call, so the report is not taken.
        return show_revealed(&mut context, id, None).await;
    }
    let accept = Step {
        reason: form.reason.clone(),
        ..Step::plain(Move::Accept)
    };
    match triage::step(&context.app, &context.principal, id, form.version, accept).await {
        Ok(row) => show_taken(&mut context, &row).await,
        Err(refused) => reject(&mut context, id, refused, CALL, form).await,
    }
}

/// The case of a report that was just taken, with its telephone.
async fn show_taken(
    context: &mut StaffContext,
    row: &report::Row,
) -> Result<HttpResponse, Problem> {
    let flash = Flash::Made(row.id, row.version);
    let response = match show_revealed(context, row.id, Some(flash)).await {
        // The report is taken although its page failed: the redirect shows the case.
        Err(_) if !context.wants_json() => see_other(&ReturnTo::of(&context.request).case(row.id)),
        shown => shown?,
    };
    Ok(flash::set(response, context, flash))
}
