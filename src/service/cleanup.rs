//! Cleanup: rows that have ended are removed.

use chrono::TimeDelta;

use super::App;
use crate::store::{Error, Tx, session, undo};

/// How long a step is remembered past the time in which it can be undone: the clocks of two nodes
/// differ.
const UNDO_SPARE: TimeDelta = TimeDelta::minutes(1);

/// Removes sign-ins that have ended, and steps that can no longer be undone; the journal keeps who
/// did what. Returns how many rows it removed.
pub async fn sweep_ended(app: &App) -> Result<u64, Error> {
    let now = app.clock.now();
    let made = now - app.rules.undo - UNDO_SPARE;
    let work = move |tx: Tx| async move {
        let swept = session::sweep(&tx, now).await? + undo::sweep(&tx, made).await?;
        Ok(swept)
    };
    app.db.write(work).await
}
