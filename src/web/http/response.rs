//! How an answer is built: pages that no cache keeps, redirects, compression.

use std::io::Write as _;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use actix_web::{HttpResponse, HttpResponseBuilder};

/// Brotli quality of pages that are compressed for each request.
const QUALITY: u32 = 5;
/// Brotli window, as a power of two. A page is smaller.
const WINDOW_BITS: u32 = 18;

/// Compresses better than the middleware does: a page is a sixth smaller.
pub(crate) fn packed(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, QUALITY, WINDOW_BITS);
    // Writing to memory does not fail.
    let _ = writer.write_all(text);
    drop(writer);
    packed
}

/// The head of a page, without its body.
pub(crate) fn page(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "accept, accept-encoding, accept-language, cookie"))
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"));
    response
}

/// To another page, for browsers.
pub(crate) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("location", to))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

/// The answer with this cookie.
pub(crate) fn with_cookie(mut response: HttpResponse, cookie: &Cookie<'_>) -> HttpResponse {
    // It fails only if the value does not fit into a header; the values of our cookies do.
    let _ = response.add_cookie(cookie);
    response
}
