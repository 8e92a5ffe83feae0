//! Lookout: notices what other nodes and the command line wrote, and what has become overdue, and
//! tells whom it concerns. One node and many are one code path.

use std::sync::Arc;
use std::time::Duration;

use crate::service::{House, escalation, places};
use crate::store::{Conn, Error, generation, journal};

/// How often the counters are read.
const EVERY: Duration = Duration::from_millis(200);
/// How often deadlines are looked at; they are told in minutes.
const DEADLINES_EVERY: Duration = Duration::from_secs(5);

/// Looks out until the house closes.
pub async fn run(house: Arc<House>, mut places_seen: i64) {
    let mut closing = house.live.closing();
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut blind = false;
    loop {
        tokio::select! {
            _ = closing.wait_for(|closed| *closed) => return,
            _ = every.tick() => {}
        }
        match look(&house, places_seen).await {
            Ok(seen) => (places_seen, blind) = (seen, false),
            // Said once, not five times a second.
            Err(error) if !blind => {
                tracing::error!(?error, "the lookout sees nothing");
                blind = true;
            }
            Err(_) => {}
        }
    }
}

/// Tells the levels above what is overdue, until the house closes.
pub async fn watch(house: Arc<House>) {
    let mut closing = house.live.closing();
    let mut every = tokio::time::interval(DEADLINES_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failed = false;
    loop {
        tokio::select! {
            _ = closing.wait_for(|closed| *closed) => return,
            _ = every.tick() => {}
        }
        match escalation::tell(&house).await {
            Ok(_) => failed = false,
            Err(error) if !failed => {
                tracing::error!(?error, "nobody can be told what is overdue");
                failed = true;
            }
            Err(_) => {}
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
