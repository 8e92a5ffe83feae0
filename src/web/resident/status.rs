//! The status of a report by receipt number and the last four digits of the telephone, for
//! residents who have lost the link.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::App;
use crate::service::status::{self, StatusError};
use crate::store::report;
use crate::web::http::body::Body;
use crate::web::http::client_ip::client_ip;
use crate::web::http::context::RequestContext;
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::reply::template;
use crate::web::resident::progress::{Progress, progress};

/// The number and the digits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The receipt's number, in any case and with any spaces.
    number: String,
    /// The last four digits of the telephone on the report.
    digits: String,
}

/// The page that asks for them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct StatusView {
    /// Why nothing was found, stable; empty before the first search.
    code: &'static str,
    /// The same in words.
    message: &'static str,
    #[serde(skip)]
    number: String,
    /// How many fields are empty.
    #[serde(skip)]
    owed: usize,
    /// What is said where the number is empty, and where the digits are.
    #[serde(skip)]
    number_owed: &'static str,
    #[serde(skip)]
    digits_owed: &'static str,
    #[serde(skip)]
    found: Option<Found>,
}

/// The status of a report, without its content.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Found {
    /// The receipt's number.
    number: String,
    /// Where the report stands.
    status: &'static str,
    /// The same in words.
    status_words: &'static str,
    /// What happens next.
    #[serde(flatten)]
    progress: Progress,
    /// The community.
    community: String,
    /// Its telephone.
    phone: String,
}

template!(StatusView, "status.html");

/// `GET /status`
#[utoipa::path(get, path = "/status", responses((status = 200)))]
pub(crate) async fn show(context: RequestContext) -> Result<HttpResponse, Problem> {
    context.reply(StatusCode::OK, &StatusView::default())
}

/// `POST /status`: the status of a report. An unknown number and wrong digits get the same answer.
#[utoipa::path(post, operation_id = "status", path = "/status", request_body = Asked,
    responses((status = 200, body = Found), (status = 404, body = StatusView, description = "no such number, or other digits"), (status = 422, body = ProblemBody), (status = 429, body = StatusView)))]
pub(crate) async fn find(
    context: RequestContext,
    body: Body<Asked>,
) -> Result<HttpResponse, Problem> {
    let (app, asked) = (&context.app, body.0);
    if !context.wants_json() && (is_blank(&asked.number) || is_blank(&asked.digits)) {
        return reply_owed(&context, asked);
    }
    let from = client_ip(&context.request, app);
    let w = &context.page.w.status;
    let (answer, code, message, wait) =
        match status::find(app, &asked.number, &asked.digits, from).await {
            Ok(row) => return reply_found(&context, &row),
            Err(StatusError::Unknown) => (StatusCode::NOT_FOUND, "unknown", w.unknown, None),
            Err(StatusError::Wait { retry_after_s }) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_tries",
                w.wait,
                Some(retry_after_s),
            ),
            Err(StatusError::Store(error)) => return Err(error.into()),
        };
    let view = StatusView {
        code,
        message,
        number: asked.number,
        ..StatusView::default()
    };
    let mut response = context.reply(answer, &view)?;
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, wait.into());
    }
    Ok(response)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The page again, with what is missing. It is no try.
fn reply_owed(context: &RequestContext, asked: Asked) -> Result<HttpResponse, Problem> {
    let w = &context.page.w.status;
    let owed = |text: &str, words: &'static str| if is_blank(text) { words } else { "" };
    let fields = [&asked.number, &asked.digits];
    let view = StatusView {
        owed: fields.into_iter().filter(|said| is_blank(said)).count(),
        number_owed: owed(&asked.number, w.number_owed),
        digits_owed: owed(&asked.digits, w.digits_owed),
        number: asked.number,
        ..StatusView::default()
    };
    context.reply(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

fn reply_found(context: &RequestContext, row: &report::Row) -> Result<HttpResponse, Problem> {
    let found = found_view(&context.app, row, &context.page);
    if context.wants_json() {
        return Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(found));
    }
    let view = StatusView {
        found: Some(found),
        ..StatusView::default()
    };
    context.reply(StatusCode::OK, &view)
}

fn found_view(app: &App, row: &report::Row, page: &PageContext) -> Found {
    let (atlas, lang) = (app.atlas(), page.lang);
    let queue = atlas.tree.area_of(row.queue);
    Found {
        number: row.number.clone(),
        status: row.status.code(),
        status_words: page.w.progress(row.status),
        progress: progress(app, page, row),
        community: queue.map_or_else(String::new, |area| area.name_in(lang.is_english()).into()),
        phone: atlas
            .tree
            .phone_of_queue(row.queue)
            .unwrap_or_default()
            .into(),
    }
}
