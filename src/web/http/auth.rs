//! Sign-in and rights: a handler that takes `Authorized<R>` requires both.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use crate::domain::staff::Act;
use crate::http_client;
use crate::service::{App, Principal, access};
use crate::web::http::context::{RequestContext, StaffContext};
use crate::web::http::problem::Problem;
use crate::web::http::request::asked;

/// The header in which a page's script names the staff member for whom the page was drawn.
const DRAWN_FOR: &str = "x-drawn-for";

/// How long a device is known after its last sign-in, in days.
const DEVICE_DAYS: i64 = 180;

/// A right that a handler requires of the signed-in staff member.
pub(crate) trait Right: 'static {
    /// The act that the role must allow. `None` requires a sign-in only, and accepts an initial
    /// password that must be replaced.
    const ACT: Option<Act>;
}

/// Requires a sign-in and no act.
#[derive(Debug)]
pub(crate) struct SignedIn;

/// Requires the right to work on queues.
#[derive(Debug)]
pub(crate) struct WorkQueue;

/// Requires the right to see totals.
#[derive(Debug)]
pub(crate) struct SeeTotals;

/// Requires the right to print placards.
#[derive(Debug)]
pub(crate) struct PrintPlacards;

impl Right for SignedIn {
    const ACT: Option<Act> = None;
}

impl Right for WorkQueue {
    const ACT: Option<Act> = Some(Act::WorkQueue);
}

impl Right for SeeTotals {
    const ACT: Option<Act> = Some(Act::SeeTotals);
}

impl Right for PrintPlacards {
    const ACT: Option<Act> = Some(Act::PrintPlacards);
}

/// The context of a request whose staff member holds the right `R`. A handler without this
/// parameter answers everybody.
#[derive(Debug)]
pub(crate) struct Authorized<R> {
    context: StaffContext,
    right: PhantomData<R>,
}

impl<R> Authorized<R> {
    /// The context, to be kept longer than the request.
    pub(crate) fn into_inner(self) -> StaffContext {
        self.context
    }
}

impl<R> Deref for Authorized<R> {
    type Target = StaffContext;

    fn deref(&self) -> &StaffContext {
        &self.context
    }
}

impl<R> DerefMut for Authorized<R> {
    fn deref_mut(&mut self) -> &mut StaffContext {
        &mut self.context
    }
}

impl<R: Right> FromRequest for Authorized<R> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let context = RequestContext::of(&request)?;
            let principal = principal(&context).await?;
            if let Some(act) = R::ACT {
                authorize(&principal, act)?;
            }
            Ok(Self {
                context: context.with_principal(principal),
                right: PhantomData,
            })
        })
    }
}

fn authorize(principal: &Principal, act: Act) -> Result<(), Problem> {
    if principal.staff.password_once {
        Err(Problem::NewPassword)
    } else if principal.staff.role.may(act) {
        Ok(())
    } else {
        Err(Problem::Forbidden)
    }
}

async fn principal(context: &RequestContext) -> Result<Principal, Problem> {
    let token = token(&context.request, &context.app).ok_or(Problem::SignIn)?;
    let principal = access::principal(&context.app, &token).await?;
    let principal = principal.ok_or(Problem::SignIn)?;
    match drawn_for(&context.request) {
        Some(person) if person != principal.staff.id.0.to_string() => Err(Problem::SignIn),
        _ => Ok(principal),
    }
}

/// The staff member for whom the page was drawn, as the page's script says. When another person
/// has signed in on the same device since, the page shows none of that person's data and acts in
/// that person's name no more.
fn drawn_for(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(DRAWN_FOR);
    let header = header.and_then(|value| value.to_str().ok());
    // A stream has no headers of its own.
    header.or_else(|| asked(request, "person"))
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

/// The prefix `__Host-` makes browsers check that the cookie is secure and belongs to this host
/// alone. Browsers refuse it over plain HTTP from other machines, so a trial in a local network
/// uses a name without the prefix.
fn cookie_name(app: &App) -> &'static str {
    if is_secure(app) {
        "__Host-mashang"
    } else {
        "mashang"
    }
}

/// Whether the public address keeps cookies secret: HTTPS, or this very machine. Only the whole host
/// says which machine it is.
pub(crate) fn is_secure(app: &App) -> bool {
    http_client::check(&app.rules.public_address, false).is_ok()
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

/// The cookie that proves that this device has signed in before. It outlives sign-ins. It names no
/// login: only the server's key can tell to which login a proof belongs.
pub(crate) fn device_cookie(app: &App, value: String) -> Cookie<'static> {
    Cookie::build(device_cookie_name(app), value)
        .path("/")
        .http_only(true)
        .secure(is_secure(app))
        .same_site(SameSite::Strict)
        .max_age(Duration::days(DEVICE_DAYS))
        .finish()
}

/// The name of the device cookie; [`cookie_name`] says why there are two.
pub(crate) fn device_cookie_name(app: &App) -> &'static str {
    if is_secure(app) {
        "__Host-device"
    } else {
        "device"
    }
}

/// The cookie that removes the sign-in's cookie.
pub(crate) fn no_cookie(app: &App) -> Cookie<'static> {
    let mut cookie = cookie(app, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
