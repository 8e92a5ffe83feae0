//! Placards to print: one file each, in three formats.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::domain::code::Code;
use crate::poster::{self, Paper};
use crate::service::{App, places};
use crate::web::http::auth::{Authorized, PrintPlacards};
use crate::web::http::problem::Problem;

/// Dots per inch of a picture.
const PICTURE_DPI: u32 = 200;

/// How large.
#[derive(Debug, Deserialize)]
pub(crate) struct Size {
    paper: Option<String>,
}

/// `GET /staff/placards/{code}.svg|png|pdf`: the poster of a placard within the person's scope.
#[utoipa::path(get, path = "/staff/placards/{file}", responses((status = 200)))]
pub(crate) async fn poster(
    app: web::Data<App>,
    (printer, file, size): (
        Authorized<PrintPlacards>,
        web::Path<String>,
        web::Query<Size>,
    ),
) -> Result<HttpResponse, Problem> {
    let (code, format) = file.rsplit_once('.').ok_or(Problem::Missing)?;
    let code = Code::read(code).or(Err(Problem::Missing))?;
    let paper =
        Paper::from_code(size.paper.as_deref().unwrap_or("a4")).ok_or(Problem::Malformed)?;
    let atlas = app.atlas();
    let door = atlas.door(&code).ok_or(Problem::Missing)?;
    if !printer.principal.scope.covers(door.building.area) {
        return Err(Problem::Missing);
    }
    let sheet = places::poster_of(&app, &atlas, &door);
    let format = format.to_owned();
    let name = format!("{code}.{format}");
    let drawn = web::block(move || match format.as_str() {
        "svg" => poster::svg(&sheet, paper).map(|svg| Some(("image/svg+xml", svg.into_bytes()))),
        "png" => poster::png(&sheet, paper, PICTURE_DPI).map(|png| Some(("image/png", png))),
        "pdf" => poster::pdf(&[sheet], paper).map(|pdf| Some(("application/pdf", pdf))),
        _ => Ok(None),
    });
    let drawn = drawn.await.map_err(|error| Problem::internal(&error))?;
    let drawn = drawn.map_err(|error| Problem::internal(&error))?;
    let (kind, bytes) = drawn.ok_or(Problem::Missing)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")))
        .body(bytes))
}
