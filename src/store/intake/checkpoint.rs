//! Folds the write-ahead log back into the file while reports come in, so that no commit has to. A
//! commit that does writes thousands of pages, and its residents wait for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::time::sleep;

use super::sqlite::Connection;
use crate::store::{Db, Error};

/// Pages of the log from which on it is folded back: 4 MiB.
const PAGES_MIN: i32 = 1_000;
/// Pages of the log from which on the writers wait, so that the log can begin again: 16 MiB. A flush
/// of what makes the file longer costs more than one of what overwrites it.
const PAGES_MAX: i32 = 4_000;
/// The pause between two looks while reports come in.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks for a look at the log after each commit.
#[derive(Debug)]
pub(super) struct Checkpointer(mpsc::Sender<()>);

struct Folding {
    connection: Connection,
    turn: Arc<Mutex<()>>,
}

impl Checkpointer {
    /// Starts the thread that folds. It ends when this is dropped.
    pub(super) fn start(db: &Db, connection: Connection, turn: Arc<Mutex<()>>) -> Self {
        let (ask, mut asked) = mpsc::channel(1);
        let mut folding = Folding { connection, turn };
        db.spawn_thread(|| async move {
            while asked.recv().await.is_some() {
                if let Err(error) = folding.fold().await {
                    // The log grows on, and loses nothing.
                    tracing::warn!(%error, "the write-ahead log cannot be folded back");
                    folding.connection.close();
                }
                sleep(PAUSE).await;
            }
        });
        Self(ask)
    }

    /// There was a commit.
    pub(super) fn committed(&self) {
        // One look is enough for all commits before it.
        let _ = self.0.try_send(());
    }
}

impl Folding {
    /// Folds back what is in the log. Writers go on meanwhile, unless the log is long: then they wait
    /// until nothing is left in it, and the next one begins it again.
    async fn fold(&mut self) -> Result<(), Error> {
        let connection = self.connection.opened()?;
        let pages = checkpoint(connection, "NOOP")?;
        metrics::gauge!("mashang_wal_pages").set(f64::from(pages));
        if pages < PAGES_MIN {
            return Ok(());
        }
        checkpoint(connection, "PASSIVE")?;
        if pages > PAGES_MAX {
            // What came in meanwhile, so that the writers wait for little.
            checkpoint(connection, "PASSIVE")?;
            let _turn = self.turn.lock().await;
            checkpoint(connection, "PASSIVE")?;
        }
        Ok(())
    }
}

/// Runs a checkpoint of this mode (<https://sqlite.org/pragma.html#pragma_wal_checkpoint>). Returns the
/// pages of the log.
fn checkpoint(connection: &rusqlite::Connection, mode: &str) -> Result<i32, Error> {
    let statement = format!("PRAGMA wal_checkpoint({mode})");
    let mut statement = connection.prepare_cached(&statement)?;
    Ok(statement.query_row([], |row| row.get("log"))?)
}
