//! The queue's stream: new journal entries, from the position that the client names.
//!
//! The id of each event holds the position in every queue. A client that sends it back as
//! `Last-Event-ID` misses no entry and gets none twice.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::watch;

use crate::service::App;
use crate::service::stream_sessions::Subscription;
use crate::store::{Conn, Error, journal};
use crate::web::http::auth::{Authorized, WorkQueue};
use crate::web::http::page_context::PageContext;
use crate::web::http::problem::{Problem, ProblemBody};
use crate::web::http::sse::{CLOSED, Frame, Heartbeat, streaming};
use crate::web::staff::cursor::Cursor;
use crate::web::staff::fanout::Fanout;

/// After how many bytes of frames a stream sends them before it reads on.
const FRAMES_BYTES_MAX: usize = 256 * 1024;

/// About as long as the frame of one entry, in bytes.
const FRAME_BYTES: usize = 2 * 1024;

/// Where a page goes on that has no `Last-Event-ID` yet.
#[derive(Debug, Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

/// `GET /staff/stream`: every entry of the queues of the scope, in order, once. Sends `reset`
/// instead of `hello` where the client has to load the whole list again.
#[utoipa::path(get, operation_id = "stream", path = "/staff/stream", security(("staff" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "continue after this event"), ("after" = Option<String>, Query, description = "the same, for a page that has received no event yet")),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "`hello`, then events `entry` with an EntryView, and `beat` while nothing happens; `reset` first where the cursor is gone, or more entries follow it than a stream sends, so that the client reads everything again; `closed` last where the sign-in has opened too many streams, after which the client does not connect again"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn queue(
    context: Authorized<WorkQueue>,
    fanout: web::Data<Fanout>,
    after: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    let context = context.into_inner();
    let (app, scope) = (context.app, &context.principal.scope);
    let requested = requested(&context.request, &after)
        .map(|text| Cursor::read(text, scope).ok_or(Problem::Malformed))
        .transpose()?;
    let work = |conn: Conn| async move { journal::reached(&conn).await };
    let reached = app.db.read(work).await?;
    let (cursor, greeting) = match requested {
        Some(cursor) if cursor.must_reset(&reached) => (Cursor::of(scope, &reached), "reset"),
        Some(cursor) => (cursor, "hello"),
        None => (Cursor::of(scope, &reached), "hello"),
    };
    let stream = QueueStream {
        changed: app.notifier.subscribe(),
        page: context.page,
        heartbeat: Heartbeat::new(),
        subscription: app
            .stream_sessions
            .follow(context.principal, &app.notifier.closing()),
        app,
        fanout: fanout.into_inner(),
        cursor,
        greeting: Some(greeting),
        closed: false,
    };
    Ok(streaming(futures_util::stream::unfold(
        stream,
        QueueStream::next,
    )))
}

/// The cursor that the client sends: in the header when it reconnects, else in the address.
fn requested<'a>(request: &'a HttpRequest, after: &'a After) -> Option<&'a str> {
    let header = request.headers().get("last-event-id");
    let header = header.and_then(|value| value.to_str().ok());
    header.or(after.after.as_deref())
}

struct QueueStream {
    app: Arc<App>,
    fanout: Arc<Fanout>,
    subscription: Subscription,
    heartbeat: Heartbeat,
    page: PageContext,
    cursor: Cursor,
    changed: watch::Receiver<u64>,
    /// The name of the first event, until it was sent.
    greeting: Option<&'static str>,
    /// Whether the last event was sent.
    closed: bool,
}

impl QueueStream {
    async fn next(mut self) -> Option<(Frame, Self)> {
        if let Some(greeting) = self.greeting.take() {
            let cursor = &self.cursor;
            let frame = format!("retry: 2000\nid: {cursor}\nevent: {greeting}\ndata: {{}}\n\n");
            return Some((Ok(frame.into()), self));
        }
        // Checked before every read: a busy stream never reaches the wait below.
        while !self.subscription.is_over() {
            // Marked as seen before the read: an entry that is written during it starts another.
            self.changed.borrow_and_update();
            match self.read().await {
                Ok(frames) if !frames.is_empty() => {
                    self.heartbeat.rest();
                    return Some((Ok(frames.into()), self));
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(?error, "a stream ends");
                    return None;
                }
            }
            tokio::select! {
                () = self.subscription.over() => break,
                changed = self.changed.changed() => changed.ok()?,
                () = self.heartbeat.due() => {
                    self.heartbeat.rest();
                    // An event, because a page's script does not see comments.
                    let beat = Bytes::from_static(b"event: beat\ndata: {}\n\n");
                    return Some((Ok(beat), self));
                }
            }
        }
        let closes = self.subscription.was_replaced() && !self.closed;
        self.closed = true;
        closes.then_some((Ok(CLOSED), self))
    }

    /// The frames of all entries that were not sent yet. A queue without new entries costs no read.
    async fn read(&mut self) -> Result<String, Error> {
        // The room of one entry with its row, which is what comes most often.
        let mut frames = String::with_capacity(FRAME_BYTES);
        let scope = &self.subscription.principal().scope;
        for (at, reached) in self.app.notifier.ahead(&self.cursor.positions) {
            if frames.len() > FRAMES_BYTES_MAX {
                break;
            }
            let (queue, seen) = self.cursor.positions[at];
            let batch = self.fanout.after(&self.app, queue, seen, reached).await?;
            for event in batch.after(seen) {
                self.cursor.positions[at].1 = event.entry.seq;
                let data = event.for_viewer(&self.app, scope, &self.page);
                // Writing to a string does not fail.
                let _ = write!(
                    frames,
                    "id: {}\nevent: entry\ndata: {data}\n\n",
                    self.cursor
                );
            }
        }
        Ok(frames)
    }
}
