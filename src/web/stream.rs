//! Streams: history as it grows, from the journal, after whatever the client has seen.
//!
//! An event's id says how far every queue was read; a client that comes back with it as
//! `Last-Event-ID` misses nothing and sees nothing twice.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;
use uuid::Uuid;

use super::board::Board;
use super::centre::figures;
use super::problem::Problem;
use super::reply::Chrome;
use super::row::Row;
use super::session::{Observer, Worker};
use crate::domain::area::AreaId;
use crate::domain::staff::Scope;
use crate::service::{Acting, House};
use crate::store::{Conn, Error, journal, session};

/// How often a silent stream says that it is there, and looks whether it still may be. Sign-outs
/// and changes of rights take effect on open streams within this time.
const BEAT: Duration = Duration::from_secs(5);
/// The shortest time between two events of the centre: totals are read, not watched.
const CENTRE_PAUSE: Duration = Duration::from_millis(200);
/// Length of a cursor at most, in bytes.
const CURSOR_BYTES_MAX: usize = 4096;

/// How far each queue of a scope was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor(Vec<(AreaId, i64)>);

/// A line of history as it travels.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntryView {
    /// The queue.
    pub(super) queue: i32,
    /// Its number in the queue's history.
    pub(super) seq: i64,
    /// What happened; `elsewhere` for who works for a grid where it was in another one.
    pub(super) event: &'static str,
    /// The report.
    pub(super) report: Uuid,
    /// The report's version after it.
    pub(super) version: i32,
    /// The report as it stands now in a list.
    pub(super) row: Option<Row>,
}

impl Cursor {
    /// Where the queues of a scope stand.
    pub(super) fn of(scope: &Scope, reached: &BTreeMap<AreaId, i64>) -> Self {
        let at = |area: &AreaId| reached.get(area).copied().unwrap_or_default();
        Self(
            scope
                .queues()
                .iter()
                .map(|area| (*area, at(area)))
                .collect(),
        )
    }

    /// Reads what a client says; queues outside of the scope are left out, and queues that it
    /// does not name are read from their beginning. None for what is no cursor.
    fn read(text: &str, scope: &Scope) -> Option<Self> {
        if text.len() > CURSOR_BYTES_MAX {
            return None;
        }
        let mut said = BTreeMap::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (area, seq) = part.split_once('.')?;
            said.insert(
                AreaId(area.parse().ok()?),
                seq.parse::<i64>().ok().filter(|n| *n >= 0)?,
            );
        }
        Some(Self::of(scope, &said))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for (area, seq) in self.0.iter().filter(|(_, seq)| *seq > 0) {
            write!(f, "{comma}{}.{seq}", area.0)?;
            comma = ",";
        }
        Ok(())
    }
}

/// `GET /staff/stream`: every entry of the queues of the scope, in order, once.
pub(super) async fn queue(
    request: HttpRequest,
    (house, board): (web::Data<House>, web::Data<Board>),
    worker: Worker,
) -> Result<HttpResponse, Problem> {
    let header = request.headers().get("last-event-id");
    let query = request
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("after="));
    let said = header.and_then(|value| value.to_str().ok()).or(query);
    let cursor = match said {
        Some(said) => Cursor::read(said, &worker.0.scope).ok_or(Problem::Malformed)?,
        None => {
            let work = |conn: Conn| async move { journal::reached(&conn).await };
            Cursor::of(
                &worker.0.scope,
                &house.db.run::<_, Error, _, _>(work).await?,
            )
        }
    };
    let follower = Follower {
        changed: house.live.follow_all(),
        closing: house.live.closing(),
        chrome: Chrome::of(&request),
        acting: worker.0,
        house: house.into_inner(),
        board: board.into_inner(),
        cursor,
        greeted: false,
    };
    Ok(streaming(futures_util::stream::unfold(
        follower,
        Follower::next,
    )))
}

fn streaming(
    stream: impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        // Packed answers are held back until they are worth a packet.
        .insert_header(("content-encoding", "identity"))
        .streaming(stream)
}

struct Follower {
    house: Arc<House>,
    board: Arc<Board>,
    acting: Acting,
    chrome: Chrome,
    cursor: Cursor,
    changed: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    greeted: bool,
}

type Frame = Result<Bytes, actix_web::Error>;

impl Follower {
    async fn next(mut self) -> Option<(Frame, Self)> {
        if !self.greeted {
            self.greeted = true;
            let hello = format!(
                "retry: 2000\nid: {}\nevent: hello\ndata: {{}}\n\n",
                self.cursor
            );
            return Some((Ok(hello.into()), self));
        }
        loop {
            // Marked as seen before the read: what comes during it wakes the next round.
            self.changed.borrow_and_update();
            match self.read().await {
                Ok(frames) if !frames.is_empty() => return Some((Ok(frames.into()), self)),
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(?error, "a stream ends");
                    return None;
                }
            }
            let beat = tokio::select! {
                _ = self.closing.wait_for(|closed| *closed) => return None,
                changed = self.changed.changed() => {
                    changed.ok()?;
                    false
                }
                () = tokio::time::sleep(BEAT) => true,
            };
            if beat {
                if !may_stay(&self.house, &self.acting).await {
                    return None;
                }
                return Some((Ok(Bytes::from_static(b": here\n\n")), self));
            }
        }
    }

    /// What each queue has that was not sent yet. Queues that have not moved cost nothing.
    async fn read(&mut self) -> Result<String, Error> {
        let mut frames = String::new();
        for at in 0..self.cursor.0.len() {
            let (area, seen) = self.cursor.0[at];
            let reached = self.house.live.known(area);
            if reached <= seen {
                continue;
            }
            let news = self.board.after(&self.house, (area, seen), reached);
            for news in news.await? {
                self.cursor.0[at].1 = news.entry.seq;
                let data = news.told(&self.house, (&self.acting.scope, &self.chrome));
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

/// Whether the sign-in behind a stream still holds, with the same rights.
async fn may_stay(house: &House, acting: &Acting) -> bool {
    let (id, now) = (acting.session, house.clock.now());
    let work = move |conn: Conn| async move { session::person(&conn, id, now).await };
    house
        .db
        .run::<_, Error, _, _>(work)
        .await
        .is_ok_and(|staff| staff.area == acting.staff.area && staff.role == acting.staff.role)
}

struct Watcher {
    house: Arc<House>,
    acting: Acting,
    chrome: Chrome,
    changed: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    first: bool,
}

/// `GET /centre/stream`: today's totals, whenever they change.
pub(super) async fn centre(
    request: HttpRequest,
    house: web::Data<House>,
    observer: Observer,
) -> Result<HttpResponse, Problem> {
    let watcher = Watcher {
        changed: house.live.follow_all(),
        closing: house.live.closing(),
        chrome: Chrome::of(&request),
        acting: observer.0,
        house: house.into_inner(),
        first: true,
    };
    Ok(streaming(futures_util::stream::unfold(
        watcher,
        Watcher::next,
    )))
}

impl Watcher {
    async fn next(mut self) -> Option<(Frame, Self)> {
        if !std::mem::take(&mut self.first) {
            tokio::select! {
                _ = self.closing.wait_for(|closed| *closed) => return None,
                changed = self.changed.changed() => {
                    changed.ok()?;
                    tokio::time::sleep(CENTRE_PAUSE).await;
                }
                () = tokio::time::sleep(BEAT) => {
                    if !may_stay(&self.house, &self.acting).await {
                        return None;
                    }
                }
            }
        }
        self.changed.borrow_and_update();
        let view = figures(&self.house, &self.acting.scope, &self.chrome)
            .await
            .ok()?;
        let data = serde_json::to_string(&view).unwrap_or_default();
        Some((Ok(format!("event: totals\ndata: {data}\n\n").into()), self))
    }
}
