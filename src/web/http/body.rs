//! Bodies: forms and JSON read into the same struct; unknown fields are refused. A body has a longest
//! size and a longest time.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use crate::web::http::connections::Connection;
use crate::web::http::problem::{Problem, WrongField};

/// Longest body of a request, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The time that a client has to send a body.
#[derive(Clone, Copy, Debug)]
pub struct BodyPace {
    /// Any body may take so long.
    pub grace: Duration,
    /// A longer one has to come at this rate from then on.
    pub bytes_per_second: u32,
}

/// The content of a body, from a form or from JSON.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

/// A body that has come whole and is not read yet.
#[derive(Debug)]
pub(crate) struct WholeBody {
    bytes: Bytes,
    json: bool,
}

impl WholeBody {
    /// The content, from a form or from JSON.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        // A list would be read as the fields in their order.
        if self.json && !self.bytes.trim_ascii_start().starts_with(b"{") {
            return Err(Problem::Malformed);
        }
        if self.json {
            serde_json::from_slice(&self.bytes).map_err(|error| {
                let before = before(&self.bytes, error.line(), error.column());
                named(&error.to_string(), key_of(before))
            })
        } else {
            serde_urlencoded::from_bytes(&self.bytes)
                .map_err(|error| named(&error.to_string(), None))
        }
    }
}

/// The problem with the field that the words of serde name, or with the one at which reading ended.
fn named(words: &str, at: Option<&str>) -> Problem {
    let quoted = |begins: &str| words.strip_prefix(begins)?.split('`').next();
    let problem = |name: &str, wrong| Problem::Field {
        name: name.to_owned(),
        wrong,
    };
    if let Some(name) = quoted("missing field `") {
        return problem(name, WrongField::Missing);
    }
    if let Some(name) = quoted("unknown field `") {
        return problem(name, WrongField::Unknown);
    }
    let wrong = words.starts_with("invalid type") || words.starts_with("duplicate field");
    let name = quoted("duplicate field `").or(at.filter(|_| wrong));
    name.map_or(Problem::Malformed, |name| {
        problem(name, WrongField::Malformed)
    })
}

/// The bytes in front of this line and column, which count from one.
fn before(bytes: &[u8], line: usize, column: usize) -> &[u8] {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let above: usize = lines
        .by_ref()
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    &bytes[..bytes.len().min(above + column)]
}

/// The key of the value with which these bytes of an object end.
fn key_of(bytes: &[u8]) -> Option<&str> {
    let text = str::from_utf8(bytes).ok()?;
    let (keys, _) = text
        .rsplit_once("\":")
        .or_else(|| text.rsplit_once("\" :"))?;
    keys.rsplit('"').next()
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let whole = WholeBody::from_request(request, payload);
        Box::pin(async move { whole.await?.read().map(Self) })
    }
}

impl FromRequest for WholeBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let header = |name| {
            let value = request.headers().get(name);
            value.and_then(|value| value.to_str().ok())
        };
        let json = header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
        let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        let pace = request
            .app_data::<web::Data<BodyPace>>()
            .map(|pace| ***pace);
        let connection = request.conn_data::<Connection>().cloned();
        let payload = payload.take();
        Box::pin(async move {
            if length.is_some_and(|length| length > BODY_BYTES_MAX) {
                return Err(Problem::TooLarge);
            }
            let pace = pace.ok_or(Problem::Internal)?;
            let bytes = read(payload, pace).await?;
            if let Some(connection) = connection {
                connection.serve();
            }
            Ok(Self { bytes, json })
        })
    }
}

/// Reads the bytes as they come. They are not unpacked: the outermost middleware refuses packed
/// bodies.
async fn read(mut payload: Payload, pace: BodyPace) -> Result<Bytes, Problem> {
    let begun = Instant::now();
    let mut bytes = BytesMut::new();
    loop {
        let earned = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
            / f64::from(pace.bytes_per_second.max(1));
        let deadline = begun + pace.grace + Duration::from_secs_f64(earned);
        let chunk = timeout_at(deadline, payload.next()).await;
        let Some(chunk) = chunk.or(Err(Problem::TooSlow))? else {
            return Ok(bytes.freeze());
        };
        // The client has gone, or the connection had to end.
        let chunk = chunk.or(Err(Problem::Malformed))?;
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Problem::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
}
