//! Lookout: notices what other nodes and the command line wrote, what has become overdue and who has
//! left, and tells whom it concerns. One node and many are one code path.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use crate::service::{App, escalation, places, stream_sessions};
use crate::store::{Conn, Error, cache_version, journal};

/// How often the counters are read.
const EVERY: Duration = Duration::from_millis(200);
/// How often deadlines are looked at; they are told in minutes.
const DEADLINES_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked who still may follow a stream.
const ATTENDANCE_EVERY: Duration = Duration::from_secs(2);

/// Something that is done again and again until the house closes. What fails is said once, not each
/// time.
struct Round {
    app: Arc<App>,
    every: tokio::time::Interval,
    complaint: &'static str,
    failed: bool,
}

impl Round {
    fn of(app: &Arc<App>, every: Duration, complaint: &'static str) -> Self {
        let mut every = interval(every);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            app: Arc::clone(app),
            every,
            complaint,
            failed: false,
        }
    }

    /// Whether it is time for the next one; false where the house closes.
    async fn goes_on(&mut self) -> bool {
        tokio::select! {
            () = self.app.notifier.closing().cancelled_owned() => false,
            _ = self.every.tick() => true,
        }
    }

    /// What came of this one, where it succeeded.
    fn done<T>(&mut self, done: Result<T, Error>) -> Option<T> {
        match done {
            Ok(done) => {
                self.failed = false;
                Some(done)
            }
            Err(error) => {
                if !self.failed {
                    tracing::error!(?error, "{}", self.complaint);
                }
                self.failed = true;
                None
            }
        }
    }
}

/// Looks out until the house closes.
pub async fn run(app: Arc<App>, mut places_seen: i64) {
    let mut round = Round::of(&app, EVERY, "the lookout sees nothing");
    while round.goes_on().await {
        let seen = round.done(look(&app, places_seen).await);
        places_seen = seen.unwrap_or(places_seen);
    }
}

/// Tells the levels above what is overdue, until the house closes.
pub async fn watch(app: Arc<App>) {
    let complaint = "nobody can be told what is overdue";
    let mut round = Round::of(&app, DEADLINES_EVERY, complaint);
    while round.goes_on().await {
        round.done(escalation::tell(&app).await);
    }
}

/// Ends the streams of those who may not follow them any more, until the house closes; all of them
/// where nobody can say in time who may.
pub async fn attend(app: Arc<App>) {
    let mut round = Round::of(
        &app,
        ATTENDANCE_EVERY,
        "nobody knows who may follow a stream",
    );
    let mut known = Instant::now();
    while round.goes_on().await {
        let begun = Instant::now();
        // A look has time of its own even when all is late: it is what ends the lateness.
        let until = (known + stream_sessions::UNKNOWN_MAX).max(begun + ATTENDANCE_EVERY);
        let looked = timeout_at(until, stream_sessions::look(&app)).await;
        if looked.is_ok_and(|looked| round.done(looked).is_some()) {
            known = begun;
        } else if known.elapsed() >= stream_sessions::UNKNOWN_MAX {
            app.stream_sessions.end_all();
        }
    }
}

async fn look(app: &App, places_seen: i64) -> Result<i64, Error> {
    let work = |conn: Conn| async move {
        let reached = journal::reached(&conn).await?;
        Ok::<_, Error>((
            reached,
            cache_version::reached(&conn, cache_version::PLACES).await?,
        ))
    };
    let (reached, places_now) = app.db.read(work).await?;
    for (queue, seq) in reached {
        app.notifier.reached(queue, seq);
    }
    if places_now != places_seen {
        return places::reload(app).await;
    }
    Ok(places_seen)
}
