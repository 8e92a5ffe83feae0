//! Upkeep: what the house does for itself while nobody asks.

use std::time::Duration;

use super::{House, twins};
use crate::store::{Conn, Error, session};

/// How often ended sessions are removed, and lost duplicates looked for.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

/// Works until the house closes.
pub async fn run(house: std::sync::Arc<House>) {
    let closing = house.live.closing();
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = sweep.tick() => {}
        }
        if let Err(error) = sweep_sessions(&house).await {
            tracing::error!(?error, "ended sessions cannot be removed");
        }
        if let Err(error) = twins::mend(&house).await {
            tracing::error!(
                ?error,
                "duplicates of what needs nobody cannot be set waiting"
            );
        }
    }
}

async fn sweep_sessions(house: &House) -> Result<u64, Error> {
    let now = house.clock.now();
    let work = move |conn: Conn| async move {
        let tx = conn.begin().await?;
        let swept = session::sweep(&tx, now).await?;
        tx.commit().await?;
        Ok(swept)
    };
    house.db.run(work).await
}
