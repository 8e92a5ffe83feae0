//! Who is at work: extractors that a handler names to require a sign-in and a right.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use crate::domain::staff::Act;
use crate::service::{App, Principal, access};
use crate::web::http::problem::Problem;
use crate::web::http::request::asked;

/// What a page's script says of whom the page was drawn for.
const DRAWN_FOR: &str = "x-drawn-for";

/// Somebody signed in, whatever they may do; also with a password that must be replaced.
#[derive(Debug)]
pub(crate) struct SignedIn(pub(crate) Principal);

/// Somebody who works on a queue.
#[derive(Debug)]
pub(crate) struct Worker(pub(crate) Principal);

/// Somebody who may see totals.
#[derive(Debug)]
pub(crate) struct Observer(pub(crate) Principal);

/// Somebody who may print placards.
#[derive(Debug)]
pub(crate) struct Printer(pub(crate) Principal);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { principal(&request).await.map(Self) })
    }
}

impl FromRequest for Worker {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { may(&request, Act::WorkQueue).await.map(Self) })
    }
}

impl FromRequest for Observer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { may(&request, Act::SeeTotals).await.map(Self) })
    }
}

impl FromRequest for Printer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { may(&request, Act::PrintPlacards).await.map(Self) })
    }
}

async fn may(request: &HttpRequest, act: Act) -> Result<Principal, Problem> {
    let principal = principal(request).await?;
    if principal.staff.password_once {
        return Err(Problem::NewPassword);
    }
    if principal.staff.role.may(act) {
        Ok(principal)
    } else {
        Err(Problem::Forbidden)
    }
}

async fn principal(request: &HttpRequest) -> Result<Principal, Problem> {
    let app = app(request)?;
    let token = token(request, app).ok_or(Problem::SignIn)?;
    let principal = access::principal(app, &token).await?;
    let principal = principal.ok_or(Problem::SignIn)?;
    match drawn_for(request) {
        Some(person) if person != principal.staff.id.0.to_string() => Err(Problem::SignIn),
        _ => Ok(principal),
    }
}

/// Whom the page that asks was drawn for, as its script says. Where somebody else has signed in on
/// this device since, it shows nothing of theirs and does nothing in their name.
fn drawn_for(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(DRAWN_FOR);
    let header = header.and_then(|value| value.to_str().ok());
    // A stream has no headers of its own.
    header.or_else(|| asked(request, "person"))
}

fn app(request: &HttpRequest) -> Result<&web::Data<App>, Problem> {
    request.app_data().ok_or(Problem::Internal)
}

/// Browsers send the cookie; programs send the same token as a bearer.
fn token(request: &HttpRequest, app: &App) -> Option<String> {
    let bearer = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match bearer {
        Some(token) => Some(token.to_owned()),
        None => Some(request.cookie(cookie_name(app))?.value().to_owned()),
    }
}

/// The prefix makes browsers hold that the cookie is secure and of this host alone. They refuse
/// it over plain HTTP, except from this very machine, so a trial in a local network goes without.
fn cookie_name(app: &App) -> &'static str {
    if is_secure(app) {
        "__Host-mashang"
    } else {
        "mashang"
    }
}

/// Whether this house is reached in a way that keeps cookies secret.
pub(crate) fn is_secure(app: &App) -> bool {
    let address = &app.rules.public_address;
    address.starts_with("https://")
        || ["http://localhost", "http://127.0.0.1"]
            .iter()
            .any(|local| address.starts_with(local))
}

/// The cookie of a sign-in.
pub(crate) fn cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build(cookie_name(app), token)
        .path("/")
        .http_only(true)
        .secure(is_secure(app))
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(app.rules.session.num_seconds()))
        .finish()
}

/// The cookie that takes the other one away.
pub(crate) fn no_cookie(app: &App) -> Cookie<'static> {
    let mut cookie = cookie(app, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
