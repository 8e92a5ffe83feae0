//! The poller: tells this node what other nodes and the command line wrote.

use super::{App, places};
use crate::store::{Conn, Error, cache_version, journal};

/// Reads how far each journal reaches and which places are current, and announces what is new.
pub async fn poll(app: &App) -> Result<(), Error> {
    let work = |conn: Conn| async move {
        let reached = journal::reached(&conn).await?;
        let places = cache_version::reached(&conn, cache_version::PLACES).await?;
        Ok::<_, Error>((reached, places))
    };
    let (reached, places) = app.db.read(work).await?;
    for (queue, seq) in reached {
        app.notifier.reached(queue, seq);
    }
    if places != app.atlas().cache_version {
        places::reload(app).await?;
    }
    Ok(())
}
