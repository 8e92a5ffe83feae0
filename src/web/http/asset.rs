//! Scripts and style sheets that staff pages load.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETag, EntityTag, Header, IfNoneMatch, LOCATION,
};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::Embed;

use super::problem::Problem;

#[derive(Embed)]
#[folder = "assets/static"]
struct Static;

/// `GET /favicon.ico`: where browsers look for the icon of what is no page.
#[utoipa::path(get, path = "/favicon.ico", responses((status = 308)))]
pub(crate) async fn icon() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/static/icon.svg"))
        .finish()
}

/// `GET /static/{file}`
#[utoipa::path(get, path = "/static/{file}", responses((status = 200)))]
pub(crate) async fn asset(
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
