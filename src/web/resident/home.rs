//! The start page: a code is typed here instead of scanned.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::web::http::context::RequestContext;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::Problem;
use crate::web::http::reply::View;
use crate::web::http::response::see_other;
use crate::web::text::Words;

/// Longest code that the start page follows, in characters.
const CODE_CHARS_MAX: usize = 12;

/// A code that a resident typed instead of scanning it.
#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    code: Option<String>,
}

#[derive(Serialize)]
struct HomeView {
    /// Whether the form came without a code.
    #[serde(skip)]
    owed: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    v: &'a HomeView,
    c: &'a PageContext,
    w: &'static Words,
}

impl View for HomeView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        let v = self;
        Page { v, c, w: c.w }.render()
    }
}

/// `GET /`: the start page, where residents without a camera type the code.
#[utoipa::path(get, path = "/", responses((status = 200)))]
pub(crate) async fn show(
    context: RequestContext,
    typed: web::Query<Typed>,
) -> Result<HttpResponse, Problem> {
    let code = typed.code.as_deref().unwrap_or_default();
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(CODE_CHARS_MAX)
        .collect();
    if plain.is_empty() {
        let owed = typed.code.is_some();
        context.reply(StatusCode::OK, &HomeView { owed })
    } else {
        Ok(see_other(&format!("/q/{plain}")))
    }
}
