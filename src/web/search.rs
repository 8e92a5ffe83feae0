//! Search by receipt number or telephone. Numbers of people never stand in an address: what is
//! searched for travels in the body, and for a while sealed in a cookie.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Body;
use super::listing::{Asked, kept};
use super::problem::Problem;
use super::queue::{Shown, view};
use super::reply::{Chrome, reply, see_other, wants_json};
use super::session::{Worker, is_secure};
use super::undo;
use crate::domain::staff::StaffId;
use crate::service::search::{self, FOUND_MAX, Unfound};
use crate::service::{Acting, House};

/// Where the results are.
pub(super) const PATH: &str = "/staff/search";
/// For how long a browser can come back to them, in minutes.
const KEPT_MINUTES: i64 = 15;
/// What is kept of the words at most: no number is longer.
const SAID_CHARS_MAX: usize = 40;

/// What to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sought {
    /// A receipt number or a whole telephone, in any case and with any spaces.
    q: String,
}

/// `POST /staff/search`: the reports of the scope with this number or telephone, open or not; what
/// lies outside is not found, like what never was. A browser is led to a page of its own, so that
/// it can go back and forth without asking again what was asked.
pub(super) async fn find(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, sought): (Worker, Body<Sought>),
) -> Result<HttpResponse, Problem> {
    let (acting, said) = (worker.0, sought.0.q);
    if wants_json(&request) {
        return found(&request, (&house, &acting), said).await;
    }
    let me = acting.staff.id;
    let said: String = said.chars().take(SAID_CHARS_MAX).collect();
    let sealed = house.keys.seal_text(&place(me), &said);
    let sealed = sealed.map_err(|error| Problem::internal(&error))?;
    let cookie = Cookie::build(cookie_name(me), sealed)
        .path(PATH)
        .http_only(true)
        .secure(is_secure(&house))
        .same_site(SameSite::Strict)
        .max_age(Duration::minutes(KEPT_MINUTES));
    let mut response = see_other(PATH);
    // A cookie of ours always fits into a header.
    let _ = response.add_cookie(&cookie.finish());
    Ok(response)
}

/// `GET /staff/search`: what this person searched for last in this browser, found anew; the queue
/// where that is forgotten.
pub(super) async fn show(
    request: HttpRequest,
    house: web::Data<House>,
    worker: Worker,
) -> Result<HttpResponse, Problem> {
    let acting = worker.0;
    let me = acting.staff.id;
    let sealed = request.cookie(&cookie_name(me));
    let said = sealed.and_then(|text| house.keys.open_text(&place(me), text.value()).ok());
    match said {
        Some(said) => found(&request, (&house, &acting), said).await,
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
    (house, acting): (&House, &Acting),
    said: String,
) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(request);
    let w = &chrome.w.listing;
    // First: a step that comes between is told once more.
    house.dockets.follow(&house.db).await?;
    let reached = house.dockets.reached();
    let (status, code, message, rows) = match search::find(house, acting, &said).await {
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
    let wish = Asked::default().read((house, acting), kept(request, acting.staff.id))?;
    let found = Shown::Found {
        said,
        rows,
        reached,
    };
    let mut view = view((house, acting), &chrome, (&wish, found)).await?;
    (view.code, view.message) = (code, message);
    view.done = undo::told(request, (house, acting), (&view.back, None)).await?;
    reply(request, status, (&view, &chrome))
}
