//! Signing in and out, and the first password of one's own.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::going;
use super::problem::{Problem, RETRY_AFTER_S};
use super::reply::{Chrome, View, reply, see_other, wants_json};
use super::session::{SignedIn, cookie, no_cookie};
use super::status::asker;
use super::words::Words;
use crate::domain::staff::{Act, Staff};
use crate::service::House;
use crate::service::access::{self, Denied};

/// What somebody types to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    login: String,
    password: String,
    /// Where to go on afterwards, as the page of the sign-in was told.
    #[serde(default)]
    to: String,
}

/// Where somebody was going who had to sign in first.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Going {
    to: String,
}

/// A password and its successor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    old: String,
    new: String,
}

/// The token of a sign-in, for programs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    /// To be sent as `Authorization: Bearer …`.
    pub(super) token: String,
    /// Whether the password must be replaced before anything else.
    pub(super) new_password_first: bool,
}

/// The page to sign in on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignInView {
    /// What went wrong, in words; empty where nothing did.
    pub(super) message: String,
    /// The account that was typed, so that only the password has to be typed again.
    #[serde(skip)]
    login: String,
    /// Where to go on afterwards; empty for where one's work is.
    pub(super) to: String,
}

/// The page to choose a password on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PasswordView {
    /// What went wrong, in words; empty where nothing did.
    pub(super) message: String,
    /// Whether it is the first one of one's own.
    pub(super) first: bool,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a SignInView,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a PasswordView,
}

impl View for SignInView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        SignInPage { c, w: c.w, v: self }.render()
    }
}

impl View for PasswordView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        PasswordPage { c, w: c.w, v: self }.render()
    }
}

/// `GET /staff/sign-in`
pub(super) async fn show(
    request: HttpRequest,
    going: web::Query<Going>,
) -> Result<HttpResponse, Problem> {
    let view = SignInView {
        message: String::new(),
        login: String::new(),
        to: going::inside(&going.to).to_owned(),
    };
    let chrome = chrome(&request, &view.to);
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// The page around the sign-in; its other language leads back to the same place.
fn chrome(request: &HttpRequest, to: &str) -> Chrome {
    let mut chrome = Chrome::of(request);
    if !to.is_empty() {
        chrome.other += "&to=";
        chrome.other += &going::encoded(to);
    }
    chrome
}

/// `POST /staff/sign-in`
pub(super) async fn sign_in(
    request: HttpRequest,
    house: web::Data<House>,
    body: Body<SignIn>,
) -> Result<HttpResponse, Problem> {
    let SignIn {
        login,
        password,
        to,
    } = body.0;
    let to = going::inside(&to).to_owned();
    let chrome = chrome(&request, &to);
    let refused = |status, message: String| {
        let (login, to) = (login.clone(), to.clone());
        let view = SignInView { message, login, to };
        reply(&request, status, (&view, &chrome))
    };
    let from = asker(&request, &house.rules.trusted_proxies);
    match access::sign_in(&house, (&login, password), from).await {
        Ok((staff, token)) => Ok(signed_in(&request, &house, (&staff, token), &to)),
        Err(Denied::Wrong) => refused(StatusCode::UNAUTHORIZED, chrome.w.staff.wrong.into()),
        Err(Denied::Wait { retry_after_s }) => {
            let message = waiting(&chrome, retry_after_s);
            let mut response = refused(StatusCode::TOO_MANY_REQUESTS, message)?;
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, retry_after_s.into());
            Ok(response)
        }
        // The page stays as it is, with the account that was typed.
        Err(Denied::Crowded(_)) if !wants_json(&request) => {
            let message = chrome.w.problem.busy.to_owned();
            let mut response = refused(StatusCode::SERVICE_UNAVAILABLE, message)?;
            let after = HeaderValue::from_static(RETRY_AFTER_S);
            response.headers_mut().insert(RETRY_AFTER, after);
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

fn signed_in(
    request: &HttpRequest,
    house: &House,
    (staff, token): (&Staff, String),
    to: &str,
) -> HttpResponse {
    if wants_json(request) {
        return HttpResponse::Ok()
            .insert_header(("cache-control", "no-store"))
            .cookie(cookie(house, token.clone()))
            .json(Token {
                token,
                new_password_first: staff.password_once,
            });
    }
    let mut response = see_other(match going::open_to(staff.role, to) {
        _ if staff.password_once => "/staff/password",
        "" => home_of(staff),
        to => to,
    });
    // A cookie of ours always fits into a header.
    let _ = response.add_cookie(&cookie(house, token));
    response
}

/// Where somebody's work is.
fn home_of(staff: &Staff) -> &'static str {
    if staff.role.may(Act::SeeTotals) {
        "/centre"
    } else {
        "/staff"
    }
}

/// `POST /staff/sign-out`
pub(super) async fn sign_out(
    request: HttpRequest,
    house: web::Data<House>,
    who: SignedIn,
) -> Result<HttpResponse, Problem> {
    access::sign_out(&house, &who.0).await?;
    let mut response = if wants_json(&request) {
        HttpResponse::NoContent().finish()
    } else {
        see_other(going::SIGN_IN)
    };
    let _ = response.add_cookie(&no_cookie(&house));
    Ok(response)
}

/// `GET /staff/password`
pub(super) async fn show_password(
    request: HttpRequest,
    who: SignedIn,
) -> Result<HttpResponse, Problem> {
    let view = PasswordView {
        message: String::new(),
        first: who.0.staff.password_once,
    };
    reply(&request, StatusCode::OK, (&view, &Chrome::of(&request)))
}

/// `POST /staff/password`
pub(super) async fn change_password(
    request: HttpRequest,
    house: web::Data<House>,
    who: SignedIn,
    body: Body<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(&request);
    let changed = access::change_password(&house, &who.0, (body.0.old, body.0.new)).await;
    let (status, message) = match changed {
        Ok(token) => {
            let staff = Staff {
                password_once: false,
                ..who.0.staff
            };
            return Ok(signed_in(&request, &house, (&staff, token), ""));
        }
        Err(Denied::Wrong) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            chrome.w.staff.wrong_old.into(),
        ),
        Err(Denied::Weak) => (StatusCode::UNPROCESSABLE_ENTITY, chrome.w.staff.weak.into()),
        Err(Denied::Wait { retry_after_s }) => {
            let message = waiting(&chrome, retry_after_s);
            (StatusCode::TOO_MANY_REQUESTS, message)
        }
        Err(other) => return Err(other.into()),
    };
    let first = who.0.staff.password_once;
    reply(
        &request,
        status,
        (&PasswordView { message, first }, &chrome),
    )
}

/// That there were too many tries, and for how long.
fn waiting(chrome: &Chrome, retry_after_s: i64) -> String {
    let minutes = retry_after_s.max(1).unsigned_abs().div_ceil(60);
    chrome.w.staff.wait.replace("{}", &minutes.to_string())
}
