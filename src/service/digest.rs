//! The morning digest: the reports that each queue received during the night.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::App;
use crate::domain::area::AreaId;
use crate::domain::place::{Atlas, BuildingId};
use crate::domain::staff::Scope;
use crate::domain::totals::Count;
use crate::domain::triage::{Stage, Status};
use crate::store::report::{self, Row};
use crate::store::{Conn, Error};

/// Reports of one digest at most; after a night with more, staff work from the queue.
const REPORTS_MAX: u64 = 5_000;

/// The reports of one night.
#[derive(Clone, Debug)]
pub struct Digest {
    /// The area and all below it.
    pub area: AreaId,
    /// The day that begins after the night.
    pub day: NaiveDate,
    /// When the night began in the area, and when it ended.
    pub night: (DateTime<Utc>, DateTime<Utc>),
    /// The reports of each queue; queues without reports are absent.
    pub queues: BTreeMap<AreaId, QueueNight>,
    /// Whether the night had more reports than a digest holds.
    pub more: bool,
}

/// The reports of one night in one queue.
#[derive(Clone, Debug, Default)]
pub struct QueueNight {
    /// By building, in the order of the first report; none where no building is known.
    pub buildings: Vec<(Option<BuildingId>, Vec<Row>)>,
}

impl Digest {
    /// Every report of the night.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.queues.values().flat_map(QueueNight::rows)
    }

    /// Reports and persons.
    pub fn count(&self) -> Count {
        count(self.rows())
    }

    /// How many still wait for the first call.
    pub fn waiting(&self) -> usize {
        self.queues.values().map(QueueNight::waiting).sum()
    }

    /// How many are urgent.
    pub fn urgent(&self) -> usize {
        self.queues.values().map(QueueNight::urgent).sum()
    }
}

impl QueueNight {
    /// Every report of the queue.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.buildings.iter().flat_map(|(_, rows)| rows)
    }

    /// Reports and persons.
    pub fn count(&self) -> Count {
        count(self.rows())
    }

    /// How many still wait for the first call.
    pub fn waiting(&self) -> usize {
        let waiting = |row: &&Row| row.status == Status::Waiting;
        self.rows().filter(waiting).count()
    }

    /// How many are urgent.
    pub fn urgent(&self) -> usize {
        self.rows().filter(|row| row.urgent.is_some()).count()
    }

    /// How many are overdue at this moment.
    pub fn overdue(&self, now: DateTime<Utc>) -> usize {
        let late = |row: &&Row| row.due().is_some_and(|(_, due_at)| due_at < now);
        self.rows().filter(late).count()
    }
}

fn count<'a>(rows: impl Iterator<Item = &'a Row>) -> Count {
    rows.fold(Count::default(), |sum, row| Count {
        reports: sum.reports + 1,
        persons: sum.persons + i64::from(row.persons),
    })
}

/// The digest of the scope's area for the morning of this day: the reports between the end of the
/// last working day and the start of this one, each queue by its own subdistrict's hours. Reports
/// that were withdrawn, merged or found invalid since are left out.
pub async fn of(app: &App, scope: &Scope, day: NaiveDate) -> Result<Digest, Error> {
    let atlas = app.atlas();
    let nights: HashMap<AreaId, Night> = scope
        .queues()
        .iter()
        .map(|area| (*area, Night::of(app, &atlas, *area, day)))
        .collect();
    let own = Night::of(app, &atlas, scope.root(), day);
    let widest = nights.values().fold(own, |sum, night| sum.and(*night));
    let within = scope.clone();
    let days = widest.local.0.date()..=widest.local.1.date();
    let time = widest.at.0..widest.at.1;
    let work = move |conn: Conn| async move {
        report::received(&conn, &within, days, time, REPORTS_MAX + 1).await
    };
    let mut rows: Vec<Row> = app.db.read(work).await?;
    let more = rows.len() as u64 > REPORTS_MAX;
    rows.truncate(usize::try_from(REPORTS_MAX).unwrap_or(usize::MAX));
    let mut digest = Digest {
        area: scope.root(),
        day,
        night: own.at,
        queues: BTreeMap::new(),
        more,
    };
    for row in rows {
        let in_night = nights
            .get(&row.queue)
            .is_some_and(|night| night.has(row.received_at));
        if in_night && row.status.stage() != Stage::Aside {
            digest.queues.entry(row.queue).or_default().add(&atlas, row);
        }
    }
    Ok(digest)
}

impl QueueNight {
    fn add(&mut self, atlas: &Atlas, row: Row) {
        let door = row.placard.and_then(|placard| atlas.door_of(placard));
        let building = row.building.or(door.map(|door| door.building.id));
        let known = self.buildings.iter_mut().find(|(at, _)| *at == building);
        match known {
            Some((_, rows)) => rows.push(row),
            None => self.buildings.push((building, vec![row])),
        }
    }
}

/// The night of one area, in local time and as instants.
#[derive(Clone, Copy)]
pub(super) struct Night {
    local: (NaiveDateTime, NaiveDateTime),
    at: (DateTime<Utc>, DateTime<Utc>),
}

impl Night {
    pub(super) fn of(app: &App, atlas: &Atlas, area: AreaId, day: NaiveDate) -> Self {
        let local = app.rules.rota(atlas, area).night_before(day);
        let at = (app.clock.instant(local.0), app.clock.instant(local.1));
        Self { local, at }
    }

    fn and(self, other: Self) -> Self {
        Self {
            local: (
                self.local.0.min(other.local.0),
                self.local.1.max(other.local.1),
            ),
            at: (self.at.0.min(other.at.0), self.at.1.max(other.at.1)),
        }
    }

    /// Whether the moment lies in the night.
    pub(super) fn has(&self, at: DateTime<Utc>) -> bool {
        (self.at.0..self.at.1).contains(&at)
    }
}
