//! The receipt: the report, and what has happened since.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::report::Field;
use crate::domain::triage::{Stage, Status};
use crate::service::App;
use crate::service::personal::Personal;
use crate::store::{Conn, Error, journal, report};
use crate::web::form::fields::direction;
use crate::web::form::placard::ScannedPlacard;
use crate::web::http::context::RequestContext;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::resident::sites::nearest_open;

/// A receipt as its holder sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptView {
    /// The number to read out.
    pub(crate) number: String,
    /// Where the report stands.
    pub(crate) status: &'static str,
    /// The same in words.
    pub(crate) status_words: &'static str,
    /// By when the community calls, in words; empty unless the report waits.
    pub(crate) due: String,
    /// Whether staff have accepted it.
    pub(crate) taken: bool,
    /// Whether it has ended.
    pub(crate) closed: bool,
    /// The nearest open test site in words; empty where there is none.
    pub(crate) site: String,
    /// The address that mends it; empty where that is too late.
    pub(crate) correct: String,
    /// The address that reports one more person of this journey.
    pub(crate) another: String,
    /// The address that takes it back; empty where that is too late.
    pub(crate) withdraw: String,
    /// The community.
    pub(crate) community: String,
    /// Its telephone.
    pub(crate) phone: String,
    /// The address of the form behind the placard.
    pub(crate) form: String,
    /// Whether what the person said cannot be opened; the answers then lack it.
    pub(crate) unreadable: bool,
    /// What the person said, line by line.
    pub(crate) answers: Vec<Line>,
    /// What happened since, oldest first.
    pub(crate) history: Vec<Line>,
}

/// A line of a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Line {
    /// What it is about, or when it was.
    pub(crate) label: String,
    /// What it says.
    pub(crate) text: String,
}

template!(ReceiptView, "receipt.html");

/// `GET /s/{link}`: the receipt behind a secret link.
#[utoipa::path(get, operation_id = "receipt", path = "/s/{link}", params(("link" = String, Path, description = "the secret of the receipt")),
    responses((status = 200, body = ReceiptView), (status = 404, body = ProblemBody)))]
pub(crate) async fn show(
    mut context: RequestContext,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let app = Arc::clone(&context.app);
    let holder = app.keys.open_link(&link).ok_or(Problem::Missing)?;
    let work = move |conn: Conn| async move {
        let row = report::by_link(&conn, holder).await?;
        Ok::<_, Error>((row, journal::of_holder(&conn, holder).await?))
    };
    let (row, entries) = app.db.read(work).await?;
    // The language of the report, unless the address names another one.
    let named = context.request.query_string().contains("lang=");
    if let Some(lang) = Lang::from_code(&row.lang).filter(|_| !named) {
        context.page = PageContext::in_lang(&context.request, lang);
    }
    let personal = Personal::open(&app, &row);
    let view = receipt_view(&app, &context.page, &row, &entries, personal);
    context.reply(StatusCode::OK, &view)
}

fn receipt_view(
    app: &App,
    page: &PageContext,
    row: &report::Row,
    entries: &[journal::Entry],
    personal: Option<Personal>,
) -> ReceiptView {
    let (atlas, lang, w) = (app.atlas(), page.lang, page.w);
    let today = app.local_now().date();
    let moment = |at| lang.moment(app.clock.local(at), today);
    let placard = row.placard.and_then(|placard| atlas.door_of(placard));
    let place = atlas.place(row.building, row.placard);
    let behind = row
        .placard
        .and_then(|placard| ScannedPlacard::behind(app, placard));
    let site = behind.and_then(|placard| nearest_open(app, &placard, page));
    let address = |name: &str| format!("/s/{}/{name}", app.keys.link(row.id));
    let only = |when: bool, name: &str| if when { address(name) } else { String::new() };
    let history = entries.iter().map(|entry| {
        let who = entry
            .actor
            .map(|_| w.receipt.staff_member)
            .unwrap_or_default();
        Line {
            label: moment(entry.at),
            text: format!("{who} {}", w.event(entry.event)).trim().to_owned(),
        }
    });
    let queue = atlas.tree.get(row.queue);
    ReceiptView {
        number: row.number.clone(),
        status: row.status.code(),
        status_words: w.status(row.status),
        due: if row.status == Status::Waiting {
            moment(row.contact_due_at)
        } else {
            String::new()
        },
        taken: row.status.stage() == Stage::InHand,
        closed: !row.status.is_open(),
        site: site.map_or_else(String::new, |site| {
            let said = [site.name, site.distance, site.when].into_iter();
            let said: Vec<String> = said.filter(|words| !words.is_empty()).collect();
            said.join(" · ")
        }),
        correct: only(
            placard.is_some() && row.status == Status::Waiting,
            "correct",
        ),
        another: only(placard.is_some(), "another"),
        withdraw: only(row.status.is_open(), "withdraw"),
        community: queue
            .map(|area| area.name_in(lang.is_english()).to_owned())
            .unwrap_or_default(),
        phone: atlas
            .tree
            .phone_of(row.queue)
            .unwrap_or_default()
            .to_owned(),
        form: placard
            .as_ref()
            .map(|placard| format!("/q/{}", placard.placard.code))
            .unwrap_or_default(),
        unreadable: personal.is_none(),
        answers: answers(
            app,
            page,
            row,
            &personal.unwrap_or_default(),
            &place.map_or_else(String::new, |place| place.words(lang.is_english())),
        ),
        history: history.collect(),
    }
}

fn answers(
    app: &App,
    page: &PageContext,
    row: &report::Row,
    personal: &Personal,
    place: &str,
) -> Vec<Line> {
    let w = page.w;
    let direction = direction(app, page, row.direction);
    let phone = crate::domain::person::Phone::read(&personal.phone);
    let phone = phone.map_or_else(|_| personal.phone.clone(), |phone| phone.spoken());
    let line = |field, text: &str| (w.field(field).to_owned(), text.to_owned());
    [
        line(Field::Direction, &direction),
        line(Field::Region, &personal.region),
        line(Field::Day, &page.lang.day(row.travel_day)),
        line(Field::Room, &format!("{place} {}", personal.room)),
        line(Field::Name, &personal.name),
        line(Field::Phone, &phone),
        (w.centre.persons.to_owned(), row.persons.to_string()),
        line(
            Field::Identity,
            personal.identity.as_deref().unwrap_or_default(),
        ),
        line(
            Field::Vehicle,
            personal.vehicle.as_deref().unwrap_or_default(),
        ),
        line(Field::Note, personal.note.as_deref().unwrap_or_default()),
        line(Field::Proxy, personal.proxy.as_deref().unwrap_or_default()),
    ]
    .into_iter()
    .map(|(label, text)| Line {
        label,
        text: text.trim().to_owned(),
    })
    .filter(|line| !line.text.is_empty())
    .collect()
}
