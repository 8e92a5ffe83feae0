//! One address, two representations: decides here, and only here, between a page and JSON.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::lang::Lang;
use super::problem::Problem;
use super::words::Words;

/// What a page of any kind needs besides its own words.
#[derive(Clone, Debug)]
pub(super) struct Chrome {
    pub(super) lang: Lang,
    pub(super) w: &'static Words,
    /// The same page in the other language.
    pub(super) other: String,
    /// The sheet that stands in resident pages, so that the first view is one request.
    pub(super) css: &'static str,
}

/// The sheet of resident pages.
pub(super) const RESIDENT_CSS: &str = include_str!("../../assets/static/resident.css");

impl Chrome {
    pub(super) fn of(request: &HttpRequest) -> Self {
        Self::in_lang(request, Lang::of(request))
    }

    pub(super) fn in_lang(request: &HttpRequest, lang: Lang) -> Self {
        Self {
            lang,
            w: lang.words(),
            other: format!("{}?lang={}", request.path(), lang.other().code()),
            css: RESIDENT_CSS,
        }
    }
}

/// A page's context, which is its JSON body at the same time.
pub(super) trait View: Serialize {
    /// The page.
    fn page(&self, chrome: &Chrome) -> askama::Result<String>;
}

/// Whether the client is a program. Whoever accepts anything gets the page.
pub(super) fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// The view as a page or as JSON. Nothing personal stays in a cache.
pub(super) fn reply(
    request: &HttpRequest,
    status: StatusCode,
    (view, chrome): (&impl View, &Chrome),
) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "accept, accept-language, cookie"));
    if wants_json(request) {
        return Ok(response.json(view));
    }
    let page = view
        .page(chrome)
        .map_err(|error| Problem::internal(&error))?;
    Ok(response
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(page))
}

/// To another page, for browsers.
pub(super) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("location", to))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
