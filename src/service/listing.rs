//! Lists and their counts: what is open from the dockets, what has ended from the database.

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

/// What somebody sees when they look.
#[derive(Clone, Debug)]
pub struct View {
    /// The reports of the page, in order.
    pub rows: Vec<Row>,
    /// The place after which the list goes on, where there are more.
    pub next: Option<PageCursor>,
    /// How many reports each view has, in the order of [`Listing::ALL`].
    pub counts: Vec<(Listing, i64)>,
    /// How far the history of each queue reaches that this shows at least.
    pub reached: BTreeMap<AreaId, i64>,
}

/// What somebody sees who looks now: at most `limit` reports, and the counts of every view.
pub async fn view(
    app: &App,
    (scope, look): (&Scope, &ListQuery),
    limit: usize,
) -> Result<View, Error> {
    let atlas = app.atlas();
    app.open_cases.follow(&app.db).await?;
    let (mut counts, (marks, more), reached) = {
        let known = app.open_cases.read();
        let seen = VisibleCases::of(known.within(scope, &atlas), app.rules.duplicate);
        (
            seen.counts(look),
            seen.page(look, limit),
            known.reached.clone(),
        )
    };
    let (within, wish) = (scope.clone(), look.clone());
    let work = move |conn: Conn| async move {
        let ended = closed_count(&conn, &within, &wish).await?;
        if wish.listing != Listing::ClosedToday || limit == 0 {
            let rows = in_order(&conn, &within, &marks).await?;
            return Ok::<_, Error>((ended, rows, marks.last().copied().filter(|_| more)));
        }
        let mut marks = closed(&conn, &within, &wish, limit as u64 + 1).await?;
        let more = marks.len() > limit;
        marks.truncate(limit);
        let rows = in_order(&conn, &within, &marks).await?;
        Ok((ended, rows, marks.last().copied().filter(|_| more)))
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

/// The reports at these places as they are now; without those that have left the scope.
async fn in_order(conn: &Conn, scope: &Scope, marks: &[PageCursor]) -> Result<Vec<Row>, Error> {
    let ids: Vec<ReportId> = marks.iter().map(|mark| mark.id).collect();
    let rows = among(conn, scope, &ids).await?.into_iter();
    let mut rows: HashMap<ReportId, Row> = rows.map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// Other open reports within the scope of the same room and direction, received not long before
/// or after, the newest first.
pub async fn same_room(app: &App, scope: &Scope, row: &Row) -> Result<Vec<Row>, Error> {
    let Some(room) = row.room() else {
        return Ok(Vec::new());
    };
    let atlas = app.atlas();
    app.open_cases.follow(&app.db).await?;
    let apart = app.rules.duplicate;
    let mut ids: Vec<ReportId> = {
        let known = app.open_cases.read();
        let slips = known.within(scope, &atlas).into_iter();
        let same = slips.filter(|slip| {
            slip.room == Some(room)
                && slip.id != row.id
                && (slip.received_at - row.received_at).abs() <= apart
        });
        same.map(|slip| slip.id).collect()
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

/// What of everything open rings, whenever it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Reports without a community: somebody has to find them one.
    pub unrouted: i64,
    /// Reports that are red.
    pub red: i64,
    /// Overdue reports that were told to a level, by the highest one.
    pub told: BTreeMap<Level, i64>,
}

/// What of everything open within the scope rings.
pub async fn alarms(app: &App, scope: &Scope) -> Result<Alarms, Error> {
    let atlas = app.atlas();
    app.open_cases.follow(&app.db).await?;
    let known = app.open_cases.read();
    let mut alarms = Alarms::default();
    for slip in known.within(scope, &atlas) {
        alarms.unrouted += i64::from(atlas.tree.is_unrouted(slip.queue));
        alarms.red += i64::from(slip.urgent);
        if let Some((level, _)) = slip.escalated {
            *alarms.told.entry(level).or_default() += 1;
        }
    }
    Ok(alarms)
}
