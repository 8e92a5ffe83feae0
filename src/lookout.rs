//! Lookout: notices what other nodes and the command line wrote, and tells this house. One node
//! and many are one code path.

use std::sync::Arc;
use std::time::Duration;

use crate::service::{House, places};
use crate::store::{Conn, Error, generation, journal};

/// How often the counters are read.
const EVERY: Duration = Duration::from_millis(200);

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
