//! Lookout: notices what other nodes and the command line wrote, what has become overdue and who has
//! left, and tells whom it concerns. One node and many are one code path.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use crate::service::{House, attendance, escalation, places};
use crate::store::{Conn, Error, generation, journal};

/// How often the counters are read.
const EVERY: Duration = Duration::from_millis(200);
/// How often deadlines are looked at; they are told in minutes.
const DEADLINES_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked who still may follow a stream.
const ATTENDANCE_EVERY: Duration = Duration::from_secs(2);

/// Something that is done again and again until the house closes. What fails is said once, not each
/// time.
struct Round {
    house: Arc<House>,
    every: tokio::time::Interval,
    complaint: &'static str,
    failed: bool,
}

impl Round {
    fn of(house: &Arc<House>, every: Duration, complaint: &'static str) -> Self {
        let mut every = interval(every);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            house: Arc::clone(house),
            every,
            complaint,
            failed: false,
        }
    }

    /// Whether it is time for the next one; false where the house closes.
    async fn goes_on(&mut self) -> bool {
        tokio::select! {
            () = self.house.live.closing().cancelled_owned() => false,
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
pub async fn run(house: Arc<House>, mut places_seen: i64) {
    let mut round = Round::of(&house, EVERY, "the lookout sees nothing");
    while round.goes_on().await {
        let seen = round.done(look(&house, places_seen).await);
        places_seen = seen.unwrap_or(places_seen);
    }
}

/// Tells the levels above what is overdue, until the house closes.
pub async fn watch(house: Arc<House>) {
    let complaint = "nobody can be told what is overdue";
    let mut round = Round::of(&house, DEADLINES_EVERY, complaint);
    while round.goes_on().await {
        round.done(escalation::tell(&house).await);
    }
}

/// Ends the streams of those who may not follow them any more, until the house closes; all of them
/// where nobody can say in time who may.
pub async fn attend(house: Arc<House>) {
    let mut round = Round::of(
        &house,
        ATTENDANCE_EVERY,
        "nobody knows who may follow a stream",
    );
    let mut known = Instant::now();
    while round.goes_on().await {
        let begun = Instant::now();
        // A look has time of its own even when all is late: it is what ends the lateness.
        let until = (known + attendance::UNKNOWN_MAX).max(begun + ATTENDANCE_EVERY);
        let looked = timeout_at(until, attendance::look(&house)).await;
        if looked.is_ok_and(|looked| round.done(looked).is_some()) {
            known = begun;
        } else if known.elapsed() >= attendance::UNKNOWN_MAX {
            house.attendance.end_all();
        }
    }
}

async fn look(house: &House, places_seen: i64) -> Result<i64, Error> {
    let work = |conn: Conn| async move {
        let reached = journal::reached(&conn).await?;
        Ok::<_, Error>((
            reached,
            generation::reached(&conn, generation::PLACES).await?,
        ))
    };
    let (reached, places_now) = house.db.run(work).await?;
    for (queue, seq) in reached {
        house.live.reached(queue, seq);
    }
    if places_now != places_seen {
        return places::reload(house).await;
    }
    Ok(places_seen)
}
