//! The form on paper: one A4 page in the order of the screen's fields, Chinese large and English
//! small, for people who would rather write.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Serialize;

use crate::domain::campaign::OPTIONAL;
use crate::domain::report::{Direction, Field};
use crate::service::App;
use crate::web::form::fields::direction;
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::Problem;
use crate::web::http::reply::{View, reply};
use crate::web::staff::location::Location;
use crate::web::text::Words;

/// What stands on the paper.
#[derive(Serialize)]
struct PaperView {
    place: String,
    place_en: String,
    /// The placard's code, or the number of the building at the desk.
    code: String,
    office: String,
    phone: String,
    fields: Vec<Line>,
    /// The law or order, where the city names one.
    legal_basis: String,
}

/// A field to write into.
#[derive(Serialize)]
struct Line {
    field: &'static str,
    label: &'static str,
    label_en: &'static str,
    optional: bool,
    /// What can be ticked, and the same in English.
    choices: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "paper.html")]
struct PaperPage<'a> {
    zh: &'static Words,
    en: &'static Words,
    v: &'a PaperView,
}

impl View for PaperView {
    fn page(&self, _: &PageContext) -> askama::Result<String> {
        let (zh, en) = (Lang::Zh.words(), Lang::En.words());
        PaperPage { zh, en, v: self }.render()
    }
}

/// `GET /staff/desk/{spot}/paper`: the form of one place within the person's scope, to print.
#[utoipa::path(get, path = "/staff/desk/{spot}/paper", responses((status = 200)))]
pub(crate) async fn show(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, spot): (Authorized<WorkQueue>, web::Path<String>),
) -> Result<HttpResponse, Problem> {
    let spot = Location::open(&app, &worker.principal.scope, &spot)?;
    let place = spot.place()?;
    let (zh, en) = (Lang::Zh.words(), Lang::En.words());
    let code = place.placard.map(|placard| placard.code.to_string());
    let phone = spot.atlas().tree.phone_of(place.building.area);
    let campaign = &app.rules.campaign;
    let directions = Direction::ALL.map(|way| {
        let said = |lang| direction(&app, &PageContext::in_lang(&request, lang), way);
        (said(Lang::Zh), said(Lang::En))
    });
    let asked = Field::ALL.into_iter().filter(|field| campaign.asks(*field));
    let fields = asked.map(|field| Line {
        field: field.code(),
        label: zh.field(field),
        label_en: en.field(field),
        optional: OPTIONAL.contains(&field),
        choices: match field {
            Field::Direction => directions.to_vec(),
            _ => Vec::new(),
        },
    });
    let view = PaperView {
        place: place.words(false),
        place_en: place.words(true),
        code: code.unwrap_or_else(|| spot.to_string()),
        office: place.queue.name.clone(),
        phone: phone.unwrap_or_default().to_owned(),
        fields: fields.collect(),
        legal_basis: campaign.legal_basis.zh.clone(),
    };
    reply(
        &request,
        StatusCode::OK,
        (&view, &PageContext::of(&request)),
    )
}
