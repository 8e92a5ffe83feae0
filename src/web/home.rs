//! The front door, and the few files that staff pages load.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
pub(super) async fn asset(
    request: HttpRequest,
    file: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let found = Static::get(&file).ok_or(Problem::Missing)?;
    // Asked again with every page, so that no page meets a script of another version; but sent
    // only where it is another one.
    let tag = EntityTag::new_strong(URL_SAFE_NO_PAD.encode(found.metadata.sha256_hash()));
    let known = IfNoneMatch::parse(&request).unwrap_or(IfNoneMatch::Items(Vec::new()));
    let same = |known: &EntityTag| known.weak_eq(&tag);
    if matches!(&known, IfNoneMatch::Items(known) if known.iter().any(same)) {
        return Ok(HttpResponse::NotModified()
            .insert_header(ETag(tag))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .finish());
    }
    let kind = match file.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml",
        _ => return Err(Problem::Missing),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header(ETag(tag))
        .body(found.data.into_owned()))
}
