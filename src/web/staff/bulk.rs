//! One step with many reports at once.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::report::ReportId;
use crate::service::triage::Refused;
use crate::service::{App, triage};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::body::Body;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::staff::rejected::StepForm;
use crate::web::staff::row::{Row, draw};
use crate::web::staff::transition::{learn_names, read};

/// Reports of one bulk request at most.
pub(crate) const BULK_MAX: usize = 500;

/// One step with many reports.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
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
pub(crate) struct BulkItem {
    id: Uuid,
    version: i32,
}

/// What became of each report, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkView {
    /// A result a report.
    pub(crate) results: Vec<BulkResult>,
}

/// What became of one report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResult {
    /// The report.
    pub(crate) id: Uuid,
    /// Whether the step was made.
    pub(crate) done: bool,
    /// Why not, stable and in snake case; empty where it was.
    pub(crate) code: &'static str,
    /// The report as it stands now, where it can be seen.
    pub(crate) row: Option<Row>,
}

/// `POST /staff/bulk`: the same step with each of many reports, by itself; one that is refused
/// stops no other.
#[utoipa::path(post, operation_id = "bulk", path = "/staff/bulk", request_body = Bulk, security(("staff" = [])),
    responses((status = 200, body = BulkView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn bulk(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, body): (Authorized<WorkQueue>, Body<Bulk>),
) -> Result<HttpResponse, Problem> {
    let (chrome, bulk) = (PageContext::of(&request), body.0);
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
    let step = read(&bulk.step, &form, app.clock.now()).ok_or(Problem::Malformed)?;
    let mut results = Vec::with_capacity(bulk.reports.len());
    for item in bulk.reports {
        let at = (ReportId(item.id), item.version);
        let done = triage::step(&app, &worker.principal, at, step.clone()).await;
        let (code, row) = match done {
            Ok(row) => ("", Some(row)),
            Err(Refused::Stale(row)) => (Problem::Stale.code(), Some(*row)),
            Err(Refused::Illegal(row)) => (Problem::Illegal.code(), Some(*row)),
            Err(refused) => (Problem::from(refused).code(), None),
        };
        learn_names(&app, &row).await;
        results.push(BulkResult {
            id: item.id,
            done: code.is_empty(),
            code,
            row: row.map(|row| draw(&app, &row, &chrome)),
        });
    }
    Ok(HttpResponse::Ok().json(BulkView { results }))
}
