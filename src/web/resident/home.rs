//! The start page: a code is typed here instead of scanned.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::web::http::page_context::PageContext;
use crate::web::http::problem::Problem;
use crate::web::http::reply::{View, reply};
use crate::web::http::response::see_other;
use crate::web::text::Words;

/// A code that somebody typed instead of scanning.
#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    code: Option<String>,
}

#[derive(Serialize)]
struct HomeView {}

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    c: &'a PageContext,
    w: &'static Words,
}

impl View for HomeView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        Page { c, w: c.w }.render()
    }
}

/// `GET /`: for whoever has no camera.
#[utoipa::path(get, path = "/", responses((status = 200)))]
pub(crate) async fn show(
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
        (&HomeView {}, &PageContext::of(&request)),
    )
}
