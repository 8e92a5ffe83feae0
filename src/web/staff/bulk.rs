//! One step with many reports at once.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::{Act, Staff};
use crate::domain::triage::{Move, Mover};
use crate::service::triage::{self, Step, TransitionError};
use crate::store::{Conn, staff};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::body::Body;
use crate::web::http::context::StaffContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::staff::choice::Target;
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
    same_as: Option<Uuid>,
}

/// One report of many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkItem {
    id: Uuid,
    version: i32,
}

/// The result for each report, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkView {
    /// One result for each report.
    pub(crate) results: Vec<BulkResult>,
}

/// The result for one report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResult {
    /// The report.
    pub(crate) id: Uuid,
    /// Whether the step was made.
    pub(crate) done: bool,
    /// Why it was not, as a stable code in snake case; empty if it was.
    pub(crate) code: &'static str,
    /// The report as it is now; null if this person may not see it.
    pub(crate) row: Option<Row>,
}

/// Whom and to which community many reports can be given at once, where this person may.
#[derive(Debug, Default)]
pub(crate) struct BulkTargets {
    /// The communities.
    pub(crate) communities: Vec<Target>,
    /// The people, each with the name of their area where there are several.
    pub(crate) colleagues: Vec<Target>,
}

impl BulkTargets {
    /// The targets that this person sees; none for programs, which know the ids.
    pub(crate) async fn of(context: &StaffContext) -> Result<Self, Problem> {
        let mover = Mover::of(context.principal.staff.role);
        let mover = mover.filter(|_| !context.wants_json());
        let may = |step: Move| mover.is_some_and(|mover| step.is_for(mover));
        Ok(Self {
            communities: match may(Move::Transfer) {
                true => communities(context),
                false => Vec::new(),
            },
            colleagues: match may(Move::Assign) {
                true => colleagues(context).await?,
                false => Vec::new(),
            },
        })
    }
}

fn communities(context: &StaffContext) -> Vec<Target> {
    let (atlas, english) = (context.app.atlas(), context.page.lang.is_english());
    let queues = context.principal.scope.own_queues().iter();
    let target = |queue: &QueueId| {
        let name = atlas.tree.area_of(*queue)?.name_in(english).to_owned();
        Some(Target { id: queue.0, name })
    };
    let communities = queues.filter(|queue| atlas.tree.is_community(**queue));
    communities.filter_map(target).collect()
}

/// The people who work below the person's area, with the names of their areas where those differ.
async fn colleagues(context: &StaffContext) -> Result<Vec<Target>, Problem> {
    let (app, root) = (&context.app, context.principal.scope.root());
    let (atlas, english) = (app.atlas(), context.page.lang.is_english());
    let areas = atlas.tree.below(root);
    let work = move |conn: Conn| async move { staff::working_for(&conn, &areas).await };
    let people = app.db.read(work).await?;
    let target = |person: Staff| {
        let area = atlas.tree.get(person.area).filter(|area| area.id != root);
        let area = area.map(|area| format!(" · {}", area.name_in(english)));
        Target {
            id: person.id.0,
            name: person.name + &area.unwrap_or_default(),
        }
    };
    let workers = people
        .into_iter()
        .filter(|one| one.role.may(Act::WorkQueue));
    Ok(workers.map(target).collect())
}

/// `POST /staff/bulk`: makes the same step with each report on its own; a rejected one does not
/// stop the others.
#[utoipa::path(post, operation_id = "bulk", path = "/staff/bulk", request_body = Bulk, security(("staff" = [])),
    responses((status = 200, body = BulkView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 413, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn bulk(
    context: Authorized<WorkQueue>,
    body: Body<Bulk>,
) -> Result<HttpResponse, Problem> {
    let bulk = body.0;
    if bulk.reports.len() > BULK_MAX {
        return Err(Problem::TooLarge);
    }
    let form = StepForm {
        outcome: bulk.outcome,
        reason: bulk.reason,
        retry_minutes: bulk.retry_minutes,
        to: bulk.to,
        staff: bulk.staff,
        same_as: bulk.same_as,
        ..StepForm::default()
    };
    let step = read(&bulk.step, &form, context.app.clock.now()).ok_or(Problem::Malformed)?;
    let mut results = Vec::with_capacity(bulk.reports.len());
    for item in bulk.reports {
        results.push(make(&context, item, step.clone()).await);
    }
    Ok(HttpResponse::Ok().json(BulkView { results }))
}

/// Makes the step with one report.
async fn make(context: &StaffContext, item: BulkItem, step: Step) -> BulkResult {
    let app = &context.app;
    let (code, row) = match triage::step(
        app,
        &context.principal,
        ReportId(item.id),
        item.version,
        step,
    )
    .await
    {
        Ok(row) => ("", Some(row)),
        Err(refused) => {
            let row = match &refused {
                TransitionError::Stale(row) | TransitionError::Illegal(row) => {
                    Some((**row).clone())
                }
                _ => None,
            };
            (Problem::from(refused).code(), row)
        }
    };
    learn_names(app, &row).await;
    BulkResult {
        id: item.id,
        done: code.is_empty(),
        code,
        row: row.map(|row| draw(app, &row, &context.page)),
    }
}
