//! Open cases in memory: a projection of the journals. A reader catches up with the journals first,
//! so that its answer contains everything that was committed before.

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

/// Journal entries that are too many to read in passing.
const BEHIND_MAX: i64 = 5_000;
/// How often in a row catching up may be put off.
const PUT_OFF_MAX: u32 = 6;

/// The open cases of every queue, all as of one moment.
#[derive(Debug, Default)]
pub struct CaseProjection {
    /// Lets one reader catch up at a time; holds the number of the last run that succeeded.
    turn: Mutex<u64>,
    /// How many runs have begun.
    begun: AtomicU64,
    known: RwLock<Known>,
    /// How often in a row catching up was put off.
    put_off: AtomicU32,
}

/// An overdue report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Late {
    pub(super) id: ReportId,
    pub(super) urgent: bool,
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
    /// Reads the journals. On return the projection contains everything that was committed when it
    /// was called.
    pub async fn catch_up(&self, db: &Db) -> Result<(), Error> {
        let asked = self.begun.load(Ordering::SeqCst);
        let mut done = self.turn.lock().await;
        if *done > asked {
            // A run that began after this call has ended: concurrent readers share one run.
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

    /// The journal position of each queue.
    pub fn reached(&self) -> BTreeMap<AreaId, i64> {
        self.read().reached.clone()
    }

    /// How many open reports no list contains, because their rows cannot be read.
    pub fn unlisted(&self) -> usize {
        self.read().unlisted.len()
    }

    /// All open cases, without catching up.
    pub fn open(&self) -> BTreeMap<ReportId, OpenCase> {
        let known = self.read();
        let cases = known.open_cases.values().flat_map(OpenCases::cases);
        cases.map(|case| (case.id, case.clone())).collect()
    }

    /// Catches up unless there is much to read; then a reader or a later call does it, so that
    /// intake is not slowed down by its own lists.
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
        self.catch_up(db).await
    }

    /// The overdue cases of each queue, without catching up.
    pub(super) fn overdue(&self, now: DateTime<Utc>) -> BTreeMap<AreaId, Vec<Late>> {
        let mut queues: BTreeMap<AreaId, Vec<Late>> = BTreeMap::new();
        let known = self.read();
        let cases = known.open_cases.values().flat_map(OpenCases::cases);
        for case in cases {
            let Some(overdue) = case.overdue().filter(|overdue| overdue.due_at < now) else {
                continue;
            };
            let (id, urgent) = (case.id, case.urgent);
            let late = Late {
                id,
                urgent,
                overdue,
            };
            queues.entry(case.queue).or_default().push(late);
        }
        queues
    }

    /// The state is consistent at every instant, so a panic elsewhere leaves it usable.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// How many journal entries are unread, and whether any was ever read.
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
            if let Some(cases) = self.open_cases.get_mut(&queue) {
                cases.remove(id);
            }
        }
        for case in changes.open {
            self.open_cases.entry(case.queue).or_default().put(case);
        }
        self.unlisted.extend(changes.unlisted);
        self.reached.extend(changes.reached);
        self.warm = true;
    }

    /// The open cases within the scope.
    pub(super) fn within<'a>(&'a self, scope: &Scope, atlas: &Atlas) -> Vec<&'a OpenCase> {
        let queues = scope.queues().iter();
        let open_cases = queues.filter_map(|queue| self.open_cases.get(queue));
        let cases = open_cases.flat_map(OpenCases::cases);
        let Some(grid) = scope.grid() else {
            return cases.collect();
        };
        let mapped = atlas.buildings().filter(|one| grid.contains(&one.area));
        let mapped: HashSet<BuildingId> = mapped.map(|building| building.id).collect();
        let here = |case: &&OpenCase| case.building.is_some_and(|one| mapped.contains(&one));
        cases.filter(here).collect()
    }
}
