//! Open cases in memory: a projection of the journals. A reader catches up with the journals first,
//! so that its answer contains everything that was committed before.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::domain::open_cases::{Late, OpenCase, OpenCases, Sight, VisibleCases};
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::store::open_case::{self, Before, Changes, News, Whole};
use crate::store::{Conn, Db, Error, journal};

/// Journal entries that are too many to read in passing.
const BEHIND_MAX: i64 = 5_000;
/// How often in a row catching up may be put off.
const PUT_OFF_MAX: u32 = 6;

/// The open cases of every queue, all as of one moment.
#[derive(Debug)]
pub struct CaseProjection {
    /// Two reports of one room are probable duplicates where they were received no further apart.
    window: TimeDelta,
    /// Lets one reader catch up at a time; holds the number of the last run that succeeded.
    turn: Mutex<u64>,
    /// How many runs have begun.
    begun: AtomicU64,
    known: RwLock<Known>,
    /// How often in a row catching up was put off.
    put_off: AtomicU32,
}

/// All of it at one moment.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Whether anything was ever read.
    warm: bool,
    cases: OpenCases,
    pub(super) reached: BTreeMap<QueueId, i64>,
    unlisted: HashSet<ReportId>,
}

impl CaseProjection {
    /// Nothing is known yet. Two reports of one room are probable duplicates where they were received
    /// no further apart than `window`.
    pub fn new(window: TimeDelta) -> Self {
        Self {
            window,
            turn: Mutex::default(),
            begun: AtomicU64::default(),
            known: RwLock::default(),
            put_off: AtomicU32::default(),
        }
    }

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
        match open_case::news(db, self.before(), self.window).await? {
            News::Changes(changes) => self.write().learn(changes),
            News::Whole(whole) => {
                // What was known before is given back after the lock, for which readers wait.
                let before = std::mem::replace(&mut *self.write(), Known::of(*whole));
                drop(before);
            }
        }
        *done = this;
        Ok(())
    }

    /// What is known; none where nothing was ever read.
    fn before(&self) -> Option<Before> {
        let known = self.read();
        known.warm.then(|| Before {
            reached: known.reached.clone(),
            open: known.cases.len(),
        })
    }

    /// The journal position of each queue.
    pub fn reached(&self) -> BTreeMap<QueueId, i64> {
        self.read().reached.clone()
    }

    /// How many open reports no list contains, because their rows cannot be read.
    pub fn unlisted(&self) -> usize {
        self.read().unlisted.len()
    }

    /// All open cases, without catching up.
    pub fn open(&self) -> BTreeMap<ReportId, OpenCase> {
        let known = self.read();
        known.cases.cases().map(|case| (case.id, case)).collect()
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
    pub(super) fn overdue(&self, now: DateTime<Utc>) -> BTreeMap<QueueId, Vec<Late>> {
        self.read().cases.overdue(now).collect()
    }

    /// The state is consistent at every instant, so a panic elsewhere leaves it usable.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// How many journal entries are unread, and whether any was ever read.
    fn behind(&self, reached: &BTreeMap<QueueId, i64>) -> (i64, bool) {
        let known = |queue| self.reached.get(queue).copied().unwrap_or_default();
        let behind = reached
            .iter()
            .map(|(queue, reached)| reached - known(queue));
        (behind.sum(), self.warm)
    }

    fn of(whole: Whole) -> Self {
        Self {
            warm: true,
            cases: whole.cases,
            reached: whole.reached,
            unlisted: whole.unlisted,
        }
    }

    fn learn(&mut self, changes: Changes) {
        for (queue, id) in changes.named {
            self.unlisted.remove(&id);
            if self.cases.queue_of(id) == Some(queue) {
                self.cases.remove(id);
            }
        }
        for case in &changes.open {
            self.cases.put(case);
        }
        self.unlisted.extend(changes.unlisted);
        self.reached = changes.reached;
    }

    /// The open cases within the scope.
    pub(super) fn within<'a>(&'a self, scope: &'a Scope, atlas: &Atlas) -> VisibleCases<'a> {
        let ground = scope.grid().map(|grid| {
            let mapped = atlas.buildings().filter(|one| grid.contains(&one.area));
            mapped.map(|building| building.id).collect()
        });
        let sight = Sight {
            queues: scope.queues(),
            ground,
        };
        VisibleCases::of(&self.cases, sight)
    }
}
