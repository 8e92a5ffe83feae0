//! A submitted form: its idempotency key, and the answer with the receipt.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::service::App;
use crate::service::intake::{self, Key, Receipt};
use crate::web::form::fields::Form;
use crate::web::http::context::RequestContext;
use crate::web::http::problem::Problem;
use crate::web::http::response::see_other;

/// Longest key of a client, in characters.
const CLIENT_KEY_CHARS_MAX: usize = 128;

/// The number and the address of a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptLink {
    /// The number to read out.
    pub(crate) number: String,
    /// The secret address of the receipt.
    pub(crate) receipt: String,
}

impl ReceiptLink {
    pub(crate) fn of(app: &App, receipt: &Receipt) -> Self {
        Self {
            number: receipt.number.clone(),
            receipt: format!("/s/{}", app.keys.link(receipt.report)),
        }
    }
}

/// The client's own key, or the key of the page. Without either, a key that no other request has: a
/// resend is then another report. A page's key that the server did not make is malformed.
pub(crate) fn key_of<P>(context: &RequestContext<P>, form: &Form) -> Result<Key, Problem> {
    let Some(own) = context.request.headers().get("idempotency-key") else {
        if form.key.is_empty() {
            return Ok(Key::Client(Uuid::new_v4().to_string()));
        }
        let opened = context.app.keys.open_page_key(&form.key);
        return opened.map(Key::Page).ok_or(Problem::Malformed);
    };
    let own = own.to_str().or(Err(Problem::Malformed))?.trim();
    if (1..=CLIENT_KEY_CHARS_MAX).contains(&own.len()) {
        Ok(Key::Client(own.to_owned()))
    } else {
        Err(Problem::Malformed)
    }
}

/// The receipt of the report that was stored under this key before the placard was taken out of
/// use; otherwise the problem.
pub(crate) async fn reply_stored(
    context: &RequestContext,
    key: &Key,
    problem: Problem,
) -> Result<HttpResponse, Problem> {
    let receipt = intake::stored(&context.app, key).await?.ok_or(problem)?;
    Ok(reply_receipt(context, StatusCode::OK, &receipt))
}

/// A redirect to the receipt for people, the link of the receipt for programs.
pub(crate) fn reply_receipt<P>(
    context: &RequestContext<P>,
    status: StatusCode,
    receipt: &Receipt,
) -> HttpResponse {
    let link = ReceiptLink::of(&context.app, receipt);
    if !context.wants_json() {
        return see_other(&link.receipt);
    }
    HttpResponse::build(status)
        .insert_header((LOCATION, link.receipt.clone()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(link)
}
