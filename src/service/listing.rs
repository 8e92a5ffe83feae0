//! Lists and their counts. What is open is kept in memory by queue, as history tells it; whoever
//! asks first catches up with history, so that an answer lacks nothing that was there before.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::House;
use crate::domain::area::{AreaId, Level};
use crate::domain::docket::{Docket, Seen, Slip};
use crate::domain::escalation::Overdue;
use crate::domain::listing::{Listing, Look, Mark};
use crate::domain::place::BuildingId;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::store::docket::{Changes, since};
use crate::store::report::{Row, among, closed, closed_count};
use crate::store::{Conn, Db, Error, journal};

/// Other reports of one room that are shown at most.
const SAME_ROOM_MAX: usize = 20;
/// Lines of history that are more than keeping up in passing.
const BEHIND_MAX: i64 = 5_000;
/// How often in a row that is put off.
const PUT_OFF_MAX: u32 = 6;

/// What is open in every queue, all as it was at one moment of history.
#[derive(Debug, Default)]
pub struct Dockets {
    /// Whoever catches up does so alone; others need not read the same again.
    turn: Mutex<()>,
    known: RwLock<Known>,
    /// How often in a row it was put off to follow.
    put_off: AtomicU32,
}

/// An overdue report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Late {
    pub(super) id: ReportId,
    pub(super) red: bool,
    pub(super) overdue: Overdue,
}

#[derive(Debug, Default)]
struct Known {
    dockets: HashMap<AreaId, Docket>,
    reached: BTreeMap<AreaId, i64>,
}

/// What somebody sees when they look.
#[derive(Clone, Debug)]
pub struct View {
    /// The reports of the page, in order.
    pub rows: Vec<Row>,
    /// The place after which the list goes on, where there are more.
    pub next: Option<Mark>,
    /// How many reports each view has, in the order of [`Listing::ALL`].
    pub counts: Vec<(Listing, i64)>,
    /// How far the history of each queue reaches that this shows at least.
    pub reached: BTreeMap<AreaId, i64>,
}

impl Dockets {
    /// From its return on, everything is known that had happened when it was called.
    pub async fn follow(&self, db: &Db) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        let known = self.read().reached.clone();
        let work = move |conn: Conn| async move { since(&conn, &known).await };
        let changes = db.run(work).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.learn(changes);
        Ok(())
    }

    /// Everything open, as far as is known.
    pub fn open(&self) -> BTreeMap<ReportId, Slip> {
        let known = self.read();
        let slips = known.dockets.values().flat_map(Docket::slips);
        slips.map(|slip| (slip.id, slip.clone())).collect()
    }

    /// Follows in passing: a flood is left to whoever looks, or to a later time, so that it is not
    /// slowed down by its own lists.
    pub(super) async fn keep_up(&self, db: &Db) -> Result<(), Error> {
        let reached = db.run(|conn: Conn| async move { journal::reached(&conn).await });
        let reached = reached.await?;
        let known = self.read().reached.clone();
        let behind = |(queue, reached): (&AreaId, &i64)| reached - known.get(queue).unwrap_or(&0);
        let behind: i64 = reached.iter().map(behind).sum();
        let patient = self.put_off.load(Ordering::Relaxed) < PUT_OFF_MAX && !known.is_empty();
        if behind > BEHIND_MAX && patient {
            self.put_off.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        self.put_off.store(0, Ordering::Relaxed);
        self.follow(db).await
    }

    /// What is overdue in each queue, as far as is known.
    pub(super) fn overdue(&self, now: DateTime<Utc>) -> BTreeMap<AreaId, Vec<Late>> {
        let mut queues: BTreeMap<AreaId, Vec<Late>> = BTreeMap::new();
        let known = self.read();
        let slips = known.dockets.values().flat_map(Docket::slips);
        for slip in slips {
            let Some(overdue) = slip.overdue().filter(|overdue| overdue.due_at < now) else {
                continue;
            };
            let (id, red) = (slip.id, slip.red);
            let late = Late { id, red, overdue };
            queues.entry(slip.queue).or_default().push(late);
        }
        queues
    }

    /// What is whole at every instant; a panic elsewhere leaves it usable.
    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn learn(&mut self, changes: Changes) {
        for queue in changes.anew {
            self.dockets.remove(&queue);
        }
        for (queue, id) in changes.named {
            if let Some(docket) = self.dockets.get_mut(&queue) {
                docket.remove(id);
            }
        }
        for slip in changes.open {
            self.dockets.entry(slip.queue).or_default().put(slip);
        }
        self.reached.extend(changes.reached);
    }

    /// Everything open within the scope.
    fn within<'a>(&'a self, scope: &Scope, house: &House) -> Vec<&'a Slip> {
        let queues = scope.queues().iter();
        let dockets = queues.filter_map(|queue| self.dockets.get(queue));
        let slips = dockets.flat_map(Docket::slips);
        let Some(grid) = scope.grid() else {
            return slips.collect();
        };
        let atlas = house.atlas();
        let mapped = atlas.buildings().filter(|one| grid.contains(&one.area));
        let mapped: HashSet<BuildingId> = mapped.map(|building| building.id).collect();
        let here = |slip: &&Slip| slip.building.is_some_and(|one| mapped.contains(&one));
        slips.filter(here).collect()
    }
}

/// What somebody sees who looks now: at most `limit` reports, and the counts of every view.
pub async fn view(
    house: &House,
    (scope, look): (&Scope, &Look),
    limit: usize,
) -> Result<View, Error> {
    house.dockets.follow(&house.db).await?;
    let (mut counts, (marks, more), reached) = {
        let known = house.dockets.read();
        let seen = Seen::of(known.within(scope, house), house.rules.duplicate);
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
    let (ended, rows, next) = house.db.run(work).await?;
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
async fn in_order(conn: &Conn, scope: &Scope, marks: &[Mark]) -> Result<Vec<Row>, Error> {
    let ids: Vec<ReportId> = marks.iter().map(|mark| mark.id).collect();
    let rows = among(conn, scope, &ids).await?.into_iter();
    let mut rows: HashMap<ReportId, Row> = rows.map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// Other open reports within the scope of the same room and direction, received not long before
/// or after, the newest first.
pub async fn same_room(house: &House, scope: &Scope, row: &Row) -> Result<Vec<Row>, Error> {
    let Some(room) = row.room() else {
        return Ok(Vec::new());
    };
    house.dockets.follow(&house.db).await?;
    let apart = house.rules.duplicate;
    let mut ids: Vec<ReportId> = {
        let known = house.dockets.read();
        let slips = known.within(scope, house).into_iter();
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
    house.db.run(work).await
}

/// How many open reports of the scope are red, and how many were told to each level.
pub async fn alarms(house: &House, scope: &Scope) -> Result<(i64, Vec<(Level, i64)>), Error> {
    house.dockets.follow(&house.db).await?;
    let known = house.dockets.read();
    let (mut red, mut told) = (0, BTreeMap::new());
    for slip in known.within(scope, house) {
        red += i64::from(slip.red);
        if let Some((level, _)) = slip.escalated {
            *told.entry(level).or_insert(0) += 1;
        }
    }
    Ok((red, told.into_iter().collect()))
}
