//! Dockets in memory: what is open in every queue, as history tells it. Whoever asks first catches
//! up with history, so that an answer lacks nothing that was there before.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use crate::domain::area::AreaId;
use crate::domain::escalation::Overdue;
use crate::domain::open_cases::{OpenCase, OpenCases};
use crate::domain::place::{Atlas, BuildingId};
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::store::open_case::{Changes, since};
use crate::store::{Conn, Db, Error, Snapshot, journal};

/// Lines of history that are more than keeping up in passing.
const BEHIND_MAX: i64 = 5_000;
/// How often in a row that is put off.
const PUT_OFF_MAX: u32 = 6;

/// What is open in every queue, all as it was at one moment of history.
#[derive(Debug, Default)]
pub struct CaseProjection {
    /// Whoever catches up does so alone; says which time of doing so was the last to succeed.
    turn: Mutex<u64>,
    /// How often somebody began to catch up.
    begun: AtomicU64,
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

/// All of it at one moment.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Whether anything was ever read.
    warm: bool,
    open_cases: HashMap<AreaId, OpenCases>,
    pub(super) reached: BTreeMap<AreaId, i64>,
    unlisted: HashSet<ReportId>,
}

impl CaseProjection {
    /// From its return on, everything is known that had happened when it was called.
    pub async fn follow(&self, db: &Db) -> Result<(), Error> {
        let asked = self.begun.load(Ordering::SeqCst);
        let mut done = self.turn.lock().await;
        if *done > asked {
            // Somebody began after this call and has come back: a crowd shares one look.
            return Ok(());
        }
        let this = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let known = self.read().reached.clone();
        let work = move |on: Snapshot| async move { since(&on, &known).await };
        let changes = db.snapshot(work).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.learn(changes);
        *done = this;
        Ok(())
    }

    /// How far history is known.
    pub fn reached(&self) -> BTreeMap<AreaId, i64> {
        self.read().reached.clone()
    }

    /// How many open reports no list has, because they are in words that nobody here knows.
    pub fn unlisted(&self) -> usize {
        self.read().unlisted.len()
    }

    /// Everything open, as far as is known.
    pub fn open(&self) -> BTreeMap<ReportId, OpenCase> {
        let known = self.read();
        let slips = known.open_cases.values().flat_map(OpenCases::cases);
        slips.map(|slip| (slip.id, slip.clone())).collect()
    }

    /// Follows in passing: a flood is left to whoever looks, or to a later time, so that it is not
    /// slowed down by its own lists.
    pub(super) async fn catch_up_lazily(&self, db: &Db) -> Result<(), Error> {
        let reached = db.read(|conn: Conn| async move { journal::reached(&conn).await });
        let reached = reached.await?;
        let (behind, warm) = self.read().behind(&reached);
        let patient = warm && self.put_off.load(Ordering::Relaxed) < PUT_OFF_MAX;
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
        let slips = known.open_cases.values().flat_map(OpenCases::cases);
        for slip in slips {
            let Some(overdue) = slip.overdue().filter(|overdue| overdue.due_at < now) else {
                continue;
            };
            let (id, red) = (slip.id, slip.urgent);
            let late = Late { id, red, overdue };
            queues.entry(slip.queue).or_default().push(late);
        }
        queues
    }

    /// What is whole at every instant; a panic elsewhere leaves it usable.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// How many lines of history are not known yet, and whether any was ever read.
    fn behind(&self, reached: &BTreeMap<AreaId, i64>) -> (i64, bool) {
        let known = |queue| self.reached.get(queue).copied().unwrap_or_default();
        let behind = reached
            .iter()
            .map(|(queue, reached)| reached - known(queue));
        (behind.sum(), self.warm)
    }

    fn learn(&mut self, changes: Changes) {
        for queue in changes.reloaded {
            self.open_cases.remove(&queue);
        }
        for (queue, id) in changes.named {
            self.unlisted.remove(&id);
            if let Some(docket) = self.open_cases.get_mut(&queue) {
                docket.remove(id);
            }
        }
        for slip in changes.open {
            self.open_cases.entry(slip.queue).or_default().put(slip);
        }
        self.unlisted.extend(changes.unlisted);
        self.reached.extend(changes.reached);
        self.warm = true;
    }

    /// Everything open within the scope.
    pub(super) fn within<'a>(&'a self, scope: &Scope, atlas: &Atlas) -> Vec<&'a OpenCase> {
        let queues = scope.queues().iter();
        let open_cases = queues.filter_map(|queue| self.open_cases.get(queue));
        let slips = open_cases.flat_map(OpenCases::cases);
        let Some(grid) = scope.grid() else {
            return slips.collect();
        };
        let mapped = atlas.buildings().filter(|one| grid.contains(&one.area));
        let mapped: HashSet<BuildingId> = mapped.map(|building| building.id).collect();
        let here = |slip: &&OpenCase| slip.building.is_some_and(|one| mapped.contains(&one));
        slips.filter(here).collect()
    }
}
