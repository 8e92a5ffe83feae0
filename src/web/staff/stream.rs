//! Streams: history as it grows, from the journal, after whatever the client has seen.
//!
//! An event's id says how far every queue was read; a client that comes back with it as
//! `Last-Event-ID` misses nothing and sees nothing twice.

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
use crate::web::http::sse::{Frame, Heartbeat, streaming};
use crate::web::staff::cursor::Cursor;
use crate::web::staff::fanout::Fanout;

/// What a stream reads before it says it, in bytes; the rest comes right after.
const FRAMES_BYTES_MAX: usize = 256 * 1024;
/// Where a page that has no `Last-Event-ID` yet goes on.
#[derive(Debug, Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

/// `GET /staff/stream`: every entry of the queues of the scope, in order, once. Whoever has read
/// what is no longer there is told to read everything anew.
#[utoipa::path(get, operation_id = "stream", path = "/staff/stream", security(("staff" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "continue after this event"), ("after" = Option<String>, Query, description = "the same, for a page that has received no event yet")),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "`hello`, then events `entry` with an EntryView, and `beat` while nothing happens; `reset` first where the cursor is gone, or more entries follow it than a stream sends, so that the client reads everything again"), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn queue(
    request: HttpRequest,
    (app, board): (web::Data<App>, web::Data<Fanout>),
    (worker, after): (Authorized<WorkQueue>, web::Query<After>),
) -> Result<HttpResponse, Problem> {
    let principal = worker.into_inner().principal;
    let header = request.headers().get("last-event-id");
    let header = header.and_then(|value| value.to_str().ok());
    let said = header.or(after.after.as_deref());
    let said = said.map(|said| Cursor::read(said, &principal.scope).ok_or(Problem::Malformed));
    let said = said.transpose()?;
    let work = |conn: Conn| async move { journal::reached(&conn).await };
    let reached = app.db.read(work).await?;
    let (cursor, hello) = match said {
        Some(said) if said.starts_anew(&reached) => {
            (Cursor::of(&principal.scope, &reached), "reset")
        }
        Some(said) => (said, "hello"),
        None => (Cursor::of(&principal.scope, &reached), "hello"),
    };
    let follower = Follower {
        changed: app.notifier.subscribe(),
        chrome: PageContext::of(&request),
        pulse: Heartbeat::new(),
        following: app
            .stream_sessions
            .follow(principal, &app.notifier.closing()),
        app: app.into_inner(),
        board: board.into_inner(),
        cursor,
        hello: Some(hello),
    };
    Ok(streaming(futures_util::stream::unfold(
        follower,
        Follower::next,
    )))
}

struct Follower {
    app: Arc<App>,
    board: Arc<Fanout>,
    following: Subscription,
    pulse: Heartbeat,
    chrome: PageContext,
    cursor: Cursor,
    changed: watch::Receiver<u64>,
    /// The first event, until it was sent.
    hello: Option<&'static str>,
}

impl Follower {
    async fn next(mut self) -> Option<(Frame, Self)> {
        if let Some(hello) = self.hello.take() {
            let cursor = &self.cursor;
            let frame = format!("retry: 2000\nid: {cursor}\nevent: {hello}\ndata: {{}}\n\n");
            return Some((Ok(frame.into()), self));
        }
        // Looked at before every read: where much happens, nobody ever waits below.
        while !self.following.is_over() {
            // Marked as seen before the read: what comes during it wakes the next round.
            self.changed.borrow_and_update();
            match self.read().await {
                Ok(frames) if !frames.is_empty() => {
                    self.pulse.rest();
                    return Some((Ok(frames.into()), self));
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(?error, "a stream ends");
                    return None;
                }
            }
            tokio::select! {
                () = self.following.over() => return None,
                changed = self.changed.changed() => changed.ok()?,
                () = self.pulse.due() => {
                    self.pulse.rest();
                    // An event and no comment, which a page's script would never see.
                    let beat = Bytes::from_static(b"event: beat\ndata: {}\n\n");
                    return Some((Ok(beat), self));
                }
            }
        }
        None
    }

    /// What each queue has that was not sent yet. Queues that have not moved cost nothing.
    async fn read(&mut self) -> Result<String, Error> {
        let mut frames = String::new();
        let scope = &self.following.principal().scope;
        for (at, reached) in self.app.notifier.ahead(&self.cursor.positions) {
            if frames.len() > FRAMES_BYTES_MAX {
                break;
            }
            let page = self
                .board
                .after(&self.app, self.cursor.positions[at], reached);
            for news in page.await?.after(self.cursor.positions[at].1) {
                self.cursor.positions[at].1 = news.entry.seq;
                let data = news.told(&self.app, (scope, &self.chrome));
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
