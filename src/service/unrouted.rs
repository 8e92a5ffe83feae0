//! Reports in a bin: who refused them and why, and to which community each one probably belongs.

use std::collections::HashMap;

use super::case::reason_of;
use super::{App, Principal};
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::{Conn, Error, journal};

/// What a person needs to know to send a report from a bin to a community.
#[derive(Clone, Debug, Default)]
pub struct Dispatch {
    /// The community that refused it last.
    pub refused_by: Option<QueueId>,
    /// Why.
    pub reason: Option<String>,
    /// The community that has not refused it and to which it probably belongs.
    pub suggested: Option<QueueId>,
    /// The other communities; those that refused it stand last.
    pub others: Vec<QueueId>,
}

/// The dispatch of each of these reports that lies in a bin.
pub async fn dispatches(
    app: &App,
    principal: &Principal,
    rows: &[Row],
) -> Result<HashMap<ReportId, Dispatch>, Error> {
    let atlas = app.atlas();
    let in_bin = |row: &&Row| atlas.tree.is_unrouted(row.queue) && row.status.is_open();
    let rows: Vec<Row> = rows.iter().filter(in_bin).cloned().collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<ReportId> = rows.iter().map(|row| row.id).collect();
    let work = move |conn: Conn| async move { journal::of_reports(&conn, &ids).await };
    let mut entries = app.db.read(work).await?;
    let queues = principal.scope.own_queues().iter().copied();
    let communities: Vec<QueueId> = queues
        .filter(|queue| atlas.tree.is_community(*queue))
        .collect();
    let dispatch = |row: Row| {
        let entries = entries.remove(&row.id).unwrap_or_default();
        (row.id, dispatch(app, &atlas, &row, &entries, &communities))
    };
    Ok(rows.into_iter().map(dispatch).collect())
}

/// `entries` are the history of the report, oldest first.
fn dispatch(
    app: &App,
    atlas: &Atlas,
    row: &Row,
    entries: &[Entry],
    communities: &[QueueId],
) -> Dispatch {
    let refusers = refusers(entries);
    let home = atlas.ground(row.building);
    let home = home.and_then(|ground| atlas.tree.queue_of(ground));
    let earlier = entries.iter().rev().map(|entry| entry.queue);
    let suggested = home
        .into_iter()
        .chain(earlier)
        .find(|queue| communities.contains(queue) && !refusers.contains(queue));
    let mut others = communities.to_vec();
    others.retain(|queue| Some(*queue) != suggested);
    refusers_last(&mut others, &refusers, |queue| *queue);
    let last = entries.iter().rfind(|entry| entry.event == Event::Refused);
    Dispatch {
        refused_by: last.map(|entry| entry.queue),
        reason: last.and_then(|entry| reason_of(app, row.id, entry.detail.as_deref())),
        suggested,
        others,
    }
}

/// The communities that refused the report, in the order of their refusals.
pub fn refusers<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<QueueId> {
    let refused = entries
        .into_iter()
        .filter(|entry| entry.event == Event::Refused);
    refused.map(|entry| entry.queue).collect()
}

/// Moves the communities that refused a report behind the others, the latest refusal to the end.
pub fn refusers_last<T>(
    communities: &mut [T],
    refusers: &[QueueId],
    queue: impl Fn(&T) -> QueueId,
) {
    communities.sort_by_key(|one| refusers.iter().rposition(|refuser| *refuser == queue(one)));
}
