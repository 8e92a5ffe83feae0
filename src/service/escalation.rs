//! Escalation: what is overdue is told one level up, once, on however many nodes and across
//! restarts. Nobody is told in quiet hours, except of what is red.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::App;
use super::change::write_entries;
use super::open_cases::Late;
use crate::domain::area::{AreaId, Level};
use crate::domain::escalation::{Overdue, ladder};
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::report::ReportId;
use crate::domain::rota::Rota;
use crate::domain::staff::Scope;
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::{Error, Tx, escalation, journal, report};

/// Reports of one queue that go up in one transaction; the others follow with the next look.
const REPORTS_MAX: usize = 200;

/// What is overdue now, and how long a level that was told has before the next one is.
#[derive(Clone, Copy, Debug)]
struct Moment {
    now: DateTime<Utc>,
    wait: TimeDelta,
}

/// Tells every level what it is to be told now; says how many lines of history that made. What
/// came due while no node was up is told by the first that is.
pub async fn tell(app: &Arc<App>) -> Result<usize, Error> {
    let at = Moment {
        now: app.clock.now(),
        wait: app.rules.escalate_after,
    };
    app.open_cases.catch_up_lazily(&app.db).await?;
    let (mut told, mut failed) = (0, None);
    for (queue, late) in app.open_cases.overdue(at.now) {
        let watch = Watch::of(app, queue, at);
        let ids = watch.to_tell(late);
        if ids.is_empty() {
            continue;
        }
        match tell_of(watch, ids).await {
            Ok(more) => told += more,
            // One queue that cannot be written keeps no other from being told.
            Err(error) => failed = Some(error),
        }
    }
    if told > 0 {
        // What was told just now is no news of others that could be put off.
        app.open_cases.follow(&app.db).await?;
    }
    failed.map_or(Ok(told), Err)
}

/// Tells of these reports what is to be told of them once nobody else can change them: another
/// node may have been faster, or somebody has just called.
async fn tell_of(watch: Watch, ids: Vec<ReportId>) -> Result<usize, Error> {
    let (app, at) = (Arc::clone(&watch.app), watch.at);
    let work = move |tx: Tx| async move {
        let queue = watch.scope.root();
        journal::hold(&tx, [queue]).await?;
        let mut rows = report::among(&tx, &watch.scope, &ids).await?;
        rows.retain(|row| row.queue == queue);
        let mut entries = Vec::new();
        for (level, reports) in watch.steps(&rows) {
            let ids: Vec<ReportId> = reports.iter().map(|row| row.id).collect();
            escalation::mark(&tx, &ids, level, at.now).await?;
            entries.extend(reports.into_iter().map(|row| line(row, level, at)));
        }
        let count = entries.len();
        if count == 0 {
            return Ok((0, BTreeMap::new()));
        }
        let reached = write_entries(&tx, entries).await?;
        Ok::<_, Error>((count, reached))
    };
    let (count, reached) = app.db.write(work).await?;
    for (queue, seq) in reached {
        app.notifier.reached(queue, seq);
    }
    Ok(count)
}

fn line(row: &Row, level: Level, at: Moment) -> Entry {
    Entry {
        area: row.queue,
        seq: 0,
        report: row.id,
        event: Event::Escalated,
        version: row.version,
        at: at.now,
        actor: None,
        detail: Some(level.code().to_owned()),
    }
}

/// What decides in one queue who is told when.
struct Watch {
    app: Arc<App>,
    atlas: Arc<Atlas>,
    scope: Scope,
    /// The levels above the queue, nearest first.
    ladder: Vec<Level>,
    at: Moment,
}

impl Watch {
    fn of(app: &Arc<App>, queue: AreaId, at: Moment) -> Self {
        let atlas = app.atlas();
        Self {
            scope: Scope::of(&atlas.tree, queue),
            ladder: ladder(&atlas.tree, queue),
            app: Arc::clone(app),
            atlas,
            at,
        }
    }

    fn rota(&self) -> Rota<'_> {
        self.app.rules.rota(&self.atlas, self.scope.root())
    }

    fn is_quiet(&self) -> bool {
        self.rota().is_quiet(self.app.clock.local(self.at.now))
    }

    /// Of what is overdue, what somebody is to be told now: what nobody was told of first, then
    /// the longest overdue.
    fn to_tell(&self, mut late: Vec<Late>) -> Vec<ReportId> {
        late.retain(|late| self.next(late.overdue, late.red).is_some());
        late.sort_unstable_by_key(|late| (late.overdue.told.is_some(), late.overdue.due_at));
        let ids = late.iter().map(|late| late.id);
        ids.take(REPORTS_MAX).collect()
    }

    /// Who is to be told of which of these reports now.
    fn steps<'a>(&self, rows: &'a [Row]) -> BTreeMap<Level, Vec<&'a Row>> {
        let mut steps: BTreeMap<Level, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            let overdue = row.due().map(|(_, due_at)| Overdue {
                due_at,
                told: row.escalated,
            });
            let level = overdue.and_then(|overdue| self.next(overdue, row.urgent.is_some()));
            if let Some(level) = level {
                steps.entry(level).or_default().push(row);
            }
        }
        steps
    }

    fn next(&self, overdue: Overdue, red: bool) -> Option<Level> {
        let mut from = overdue.from(self.at.wait);
        if !red {
            if self.is_quiet() {
                return None;
            }
            // The time that a level has to act does not run out while it sleeps.
            let clock = &self.app.clock;
            from = clock.instant(self.rota().awake(clock.local(from)));
        }
        overdue.next(&self.ladder).filter(|_| from < self.at.now)
    }
}
