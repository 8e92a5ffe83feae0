//! The receipt: what its holder is told, and what happened since.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use super::door::Door;
use super::fields::direction;
use super::lang::Lang;
use super::problem::Problem;
use super::reply::{Chrome, View, reply};
use super::site::nearest_open;
use super::words::Words;
use crate::domain::report::Field;
use crate::domain::triage::{Stage, Status};
use crate::service::House;
use crate::service::personal::Personal;
use crate::store::{Conn, Error, journal, report};

/// A receipt as its holder sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptView {
    /// The number to read out.
    pub(super) number: String,
    /// Where the report stands.
    pub(super) status: &'static str,
    /// The same in words.
    pub(super) status_words: &'static str,
    /// By when somebody calls, in words; empty where nobody needs to.
    pub(super) due: String,
    /// Whether somebody has taken it.
    pub(super) taken: bool,
    /// Whether it has ended.
    pub(super) closed: bool,
    /// The nearest open test site in words; empty where there is none.
    pub(super) site: String,
    /// The address that mends it; empty where that is too late.
    pub(super) correct: String,
    /// The address that reports one more person of this journey.
    pub(super) another: String,
    /// The address that takes it back; empty where that is too late.
    pub(super) withdraw: String,
    /// The community.
    pub(super) community: String,
    /// Its telephone.
    pub(super) phone: String,
    /// The address of the form behind the placard.
    pub(super) form: String,
    /// Whether what the person said cannot be opened; the answers then lack it.
    pub(super) unreadable: bool,
    /// What the person said, line by line.
    pub(super) answers: Vec<Line>,
    /// What happened since, oldest first.
    pub(super) history: Vec<Line>,
}

/// A line of a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Line {
    /// What it is about, or when it was.
    pub(super) label: String,
    /// What it says.
    pub(super) text: String,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a ReceiptView,
}

impl View for ReceiptView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        ReceiptPage { c, w: c.w, v: self }.render()
    }
}

/// `GET /s/{link}`: the receipt, for whoever has its secret link.
pub(super) async fn show(
    request: HttpRequest,
    house: web::Data<House>,
    link: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let holder = house.keys.open_link(&link).ok_or(Problem::Missing)?;
    let work = move |conn: Conn| async move {
        let row = report::held(&conn, holder).await?;
        Ok::<_, Error>((row, journal::of_holder(&conn, holder).await?))
    };
    let (row, entries) = house.db.run(work).await?;
    let lang = match request.query_string().contains("lang=") {
        true => Lang::of(&request),
        false => Lang::from_code(&row.lang).unwrap_or_else(|| Lang::of(&request)),
    };
    let chrome = Chrome::in_lang(&request, lang);
    let personal = Personal::open(&house, &row);
    let view = receipt_view(&house, (&row, &entries), (personal, &chrome));
    reply(&request, StatusCode::OK, (&view, &chrome))
}

fn receipt_view(
    house: &House,
    (row, entries): (&report::Row, &[journal::Entry]),
    (personal, chrome): (Option<Personal>, &Chrome),
) -> ReceiptView {
    let (atlas, lang, w) = (house.atlas(), chrome.lang, chrome.w);
    let today = house.local_now().date();
    let moment = |at| lang.moment(house.clock.local(at), today);
    let door = row.placard.and_then(|placard| atlas.door_of(placard));
    let place = atlas.place(row.building, row.placard);
    let behind = row.placard.and_then(|placard| Door::behind(house, placard));
    let site = behind.and_then(|door| nearest_open(house, &door, chrome));
    let address = |name: &str| format!("/s/{}/{name}", house.keys.link(row.id));
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
            format!("{} · {} · {}", site.name, site.distance, site.when)
        }),
        correct: only(door.is_some() && row.status == Status::Waiting, "correct"),
        another: only(door.is_some(), "another"),
        withdraw: only(row.status.is_open(), "withdraw"),
        community: queue
            .map(|area| area.name_in(lang.is_english()).to_owned())
            .unwrap_or_default(),
        phone: atlas
            .tree
            .phone_of(row.queue)
            .unwrap_or_default()
            .to_owned(),
        form: door
            .as_ref()
            .map(|door| format!("/q/{}", door.placard.code))
            .unwrap_or_default(),
        unreadable: personal.is_none(),
        answers: said(
            (house, row),
            (
                &personal.unwrap_or_default(),
                place.map(|place| place.words(lang.is_english())),
            ),
            chrome,
        ),
        history: history.collect(),
    }
}

fn said(
    (house, row): (&House, &report::Row),
    (personal, place): (&Personal, Option<String>),
    chrome: &Chrome,
) -> Vec<Line> {
    let w = chrome.w;
    let direction = direction(house, chrome, row.direction);
    let phone = crate::domain::person::Phone::read(&personal.phone);
    let phone = phone.map_or_else(|_| personal.phone.clone(), |phone| phone.spoken());
    let line = |field, text: &str| (w.field(field).to_owned(), text.to_owned());
    [
        line(Field::Direction, &direction),
        line(Field::Region, &personal.region),
        line(Field::Day, &chrome.lang.day(row.travel_day)),
        line(
            Field::Room,
            &format!("{} {}", place.unwrap_or_default(), personal.room),
        ),
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
