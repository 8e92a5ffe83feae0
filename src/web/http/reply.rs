//! One address, two representations: only this module decides between a page and JSON.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::page_context::PageContext;
use super::problem::{Problem, retry_after_s};
use super::request::{takes_brotli, wants_json};
use super::response::{packed, page};

/// The data of a page, which is the JSON body at the same time.
pub(crate) trait View: Serialize {
    /// The page.
    fn page(&self, context: &PageContext) -> askama::Result<String>;
}

/// The view as a page or as JSON. No cache keeps the answer.
pub(crate) fn reply(
    request: &HttpRequest,
    status: StatusCode,
    view: &impl View,
    context: &PageContext,
) -> Result<HttpResponse, Problem> {
    let mut response = page(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((RETRY_AFTER, retry_after_s()));
    }
    if wants_json(request) {
        response.insert_header((CONTENT_TYPE, "application/json"));
        return Ok(response.json(view));
    }
    let text = view
        .page(context)
        .map_err(|error| Problem::internal(&error))?;
    if !takes_brotli(request) {
        return Ok(response.body(text));
    }
    Ok(response
        .insert_header((CONTENT_ENCODING, "br"))
        .body(packed(text.as_bytes())))
}

/// Implements [`View`] for a view by the template at this path. The template reads the view as
/// `v`, the page's context as `c` and the texts as `w`.
macro_rules! template {
    ($view:ty, $path:tt) => {
        const _: () = {
            #[derive(askama::Template)]
            #[template(path = $path)]
            struct Page<'a> {
                c: &'a $crate::web::http::page_context::PageContext,
                w: &'static $crate::web::text::Words,
                v: &'a $view,
            }

            impl $crate::web::http::reply::View for $view {
                fn page(
                    &self,
                    c: &$crate::web::http::page_context::PageContext,
                ) -> askama::Result<String> {
                    askama::Template::render(&Page { c, w: c.w, v: self })
                }
            }
        };
    };
}
pub(crate) use template;
