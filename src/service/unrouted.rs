//! Reports in a bin: who refused them and why, and to which community each one probably belongs.

use std::collections::HashMap;

use super::case::reason_of;
use super::{App, Principal};
use crate::domain::area::AreaId;
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::report::ReportId;
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::{Conn, Error, journal};

/// What a person needs to know to send a report from a bin to a community.
#[derive(Clone, Debug, Default)]
pub struct Dispatch {
    /// The community that refused it last.
    pub refused_by: Option<AreaId>,
    /// Why.
    pub reason: Option<String>,
    /// The community that has not refused it and to which it probably belongs.
    pub suggested: Option<AreaId>,
    /// The other communities; those that refused it stand last.
    pub others: Vec<AreaId>,
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
    let communities: Vec<AreaId> = queues.filter(|area| atlas.tree.owns_queue(*area)).collect();
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
    communities: &[AreaId],
) -> Dispatch {
    let refusers = refusers(entries);
    let home = atlas.ground(row.building);
    let home = home.and_then(|ground| atlas.tree.queue_of(ground));
    let earlier = entries.iter().rev().map(|entry| entry.area);
    let suggested = home
        .into_iter()
        .chain(earlier)
        .find(|area| communities.contains(area) && !refusers.contains(area));
    let mut others = communities.to_vec();
    others.retain(|area| Some(*area) != suggested);
    refusers_last(&mut others, &refusers, |area| *area);
    let last = entries.iter().rfind(|entry| entry.event == Event::Refused);
    Dispatch {
        refused_by: last.map(|entry| entry.area),
        reason: last.and_then(|entry| reason_of(app, row.id, entry.detail.as_deref())),
        suggested,
        others,
    }
}

/// The communities that refused the report, in the order of their refusals.
pub fn refusers<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<AreaId> {
    let refused = entries
        .into_iter()
        .filter(|entry| entry.event == Event::Refused);
    refused.map(|entry| entry.area).collect()
}

/// Moves the communities that refused a report behind the others, the latest refusal to the end.
pub fn refusers_last<T>(communities: &mut [T], refusers: &[AreaId], area: impl Fn(&T) -> AreaId) {
    communities.sort_by_key(|one| refusers.iter().rposition(|refuser| *refuser == area(one)));
}
