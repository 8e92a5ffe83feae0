//! Reports as rows: written in batches, read only within a scope or by whoever holds the link.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::report;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Error, ROWS_PER_INSERT, Source, Tx, undo};
use crate::domain::area::AreaId;
use crate::domain::place::{BuildingId, PlacardId};
use crate::domain::region::RegionId;
use crate::domain::report::{Channel, Direction, Holder, ReportId};
use crate::domain::staff::{Scope, StaffId};
use crate::domain::totals::Drawer;
use crate::domain::triage::{Outcome, Status};

/// Other reports of one telephone that are read at most.
const SAME_PHONE_MAX: u64 = 20;

/// A report that is about to be written for the first time.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Its number.
    pub id: ReportId,
    /// What was said, hashed: the same key with other content is somebody else's mistake.
    pub content_hash: [u8; 32],
    /// The receipt number.
    pub number: String,
    /// The day and the count that the receipt number stands for.
    pub serial: (NaiveDate, i32),
    /// The queue that owns it.
    pub queue: AreaId,
    /// The placard that was scanned.
    pub placard: PlacardId,
    /// The building that it is about.
    pub building: BuildingId,
    /// How it came in.
    pub channel: Channel,
    /// The language of the resident.
    pub lang: &'static str,
    /// Which way.
    pub direction: Direction,
    /// The reporter and all who come along.
    pub persons: i16,
    /// The region, where known.
    pub region: Option<RegionId>,
    /// The day of travel.
    pub travel_day: NaiveDate,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The local day and hour of receipt, under which it is counted.
    pub tally: (NaiveDate, i16),
    /// By when somebody is to call.
    pub contact_due_at: DateTime<Utc>,
    /// Everything personal.
    pub sealed: Vec<u8>,
    /// The keyed hash of the telephone.
    pub phone_tag: [u8; 16],
}

/// What a key that was used before stands for.
#[derive(Clone, Debug)]
pub struct Known {
    /// What was said then, hashed.
    pub content_hash: Vec<u8>,
    /// The receipt number that was given.
    pub number: String,
}

/// A report as stored.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub id: ReportId,
    /// The receipt number.
    pub number: String,
    /// The queue that owns it.
    pub queue: AreaId,
    /// The placard that was scanned.
    pub placard: Option<PlacardId>,
    /// Which way.
    pub direction: Direction,
    /// The reporter and all who come along.
    pub persons: i16,
    /// The region, where known.
    pub region: Option<RegionId>,
    /// The day of travel.
    pub travel_day: NaiveDate,
    /// Where it stands.
    pub status: Status,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Counts the changes; a change names the version that it was made upon.
    pub version: i32,
    /// Who took it.
    pub owner: Option<StaffId>,
    /// When to call again, where nobody answered.
    pub retry_at: Option<DateTime<Utc>>,
    /// How often a community has refused it.
    pub refusals: u16,
    /// The report that says the same.
    pub merged_into: Option<ReportId>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The local day and hour of receipt.
    pub tally: (NaiveDate, i16),
    /// By when somebody is to call.
    pub contact_due_at: DateTime<Utc>,
    /// When somebody took it.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// The language of the resident.
    pub lang: String,
    /// Everything personal.
    pub sealed: Vec<u8>,
    /// The keyed hash of the telephone.
    pub phone_tag: Option<Vec<u8>>,
}

/// Everything that a move may change; [`Row::state`] is how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The queue that owns it.
    pub queue: AreaId,
    /// Where it stands.
    pub status: Status,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Who has it.
    pub owner: Option<StaffId>,
    /// When to call again.
    pub retry_at: Option<DateTime<Utc>>,
    /// How often a community has refused it.
    pub refusals: u16,
    /// The report that says the same.
    pub merged_into: Option<ReportId>,
    /// When somebody first took it.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
}

/// What a resident says, as it is stored.
#[derive(Clone, Debug)]
pub struct Said {
    /// Which way.
    pub direction: Direction,
    /// The reporter and all who come along.
    pub persons: i16,
    /// The region, where known.
    pub region: Option<RegionId>,
    /// The day of travel.
    pub travel_day: NaiveDate,
    /// Everything personal.
    pub sealed: Vec<u8>,
    /// The keyed hash of the telephone.
    pub phone_tag: [u8; 16],
}

/// Replaces what was said in the report that was read as `row`; a conflict where somebody has
/// changed it since. The hash of the first content stays: its key stands for this report.
pub async fn mend(tx: &Tx, row: &Row, said: Said) -> Result<Row, Error> {
    let done = report::Entity::update_many()
        .set(report::ActiveModel {
            direction: Set(said.direction.code().to_owned()),
            persons: Set(said.persons),
            region_id: Set(said.region.map(|region| region.0)),
            travel_day: Set(said.travel_day),
            sealed: Set(said.sealed),
            phone_tag: Set(Some(said.phone_tag.to_vec())),
            version: Set(row.version + 1),
            ..report::ActiveModel::default()
        })
        .filter(report::Column::Id.eq(row.id.0))
        .filter(report::Column::Version.eq(row.version))
        .exec(tx.inner())
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::Conflict);
    }
    let mended = report::Entity::find_by_id(row.id.0).one(tx.inner()).await?;
    read(mended.ok_or(Error::Missing)?)
}

/// Which of these keys were used before, and for what.
pub async fn known(on: &impl Source, ids: &[ReportId]) -> Result<HashMap<ReportId, Known>, Error> {
    let rows: Vec<(uuid::Uuid, Vec<u8>, String)> = report::Entity::find()
        .select_only()
        .column(report::Column::Id)
        .column(report::Column::ContentHash)
        .column(report::Column::Number)
        .filter(report::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .into_tuple()
        .all(on.inner())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, content_hash, number)| {
            (
                ReportId(id),
                Known {
                    content_hash,
                    number,
                },
            )
        })
        .collect())
}

/// Writes the reports; a key that somebody used in the meantime is a conflict of the whole.
pub async fn insert(tx: &Tx, reports: Vec<NewReport>) -> Result<(), Error> {
    let mut rows = reports.into_iter().map(row_of).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        report::Entity::insert_many(chunk)
            .exec_without_returning(tx.inner())
            .await?;
    }
    Ok(())
}

/// The report that somebody holds.
pub async fn held(on: &impl Source, holder: Holder) -> Result<Row, Error> {
    let found = report::Entity::find_by_id(holder.report().0);
    read(found.one(on.inner()).await?.ok_or(Error::Missing)?)
}

/// The report, where it lies within the scope; what lies outside is missing like what never was.
pub async fn find(on: &impl Source, scope: &Scope, id: ReportId) -> Result<Row, Error> {
    let row = report::Entity::find_by_id(id.0).one(on.inner()).await?;
    let row = read(row.ok_or(Error::Missing)?)?;
    if scope.covers(row.queue) {
        Ok(row)
    } else {
        Err(Error::Missing)
    }
}

/// The report behind somebody's own last step, wherever that step has taken it.
pub async fn behind(on: &impl Source, step: &undo::Step) -> Result<Row, Error> {
    let row = report::Entity::find_by_id(step.report.0);
    read(row.one(on.inner()).await?.ok_or(Error::Missing)?)
}

/// The open reports of the scope in the order of their receipt, after `after`, at most `limit`.
pub async fn open(
    on: &impl Source,
    scope: &Scope,
    after: Option<ReportId>,
    limit: u64,
) -> Result<Vec<Row>, Error> {
    let mut find = report::Entity::find()
        .filter(report::Column::QueueId.is_in(scope.areas().iter().map(|area| area.0)))
        .filter(report::Column::ClosedAt.is_null());
    if let Some(after) = after {
        find = find.filter(report::Column::Id.gt(after.0));
    }
    let rows = find
        .order_by_asc(report::Column::Id)
        .limit(limit)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Other open reports of the same telephone within the scope, the newest first.
pub async fn of_same_phone(on: &impl Source, scope: &Scope, row: &Row) -> Result<Vec<Row>, Error> {
    let rows = report::Entity::find()
        .filter(report::Column::PhoneTag.eq(row.phone_tag.clone()))
        .filter(report::Column::Id.ne(row.id.0))
        .filter(report::Column::ClosedAt.is_null())
        .filter(report::Column::QueueId.is_in(scope.areas().iter().map(|area| area.0)))
        .order_by_desc(report::Column::Id)
        .limit(SAME_PHONE_MAX)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Those of the reports that lie within the scope.
pub async fn among(on: &impl Source, scope: &Scope, ids: &[ReportId]) -> Result<Vec<Row>, Error> {
    let rows = report::Entity::find()
        .filter(report::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(report::Column::QueueId.is_in(scope.areas().iter().map(|area| area.0)))
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Brings the report that was read as `row` into another state; a conflict where somebody has
/// changed it since.
pub async fn change(tx: &Tx, row: &Row, to: &State) -> Result<(), Error> {
    let done = report::Entity::update_many()
        .set(report::ActiveModel {
            queue_id: Set(to.queue.0),
            status: Set(to.status.code().to_owned()),
            outcome: Set(to.outcome.map(|outcome| outcome.code().to_owned())),
            owner_id: Set(to.owner.map(|owner| owner.0)),
            retry_at: Set(to.retry_at),
            refusals: Set(i16::try_from(to.refusals).unwrap_or(i16::MAX)),
            merged_into: Set(to.merged_into.map(|other| other.0)),
            accepted_at: Set(to.accepted_at),
            closed_at: Set(to.closed_at),
            version: Set(row.version + 1),
            ..report::ActiveModel::default()
        })
        .filter(report::Column::Id.eq(row.id.0))
        .filter(report::Column::Version.eq(row.version))
        .exec(tx.inner())
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Conflict)
    }
}

impl NewReport {
    /// The drawer that it is counted in first.
    pub fn drawer(&self) -> Drawer {
        Drawer {
            area: self.queue,
            hour: self.tally.1,
            direction: self.direction,
            status: Status::Waiting,
        }
    }
}

impl Row {
    /// The drawer that it is counted in while it lies in this queue with this status.
    pub fn drawer(&self, queue: AreaId, status: Status) -> Drawer {
        Drawer {
            area: queue,
            hour: self.tally.1,
            direction: self.direction,
            status,
        }
    }

    /// Everything that a move may change.
    pub fn state(&self) -> State {
        State {
            queue: self.queue,
            status: self.status,
            outcome: self.outcome,
            owner: self.owner,
            retry_at: self.retry_at,
            refusals: self.refusals,
            merged_into: self.merged_into,
            accepted_at: self.accepted_at,
            closed_at: self.closed_at,
        }
    }

    /// The same report after a change that was written.
    #[must_use]
    pub fn changed(mut self, to: &State) -> Self {
        self.version += 1;
        self.queue = to.queue;
        self.status = to.status;
        self.outcome = to.outcome;
        self.owner = to.owner;
        self.retry_at = to.retry_at;
        self.refusals = to.refusals;
        self.merged_into = to.merged_into;
        self.accepted_at = to.accepted_at;
        self.closed_at = to.closed_at;
        self
    }
}

fn row_of(new: NewReport) -> report::ActiveModel {
    report::ActiveModel {
        id: Set(new.id.0),
        content_hash: Set(new.content_hash.to_vec()),
        number: Set(new.number),
        serial_day: Set(new.serial.0),
        serial: Set(new.serial.1),
        queue_id: Set(new.queue.0),
        placard_id: Set(Some(new.placard.0)),
        building_id: Set(Some(new.building.0)),
        channel: Set(new.channel.code().to_owned()),
        lang: Set(new.lang.to_owned()),
        direction: Set(new.direction.code().to_owned()),
        persons: Set(new.persons),
        region_id: Set(new.region.map(|region| region.0)),
        travel_day: Set(new.travel_day),
        status: Set(Status::Waiting.code().to_owned()),
        outcome: Set(None),
        version: Set(1),
        owner_id: Set(None),
        received_at: Set(new.received_at),
        tally_day: Set(new.tally.0),
        tally_hour: Set(new.tally.1),
        contact_due_at: Set(new.contact_due_at),
        accepted_at: Set(None),
        closed_at: Set(None),
        sealed: Set(new.sealed),
        phone_tag: Set(Some(new.phone_tag.to_vec())),
        retry_at: Set(None),
        refusals: Set(0),
        merged_into: Set(None),
    }
}

/// The outcome that a stored word stands for.
pub(super) fn outcome_of(code: Option<&str>) -> Result<Option<Outcome>, Error> {
    let unreadable = || Error::unreadable("outcome");
    code.map(|code| Outcome::from_code(code).ok_or_else(unreadable))
        .transpose()
}

fn read(row: report::Model) -> Result<Row, Error> {
    Ok(Row {
        id: ReportId(row.id),
        number: row.number,
        queue: AreaId(row.queue_id),
        placard: row.placard_id.map(PlacardId),
        direction: Direction::from_code(&row.direction)
            .ok_or_else(|| Error::unreadable("report.direction"))?,
        persons: row.persons,
        region: row.region_id.map(RegionId),
        travel_day: row.travel_day,
        status: Status::from_code(&row.status).ok_or_else(|| Error::unreadable("report.status"))?,
        outcome: outcome_of(row.outcome.as_deref())?,
        version: row.version,
        owner: row.owner_id.map(StaffId),
        retry_at: row.retry_at,
        refusals: u16::try_from(row.refusals).unwrap_or_default(),
        merged_into: row.merged_into.map(ReportId),
        received_at: row.received_at,
        tally: (row.tally_day, row.tally_hour),
        contact_due_at: row.contact_due_at,
        accepted_at: row.accepted_at,
        closed_at: row.closed_at,
        lang: row.lang,
        sealed: row.sealed,
        phone_tag: row.phone_tag,
    })
}
