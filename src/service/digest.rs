//! The morning digest: the reports that each queue received during the night.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};

use super::App;
use super::listing::in_order;
use crate::domain::area::AreaId;
use crate::domain::open_cases::{NightCounts, NightCursor, Nights};
use crate::domain::place::Atlas;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::rota::Rota;
use crate::domain::staff::Scope;
use crate::store::report::{self, Row};
use crate::store::{Conn, Error};

/// The reports of one night, counted.
#[derive(Clone, Debug)]
pub struct Digest {
    /// The area and all below it.
    pub area: AreaId,
    /// The day that begins after the night.
    pub day: NaiveDate,
    /// When the night began in the area, and when it ended.
    pub night: Range<DateTime<Utc>>,
    /// The counts of each queue; queues without reports are absent.
    pub queues: BTreeMap<QueueId, NightCounts>,
}

/// A digest, and a page of its reports.
#[derive(Clone, Debug)]
pub struct DigestPage {
    /// The counts of the whole night.
    pub digest: Digest,
    /// The reports of the page, in the order of [`NightCursor`].
    pub rows: Vec<Row>,
    /// Where the next page begins; none on the last page.
    pub next: Option<NightCursor>,
}

impl Digest {
    /// The counts of all queues.
    pub fn sum(&self) -> NightCounts {
        self.queues
            .values()
            .fold(NightCounts::default(), |mut sum, counts| {
                sum += *counts;
                sum
            })
    }
}

/// The digest of the scope's area for the morning of this day: the reports between the end of the
/// last working day and the start of this one, each queue by its own subdistrict's hours. Reports
/// that were withdrawn, merged or found invalid since are left out.
pub async fn of(app: &App, scope: &Scope, day: NaiveDate) -> Result<Digest, Error> {
    Ok(page(app, scope, day, None, 0).await?.digest)
}

/// The same with the first `limit` reports after this one.
pub async fn page(
    app: &App,
    scope: &Scope,
    day: NaiveDate,
    after: Option<NightCursor>,
    limit: usize,
) -> Result<DigestPage, Error> {
    let atlas = app.atlas();
    let nights = nights(app, &atlas, scope, day);
    app.open_cases.catch_up(&app.db).await?;
    let open = {
        let known = app.open_cases.read();
        let seen = known.within(scope, &atlas);
        seen.night(&nights, app.clock.now(), after, limit + 1)
    };
    let within = scope.clone();
    let work = move |conn: Conn| async move {
        let ended = report::ended_counts(&conn, &within, &nights).await?;
        let mut cursors: BTreeSet<NightCursor> = open.cursors.into_iter().collect();
        if limit > 0 {
            let most = limit as u64 + 1;
            cursors.extend(report::ended_cursors(&conn, &within, &nights, after, most).await?);
        }
        let page: Vec<NightCursor> = cursors.iter().take(limit).copied().collect();
        let ids: Vec<ReportId> = page.iter().map(|cursor| cursor.id).collect();
        let rows = in_order(&conn, &within, &ids).await?;
        let next = page.last().copied().filter(|_| cursors.len() > limit);
        Ok::<_, Error>((ended, rows, next))
    };
    let (ended, rows, next) = app.db.read(work).await?;
    let mut queues = open.counts;
    for (queue, counts) in ended {
        *queues.entry(queue).or_default() += counts;
    }
    let digest = Digest {
        area: scope.root(),
        day,
        night: night(app, &app.rules.rota(&atlas, scope.root()), day),
        queues,
    };
    Ok(DigestPage { digest, rows, next })
}

fn nights(app: &App, atlas: &Atlas, scope: &Scope, day: NaiveDate) -> Nights {
    let queues = scope.queues().iter();
    let night = |queue: &QueueId| {
        let rota = app.rules.rota_of_queue(atlas, *queue);
        (*queue, night(app, &rota, day))
    };
    queues.map(night).collect()
}

/// The night of these hours that ends with the morning of this day.
pub(super) fn night(app: &App, rota: &Rota<'_>, day: NaiveDate) -> Range<DateTime<Utc>> {
    let (from, to) = rota.night_before(day);
    app.clock.instant(from)..app.clock.instant(to)
}
