//! Search by receipt number or telephone. Numbers of people never stand in an address: what is
//! searched for travels in the body, and nothing of it is kept.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Body;
use super::listing::{Asked, kept};
use super::problem::Problem;
use super::queue::{Shown, view};
use super::reply::{Chrome, reply, see_other};
use super::session::Worker;
use crate::service::House;
use crate::service::search::{self, Unfound};

/// What to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sought {
    /// A receipt number or a whole telephone, in any case and with any spaces.
    q: String,
}

/// `GET /staff/search`: whoever comes back without the words is at the queue.
pub(super) async fn leave(_: Worker) -> HttpResponse {
    see_other("/staff")
}

/// `POST /staff/search`: the reports of the scope with this number or telephone, open or not; what
/// lies outside is not found, like what never was.
pub(super) async fn find(
    request: HttpRequest,
    house: web::Data<House>,
    (worker, sought): (Worker, Body<Sought>),
) -> Result<HttpResponse, Problem> {
    let (chrome, acting, said) = (Chrome::of(&request), worker.0, sought.0.q);
    let w = &chrome.w.listing;
    let (status, code, message, rows) = match search::find(&house, &acting, &said).await {
        Ok(rows) if rows.is_empty() => {
            (StatusCode::NOT_FOUND, "not_found", w.not_found, Vec::new())
        }
        Ok(rows) => (StatusCode::OK, "", "", rows),
        Err(Unfound::Unreadable) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, "unreadable", w.unreadable, Vec::new())
        }
        Err(Unfound::Store(error)) => return Err(error.into()),
    };
    let wish = Asked::default().read((&house, &acting), kept(&request, acting.staff.id))?;
    let found = Shown::Found { said, rows };
    let mut view = view((&house, &acting), &chrome, (&wish, found)).await?;
    (view.code, view.message) = (code, message);
    reply(&request, status, (&view, &chrome))
}
