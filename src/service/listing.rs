//! Lists and their counts: open cases from memory, closed ones from the database.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::App;
use crate::domain::area::{AreaId, Level};
use crate::domain::listing::{ListQuery, Listing, PageCursor};
use crate::domain::open_cases::VisibleCases;
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
    /// Where the next page begins; none on the last page.
    pub next: Option<PageCursor>,
    /// How many reports each view has, in the order of [`Listing::ALL`].
    pub counts: Vec<(Listing, i64)>,
    /// The journal position of each queue that the page contains at least.
    pub reached: BTreeMap<AreaId, i64>,
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
    let (mut counts, (cursors, more), reached) = {
        let known = app.open_cases.read();
        let seen = VisibleCases::of(known.within(scope, &atlas), app.rules.duplicate);
        (
            seen.counts(query),
            seen.page(query, limit),
            known.reached.clone(),
        )
    };
    let (within, query) = (scope.clone(), query.clone());
    let work = move |conn: Conn| async move {
        let ended = closed_count(&conn, &within, &query).await?;
        if query.listing != Listing::ClosedToday || limit == 0 {
            let rows = in_order(&conn, &within, &cursors).await?;
            return Ok::<_, Error>((ended, rows, cursors.last().copied().filter(|_| more)));
        }
        let mut cursors = closed(&conn, &within, &query, limit as u64 + 1).await?;
        let more = cursors.len() > limit;
        cursors.truncate(limit);
        let rows = in_order(&conn, &within, &cursors).await?;
        Ok((ended, rows, cursors.last().copied().filter(|_| more)))
    };
    let (ended, rows, next) = app.db.read(work).await?;
    counts.insert(Listing::ClosedToday, ended);
    let count = |listing| (listing, counts.get(&listing).copied().unwrap_or_default());
    Ok(View {
        rows,
        next,
        counts: Listing::ALL.map(count).into(),
        reached,
    })
}

/// The reports at these cursors as they are now, without those that have left the scope.
async fn in_order(conn: &Conn, scope: &Scope, cursors: &[PageCursor]) -> Result<Vec<Row>, Error> {
    let ids: Vec<ReportId> = cursors.iter().map(|cursor| cursor.id).collect();
    let rows = among(conn, scope, &ids).await?.into_iter();
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
    let apart = app.rules.duplicate;
    let mut ids: Vec<ReportId> = {
        let known = app.open_cases.read();
        let cases = known.within(scope, &atlas).into_iter();
        let same = cases.filter(|case| {
            case.room == Some(room)
                && case.id != row.id
                && (case.received_at - row.received_at).abs() <= apart
        });
        same.map(|case| case.id).collect()
    };
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

/// Counts of open reports that need attention, whenever they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Reports without a community.
    pub unrouted: i64,
    /// Urgent reports.
    pub red: i64,
    /// Escalated reports, by the highest level that they have reached.
    pub escalated: BTreeMap<Level, i64>,
}

/// Counts of open reports within the scope that need attention.
pub async fn alarms(app: &App, scope: &Scope) -> Result<Alarms, Error> {
    let atlas = app.atlas();
    app.open_cases.catch_up(&app.db).await?;
    let known = app.open_cases.read();
    let mut alarms = Alarms::default();
    for case in known.within(scope, &atlas) {
        alarms.unrouted += i64::from(atlas.tree.is_unrouted(case.queue));
        alarms.red += i64::from(case.urgent);
        if let Some((level, _)) = case.escalated {
            *alarms.escalated.entry(level).or_default() += 1;
        }
    }
    Ok(alarms)
}
