//! Placards to print: one file for each, in three formats.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::domain::code::Code;
use crate::poster::{self, Paper};
use crate::service::audit::{self, Actor};
use crate::service::places;
use crate::web::http::auth::{Authorized, PrintPlacards};
use crate::web::http::problem::Problem;

/// The resolution of a picture, in dots per inch.
const PICTURE_DPI: u32 = 200;

/// The query of a poster.
#[derive(Debug, Deserialize)]
pub(crate) struct PosterParams {
    /// The paper's code; A4 if absent.
    paper: Option<String>,
}

/// `GET /staff/placards/{code}.svg|png|pdf`: the poster of a placard within the person's scope.
#[utoipa::path(get, path = "/staff/placards/{file}", responses((status = 200)))]
pub(crate) async fn poster(
    context: Authorized<PrintPlacards>,
    file: web::Path<String>,
    params: web::Query<PosterParams>,
) -> Result<HttpResponse, Problem> {
    let (code, format) = file.rsplit_once('.').ok_or(Problem::Missing)?;
    let code = Code::read(code).or(Err(Problem::Missing))?;
    let paper = params.paper.as_deref().unwrap_or("a4");
    let paper = Paper::from_code(paper).ok_or(Problem::Malformed)?;
    let atlas = context.app.atlas();
    let place = atlas.door(&code).ok_or(Problem::Missing)?;
    if !context.principal.scope.covers(place.building.area) {
        return Err(Problem::Missing);
    }
    let actor = Actor::Staff(context.principal.staff.id);
    audit::posters_drawn(&context.app, actor, 1).await?;
    let sheet = places::poster_of(&context.app, &atlas, &place);
    let format = format.to_owned();
    let name = format!("{code}.{format}");
    let file = web::block(move || match format.as_str() {
        "svg" => poster::svg(&sheet, paper).map(|svg| Some(("image/svg+xml", svg.into_bytes()))),
        "png" => poster::png(&sheet, paper, PICTURE_DPI).map(|png| Some(("image/png", png))),
        "pdf" => poster::pdf(&[sheet], paper).map(|pdf| Some(("application/pdf", pdf))),
        _ => Ok(None),
    });
    let file = file.await.map_err(|error| Problem::internal(&error))?;
    let file = file.map_err(|error| undrawn(&error))?;
    let (kind, bytes) = file.ok_or(Problem::Missing)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .body(bytes))
}

/// What the words of a placard bring about, told apart from what should not happen.
fn undrawn(error: &poster::Error) -> Problem {
    match error {
        poster::Error::Glyphs(_) | poster::Error::Room(_) => Problem::Undrawable,
        poster::Error::Placard(_, inner) => undrawn(inner),
        _ => Problem::internal(error),
    }
}
