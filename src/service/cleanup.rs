//! Upkeep: what the house does for itself while nobody asks.

use std::time::Duration;

use chrono::TimeDelta;

use super::App;
use crate::store::{Error, Tx, session, undo};

/// How long a step is remembered past the time in which it can be taken back: the clocks of two
/// nodes differ.
const UNDO_SPARE: TimeDelta = TimeDelta::minutes(1);
/// How often ended sign-ins and old steps are removed.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

/// Works until the house closes.
pub async fn run(app: std::sync::Arc<App>) {
    let closing = app.notifier.closing();
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = sweep.tick() => {}
        }
        if let Err(error) = sweep_ended(&app).await {
            tracing::error!(?error, "what has ended cannot be removed");
        }
    }
}

/// Removes sign-ins that have ended, and steps that nobody can take back any more: who did what is
/// in the history.
pub async fn sweep_ended(app: &App) -> Result<u64, Error> {
    let now = app.clock.now();
    let made = now - app.rules.undo - UNDO_SPARE;
    let work = move |tx: Tx| async move {
        let swept = session::sweep(&tx, now).await? + undo::sweep(&tx, made).await?;
        Ok(swept)
    };
    app.db.write(work).await
}
