//! Announcements between nodes: each says when it has written, and polls when another one says so.
//! Where they fail, the poller's interval remains.

use anyhow::Result;

use super::App;
use super::background::Until;
use crate::store::announcement::{self, Listener};
use crate::store::{Conn, Error};

/// Hears other nodes until the server closes or the connection is lost.
pub async fn hear(app: &App) -> Result<Until> {
    let closing = app.notifier.closing();
    let Some(mut listener) = Listener::open(&app.db, app.instance).await? else {
        return Ok(Until::Never);
    };
    // What was announced before is found by this poll.
    app.notifier.wrote_elsewhere();
    loop {
        tokio::select! {
            () = closing.cancelled() => return Ok(Until::Never),
            heard = listener.next() => heard?,
        }
        app.notifier.wrote_elsewhere();
    }
}

/// Announces what this node writes, until the server closes. What is written during an announcement
/// shares the next one.
pub async fn announce(app: &App) -> Result<Until> {
    if !app.db.has_announcements() {
        return Ok(Until::Never);
    }
    let closing = app.notifier.closing();
    let mut own = app.notifier.own();
    loop {
        tokio::select! {
            () = closing.cancelled() => return Ok(Until::Never),
            _ = own.changed() => {}
        }
        let node = app.instance;
        let work = move |conn: Conn| async move { announcement::announce(&conn, node).await };
        app.db.read::<_, Error, _, _>(work).await?;
    }
}
