//! The paper form: one A4 page with the fields in the order of the screen, Chinese large and English
//! small.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Serialize;

use crate::domain::campaign::OPTIONAL;
use crate::domain::report::{Direction, Field};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::context::StaffContext;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::Problem;
use crate::web::http::reply::View;
use crate::web::staff::location::Location;
use crate::web::text::Words;

/// The texts of the paper form.
#[derive(Serialize)]
struct PaperView {
    title: String,
    title_en: String,
    place: String,
    place_en: String,
    /// The placard's code; without a placard, the location as desk addresses name it.
    code: String,
    office: String,
    phone: String,
    fields: Vec<Line>,
    /// The legal basis; empty if the city names none.
    legal_basis: String,
}

/// A field to write into.
#[derive(Serialize)]
struct Line {
    field: &'static str,
    label: String,
    label_en: String,
    optional: bool,
    /// The boxes to tick, in Chinese and in English.
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

/// `GET /staff/desk/{spot}/paper`: the form for one location within the person's scope, to print.
#[utoipa::path(get, path = "/staff/desk/{spot}/paper", responses((status = 200)))]
pub(crate) async fn show(
    context: Authorized<WorkQueue>,
    spot: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let location = Location::open(&context.app, &context.principal.scope, &spot)?;
    let place = location.place()?;
    let code = place.placard.map(|placard| placard.code.to_string());
    let phone = location.atlas().tree.phone_of(place.building.area);
    let campaign = &context.app.rules.campaign;
    let fields = Field::ALL.iter().filter(|field| campaign.asks(**field));
    let title = |lang: Lang| {
        let (w, city) = (lang.words(), &campaign.city);
        w.desk.paper.table.replace("{}", &w.report_title(city))
    };
    let view = PaperView {
        title: title(Lang::Zh),
        title_en: title(Lang::En),
        place: place.words(false),
        place_en: place.words(true),
        code: code.unwrap_or_else(|| location.to_string()),
        office: place.queue.name.clone(),
        phone: phone.unwrap_or_default().to_owned(),
        fields: fields.map(|field| line(&context, *field)).collect(),
        legal_basis: campaign.legal_basis.zh.clone(),
    };
    context.reply(StatusCode::OK, &view)
}

fn line(context: &StaffContext, field: Field) -> Line {
    let choices = if field == Field::Direction {
        Direction::OFFERED
            .iter()
            .map(|way| box_of(context, *way))
            .collect()
    } else {
        Vec::new()
    };
    let label = |lang: Lang| lang.words().field(field, Direction::Unsaid);
    Line {
        field: field.code(),
        label: label(Lang::Zh),
        label_en: label(Lang::En),
        optional: OPTIONAL.contains(&field),
        choices,
    }
}

/// A direction in both languages.
fn box_of(context: &StaffContext, way: Direction) -> (String, String) {
    let city = &context.app.rules.campaign.city;
    let text = |lang: Lang| lang.words().direction(way, city);
    (text(Lang::Zh), text(Lang::En))
}
