//! Lists and their counts: open cases from memory, closed ones from the database.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::App;
use crate::domain::listing::{ListQuery, Listing, PageCursor};
use crate::domain::open_cases::Page;
pub use crate::domain::open_cases::{Alarms, Fold};
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::store::report::{Row, among, closed, closed_count};
use crate::store::{Conn, Error};

/// Other reports of one room that are shown at most.
const SAME_ROOM_MAX: usize = 20;

/// One page of a list, and the counts of all views.
#[derive(Clone, Debug)]
pub struct View {
    /// The reports of the page, in order.
    pub rows: Vec<Row>,
    /// What each row stands for that is the first of many of its telephone.
    pub folds: HashMap<ReportId, Fold>,
    /// Where the next page begins; none on the last page.
    pub next: Option<PageCursor>,
    /// How many reports each view has, in the order of [`Listing::ALL`].
    pub counts: Vec<(Listing, i64)>,
    /// The journal position of each queue that the page contains at least.
    pub reached: BTreeMap<QueueId, i64>,
}

/// The page that the query asks for, with at most `limit` reports, and the counts of every view.
pub async fn view(
    app: &App,
    scope: &Scope,
    query: &ListQuery,
    limit: usize,
) -> Result<View, Error> {
    let atlas = app.atlas();
    app.open_cases.catch_up(&app.db).await?;
    let (page, reached) = {
        let known = app.open_cases.read();
        let page = known.within(scope, &atlas).page(query, limit);
        (page, known.reached.clone())
    };
    let Page {
        mut counts,
        cursors,
        folds,
        more,
    } = page;
    let (within, query) = (scope.clone(), query.clone());
    let work = move |conn: Conn| async move {
        let ended = closed_count(&conn, &within, &query).await?;
        let (mut cursors, mut more) = (cursors, more);
        if query.listing == Listing::ClosedToday && limit > 0 {
            cursors = closed(&conn, &within, &query, limit as u64 + 1).await?;
            more = cursors.len() > limit;
            cursors.truncate(limit);
        }
        let ids: Vec<ReportId> = cursors.iter().map(|cursor| cursor.id).collect();
        let rows = in_order(&conn, &within, &ids).await?;
        let next = cursors.last().copied().filter(|_| more);
        Ok::<_, Error>((ended, rows, next))
    };
    let (ended, rows, next) = app.db.read(work).await?;
    counts.insert(Listing::ClosedToday, ended);
    let count = |listing| (listing, counts.get(&listing).copied().unwrap_or_default());
    Ok(View {
        rows,
        folds,
        next,
        counts: Listing::ALL.map(count).into(),
        reached,
    })
}

/// The reports with these ids as they are now, in this order, without those that have left the scope.
pub(super) async fn in_order(
    conn: &Conn,
    scope: &Scope,
    ids: &[ReportId],
) -> Result<Vec<Row>, Error> {
    let rows = among(conn, scope, ids).await?.into_iter();
    let mut rows: HashMap<ReportId, Row> = rows.map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// Other open reports of the same room and direction within the scope, received not long before or
/// after this one, the newest first.
pub async fn same_room(app: &App, scope: &Scope, row: &Row) -> Result<Vec<Row>, Error> {
    let Some(room) = row.room() else {
        return Ok(Vec::new());
    };
    let atlas = app.atlas();
    app.open_cases.catch_up(&app.db).await?;
    let mut ids = {
        let known = app.open_cases.read();
        let seen = known.within(scope, &atlas);
        seen.of_room(room, row.received_at)
    };
    ids.retain(|id| *id != row.id);
    // Numbers are in the order of time.
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.truncate(SAME_ROOM_MAX);
    let scope = scope.clone();
    let work = move |conn: Conn| async move {
        let mut rows = among(&conn, &scope, &ids).await?;
        rows.sort_unstable_by_key(|row| Reverse(row.id));
        Ok(rows)
    };
    app.db.read(work).await
}

/// Counts of open reports within the scope that need attention.
pub async fn alarms(app: &App, scope: &Scope) -> Result<Alarms, Error> {
    let atlas = app.atlas();
    app.open_cases.catch_up(&app.db).await?;
    let known = app.open_cases.read();
    let seen = known.within(scope, &atlas);
    Ok(seen.alarms(|queue| atlas.tree.is_unrouted(queue)))
}
