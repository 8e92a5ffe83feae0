//! Search by receipt number or telephone. Numbers of people never stand in an address: what is
//! searched for travels in the body, and for a while sealed in a cookie.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::staff::StaffId;
use crate::service::search::{self, FOUND_MAX, Unfound};
use crate::service::{App, Principal};
use crate::web::http::auth::{Authorized, WorkQueue, is_secure};
use crate::web::http::body::Body;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::reply;
use crate::web::http::request::wants_json;
use crate::web::http::response::see_other;
use crate::web::http::return_to::SEARCH;
use crate::web::staff::filter::{Asked, kept};
use crate::web::staff::flash;
use crate::web::staff::queue::{QueueView, Shown, view};

/// For how long a browser can come back to them, in minutes.
const KEPT_MINUTES: i64 = 15;
/// What is kept of the words at most: no number is longer.
const SAID_CHARS_MAX: usize = 40;

/// What to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sought {
    /// A receipt number or a whole telephone, in any case and with any spaces.
    q: String,
}

/// `POST /staff/search`: the reports of the scope with this number or telephone, open or not; what
/// lies outside is not found, like what never was. A browser is led to a page of its own, so that
/// it can go back and forth without asking again what was asked.
#[utoipa::path(post, operation_id = "search", path = "/staff/search", request_body = Sought, security(("staff" = [])),
    responses((status = 200, body = QueueView, description = "open and closed reports of the scope, the newest first"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = QueueView, description = "none in the scope"), (status = 422, body = QueueView, description = "neither a receipt number nor a whole telephone")))]
pub(crate) async fn find(
    request: HttpRequest,
    app: web::Data<App>,
    (worker, sought): (Authorized<WorkQueue>, Body<Sought>),
) -> Result<HttpResponse, Problem> {
    let (principal, said) = (worker.into_inner().principal, sought.0.q);
    if wants_json(&request) {
        return found(&request, (&app, &principal), said).await;
    }
    let me = principal.staff.id;
    let said: String = said.chars().take(SAID_CHARS_MAX).collect();
    let sealed = app.keys.seal_text(&place(me), &said);
    let sealed = sealed.map_err(|error| Problem::internal(&error))?;
    let cookie = Cookie::build(cookie_name(me), sealed)
        .path(SEARCH)
        .http_only(true)
        .secure(is_secure(&app))
        .same_site(SameSite::Strict)
        .max_age(Duration::minutes(KEPT_MINUTES));
    let mut response = see_other(SEARCH);
    // A cookie of ours always fits into a header.
    let _ = response.add_cookie(&cookie.finish());
    Ok(response)
}

/// `GET /staff/search`: what this person searched for last in this browser, found anew; the queue
/// where that is forgotten.
#[utoipa::path(get, path = "/staff/search", responses((status = 200)))]
pub(crate) async fn show(
    request: HttpRequest,
    app: web::Data<App>,
    worker: Authorized<WorkQueue>,
) -> Result<HttpResponse, Problem> {
    let principal = worker.into_inner().principal;
    let me = principal.staff.id;
    let sealed = request.cookie(&cookie_name(me));
    let said = sealed.and_then(|text| app.keys.open_text(&place(me), text.value()).ok());
    match said {
        Some(said) => found(&request, (&app, &principal), said).await,
        None => Ok(see_other("/staff")),
    }
}

fn cookie_name(person: StaffId) -> String {
    format!("search-{}", person.0)
}

/// Where the words are sealed: nobody else's browser can show them.
fn place(person: StaffId) -> String {
    format!("search.{}", person.0)
}

async fn found(
    request: &HttpRequest,
    (app, principal): (&App, &Principal),
    said: String,
) -> Result<HttpResponse, Problem> {
    let chrome = PageContext::of(request);
    let w = &chrome.w.listing;
    // First: a step that comes between is told once more.
    app.open_cases.follow(&app.db).await?;
    let reached = app.open_cases.reached();
    let (status, code, message, rows) = match search::find(app, principal, &said).await {
        Ok(rows) if rows.is_empty() => {
            (StatusCode::NOT_FOUND, "not_found", w.not_found, Vec::new())
        }
        Ok(rows) if rows.len() as u64 >= FOUND_MAX => (StatusCode::OK, "many", w.many, rows),
        Ok(rows) => (StatusCode::OK, "", "", rows),
        Err(Unfound::Unreadable) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, "unreadable", w.unreadable, Vec::new())
        }
        Err(Unfound::Store(error)) => return Err(error.into()),
    };
    let wish = Asked::default().read((app, principal), kept(request, principal.staff.id))?;
    let found = Shown::Found {
        said,
        rows,
        reached,
    };
    let mut view = view((app, principal), &chrome, (&wish, found)).await?;
    (view.code, view.message) = (code, message);
    view.done = flash::told(request, (app, principal), (&view.back, None)).await?;
    reply(request, status, (&view, &chrome))
}
