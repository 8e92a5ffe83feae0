//! The front door, and the few files that staff pages load.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use rust_embed::Embed;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::reply::{Chrome, View, reply, see_other};
use super::words::Words;

#[derive(Embed)]
#[folder = "assets/static"]
struct Static;

/// A code that somebody typed instead of scanning.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    code: Option<String>,
}

#[derive(Serialize)]
struct HomeView {}

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    c: &'a Chrome,
    w: &'static Words,
}

impl View for HomeView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        Page { c, w: c.w }.render()
    }
}

/// `GET /`: for whoever has no camera.
pub(super) async fn show(
    request: HttpRequest,
    typed: web::Query<Typed>,
) -> Result<HttpResponse, Problem> {
    let code = typed.code.as_deref().unwrap_or_default();
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(12)
        .collect();
    if !plain.is_empty() {
        return Ok(see_other(&format!("/q/{plain}")));
    }
    reply(
        &request,
        StatusCode::OK,
        (&HomeView {}, &Chrome::of(&request)),
    )
}

/// `GET /static/{file}`
pub(super) async fn asset(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let found = Static::get(&file).ok_or(Problem::Missing)?;
    let kind = match file.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => return Err(Problem::Missing),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(found.data.into_owned()))
}
