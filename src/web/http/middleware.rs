//! Middleware around every request: headers, the root span of the log, pages for problems.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderName, HeaderValue, ORIGIN, SET_COOKIE, TRANSFER_ENCODING,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::service::{App, code_guesses};
use crate::web::http::auth::is_secure;
use crate::web::http::client_ip::{client_ip, note_unknown_proxy};
use crate::web::http::connections::Connection;
use crate::web::http::lang::Lang;
use crate::web::http::led_on::led_on;
use crate::web::http::page_context::{FORM_CSS, FORM_JS, RECORD_CSS, RESIDENT_CSS, Size};
use crate::web::http::problem::Problem;
use crate::web::http::request::asked;
use crate::web::http::response::see_other;

/// What pages may load: our own scripts and sheets, and those that stand in the page.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (script, sheet) = (hash(&FORM_JS), hash(RESIDENT_CSS));
    let (form, record) = (hash(FORM_CSS), hash(RECORD_CSS));
    format!(
        "default-src 'none'; script-src 'self' 'sha256-{script}'; style-src 'self' 'sha256-{sheet}' 'sha256-{form}' 'sha256-{record}'; \
         img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// Where residents write. They have no sign-in that another site could use, and a refused report
/// would be lost. Every other write is checked for its origin.
const RESIDENTS: [&str; 4] = ["/q/", "/Q/", "/s/", "/status"];

/// How long a choice of language and size is kept, in seconds: a year.
const CHOICE_S: u32 = 31_536_000;

/// What no person writes into an address and not every database stores.
const NUL: &str = "%00";

/// Where the viewer of the API is.
pub(crate) const VIEWER: &str = "/api/docs/{_:.*}";
/// The beginning of its addresses.
const VIEWER_FOLDER: &str = "/api/docs/";
/// The viewer of the API brings styles of its own; its route gets this policy.
const VIEWER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Gives a request its span in the log: its method, its route and a number. The address contains
/// codes and secret links and is never logged.
pub async fn span(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        route = request.match_pattern().as_deref().unwrap_or("unknown"),
        id = %Uuid::new_v4(),
    );
    next.call(request).instrument(span).await
}

/// Refuses packed bodies and writes from other sites, answers HEAD as GET without the body, leads on
/// from addresses with something behind them, draws problems as pages, and sets the headers of every
/// answer.
pub async fn headers(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let connection = request.conn_data::<Connection>().cloned();
    if let Some(connection) = connection.as_ref().filter(|_| !has_body(&request)) {
        connection.serve();
    }
    if let Some(app) = request.app_data::<web::Data<App>>() {
        note_unknown_proxy(request.request(), app);
    }
    let viewer = request.path().starts_with(VIEWER_FOLDER);
    // RFC 9110, 9.3.2. The connection leaves the body out by itself.
    let head = *request.method() == Method::HEAD;
    if head {
        request.head_mut().method = Method::GET;
    }
    let mut response = if let Some(problem) = refusal(&request) {
        let answer = problem.answer(request.request());
        request.into_response(answer)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    if head && is_of_kind(&response, "text/event-stream") {
        // A stream that is not sent would never end.
        response = response.map_body(|_, _| BoxBody::new(()));
    }
    if let Some(connection) = connection {
        match !head && is_of_kind(&response, "text/event-stream") {
            true => connection.stream(),
            false => connection.answer(),
        }
    }
    if let Some(address) = way_on(&response) {
        response = response.into_response(see_other(&address));
    } else if let Some(problem) = problem_of(&response) {
        let allowed = response.headers().get(ALLOW).cloned();
        let guessed = is_guess(&problem) && slowed(response.request()).await;
        let answer = problem.answer(response.request());
        response = response.into_response(answer);
        if guessed {
            let head = response.response_mut().head_mut();
            head.set_connection_type(ConnectionType::Close);
        }
        if let Some(allowed) = allowed {
            response.headers_mut().insert(ALLOW, allowed);
        }
    }
    set(response.headers_mut(), viewer);
    remember(&mut response);
    Ok(response)
}

/// Whether the problem answers a code that no placard has. Mistyped ones count as well: their check
/// character can be computed, so a client would learn nothing less from them.
fn is_guess(problem: &Problem) -> bool {
    matches!(problem, Problem::UnknownCode | Problem::MistypedCode)
}

/// Counts an unknown code, and waits where this client, or all together, sent too many.
async fn slowed(request: &HttpRequest) -> bool {
    let Some(app) = request.app_data::<web::Data<App>>() else {
        return false;
    };
    code_guesses::count(app, client_ip(request, app)).await
}

/// Where a page leads that is not there.
fn way_on(response: &ServiceResponse) -> Option<String> {
    let request = response.request();
    let read = *request.method() == Method::GET && response.status() == StatusCode::NOT_FOUND;
    read.then(|| led_on(request.path(), request.query_string()))?
}

fn is_of_kind(response: &ServiceResponse, kind: &str) -> bool {
    let named = response.headers().get(CONTENT_TYPE);
    named.is_some_and(|named| named.as_bytes().starts_with(kind.as_bytes()))
}

/// Why the request is refused before it is routed.
fn refusal(request: &ServiceRequest) -> Option<Problem> {
    let encodings = request.headers().get_all(CONTENT_ENCODING);
    let packed = encodings
        .into_iter()
        .any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if packed {
        // A few bytes may unpack to gigabytes, and no client of ours packs.
        Some(Problem::Packed)
    } else if request.path().contains(NUL) {
        Some(Problem::Missing)
    } else if request.query_string().contains(NUL) {
        Some(Problem::Malformed)
    } else {
        is_cross_site(request).then_some(Problem::CrossSite)
    }
}

fn has_body(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let length = headers.get(CONTENT_LENGTH).map(HeaderValue::as_bytes);
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != b"0")
}

/// Stores the language and the letter size in cookies when the address names them. Residents get no
/// other cookies.
fn remember(response: &mut ServiceResponse) {
    if !is_of_kind(response, "text/html") {
        // Requests of a page's script carry the page's language and choose none for other pages.
        return;
    }
    let request = response.request();
    let app = request.app_data::<web::Data<App>>();
    let secure = match app.is_some_and(|app| is_secure(app)) {
        true => "; Secure",
        false => "",
    };
    let lang = asked(request, "lang").and_then(Lang::from_code);
    let size = asked(request, "size").and_then(Size::from_code);
    let chosen = [
        ("lang", lang.map(Lang::code)),
        ("size", size.map(Size::code)),
    ];
    for (name, value) in chosen {
        let Some(value) = value else { continue };
        let text = format!("{name}={value}; Path=/; Max-Age={CHOICE_S}; SameSite=Lax{secure}");
        if let Ok(text) = HeaderValue::from_str(&text) {
            response.headers_mut().append(SET_COOKIE, text);
        }
    }
}

/// The problem that a handler or an extractor ended in.
fn problem_of(response: &ServiceResponse) -> Option<Problem> {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return Some(Problem::WrongMethod);
    }
    let error = response.response().error()?;
    let too_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
    Some(match error.as_error::<Problem>() {
        Some(problem) => problem.clone(),
        None if too_large => Problem::TooLarge,
        None => Problem::Malformed,
    })
}

/// Whether the browser says that a write comes from another site. The check uses the decoded path
/// with which routes are matched, because `/%73taff` is `/staff` too.
fn is_cross_site(request: &ServiceRequest) -> bool {
    let path = request.match_info().as_str();
    let open = RESIDENTS.iter().any(|begins| path.starts_with(begins));
    if open || matches!(*request.method(), Method::GET | Method::HEAD) {
        return false;
    }
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    match header("sec-fetch-site") {
        Some(site) => !matches!(site, "same-origin" | "none"),
        None => match (
            header(ORIGIN.as_str()),
            request.app_data::<web::Data<App>>(),
        ) {
            (Some(origin), Some(app)) => origin != app.rules.public_address,
            _ => false,
        },
    }
}

/// The headers of every answer, made once.
static HEADERS: LazyLock<Vec<(HeaderName, HeaderValue)>> = LazyLock::new(|| {
    let headers = [
        ("content-security-policy", POLICY.as_str()),
        ("x-content-type-options", "nosniff"),
        // Not even to ourselves across origins: receipts' addresses are secrets.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ];
    let header = |(name, value): (&'static str, &str)| {
        let value = HeaderValue::from_str(value).expect("the policy is ASCII");
        (HeaderName::from_static(name), value)
    };
    headers.into_iter().map(header).collect()
});

fn set(headers: &mut HeaderMap, viewer: bool) {
    for (name, value) in HEADERS.iter() {
        headers.insert(name.clone(), value.clone());
    }
    if viewer {
        let policy = HeaderValue::from_static(VIEWER_POLICY);
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}
