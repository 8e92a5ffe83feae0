//! Search by receipt number, telephone or door. Numbers of people never stand in an address: the searched
//! text travels in the body, and for some minutes sealed in a cookie.

use actix_web::HttpResponse;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::staff::StaffId;
use crate::service::search::{self, Found, SearchError};
use crate::web::http::auth::{Authorized, WorkQueue, is_secure};
use crate::web::http::body::Body;
use crate::web::http::context::StaffContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::response::{see_other, with_cookie};
use crate::web::http::return_to::SEARCH;
use crate::web::staff::flash;
use crate::web::staff::queue::{QueueView, Source, view};
use crate::web::staff::view_request::{ViewParams, last_choice};

/// How long a browser can come back to the results, in minutes.
const KEPT_MINUTES: i64 = 15;
/// Characters of the searched text that are kept at most: no number is longer.
const TEXT_CHARS_MAX: usize = 40;

/// The form of a search.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sought {
    /// A receipt number or a whole telephone, in any case and with any spaces; or parts of a
    /// building's name, a room and the last four digits of a telephone, with blanks between them.
    q: String,
}

/// `POST /staff/search`: the reports of the scope with this number or telephone, open or closed, or
/// the open ones at this door. A
/// report outside of the scope is not found, like one that does not exist. A browser is redirected
/// to a page of its own, so that *back* and *reload* work without sending the form again.
#[utoipa::path(post, operation_id = "search", path = "/staff/search", request_body = Sought, security(("staff" = [])),
    responses((status = 200, body = QueueView, description = "reports of the scope; `many` if there may be more"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = QueueView, description = "none in the scope"), (status = 422, body = QueueView, description = "neither a receipt number, a telephone nor a door")))]
pub(crate) async fn find(
    context: Authorized<WorkQueue>,
    sought: Body<Sought>,
) -> Result<HttpResponse, Problem> {
    let text = sought.0.q;
    if context.wants_json() {
        return results(&context, text).await;
    }
    let (app, me) = (&context.app, context.principal.staff.id);
    let text: String = text.chars().take(TEXT_CHARS_MAX).collect();
    let sealed = app.keys.seal_text(&purpose(me), &text);
    let sealed = sealed.map_err(|error| Problem::internal(&error))?;
    let cookie = Cookie::build(cookie_name(me), sealed)
        .path(SEARCH)
        .http_only(true)
        .secure(is_secure(app))
        .same_site(SameSite::Strict)
        .max_age(Duration::minutes(KEPT_MINUTES));
    Ok(with_cookie(see_other(SEARCH), &cookie.finish()))
}

/// `GET /staff/search`: the results of this person's last search in this browser, searched again;
/// redirects to the queue if the cookie has expired.
#[utoipa::path(get, path = "/staff/search", responses((status = 200)))]
pub(crate) async fn show(context: Authorized<WorkQueue>) -> Result<HttpResponse, Problem> {
    let me = context.principal.staff.id;
    let sealed = context.request.cookie(&cookie_name(me));
    let keys = &context.app.keys;
    let text = sealed.and_then(|text| keys.open_text(&purpose(me), text.value()).ok());
    match text {
        Some(text) => results(&context, text).await,
        None => Ok(see_other("/staff")),
    }
}

fn cookie_name(person: StaffId) -> String {
    format!("search-{}", person.0)
}

/// The purpose that the text is sealed for: no other person can open it.
fn purpose(person: StaffId) -> String {
    format!("search.{}", person.0)
}

async fn results(context: &StaffContext, text: String) -> Result<HttpResponse, Problem> {
    let (app, w) = (&context.app, &context.page.w.listing);
    // Read before the search: the stream then repeats a step that is made in between.
    app.open_cases.catch_up(&app.db).await?;
    let reached = app.open_cases.reached();
    let found = search::find(app, &context.principal, &text).await;
    let (status, code, message, rows) = match found {
        Ok(Found { rows, more: true }) => (StatusCode::OK, "many", w.many, rows),
        Ok(Found { rows, .. }) if rows.is_empty() => {
            (StatusCode::NOT_FOUND, "not_found", w.not_found, rows)
        }
        Ok(Found { rows, .. }) => (StatusCode::OK, "", "", rows),
        Err(SearchError::Unreadable) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, "unreadable", w.unreadable, Vec::new())
        }
        Err(SearchError::Store(error)) => return Err(error.into()),
    };
    let last = last_choice(&context.request, context.principal.staff.id);
    let request = ViewParams::default().read(context, last).await?;
    let source = Source::Search {
        text,
        rows,
        reached,
    };
    let mut view = view(context, &request, source).await?;
    (view.code, view.message) = (code, message);
    view.flash = flash::pending(context, &view.back, None).await?;
    context.reply(status, &view)
}
