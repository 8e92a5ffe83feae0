//! Signing in and out, and changing the password.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::password::WeakPassword;
use crate::domain::staff::{Act, Staff};
use crate::service::access::{self, Client, SignInError};
use crate::web::http::auth::{
    Authorized, SignedIn, cookie, device_cookie, device_cookie_name, no_cookie,
};
use crate::web::http::body::Body;
use crate::web::http::client_ip::client_ip;
use crate::web::http::context::RequestContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::http::response::{see_other, with_cookie};
use crate::web::http::return_to;
use crate::web::text::Words;

/// The form of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    login: String,
    password: String,
    /// The address to go to afterwards.
    #[serde(default)]
    to: String,
}

/// The query of the sign-in page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignInParams {
    /// The address that required a sign-in.
    to: String,
}

/// The form of a password change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The current password. Not needed where it is a one-time password.
    #[serde(default)]
    old: String,
    new: String,
}

/// The token of a sign-in, for programs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    /// To be sent as `Authorization: Bearer …`.
    pub(crate) token: String,
    /// Whether the password must be changed before anything else.
    pub(crate) new_password_first: bool,
}

/// The sign-in page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInView {
    /// The error, in words; empty if there is none.
    pub(crate) message: String,
    /// The account that was entered, so that only the password has to be entered again.
    #[serde(skip)]
    login: String,
    /// The address to go to afterwards; empty for the home page of the role.
    pub(crate) to: String,
}

/// The page to change the password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasswordView {
    /// The error, in words; empty if there is none.
    pub(crate) message: String,
    /// Whether an initial password must be replaced.
    pub(crate) first: bool,
}

template!(SignInView, "sign_in.html");

template!(PasswordView, "password.html");

/// `GET /staff/sign-in`
#[utoipa::path(get, path = "/staff/sign-in", responses((status = 200)))]
pub(crate) async fn show(
    mut context: RequestContext,
    params: web::Query<SignInParams>,
) -> Result<HttpResponse, Problem> {
    let to = return_to::safe_path(&params.to).to_owned();
    keep_destination(&mut context, &to);
    let view = SignInView {
        message: String::new(),
        login: String::new(),
        to,
    };
    context.reply(StatusCode::OK, &view)
}

/// Adds the destination to the address of the same page in the other language.
fn keep_destination(context: &mut RequestContext, to: &str) {
    if !to.is_empty() {
        let other = format!("{}&to={}", context.page.other(), return_to::encoded(to));
        context.page.other = Some(other);
    }
}

/// `POST /staff/sign-in`
#[utoipa::path(post, operation_id = "sign_in", path = "/staff/sign-in", request_body = SignIn,
    responses((status = 200, body = Token), (status = 401, body = SignInView), (status = 422, body = ProblemBody), (status = 429, body = SignInView),
        (status = 503, body = ProblemBody, description = "too many sign-ins at once; try again")))]
pub(crate) async fn sign_in(
    mut context: RequestContext,
    form: Body<SignIn>,
) -> Result<HttpResponse, Problem> {
    let SignIn {
        login,
        password,
        to,
    } = form.0;
    let to = return_to::safe_path(&to).to_owned();
    keep_destination(&mut context, &to);
    let device = context.request.cookie(device_cookie_name(&context.app));
    let client = Client {
        address: client_ip(&context.request, &context.app),
        device: device.as_ref().map(Cookie::value),
    };
    let w = context.page.w;
    // Programs are answered as for a wrong password.
    if !context.wants_json() && (login.is_empty() || password.is_empty()) {
        let owed = if login.is_empty() {
            w.staff.login_owed
        } else {
            w.staff.password_owed
        };
        let message = owed.to_owned();
        let view = SignInView { message, login, to };
        return context.reply(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let denied = match access::sign_in(&context.app, &login, password, client).await {
        Ok(begun) => {
            let response = signed_in(&context, &begun.staff, begun.token, &to);
            let device = device_cookie(&context.app, begun.device);
            return Ok(with_cookie(response, &device));
        }
        Err(denied) => denied,
    };
    let (status, message, retry_after) = match denied {
        SignInError::Wrong => (StatusCode::UNAUTHORIZED, w.staff.wrong.to_owned(), None),
        SignInError::Expired => (StatusCode::UNAUTHORIZED, w.staff.expired.to_owned(), None),
        SignInError::Wait { retry_after_s } => {
            let message = too_many_tries(w, retry_after_s);
            (StatusCode::TOO_MANY_REQUESTS, message, Some(retry_after_s))
        }
        // People keep the page with the account that they entered.
        SignInError::Busy if !context.wants_json() => {
            let message = w.problem.busy.to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, message, None)
        }
        other => return Err(other.into()),
    };
    let mut response = context.reply(status, &SignInView { message, login, to })?;
    if let Some(after) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, after.into());
    }
    Ok(response)
}

/// The answer to a successful sign-in: the token for programs, a redirect for browsers.
fn signed_in<P>(
    context: &RequestContext<P>,
    staff: &Staff,
    token: String,
    to: &str,
) -> HttpResponse {
    let cookie = cookie(&context.app, token.clone());
    if context.wants_json() {
        return HttpResponse::Ok()
            .insert_header(("cache-control", "no-store"))
            .cookie(cookie)
            .json(Token {
                token,
                new_password_first: staff.password_once,
            });
    }
    let response = see_other(match return_to::open_to(staff.role, to) {
        _ if staff.password_once => "/staff/password",
        "" => home_of(staff),
        to => to,
    });
    with_cookie(response, &cookie)
}

/// The first page of the person's role.
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
pub(crate) async fn sign_out(context: Authorized<SignedIn>) -> Result<HttpResponse, Problem> {
    access::sign_out(&context.app, &context.principal).await?;
    let response = if context.wants_json() {
        HttpResponse::NoContent().finish()
    } else {
        see_other(return_to::SIGN_IN)
    };
    Ok(with_cookie(response, &no_cookie(&context.app)))
}

/// `GET /staff/password`
#[utoipa::path(get, path = "/staff/password", responses((status = 200)))]
pub(crate) async fn show_password(context: Authorized<SignedIn>) -> Result<HttpResponse, Problem> {
    let view = PasswordView {
        message: String::new(),
        first: context.principal.staff.password_once,
    };
    context.reply(StatusCode::OK, &view)
}

/// `POST /staff/password`
#[utoipa::path(post, operation_id = "password", path = "/staff/password", request_body = NewPassword, security(("staff" = [])),
    responses((status = 200, body = Token), (status = 401, body = ProblemBody), (status = 422, body = PasswordView)))]
pub(crate) async fn change_password(
    context: Authorized<SignedIn>,
    form: Body<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let (w, staff) = (context.page.w, &context.principal.staff);
    let NewPassword { old, new } = form.0;
    let first = staff.password_once;
    if !context.wants_json() && !first && old.is_empty() {
        let message = w.staff.old_owed.to_owned();
        return context.reply(
            StatusCode::UNPROCESSABLE_ENTITY,
            &PasswordView { message, first },
        );
    }
    let changed = access::change_password(&context.app, &context.principal, old, new).await;
    let (status, message) = match changed {
        Ok(token) => {
            let staff = Staff {
                password_once: false,
                ..staff.clone()
            };
            return Ok(signed_in(&context, &staff, token, ""));
        }
        Err(SignInError::Wrong) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            w.staff.wrong_old.to_owned(),
        ),
        Err(SignInError::Same) => (StatusCode::UNPROCESSABLE_ENTITY, w.staff.same.to_owned()),
        Err(SignInError::Weak(why)) => {
            let message = match why {
                WeakPassword::Length => w.staff.weak,
                WeakPassword::Common => w.staff.common,
                WeakPassword::OwnName => w.staff.own_name,
            };
            (StatusCode::UNPROCESSABLE_ENTITY, message.to_owned())
        }
        Err(SignInError::Wait { retry_after_s }) => (
            StatusCode::TOO_MANY_REQUESTS,
            too_many_tries(w, retry_after_s),
        ),
        Err(other) => return Err(other.into()),
    };
    context.reply(status, &PasswordView { message, first })
}

/// The message about too many tries, with the minutes to wait.
fn too_many_tries(w: &Words, retry_after_s: i64) -> String {
    let minutes = retry_after_s.max(1).unsigned_abs().div_ceil(60);
    w.staff.wait.replace("{}", &minutes.to_string())
}
