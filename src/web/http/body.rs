//! Bodies: forms and JSON read into the same struct; unknown fields are refused.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::web::http::problem::Problem;

/// What a request says, from a form or from JSON.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/json"));
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let bytes = bytes.await.or(Err(Problem::TooLarge))?;
            let read = if json {
                serde_json::from_slice(&bytes).ok()
            } else {
                serde_urlencoded::from_bytes(&bytes).ok()
            };
            read.map(Self).ok_or(Problem::Malformed)
        })
    }
}
