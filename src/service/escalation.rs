//! Escalation: what is overdue is told one level up, once, on however many nodes and across
//! restarts. Nobody is told in quiet hours, except of what is red.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::House;
use super::triage::write_entries;
use crate::domain::area::{AreaId, Level};
use crate::domain::escalation::{Overdue, ladder};
use crate::domain::journal::Event;
use crate::domain::place::Atlas;
use crate::domain::report::ReportId;
use crate::domain::rota::Rota;
use crate::domain::staff::Scope;
use crate::store::escalation::{Moment, Wanted};
use crate::store::journal::Entry;
use crate::store::report::Row;
use crate::store::{Conn, Error, escalation, journal};

/// Reports of one queue that go up in one transaction; the others follow with the next look.
const REPORTS_MAX: u64 = 200;

/// Tells every level what it is to be told now; says how many lines of history that made. What
/// came due while no node was up is told by the first that is.
pub async fn tell(house: &Arc<House>) -> Result<usize, Error> {
    let at = Moment {
        now: house.clock.now(),
        wait: house.rules.escalate_after,
    };
    let find = move |conn: Conn| async move { escalation::queues(&conn, at).await };
    let (mut told, mut failed) = (0, None);
    for (queue, red) in house.db.run(find).await? {
        let watch = Watch::of(house, queue, at);
        if red > 0 || !watch.is_quiet() {
            match tell_of(watch).await {
                Ok(more) => told += more,
                // One queue that cannot be written keeps no other from being told.
                Err(error) => failed = Some(error),
            }
        }
    }
    failed.map_or(Ok(told), Err)
}

/// Looks before it locks, so that a queue in which nothing is to be told costs no write.
async fn tell_of(watch: Watch) -> Result<usize, Error> {
    let Some(top) = watch.ladder.last().copied() else {
        return Ok(0);
    };
    let (house, at) = (Arc::clone(&watch.house), watch.at);
    // What may not be told now must not stand in the way of what may.
    let wanted = Wanted {
        top,
        red: watch.is_quiet(),
    };
    let work = move |conn: Conn| async move {
        let scope = (&watch.scope, wanted);
        let rows = escalation::of_queue(&conn, scope, at, REPORTS_MAX).await?;
        if watch.steps(&rows).is_empty() {
            return Ok((0, BTreeMap::new()));
        }
        let tx = conn.begin().await?;
        journal::hold(&tx, watch.scope.root()).await?;
        // Again, now that nobody else can change them: another node may have been faster.
        let rows = escalation::of_queue(&tx, scope, at, REPORTS_MAX).await?;
        let mut entries = Vec::new();
        for (level, reports) in watch.steps(&rows) {
            let ids: Vec<ReportId> = reports.iter().map(|row| row.id).collect();
            escalation::told(&tx, &ids, (level, at.now)).await?;
            entries.extend(reports.into_iter().map(|row| line(row, level, at)));
        }
        let count = entries.len();
        if count == 0 {
            return Ok((0, BTreeMap::new()));
        }
        let reached = write_entries(&tx, entries).await?;
        tx.commit().await?;
        Ok::<_, Error>((count, reached))
    };
    let (count, reached) = house.db.run(work).await?;
    for (queue, seq) in reached {
        house.live.reached(queue, seq);
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
    house: Arc<House>,
    atlas: Arc<Atlas>,
    scope: Scope,
    /// The levels above the queue, nearest first.
    ladder: Vec<Level>,
    at: Moment,
}

impl Watch {
    fn of(house: &Arc<House>, queue: AreaId, at: Moment) -> Self {
        let atlas = house.atlas();
        Self {
            scope: Scope::of(&atlas.tree, queue),
            ladder: ladder(&atlas.tree, queue),
            house: Arc::clone(house),
            atlas,
            at,
        }
    }

    fn rota(&self) -> Rota<'_> {
        self.house.rules.rota(&self.atlas, self.scope.root())
    }

    fn is_quiet(&self) -> bool {
        self.rota().is_quiet(self.house.clock.local(self.at.now))
    }

    /// Who is to be told of which of these reports now.
    fn steps<'a>(&self, rows: &'a [Row]) -> BTreeMap<Level, Vec<&'a Row>> {
        let mut steps: BTreeMap<Level, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            if let Some(level) = self.next(row) {
                steps.entry(level).or_default().push(row);
            }
        }
        steps
    }

    fn next(&self, row: &Row) -> Option<Level> {
        let (_, due_at) = row.due()?;
        let overdue = Overdue {
            due_at,
            told: row.escalated,
        };
        let mut from = overdue.from(self.at.wait);
        if row.red.is_none() {
            if self.is_quiet() {
                return None;
            }
            // The time that a level has to act does not run out while it sleeps.
            let clock = &self.house.clock;
            from = clock.instant(self.rota().awake(clock.local(from)));
        }
        overdue.next(&self.ladder).filter(|_| from < self.at.now)
    }
}
