//! The receipt: the report, and what has happened since.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::journal::Event;
use crate::domain::report::{Direction, Field};
use crate::domain::triage::Status;
use crate::service::App;
use crate::service::personal::Personal;
use crate::store::{Conn, Error, journal, report};
use crate::web::form::placard::ScannedPlacard;
use crate::web::http::context::RequestContext;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::resident::progress::{Progress, progress};
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
    /// Whether the resident has withdrawn it.
    #[serde(skip)]
    pub(crate) withdrawn: bool,
    /// What happens next.
    #[serde(flatten)]
    pub(crate) progress: Progress,
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
    let (atlas, lang) = (app.atlas(), page.lang);
    let placard = row.placard.and_then(|placard| atlas.door_of(placard));
    let place = atlas.place(row.building, row.placard);
    let behind = row
        .placard
        .and_then(|placard| ScannedPlacard::behind(app, placard));
    let site = behind
        .filter(|_| row.status.is_open())
        .and_then(|placard| nearest_open(app, &placard, page));
    let address = |name: &str| format!("/s/{}/{name}", app.keys.link(row.id));
    let only = |when: bool, name: &str| if when { address(name) } else { String::new() };
    let queue = atlas.tree.area_of(row.queue);
    ReceiptView {
        number: row.number.clone(),
        status: row.status.code(),
        status_words: page.w.progress(row.status),
        withdrawn: row.status == Status::Withdrawn,
        progress: progress(app, page, row),
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
            .phone_of_queue(row.queue)
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
        history: history(app, page, entries),
    }
}

/// What happened, as far as it concerns the resident. A step that was taken back did not happen.
fn history(app: &App, page: &PageContext, entries: &[journal::Entry]) -> Vec<Line> {
    let (w, today) = (page.w, app.local_now().date());
    let mut lasting: Vec<&journal::Entry> = Vec::new();
    for entry in entries {
        if entry.event == Event::Undone {
            // A look at the contact details stays: it happened.
            lasting.retain(|one| one.version + 1 != entry.version || one.event == Event::Revealed);
        } else {
            lasting.push(entry);
        }
    }
    let line = |entry: &journal::Entry| {
        let text = w.event(entry.event)?;
        Some(Line {
            label: page.lang.moment(app.clock.local(entry.at), today),
            text: match entry.actor {
                Some(_) => w.receipt.by_staff.replace("{}", text),
                None => text.to_owned(),
            },
        })
    };
    lasting.into_iter().filter_map(line).collect()
}

fn answers(
    app: &App,
    page: &PageContext,
    row: &report::Row,
    personal: &Personal,
    place: &str,
) -> Vec<Line> {
    let w = page.w;
    let way = row.direction;
    // A telephone alone says neither direction nor day.
    let (direction, day) = match way {
        Direction::Unsaid => (String::new(), String::new()),
        said => {
            let direction = w.direction(said, &app.rules.campaign.city);
            (direction, page.lang.day(row.travel_day))
        }
    };
    let atlas = app.atlas();
    let region = atlas
        .gazetteer
        .written(row.region, &personal.region, page.lang.is_english());
    let room = format!("{place} {}", personal.room);
    let persons = w.receipt.in_all.replace("{}", &row.persons.to_string());
    let phone = crate::domain::person::Phone::read(&personal.phone);
    let phone = phone.map_or_else(|_| personal.phone.clone(), |phone| phone.spoken());
    let line = |field, text: &str| (w.field(field, way), text.to_owned());
    [
        line(Field::Direction, &direction),
        line(Field::Region, &region),
        line(Field::Day, &day),
        line(Field::Room, &room),
        line(Field::Name, &personal.name),
        line(Field::Phone, &phone),
        (w.receipt.persons.to_owned(), persons),
        line(
            Field::CompanionNames,
            &page.lang.list(&personal.companion_names),
        ),
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
