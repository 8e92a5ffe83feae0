//! Signing in and out, and the first password of one's own.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::staff::{Act, Staff};
use crate::service::App;
use crate::service::access::{self, Denied};
use crate::web::http::auth::{Authorized, SignedIn, cookie, no_cookie};
use crate::web::http::body::Body;
use crate::web::http::client_ip::client_ip;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody, RETRY_AFTER_S};
use crate::web::http::reply::{View, reply};
use crate::web::http::request::wants_json;
use crate::web::http::response::see_other;
use crate::web::http::return_to;
use crate::web::text::Words;

/// What somebody types to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    login: String,
    password: String,
    /// Where to go on afterwards, as the page of the sign-in was told.
    #[serde(default)]
    to: String,
}

/// Where somebody was going who had to sign in first.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Going {
    to: String,
}

/// A password and its successor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    old: String,
    new: String,
}

/// The token of a sign-in, for programs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    /// To be sent as `Authorization: Bearer …`.
    pub(crate) token: String,
    /// Whether the password must be replaced before anything else.
    pub(crate) new_password_first: bool,
}

/// The page to sign in on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInView {
    /// What went wrong, in words; empty where nothing did.
    pub(crate) message: String,
    /// The account that was typed, so that only the password has to be typed again.
    #[serde(skip)]
    login: String,
    /// Where to go on afterwards; empty for where one's work is.
    pub(crate) to: String,
}

/// The page to choose a password on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasswordView {
    /// What went wrong, in words; empty where nothing did.
    pub(crate) message: String,
    /// Whether it is the first one of one's own.
    pub(crate) first: bool,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a SignInView,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    c: &'a PageContext,
    w: &'static Words,
    v: &'a PasswordView,
}

impl View for SignInView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        SignInPage { c, w: c.w, v: self }.render()
    }
}

impl View for PasswordView {
    fn page(&self, c: &PageContext) -> askama::Result<String> {
        PasswordPage { c, w: c.w, v: self }.render()
    }
}

/// `GET /staff/sign-in`
#[utoipa::path(get, path = "/staff/sign-in", responses((status = 200)))]
pub(crate) async fn show(
    request: HttpRequest,
    going: web::Query<Going>,
) -> Result<HttpResponse, Problem> {
    let view = SignInView {
        message: String::new(),
        login: String::new(),
        to: return_to::inside(&going.to).to_owned(),
    };
    let chrome = chrome(&request, &view.to);
    reply(&request, StatusCode::OK, (&view, &chrome))
}

/// The page around the sign-in; its other language leads back to the same place.
fn chrome(request: &HttpRequest, to: &str) -> PageContext {
    let mut chrome = PageContext::of(request);
    if !to.is_empty() {
        chrome.other += "&to=";
        chrome.other += &return_to::encoded(to);
    }
    chrome
}

/// `POST /staff/sign-in`
#[utoipa::path(post, operation_id = "sign_in", path = "/staff/sign-in", request_body = SignIn,
    responses((status = 200, body = Token), (status = 401, body = SignInView), (status = 422, body = ProblemBody), (status = 429, body = SignInView),
        (status = 503, body = ProblemBody, description = "too many sign-ins at once; try again")))]
pub(crate) async fn sign_in(
    request: HttpRequest,
    app: web::Data<App>,
    body: Body<SignIn>,
) -> Result<HttpResponse, Problem> {
    let SignIn {
        login,
        password,
        to,
    } = body.0;
    let to = return_to::inside(&to).to_owned();
    let chrome = chrome(&request, &to);
    let refused = |status, message: String| {
        let (login, to) = (login.clone(), to.clone());
        let view = SignInView { message, login, to };
        reply(&request, status, (&view, &chrome))
    };
    let from = client_ip(&request, &app.rules.trusted_proxies);
    match access::sign_in(&app, (&login, password), from).await {
        Ok((staff, token)) => Ok(signed_in(&request, &app, (&staff, token), &to)),
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
    app: &App,
    (staff, token): (&Staff, String),
    to: &str,
) -> HttpResponse {
    if wants_json(request) {
        return HttpResponse::Ok()
            .insert_header(("cache-control", "no-store"))
            .cookie(cookie(app, token.clone()))
            .json(Token {
                token,
                new_password_first: staff.password_once,
            });
    }
    let mut response = see_other(match return_to::open_to(staff.role, to) {
        _ if staff.password_once => "/staff/password",
        "" => home_of(staff),
        to => to,
    });
    // A cookie of ours always fits into a header.
    let _ = response.add_cookie(&cookie(app, token));
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
#[utoipa::path(post, operation_id = "sign_out", path = "/staff/sign-out", security(("staff" = [])),
    responses((status = 204, description = "signed out"), (status = 401, body = ProblemBody)))]
pub(crate) async fn sign_out(
    request: HttpRequest,
    app: web::Data<App>,
    who: Authorized<SignedIn>,
) -> Result<HttpResponse, Problem> {
    access::sign_out(&app, &who.principal).await?;
    let mut response = if wants_json(&request) {
        HttpResponse::NoContent().finish()
    } else {
        see_other(return_to::SIGN_IN)
    };
    let _ = response.add_cookie(&no_cookie(&app));
    Ok(response)
}

/// `GET /staff/password`
#[utoipa::path(get, path = "/staff/password", responses((status = 200)))]
pub(crate) async fn show_password(
    request: HttpRequest,
    who: Authorized<SignedIn>,
) -> Result<HttpResponse, Problem> {
    let view = PasswordView {
        message: String::new(),
        first: who.principal.staff.password_once,
    };
    reply(
        &request,
        StatusCode::OK,
        (&view, &PageContext::of(&request)),
    )
}

/// `POST /staff/password`
#[utoipa::path(post, operation_id = "password", path = "/staff/password", request_body = NewPassword, security(("staff" = [])),
    responses((status = 200, body = Token), (status = 401, body = ProblemBody), (status = 422, body = PasswordView)))]
pub(crate) async fn change_password(
    request: HttpRequest,
    app: web::Data<App>,
    who: Authorized<SignedIn>,
    body: Body<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let chrome = PageContext::of(&request);
    let changed = access::change_password(&app, &who.principal, (body.0.old, body.0.new)).await;
    let (status, message) = match changed {
        Ok(token) => {
            let staff = Staff {
                password_once: false,
                ..who.into_inner().principal.staff
            };
            return Ok(signed_in(&request, &app, (&staff, token), ""));
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
    let first = who.principal.staff.password_once;
    reply(
        &request,
        status,
        (&PasswordView { message, first }, &chrome),
    )
}

/// That there were too many tries, and for how long.
fn waiting(chrome: &PageContext, retry_after_s: i64) -> String {
    let minutes = retry_after_s.max(1).unsigned_abs().div_ceil(60);
    chrome.w.staff.wait.replace("{}", &minutes.to_string())
}
