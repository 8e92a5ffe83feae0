//! What a request says: its query, what it accepts.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING};

/// The value of this name in the query of the address.
pub(crate) fn asked<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut pairs = request.query_string().split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Whether the client is a program that reads JSON. A client that accepts anything gets the page.
pub(crate) fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// Whether the client accepts brotli, and does not set its weight to zero.
pub(crate) fn takes_brotli(request: &HttpRequest) -> bool {
    let said = request.headers().get(ACCEPT_ENCODING);
    let said = said
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = said.split(',').map(str::trim);
    parts.any(|part| part == "br" || part.starts_with("br;") && !part.ends_with("q=0"))
}
