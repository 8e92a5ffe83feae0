//! Status by number and the last four digits of the telephone, for whoever has lost the link.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::problem::Problem;
use super::reply::{Chrome, View, reply, wants_json};
use super::words::Words;
use crate::domain::triage::Status;
use crate::service::House;
use crate::service::status::{self, Denied};
use crate::store::report;

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
    #[serde(skip)]
    found: Option<Found>,
}

/// Where a report stands; nothing of what is in it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Found {
    /// The receipt's number.
    number: String,
    /// Where the report stands.
    status: &'static str,
    /// The same in words.
    status_words: &'static str,
    /// By when somebody calls, in words; empty where nobody needs to.
    due: String,
    /// The community.
    community: String,
    /// Its telephone.
    phone: String,
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

/// `POST /status`: where the report stands; *no such number* and *other digits* are one answer.
pub(super) async fn find(
    request: HttpRequest,
    house: web::Data<House>,
    body: Body<Asked>,
) -> Result<HttpResponse, Problem> {
    let (chrome, asked) = (Chrome::of(&request), body.0);
    let from = asker(&request, &house.rules.trusted_proxies);
    let found = status::find(&house, (&asked.number, &asked.digits), from).await;
    let w = &chrome.w.status;
    let (answer, code, message, wait) = match found {
        Ok(row) => {
            let found = found_view(&house, &row, &chrome);
            if wants_json(&request) {
                let mut response = HttpResponse::Ok();
                return Ok(response
                    .insert_header((CACHE_CONTROL, "no-store"))
                    .json(found));
            }
            let view = StatusView {
                found: Some(found),
                ..StatusView::default()
            };
            return reply(&request, StatusCode::OK, (&view, &chrome));
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
        found: None,
    };
    let mut response = reply(&request, answer, (&view, &chrome))?;
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, wait.into());
    }
    Ok(response)
}

fn found_view(house: &House, row: &report::Row, chrome: &Chrome) -> Found {
    let (atlas, lang) = (house.atlas(), chrome.lang);
    let queue = atlas.tree.get(row.queue);
    let due = house.clock.local(row.contact_due_at);
    Found {
        number: row.number.clone(),
        status: row.status.code(),
        status_words: chrome.w.status(row.status),
        due: match row.status {
            Status::Waiting => lang.moment(due, house.local_now().date()),
            _ => String::new(),
        },
        community: queue.map_or_else(String::new, |area| area.name_in(lang.is_english()).into()),
        phone: atlas.tree.phone_of(row.queue).unwrap_or_default().into(),
    }
}

/// Who asks: the other end of the line, or, where that is a proxy of ours, whom it names last.
/// None where such a proxy names nobody: it is not everybody behind it.
pub(super) fn asker(request: &HttpRequest, proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !peer.is_loopback() && !proxies.contains(&peer) {
        return Some(peer);
    }
    let named = request.headers().get_all("x-forwarded-for").last()?;
    named.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_a_proxy_of_ours_says_who_asks() {
        let proxies = ["192.0.2.1".parse().unwrap()];
        for (peer, named, asks) in [
            ("198.51.100.7:1", "203.0.113.9", Some("198.51.100.7")),
            (
                "192.0.2.1:1",
                "203.0.113.9, 203.0.113.10",
                Some("203.0.113.10"),
            ),
            ("127.0.0.1:1", "203.0.113.9", Some("203.0.113.9")),
            ("127.0.0.1:1", "nobody", None),
        ] {
            let request = TestRequest::default()
                .peer_addr(peer.parse().unwrap())
                .insert_header(("x-forwarded-for", named))
                .to_http_request();
            let asks: Option<IpAddr> = asks.map(|asks| asks.parse().unwrap());
            assert_eq!(asker(&request, &proxies), asks, "{peer} {named}");
        }
        let silent = TestRequest::default().peer_addr("127.0.0.1:1".parse().unwrap());
        assert_eq!(asker(&silent.to_http_request(), &proxies), None);
    }
}
