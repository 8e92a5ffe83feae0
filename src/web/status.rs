//! Status by number and the last four digits of the telephone, for whoever has lost the link.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::problem::Problem;
use super::reply::{Chrome, View, reply, see_other, wants_json};
use super::words::Words;
use crate::service::House;
use crate::service::status::{self, Denied};

/// The number and the digits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The receipt's number, in any case and with any spaces.
    number: String,
    /// The last four digits of the telephone on the report.
    digits: String,
}

/// The page that asks for them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct StatusView {
    /// Why nothing was found, stable; empty where nothing was asked yet.
    code: &'static str,
    /// The same in words.
    message: &'static str,
    #[serde(skip)]
    number: String,
}

/// Where the receipt is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Found {
    /// The secret address of the receipt.
    receipt: String,
}

#[derive(Template)]
#[template(path = "status.html")]
struct Page<'a> {
    c: &'a Chrome,
    w: &'static Words,
    v: &'a StatusView,
}

impl View for StatusView {
    fn page(&self, c: &Chrome) -> askama::Result<String> {
        Page { c, w: c.w, v: self }.render()
    }
}

/// `GET /status`
pub(super) async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let chrome = Chrome::of(&request);
    reply(&request, StatusCode::OK, (&StatusView::default(), &chrome))
}

/// `POST /status`: to the receipt; *no such number* and *other digits* are one answer.
pub(super) async fn find(
    request: HttpRequest,
    house: web::Data<House>,
    body: Body<Asked>,
) -> Result<HttpResponse, Problem> {
    let (chrome, asked) = (Chrome::of(&request), body.0);
    let from = request.peer_addr().map(|peer| peer.ip());
    let found = status::find(&house, (&asked.number, &asked.digits), from).await;
    let w = &chrome.w.status;
    let (answer, code, message, wait) = match found {
        Ok(report) => {
            let receipt = format!("/s/{}", house.keys.link(report));
            return Ok(match wants_json(&request) {
                true => HttpResponse::Ok()
                    .insert_header(("cache-control", "no-store"))
                    .json(Found { receipt }),
                false => see_other(&receipt),
            });
        }
        Err(Denied::Unknown) => (StatusCode::NOT_FOUND, "unknown", w.unknown, None),
        Err(Denied::Wait { retry_after_s }) => {
            let wait = Some(retry_after_s);
            (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_tries",
                w.wait,
                wait,
            )
        }
        Err(Denied::Store(error)) => return Err(error.into()),
    };
    let view = StatusView {
        code,
        message,
        number: asked.number,
    };
    let mut response = reply(&request, answer, (&view, &chrome))?;
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, wait.into());
    }
    Ok(response)
}
