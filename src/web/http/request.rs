//! What a request says: its query, what it accepts.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING};

/// What the address says under this name.
pub(crate) fn asked<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut pairs = request.query_string().split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Whether the client is a program. Whoever accepts anything gets the page.
pub(crate) fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// Whether the client said that it unpacks brotli, and not that it would rather not.
pub(crate) fn takes_brotli(request: &HttpRequest) -> bool {
    let said = request.headers().get(ACCEPT_ENCODING);
    let said = said
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = said.split(',').map(str::trim);
    parts.any(|part| part == "br" || part.starts_with("br;") && !part.ends_with("q=0"))
}
