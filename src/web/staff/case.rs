//! One case as a page: the report, its history, and the steps that this person may make.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::person::Phone;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::Staff;
use crate::domain::triage::{Move, Mover, Standing};
use crate::service::case::{self as cases, Case};
use crate::service::personal::Personal;
use crate::service::triage;
use crate::service::unrouted::{refusers, refusers_last};
use crate::store::report;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::context::StaffContext;
use crate::web::http::lang::Lang;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::http::response::see_other;
use crate::web::http::return_to::ReturnTo;
use crate::web::staff::choice::{Choice, Target, duration, outcomes};
use crate::web::staff::cursor::Cursor;
use crate::web::staff::flash::{self, Flash, FlashView};
use crate::web::staff::history::{HistoryLine, history_line};
use crate::web::staff::rejected::{RejectedStep, StepForm};
use crate::web::staff::row::{Row, draw};
use crate::web::text::Words;

/// One report; with its personal data after a recorded look.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseView {
    /// The report.
    pub(crate) row: Row,
    /// The id of the person who looks at it.
    pub(crate) person_id: i32,
    /// Personal data; null before a recorded look.
    pub(crate) revealed: Option<Revealed>,
    /// Every step that this person may make now.
    pub(crate) steps: Vec<Choice>,
    /// The outcomes that closing offers.
    pub(crate) outcomes: Vec<Choice>,
    /// Communities that the report can be transferred to.
    pub(crate) communities: Vec<Target>,
    /// Colleagues that the report can be assigned to.
    pub(crate) colleagues: Vec<Target>,
    /// Open reports of the same telephone.
    pub(crate) same_phone: Vec<Row>,
    /// Further open reports of the same room and direction.
    pub(crate) same_room: Vec<Row>,
    /// The report that this one was merged into; null also if that one lies outside of the scope.
    pub(crate) kept: Option<Row>,
    /// The reports that were merged into this one.
    pub(crate) merged: Vec<Row>,
    /// The last contact with this telephone on any report, in words; empty if there was none.
    pub(crate) last_contact: String,
    /// The history, oldest first.
    pub(crate) history: Vec<HistoryLine>,
    /// Whether a colleague changed the report before this step.
    pub(crate) stale: bool,
    /// Why a step was rejected, as a stable code in snake case; empty if none was.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) refused: &'static str,
    /// The rejected step.
    pub(crate) wanted: RejectedStep,
    /// The way back to the list that the person came from.
    #[serde(skip)]
    back: ReturnTo,
    /// The position in each queue's journal from which the stream goes on.
    #[serde(skip)]
    cursor: String,
    /// The flash message.
    #[serde(skip)]
    flash: Option<FlashView>,
    /// The times after which to call again: minutes, and the same in words.
    #[serde(skip)]
    retries: Vec<(u32, String)>,
}

/// Personal data of one report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revealed {
    /// The name.
    pub(crate) name: String,
    /// The telephone, grouped for reading.
    pub(crate) phone: String,
    /// The link that calls it.
    pub(crate) tel: String,
    /// The names of companions; may be empty.
    pub(crate) companion_names: String,
    /// The note; may be empty.
    pub(crate) note: String,
    /// The identity document's number; may be empty.
    pub(crate) identity: String,
    /// The number plate; may be empty.
    pub(crate) vehicle: String,
    /// The name of the person who reports for the resident; empty if the resident does.
    pub(crate) proxy: String,
}

template!(CaseView, "case.html");

/// In the address of a case that the script of a list opens after *take and call*.
const LOOK: &str = "look=1";

/// The steps whose buttons are always in sight; the others are below *other steps*.
const PLAIN_STEPS: [&str; 7] = [
    "accept",
    "call",
    "close",
    "unreachable",
    "note",
    "merge",
    "undo",
];

impl CaseView {
    /// Whether this person may make this step now.
    fn may(&self, step: &str) -> bool {
        self.steps.iter().any(|known| known.value == step)
    }

    /// Whether the page offers the rejected step again as one tap. A step with a reason is not
    /// offered: the reason is in its field again, beside its button.
    fn may_again(&self) -> bool {
        let step = match self.wanted.step.as_str() {
            "call" => self.may("accept") && self.row.status == "waiting",
            step => self.may(step),
        };
        self.stale && step && self.wanted.reason.is_empty()
    }

    /// The owner of a report, as this person reads it.
    fn owner<'a>(&self, row: &'a Row, w: &'static Words) -> &'a str {
        row.owner_for(self.person_id, w)
    }

    /// Status, outcome and owner in one line.
    fn summary(&self, w: &'static Words) -> String {
        self.row.summary(self.person_id, w)
    }

    /// Whether the rejected step is one of the *other steps*.
    fn has_begun(&self) -> bool {
        let rejected = self.wanted.step.as_str();
        !rejected.is_empty() && !PLAIN_STEPS.contains(&rejected)
    }

    /// Whether the rejected step lacks its reason.
    fn owes_reason(&self) -> bool {
        self.code == "reason_owed"
    }

    /// The address of this page.
    fn here(&self) -> String {
        self.back.case(ReportId(self.row.id))
    }

    /// The address of a step with this report.
    fn address(&self, step: &str) -> String {
        let query = self.back.query();
        format!("/staff/reports/{}/{step}{query}", self.row.id)
    }

    /// The address of a step with a report that is listed on this page.
    fn address_of(&self, other: &Row, step: &str) -> String {
        let query = self.back.query_on(Some(ReportId(self.row.id)));
        format!("/staff/reports/{}/{step}{query}", other.id)
    }

    /// The address that lists the open reports of this telephone in this queue.
    fn all_of_phone(&self) -> String {
        let Row { id, queue_id, .. } = &self.row;
        format!("/staff?view=open&queue={queue_id}&same={id}")
    }

    /// Whether *other steps* holds any step.
    fn has_more(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| !PLAIN_STEPS.contains(&step.value))
    }
}

/// `GET /staff/reports/{id}`
#[utoipa::path(get, operation_id = "case", path = "/staff/reports/{id}", security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn show(
    mut context: Authorized<WorkQueue>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = ReportId(*id);
    let mut view = load(&mut context, id).await?;
    view.flash = flash::pending(&context, &view.back, Some(id)).await?;
    context.reply(StatusCode::OK, &view)
}

/// `GET` on the address of a step redirects to the case page.
#[utoipa::path(get, path = "/staff/reports/{id}/{step}", responses((status = 200)))]
pub(crate) async fn redirect(context: Authorized<WorkQueue>) -> Result<HttpResponse, Problem> {
    let id = context.request.match_info().get("id").unwrap_or_default();
    let id = Uuid::try_parse(id).or(Err(Problem::Missing))?;
    let back = ReturnTo::of(&context.request);
    Ok(see_other(&back.case(ReportId(id))))
}

/// Loads the case, and sets the page's address in the other language to one that `GET` reads.
pub(crate) async fn load(context: &mut StaffContext, id: ReportId) -> Result<CaseView, Problem> {
    let back = ReturnTo::of(&context.request);
    context.page.other = Some(back.case_in(id, context.page.lang.other().code()));
    let (app, principal) = (&context.app, &context.principal);
    // Read before the report: the stream then repeats a step that is made in between.
    app.open_cases.catch_up(&app.db).await?;
    let reached = app.open_cases.reached();
    let case = cases::open(app, principal, id).await?;
    let listed = [&case.same_phone, &case.same_room, &case.merged];
    let listed = listed.into_iter().flatten().chain(&case.kept);
    app.names.learn(&app.db, listed.chain([&case.row])).await?;
    Ok(CaseView {
        cursor: Cursor::of(&principal.scope, &reached).to_string(),
        ..view(context, case, back)
    })
}

fn view(context: &StaffContext, case: Case, back: ReturnTo) -> CaseView {
    let (app, principal, page) = (&context.app, &context.principal, &context.page);
    let w = page.w;
    let today = app.local_now().date();
    let moment = |at| page.lang.moment(app.clock.local(at), today);
    let steps = steps(context, case.standing);
    let rows = |rows: &[report::Row]| rows.iter().map(|row| draw(app, row, page)).collect();
    CaseView {
        row: draw(app, &case.row, page),
        person_id: principal.staff.id.0,
        revealed: shown_again(context, &case).map(|personal| revealed(personal, page.lang)),
        outcomes: outcomes(w),
        communities: communities(context, &steps, &case),
        colleagues: colleagues(case.colleagues, &steps),
        same_phone: rows(&case.same_phone),
        same_room: rows(&case.same_room),
        kept: case.kept.as_ref().map(|row| draw(app, row, page)),
        merged: rows(&case.merged),
        last_contact: case.last_contact.map_or_else(String::new, |contact| {
            let event = w.event_of_case(contact.event);
            format!("{} · {event}", moment(contact.at))
        }),
        history: (case.history.iter())
            .map(|line| history_line(line, &app.atlas().tree, w, moment(line.entry.at)))
            .collect(),
        steps: (steps.iter())
            .map(|step| Choice {
                value: step.code(),
                label: w.step(*step),
            })
            .collect(),
        stale: false,
        code: "",
        refused: "",
        wanted: RejectedStep::default(),
        back,
        cursor: String::new(),
        flash: None,
        retries: (app.rules.retries.iter())
            .map(|minutes| (*minutes, duration(*minutes, w)))
            .collect(),
    }
}

/// The personal data, where the address asks for them and a look of this person was just recorded.
fn shown_again(context: &StaffContext, case: &Case) -> Option<Personal> {
    let asked = context.request.query_string().split('&');
    asked
        .filter(|part| *part == LOOK)
        .find_map(|_| cases::look_again(&context.app, &context.principal, case))
}

/// The steps that this person may make now.
fn steps(context: &StaffContext, standing: Standing) -> Vec<Move> {
    let Some(mover) = Mover::of(context.principal.staff.role) else {
        return Vec::new();
    };
    let refusals_max = context.app.rules.refusals_max;
    let is_legal = |step: &Move| standing.step(*step, mover, refusals_max).is_ok();
    Move::OF_STAFF.into_iter().filter(is_legal).collect()
}

/// The other communities of the scope, if this person may transfer the report. Those that refused it
/// stand last.
fn communities(context: &StaffContext, steps: &[Move], case: &Case) -> Vec<Target> {
    if !steps.contains(&Move::Transfer) {
        return Vec::new();
    }
    let (atlas, english) = (context.app.atlas(), context.page.lang.is_english());
    let queues = context.principal.scope.own_queues().iter();
    let mut communities: Vec<Target> = queues
        .filter(|queue| atlas.tree.is_community(**queue) && **queue != case.row.queue)
        .filter_map(|queue| {
            let area = atlas.tree.area_of(*queue)?;
            let name = area.name_in(english).to_owned();
            Some(Target { id: queue.0, name })
        })
        .collect();
    let refusers = refusers(case.history.iter().map(|line| &line.entry));
    refusers_last(&mut communities, &refusers, |one| QueueId(one.id));
    communities
}

/// The colleagues, if this person may assign the report.
fn colleagues(colleagues: Vec<Staff>, steps: &[Move]) -> Vec<Target> {
    if !steps.contains(&Move::Assign) {
        return Vec::new();
    }
    let target = |person: Staff| Target {
        id: person.id.0,
        name: person.name,
    };
    colleagues.into_iter().map(target).collect()
}

/// `POST /staff/reports/{id}/reveal`: shows the personal data, after the look is recorded in the
/// journal.
#[utoipa::path(post, operation_id = "reveal", path = "/staff/reports/{id}/reveal", security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "`unreadable`: the answers cannot be decrypted")))]
pub(crate) async fn reveal(
    mut context: Authorized<WorkQueue>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    show_revealed(&mut context, ReportId(*id), None).await
}

/// The case with its personal data, and with a flash message about the step before.
pub(crate) async fn show_revealed(
    context: &mut StaffContext,
    id: ReportId,
    flash: Option<Flash>,
) -> Result<HttpResponse, Problem> {
    let personal = triage::reveal(&context.app, &context.principal, id).await?;
    let mut view = load(context, id).await?;
    if let Some(flash) = flash {
        view.flash = flash::view(context, flash, &view.back, Some(id)).await?;
    }
    let lang = context.page.lang;
    view.revealed = personal.map(|personal| revealed(personal, lang));
    if view.revealed.is_some() {
        return context.reply(StatusCode::OK, &view);
    }
    let w = context.page.w;
    (view.code, view.refused) = ("unreadable", w.case.unreadable);
    view.wanted = RejectedStep::plain("reveal", w.staff.reveal, StepForm::default());
    context.reply(StatusCode::CONFLICT, &view)
}

fn revealed(personal: Personal, lang: Lang) -> Revealed {
    let phone = Phone::read(&personal.phone).ok();
    Revealed {
        name: personal.name,
        phone: phone.as_ref().map(Phone::spoken).unwrap_or(personal.phone),
        tel: phone.as_ref().map(Phone::tel).unwrap_or_default(),
        companion_names: lang.list(&personal.companion_names),
        note: personal.note.unwrap_or_default(),
        proxy: personal.proxy.unwrap_or_default(),
        identity: personal.identity.unwrap_or_default(),
        vehicle: personal.vehicle.unwrap_or_default(),
    }
}
