//! One case as a page: how it stands, what happened to it, and what somebody may do with it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::going::Back;
use super::problem::Problem;
use super::reply::{Chrome, View, reply, see_other};
use super::row::{Row, draw};
use super::session::Worker;
use super::undo::{self, Done, News};
use super::wanted::Wanted;
use super::words::Words;
use crate::domain::area::Level;
use crate::domain::journal::Event;
use crate::domain::person::Phone;
use crate::domain::report::ReportId;
use crate::domain::triage::{Move, Mover, Outcome, Standing};
use crate::service::case::{self as cases, Told};
use crate::service::personal::Personal;
use crate::service::{Acting, House, triage};
use crate::store::report;

/// One report, with its personal data where they were asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseView {
    /// The report.
    pub(super) row: Row,
    /// Who looks at it.
    pub(super) person_id: i32,
    /// Name and telephone, after a look that was recorded.
    pub(super) revealed: Option<Revealed>,
    /// Every step that this person may make now.
    pub(super) steps: Vec<Choice>,
    /// What can come of it.
    pub(super) outcomes: Vec<Choice>,
    /// Communities that it can be transferred to.
    pub(super) communities: Vec<Target>,
    /// Colleagues that it can be given to.
    pub(super) colleagues: Vec<Target>,
    /// Open reports of the same telephone.
    pub(super) same_phone: Vec<Row>,
    /// Further ones of the same room and direction.
    pub(super) same_room: Vec<Row>,
    /// The report that this one was merged into; null also where that lies outside of the scope.
    pub(super) kept: Option<Row>,
    /// What was merged into this one.
    pub(super) merged: Vec<Row>,
    /// The last contact with this telephone on any report, in words; empty where there was none.
    pub(super) last_contact: String,
    /// What happened, oldest first.
    pub(super) history: Vec<HistoryLine>,
    /// Whether somebody has just changed it.
    pub(super) stale: bool,
    /// Why a step was not made, stable and in snake case; empty where nothing was refused.
    pub(super) code: &'static str,
    /// The same in words.
    pub(super) refused: &'static str,
    /// What was to be done, beside how the report stands.
    pub(super) wanted: Wanted,
    /// The way back to the list that somebody came from.
    #[serde(skip)]
    back: Back,
    /// What somebody has just done.
    #[serde(skip)]
    done: Option<Done>,
    #[serde(skip)]
    retries: Vec<(u32, String)>,
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
    /// Papers, as they were given; may be empty.
    pub(super) identity: String,
    /// The number plate; may be empty.
    pub(super) vehicle: String,
    /// Who reports for that person; empty where they do so themselves.
    pub(super) proxy: String,
}

/// Something that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Choice {
    /// What to send.
    pub(super) value: &'static str,
    /// What to read.
    pub(super) label: &'static str,
}

/// Somebody or some place that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Target {
    /// Our number.
    pub(super) id: i32,
    /// What to read.
    pub(super) name: String,
}

/// A line of history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryLine {
    /// When, in words.
    pub(super) at: String,
    /// Who.
    pub(super) who: String,
    /// What, stable.
    pub(super) event: &'static str,
    /// What, in words.
    pub(super) text: &'static str,
    /// Why; may be empty.
    pub(super) reason: String,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a CaseView,
}

impl View for CaseView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
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
pub(super) async fn show(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id): (Worker, web::Path<Uuid>),
) -> Result<HttpResponse, Problem> {
    let (id, who) = (ReportId(*id), (&**house, &worker.0));
    let (mut view, chrome) = case(&request, who, id).await?;
    view.done = undo::told(&request, who, (&view.back, Some(id))).await?;
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// `GET` of an address that only takes what is sent to it: the case, as it can be read again.
pub(super) async fn again(request: HttpRequest, _: Worker) -> Result<HttpResponse, Problem> {
    let id = request.match_info().get("id").unwrap_or_default();
    let id = Uuid::try_parse(id).or(Err(Problem::Missing))?;
    Ok(see_other(&Back::of(&request).case(ReportId(id))))
}

/// The case and the page around it, whose other language is an address that can be read again.
pub(super) async fn case(
    request: &HttpRequest,
    (house, acting): (&House, &Acting),
    id: ReportId,
) -> Result<(CaseView, Chrome), Problem> {
    let (mut chrome, back) = (Chrome::of(request), Back::of(request));
    chrome.other = back.case_in(id, chrome.lang.other().code());
    let view = view((house, acting), (id, back), &chrome).await?;
    Ok((view, chrome))
}

async fn view(
    (house, acting): (&House, &Acting),
    (id, back): (ReportId, Back),
    chrome: &Chrome,
) -> Result<CaseView, Problem> {
    let told = cases::open(house, acting, id).await?;
    let rows = [&told.same_phone, &told.same_room, &told.merged];
    let rows = rows.into_iter().flatten().chain(&told.kept);
    let rows = rows.chain([&told.row]);
    house.names.learn(&house.db, rows).await?;
    let (row, w) = (&told.row, chrome.w);
    let today = house.local_now().date();
    let moment = |at| chrome.lang.moment(house.clock.local(at), today);
    let steps = steps(house, acting, told.standing);
    let english = chrome.lang.is_english();
    let atlas = house.atlas();
    let communities = acting.scope.own_queues().iter().filter(|area| {
        steps.contains(&Move::Transfer) && atlas.tree.owns_queue(**area) && **area != row.queue
    });
    let drawn = |rows: &[report::Row]| rows.iter().map(|row| draw(house, row, chrome)).collect();
    Ok(CaseView {
        row: draw(house, row, chrome),
        person_id: acting.staff.id.0,
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
        kept: told.kept.as_ref().map(|row| draw(house, row, chrome)),
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
        wanted: Wanted::default(),
        back,
        done: None,
        retries: (house.rules.retries.iter())
            .map(|minutes| (*minutes, span(*minutes, w)))
            .collect(),
    })
}

fn history_line(line: &Told, w: &'static Words, at: String) -> HistoryLine {
    let event = line.entry.event;
    let nobody = match event {
        Event::Escalated | Event::Split => w.night.house,
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

/// So many minutes in words.
pub(super) fn span(minutes: u32, w: &Words) -> String {
    match minutes % 60 {
        0 => format!("{} {}", minutes / 60, w.case.hours),
        _ => format!("{minutes} {}", w.case.minutes),
    }
}

/// What this person may do with the report now.
fn steps(house: &House, acting: &Acting, standing: Standing) -> Vec<Move> {
    let Some(mover) = Mover::of(acting.staff.role) else {
        return Vec::new();
    };
    let legal = |step: &Move| {
        standing
            .step(*step, mover, house.rules.refusals_max)
            .is_ok()
    };
    Move::OF_STAFF.into_iter().filter(legal).collect()
}

/// `POST /staff/reports/{id}/reveal`: name and telephone, after a line in the history says so.
pub(super) async fn reveal(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, id): (Worker, web::Path<Uuid>),
) -> Result<HttpResponse, Problem> {
    show_revealed(&request, (&house, &worker.0), (ReportId(*id), None)).await
}

/// The case with what is personal in it, and with what was done right before.
pub(super) async fn show_revealed(
    request: &HttpRequest,
    (house, acting): (&House, &Acting),
    (id, news): (ReportId, Option<News>),
) -> Result<HttpResponse, Problem> {
    let personal = triage::reveal(house, acting, id).await?;
    let (mut view, chrome) = case(request, (house, acting), id).await?;
    let w = chrome.w;
    if let Some(news) = news {
        let place = (w, (&view.back, Some(id)));
        view.done = undo::say((house, acting), news, place).await?;
    }
    view.revealed = personal.map(revealed);
    if view.revealed.is_some() {
        return reply(request, StatusCode::OK, (&view, &chrome));
    }
    (view.code, view.refused) = ("unreadable", w.case.unreadable);
    view.wanted = Wanted::plain("reveal", w.staff.reveal);
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
