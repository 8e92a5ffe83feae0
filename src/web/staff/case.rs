//! One case as a page: how it stands, what happened to it, and what somebody may do with it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::area::Level;
use crate::domain::journal::Event;
use crate::domain::person::Phone;
use crate::domain::report::ReportId;
use crate::domain::triage::{Move, Mover, Outcome, Standing};
use crate::service::case::{self as cases, Told};
use crate::service::personal::Personal;
use crate::service::{App, Principal, triage};
use crate::store::report;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::{View, reply};
use crate::web::http::response::see_other;
use crate::web::http::return_to::ReturnTo;
use crate::web::staff::choice::{Choice, Target, span};
use crate::web::staff::flash::{self, Done, News};
use crate::web::staff::rejected::RejectedStep;
use crate::web::staff::row::{Row, draw};
use crate::web::text::Words;

/// One report, with its personal data where they were asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseView {
    /// The report.
    pub(crate) row: Row,
    /// Who looks at it.
    pub(crate) person_id: i32,
    /// Name and telephone, after a look that was recorded.
    pub(crate) revealed: Option<Revealed>,
    /// Every step that this person may make now.
    pub(crate) steps: Vec<Choice>,
    /// What can come of it.
    pub(crate) outcomes: Vec<Choice>,
    /// Communities that it can be transferred to.
    pub(crate) communities: Vec<Target>,
    /// Colleagues that it can be given to.
    pub(crate) colleagues: Vec<Target>,
    /// Open reports of the same telephone.
    pub(crate) same_phone: Vec<Row>,
    /// Further ones of the same room and direction.
    pub(crate) same_room: Vec<Row>,
    /// The report that this one was merged into; null also where that lies outside of the scope.
    pub(crate) kept: Option<Row>,
    /// What was merged into this one.
    pub(crate) merged: Vec<Row>,
    /// The last contact with this telephone on any report, in words; empty where there was none.
    pub(crate) last_contact: String,
    /// What happened, oldest first.
    pub(crate) history: Vec<HistoryLine>,
    /// Whether somebody has just changed it.
    pub(crate) stale: bool,
    /// Why a step was not made, stable and in snake case; empty where nothing was refused.
    pub(crate) code: &'static str,
    /// The same in words.
    pub(crate) refused: &'static str,
    /// What was to be done, beside how the report stands.
    pub(crate) wanted: RejectedStep,
    /// The way back to the list that somebody came from.
    #[serde(skip)]
    back: ReturnTo,
    /// What somebody has just done.
    #[serde(skip)]
    done: Option<Done>,
    #[serde(skip)]
    retries: Vec<(u32, String)>,
}

/// Personal data of one report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revealed {
    /// The name.
    pub(crate) name: String,
    /// The telephone as people read it.
    pub(crate) phone: String,
    /// The link that calls it.
    pub(crate) tel: String,
    /// The note; may be empty.
    pub(crate) note: String,
    /// Papers, as they were given; may be empty.
    pub(crate) identity: String,
    /// The number plate; may be empty.
    pub(crate) vehicle: String,
    /// Who reports for that person; empty where they do so themselves.
    pub(crate) proxy: String,
}

/// A line of history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryLine {
    /// When, in words.
    pub(crate) at: String,
    /// Who.
    pub(crate) who: String,
    /// What, stable.
    pub(crate) event: &'static str,
    /// What, in words.
    pub(crate) text: &'static str,
    /// Why; may be empty.
    pub(crate) reason: String,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a CaseView,
}

impl View for CaseView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        CasePage { c, w: c.w, v: self }.render()
    }
}

impl CaseView {
    /// Whether this step may be made now.
    fn may(&self, step: &str) -> bool {
        self.steps.iter().any(|known| known.value == step)
    }

    /// Whether one more tap does what somebody wanted. What was written is in its field again, and
    /// its button is beside it.
    fn may_again(&self) -> bool {
        let step = match self.wanted.step.as_str() {
            "call" => self.may("accept") && self.row.status == "waiting",
            step => self.may(step),
        };
        self.stale && step && self.wanted.reason.is_empty()
    }

    /// Who has this report, as whoever looks reads it.
    fn owner<'a>(&self, row: &'a Row, w: &'static Words) -> &'a str {
        row.owner_for(self.person_id, w)
    }

    /// How the report stands, in a line.
    fn stands(&self, w: &'static Words) -> String {
        self.row.stands(self.person_id, w)
    }

    /// Whether something stands in *other steps* that somebody has begun.
    fn has_begun(&self) -> bool {
        let wanted = &self.wanted;
        !wanted.reason.is_empty() || wanted.to.is_some() || wanted.staff.is_some()
    }

    /// Where one more step of this report goes, or one of a report that is shown beside it.
    fn address(&self, step: &str) -> String {
        let query = self.back.query();
        format!("/staff/reports/{}/{step}{query}", self.row.id)
    }

    fn address_of(&self, other: &Row, step: &str) -> String {
        let query = self.back.query_on(Some(ReportId(self.row.id)));
        format!("/staff/reports/{}/{step}{query}", other.id)
    }

    /// Whether anything stands behind *other steps*.
    fn has_more(&self) -> bool {
        let plain = ["accept", "close", "unreachable"];
        self.steps.iter().any(|step| !plain.contains(&step.value))
    }
}

/// `GET /staff/reports/{id}`
#[utoipa::path(get, operation_id = "case", path = "/staff/reports/{id}", security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(crate) async fn show(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, id): (Authorized<WorkQueue>, web::Path<Uuid>),
) -> Result<HttpResponse, Problem> {
    let (id, who) = (ReportId(*id), (&**app, &worker.principal));
    let (mut view, chrome) = case(&request, who, id).await?;
    view.done = flash::told(&request, who, (&view.back, Some(id))).await?;
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// `GET` of an address that only takes what is sent to it: the case, as it can be read again.
#[utoipa::path(get, path = "/staff/reports/{id}/{step}", responses((status = 200)))]
pub(crate) async fn again(
    request: HttpRequest,
    _: Authorized<WorkQueue>,
) -> Result<HttpResponse, Problem> {
    let id = request.match_info().get("id").unwrap_or_default();
    let id = Uuid::try_parse(id).or(Err(Problem::Missing))?;
    Ok(see_other(&ReturnTo::of(&request).case(ReportId(id))))
}

/// The case and the page around it, whose other language is an address that can be read again.
pub(crate) async fn case(
    request: &HttpRequest,
    (app, principal): (&App, &Principal),
    id: ReportId,
) -> Result<(CaseView, PageContext), Problem> {
    let (mut chrome, back) = (PageContext::of(request), ReturnTo::of(request));
    chrome.other = back.case_in(id, chrome.lang.other().code());
    let view = view((app, principal), (id, back), &chrome).await?;
    Ok((view, chrome))
}

async fn view(
    (app, principal): (&App, &Principal),
    (id, back): (ReportId, ReturnTo),
    chrome: &PageContext,
) -> Result<CaseView, Problem> {
    let told = cases::open(app, principal, id).await?;
    let rows = [&told.same_phone, &told.same_room, &told.merged];
    let rows = rows.into_iter().flatten().chain(&told.kept);
    let rows = rows.chain([&told.row]);
    app.names.learn(&app.db, rows).await?;
    let (row, w) = (&told.row, chrome.w);
    let today = app.local_now().date();
    let moment = |at| chrome.lang.moment(app.clock.local(at), today);
    let steps = steps(app, principal, told.standing);
    let english = chrome.lang.is_english();
    let atlas = app.atlas();
    let communities = principal.scope.own_queues().iter().filter(|area| {
        steps.contains(&Move::Transfer) && atlas.tree.owns_queue(**area) && **area != row.queue
    });
    let drawn = |rows: &[report::Row]| rows.iter().map(|row| draw(app, row, chrome)).collect();
    Ok(CaseView {
        row: draw(app, row, chrome),
        person_id: principal.staff.id.0,
        revealed: None,
        outcomes: (Outcome::ALL.iter())
            .map(|outcome| Choice {
                value: outcome.code(),
                label: w.outcome(*outcome),
            })
            .collect(),
        communities: communities
            .filter_map(|area| {
                let name = atlas.tree.get(*area)?.name_in(english).to_owned();
                Some(Target { id: area.0, name })
            })
            .collect(),
        colleagues: (told.colleagues.into_iter())
            .filter(|_| steps.contains(&Move::Assign))
            .map(|person| Target {
                id: person.id.0,
                name: person.name,
            })
            .collect(),
        same_phone: drawn(&told.same_phone),
        same_room: drawn(&told.same_room),
        kept: told.kept.as_ref().map(|row| draw(app, row, chrome)),
        merged: drawn(&told.merged),
        last_contact: told.last_contact.map_or_else(String::new, |contact| {
            format!(
                "{} · {}",
                moment(contact.at),
                w.event_of_case(contact.event)
            )
        }),
        history: (told.history.iter())
            .map(|line| history_line(line, w, moment(line.entry.at)))
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
        done: None,
        retries: (app.rules.retries.iter())
            .map(|minutes| (*minutes, span(*minutes, w)))
            .collect(),
    })
}

fn history_line(line: &Told, w: &'static Words, at: String) -> HistoryLine {
    let event = line.entry.event;
    let nobody = match event {
        Event::Escalated | Event::Split => w.night.app,
        _ => w.case.resident,
    };
    let detail = line.entry.detail.as_deref().unwrap_or_default();
    let text = match (event, Level::from_code(detail), line.entry.actor) {
        (Event::Escalated, Some(level), _) => w.escalated(level),
        (Event::Split, _, None) => w.freed(),
        _ => w.event_of_case(event),
    };
    HistoryLine {
        at,
        who: (line.who.clone()).unwrap_or_else(|| nobody.to_owned()),
        event: event.code(),
        text,
        reason: line.reason.clone().unwrap_or_default(),
    }
}

/// What this person may do with the report now.
fn steps(app: &App, principal: &Principal, standing: Standing) -> Vec<Move> {
    let Some(mover) = Mover::of(principal.staff.role) else {
        return Vec::new();
    };
    let legal = |step: &Move| standing.step(*step, mover, app.rules.refusals_max).is_ok();
    Move::OF_STAFF.into_iter().filter(legal).collect()
}

/// `POST /staff/reports/{id}/reveal`: name and telephone, after a line in the history says so.
#[utoipa::path(post, operation_id = "reveal", path = "/staff/reports/{id}/reveal", security(("staff" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = CaseView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = CaseView, description = "`unreadable`: the answers cannot be decrypted")))]
pub(crate) async fn reveal(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, id): (Authorized<WorkQueue>, web::Path<Uuid>),
) -> Result<HttpResponse, Problem> {
    show_revealed(&request, (&app, &worker.principal), (ReportId(*id), None)).await
}

/// The case with what is personal in it, and with what was done right before.
pub(crate) async fn show_revealed(
    request: &HttpRequest,
    (app, principal): (&App, &Principal),
    (id, news): (ReportId, Option<News>),
) -> Result<HttpResponse, Problem> {
    let personal = triage::reveal(app, principal, id).await?;
    let (mut view, chrome) = case(request, (app, principal), id).await?;
    let w = chrome.w;
    if let Some(news) = news {
        let place = (w, (&view.back, Some(id)));
        view.done = flash::say((app, principal), news, place).await?;
    }
    view.revealed = personal.map(revealed);
    if view.revealed.is_some() {
        return reply(request, StatusCode::OK, (&view, &chrome));
    }
    (view.code, view.refused) = ("unreadable", w.case.unreadable);
    view.wanted = RejectedStep::plain("reveal", w.staff.reveal);
    reply(request, StatusCode::CONFLICT, (&view, &chrome))
}

fn revealed(personal: Personal) -> Revealed {
    let phone = Phone::read(&personal.phone).ok();
    Revealed {
        name: personal.name,
        phone: phone.as_ref().map(Phone::spoken).unwrap_or(personal.phone),
        tel: phone.as_ref().map(Phone::tel).unwrap_or_default(),
        note: personal.note.unwrap_or_default(),
        proxy: personal.proxy.unwrap_or_default(),
        identity: personal.identity.unwrap_or_default(),
        vehicle: personal.vehicle.unwrap_or_default(),
    }
}
