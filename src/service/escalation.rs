//! Escalation: an overdue report is escalated one level up, once, on any number of nodes and
//! across restarts. In quiet hours only urgent reports are escalated.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, chain};
use crate::domain::area::Level;
use crate::domain::escalation::{Overdue, ladder};
use crate::domain::journal::Event;
use crate::domain::open_cases::Late;
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::rota::Rota;
use crate::domain::staff::Scope;
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::{Error, Tx, escalation, journal, report};

/// Reports of one queue that are escalated in one transaction; the next run escalates the others.
const REPORTS_MAX: usize = 200;

/// The time of this run, the time that an ordinary report has before the first level, and the time
/// that a level has before the next one.
#[derive(Clone, Copy, Debug)]
struct Moment {
    now: DateTime<Utc>,
    grace: TimeDelta,
    wait: TimeDelta,
}

/// Escalates all overdue reports; returns how many journal entries that made. The first node that
/// starts escalates what came due while no node ran.
pub async fn escalate(app: &Arc<App>) -> Result<usize, Error> {
    let at = Moment {
        now: app.clock.now(),
        grace: app.rules.escalate_grace,
        wait: app.rules.escalate_after,
    };
    app.open_cases.catch_up_lazily(&app.db).await?;
    let (mut escalated, mut failed) = (0, None);
    for (queue, late) in app.open_cases.overdue(at.now) {
        let Some(watch) = Watch::of(app, queue, at) else {
            continue;
        };
        let ids = watch.to_tell(late);
        if ids.is_empty() {
            continue;
        }
        match escalate_batch(watch, ids).await {
            Ok(more) => escalated += more,
            // A queue that cannot be written does not stop the other queues.
            Err(error) => failed = Some(error),
        }
    }
    if escalated > 0 {
        // The own entries must not count as a backlog that may wait.
        app.open_cases.catch_up(&app.db).await?;
    }
    failed.map_or(Ok(escalated), Err)
}

/// Escalates those of these reports that are still due once the journal head is locked: another
/// node may have been faster, or staff have just called.
async fn escalate_batch(watch: Watch, ids: Vec<ReportId>) -> Result<usize, Error> {
    let (app, at) = (Arc::clone(&watch.app), watch.at);
    let keys = Arc::clone(&app.keys);
    let work = move |tx: Tx| async move {
        let queue = watch.queue;
        journal::hold(&tx, [queue]).await?;
        let mut rows = report::among(&tx, &watch.scope, &ids).await?;
        rows.retain(|row| row.queue == queue);
        let mut entries = Vec::new();
        for (level, reports) in watch.steps(&rows) {
            let ids: Vec<ReportId> = reports.iter().map(|row| row.id).collect();
            escalation::mark(&tx, &ids, level, at.now).await?;
            entries.extend(reports.into_iter().map(|row| entry(row, level, at)));
        }
        let count = entries.len();
        if count == 0 {
            return Ok((0, BTreeMap::new()));
        }
        let heads = chain::append(&tx, &keys, entries).await?;
        Ok::<_, Error>((count, heads))
    };
    let (count, heads) = app.db.write(work).await?;
    app.notifier.wrote(heads);
    Ok(count)
}

fn entry(row: &Row, level: Level, at: Moment) -> Entry {
    Entry {
        queue: row.queue,
        seq: 0,
        report: row.id,
        event: Event::Escalated,
        version: row.version,
        at: at.now,
        actor: None,
        detail: Some(level.code().to_owned()),
    }
}

/// What decides the escalation in one queue.
struct Watch {
    app: Arc<App>,
    atlas: Arc<Atlas>,
    queue: QueueId,
    scope: Scope,
    /// The levels above the queue, nearest first.
    ladder: Vec<Level>,
    at: Moment,
}

impl Watch {
    /// None for a queue without an area.
    fn of(app: &Arc<App>, queue: QueueId, at: Moment) -> Option<Self> {
        let atlas = app.atlas();
        let area = atlas.tree.area_of(queue)?.id;
        Some(Self {
            queue,
            scope: Scope::of(&atlas.tree, area),
            ladder: ladder(&atlas.tree, queue),
            app: Arc::clone(app),
            atlas,
            at,
        })
    }

    fn rota(&self) -> Rota<'_> {
        self.app.rules.rota_of_queue(&self.atlas, self.queue)
    }

    fn is_quiet(&self) -> bool {
        self.rota().is_quiet(self.app.clock.local(self.at.now))
    }

    /// The overdue reports to escalate now: first those without an escalation, then the longest
    /// overdue.
    fn to_tell(&self, mut late: Vec<Late>) -> Vec<ReportId> {
        late.retain(|late| self.next(late.overdue, late.urgent).is_some());
        late.sort_unstable_by_key(|late| (late.overdue.escalated.is_some(), late.overdue.due_at));
        let ids = late.iter().map(|late| late.id);
        ids.take(REPORTS_MAX).collect()
    }

    /// The reports by the level to which they escalate now.
    fn steps<'a>(&self, rows: &'a [Row]) -> BTreeMap<Level, Vec<&'a Row>> {
        let mut steps: BTreeMap<Level, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            let overdue = row.due().map(|(_, due_at)| Overdue {
                due_at,
                escalated: row.escalated,
            });
            let level = overdue.and_then(|overdue| self.next(overdue, row.urgent.is_some()));
            if let Some(level) = level {
                steps.entry(level).or_default().push(row);
            }
        }
        steps
    }

    fn next(&self, overdue: Overdue, urgent: bool) -> Option<Level> {
        let grace = if urgent {
            TimeDelta::zero()
        } else {
            self.at.grace
        };
        let mut from = overdue.from(grace, self.at.wait);
        if !urgent {
            if self.is_quiet() {
                return None;
            }
            // The time that a level has to act does not run in quiet hours.
            let clock = &self.app.clock;
            from = clock.instant(self.rota().awake(clock.local(from)));
        }
        overdue.next(&self.ladder).filter(|_| from < self.at.now)
    }
}
