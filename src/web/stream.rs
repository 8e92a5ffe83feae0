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
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
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
use crate::service::House;
use crate::service::attendance::Following;
use crate::store::{Conn, Error, journal};

/// How long a stream is silent at most: a page that hears nothing for three of these times takes it
/// for lost (`assets/static/event-source.js`).
const BEAT: Duration = Duration::from_secs(5);
/// Entries that a stream brings of what happened before it began; more is a page to be read anew.
const BEHIND_MAX: i64 = 5_000;
/// What a stream reads before it says it, in bytes; the rest comes right after.
const FRAMES_BYTES_MAX: usize = 256 * 1024;
/// The shortest time between two events of the centre: totals are read, not watched.
const CENTRE_PAUSE: Duration = Duration::from_millis(200);
/// Length of what a cursor says of one queue at most, in bytes: two numbers and what parts them.
const PART_BYTES_MAX: usize = 32;
/// Queues that a cursor may name besides those of the scope: it may be from before a change.
const QUEUES_SPARE: usize = 128;

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
        if text.len() > (scope.queues().len() + QUEUES_SPARE) * PART_BYTES_MAX {
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

    /// Whether it is better to read everything anew than to go on from here. Where any queue was
    /// read further than its history reaches, what was read there has been lost, as where somebody
    /// went back to a copy of the database. And whoever has slept for long reads the page sooner
    /// than all that has happened.
    fn starts_anew(&self, reached: &BTreeMap<AreaId, i64>) -> bool {
        let end = |area: &AreaId| reached.get(area).copied().unwrap_or_default();
        let behind = |(area, seq): &(AreaId, i64)| end(area) - seq;
        let is_ahead = self.0.iter().any(|read| behind(read) < 0);
        is_ahead || self.0.iter().map(behind).sum::<i64>() > BEHIND_MAX
    }
}

/// Where a page that has no `Last-Event-ID` yet goes on.
#[derive(Debug, Deserialize)]
pub(super) struct After {
    after: Option<String>,
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

/// `GET /staff/stream`: every entry of the queues of the scope, in order, once. Whoever has read
/// what is no longer there is told to read everything anew.
pub(super) async fn queue(
    request: HttpRequest,
    (house, board): (web::Data<House>, web::Data<Board>),
    (worker, after): (Worker, web::Query<After>),
) -> Result<HttpResponse, Problem> {
    let acting = worker.0;
    let header = request.headers().get("last-event-id");
    let header = header.and_then(|value| value.to_str().ok());
    let said = header.or(after.after.as_deref());
    let said = said.map(|said| Cursor::read(said, &acting.scope).ok_or(Problem::Malformed));
    let said = said.transpose()?;
    let work = |conn: Conn| async move { journal::reached(&conn).await };
    let reached = house.db.run::<_, Error, _, _>(work).await?;
    let (cursor, hello) = match said {
        Some(said) if said.starts_anew(&reached) => (Cursor::of(&acting.scope, &reached), "reset"),
        Some(said) => (said, "hello"),
        None => (Cursor::of(&acting.scope, &reached), "hello"),
    };
    let follower = Follower {
        changed: house.live.follow_all(),
        chrome: Chrome::of(&request),
        pulse: Pulse::new(),
        following: house.attendance.follow(acting, &house.live.closing()),
        house: house.into_inner(),
        board: board.into_inner(),
        cursor,
        hello: Some(hello),
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
    following: Following,
    pulse: Pulse,
    chrome: Chrome,
    cursor: Cursor,
    changed: watch::Receiver<u64>,
    /// The first event, until it was sent.
    hello: Option<&'static str>,
}

type Frame = Result<Bytes, actix_web::Error>;

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
        let scope = &self.following.acting().scope;
        for (at, reached) in self.house.live.ahead(&self.cursor.0) {
            if frames.len() > FRAMES_BYTES_MAX {
                break;
            }
            let page = self.board.after(&self.house, self.cursor.0[at], reached);
            for news in page.await?.after(self.cursor.0[at].1) {
                self.cursor.0[at].1 = news.entry.seq;
                let data = news.told(&self.house, (scope, &self.chrome));
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

/// When a stream shows that it is there, unless it has something to say before.
struct Pulse(Instant);

impl Pulse {
    /// Streams that were opened together do not all speak in one moment.
    fn new() -> Self {
        Self(Instant::now() + BEAT.mul_f64(rand::random_range(0.5..1.0)))
    }

    /// Something was said: it is not due again for a while.
    fn rest(&mut self) {
        self.0 = Instant::now() + BEAT;
    }

    /// Returns when it is time.
    async fn due(&self) {
        sleep_until(self.0).await;
    }
}

struct Watcher {
    house: Arc<House>,
    following: Following,
    pulse: Pulse,
    chrome: Chrome,
    changed: watch::Receiver<u64>,
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
        chrome: Chrome::of(&request),
        pulse: Pulse::new(),
        following: house.attendance.follow(observer.0, &house.live.closing()),
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
                () = self.following.over() => return None,
                changed = self.changed.changed() => {
                    changed.ok()?;
                    sleep(CENTRE_PAUSE).await;
                }
                () = self.pulse.due() => {}
            }
        }
        if self.following.is_over() {
            return None;
        }
        self.pulse.rest();
        self.changed.borrow_and_update();
        let scope = &self.following.acting().scope;
        let view = figures(&self.house, scope, &self.chrome).await.ok()?;
        let data = serde_json::to_string(&view).unwrap_or_default();
        Some((Ok(format!("event: totals\ndata: {data}\n\n").into()), self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::area::{Area, Level, Tree};
    use crate::domain::rota::OwnHours;

    /// A district of so many communities.
    fn district(communities: i32) -> Scope {
        let area = |id: i32| Area {
            id: AreaId(id),
            parent: (id > 1).then_some(AreaId(1)),
            level: match id {
                1 => Level::District,
                _ => Level::Community,
            },
            code: id.to_string(),
            name: String::new(),
            name_en: String::new(),
            short_name: String::new(),
            number_prefix: String::new(),
            phone: String::new(),
            hours: OwnHours::default(),
        };
        Scope::of(
            &Tree::new((1..=communities + 1).map(area).collect()),
            AreaId(1),
        )
    }

    #[test]
    fn what_the_house_says_of_a_large_district_is_read_back() {
        let scope = district(3_000);
        let reached = scope.queues().iter().map(|area| (*area, i64::MAX));
        let said = Cursor::of(&scope, &reached.collect()).to_string();
        let read = Cursor::read(&said, &scope).unwrap();
        assert_eq!(read.0.len(), scope.queues().len());
        assert_eq!(read.to_string(), said);
    }

    #[test]
    fn whoever_has_slept_for_long_or_read_what_is_gone_reads_everything_anew() {
        let scope = district(2);
        let reached = |seq| BTreeMap::from([(AreaId(2), seq), (AreaId(3), seq)]);
        let read = Cursor::of(&scope, &reached(10));
        for (reaches, anew) in [
            (10, false),
            (10 + BEHIND_MAX / 2, false),
            (11 + BEHIND_MAX / 2, true),
            (9, true),
        ] {
            assert_eq!(read.starts_anew(&reached(reaches)), anew, "{reaches}");
        }
    }

    #[test]
    fn a_cursor_that_is_longer_than_any_scope_is_none() {
        let said = "1.1,".repeat(10_000);
        assert!(Cursor::read(&said, &district(3)).is_none());
    }
}
