//! Reports as rows: written in batches, changed upon the version that was read.

use chrono::{DateTime, NaiveDate, Utc};
use entity::report;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::client_key::KeyHash;
use super::{Error, ROWS_PER_INSERT, Source, Tx, recent_report};
use crate::domain::area::Level;
use crate::domain::deadline::Due;
use crate::domain::open_cases::Tag;
use crate::domain::place::{BuildingId, PlacardId};
use crate::domain::queue::QueueId;
use crate::domain::region::RegionId;
use crate::domain::report::{Channel, Direction, ReportId};
use crate::domain::staff::StaffId;
use crate::domain::totals::TallyKey;
use crate::domain::triage::{Outcome, Status};

mod find;
mod listing;
mod night;
mod read;

pub(super) use find::anywhere;
pub use find::{
    FOUND_MAX, among, by_link, find, found_by_number, found_by_phone, known, left_by, merge_group,
    merged_into, of_number, of_same_phone, orphaned,
};
pub use listing::{closed, closed_count};
pub use night::{ended_counts, ended_cursors};
use read::read;
pub(super) use read::{outcome_of, unlisted};

/// A report that is about to be written for the first time.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Its number.
    pub id: ReportId,
    /// The client's own key; otherwise the id is the key.
    pub client_key: Option<KeyHash>,
    /// The hash of the content: the same key with other content is a conflict.
    pub content_hash: [u8; 16],
    /// The receipt number.
    pub number: String,
    /// The day and the count that the receipt number stands for.
    pub serial: (NaiveDate, i32),
    /// The queue that owns it.
    pub queue: QueueId,
    /// The placard that was scanned; none where a staff member named the building at a desk.
    pub placard: Option<PlacardId>,
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
    /// By when a staff member is to call.
    pub contact_due_at: DateTime<Utc>,
    /// By when the case is to be ended.
    pub finish_due_at: DateTime<Utc>,
    /// The name of the urgent rule that it matches.
    pub urgent: Option<String>,
    /// Whether it left no more than a telephone.
    pub incomplete: bool,
    /// Which notice the reporter was shown.
    pub notice_version: String,
    /// Everything personal.
    pub sealed: Vec<u8>,
    /// The keyed hash of the telephone.
    pub phone_tag: [u8; 16],
    /// The keyed hash of the room and the direction, where a room was said.
    pub room_tag: Option<[u8; 16]>,
}

/// What a key that was used before stands for.
#[derive(Clone, Debug)]
pub struct Known {
    /// The hash of the first content.
    pub content_hash: Vec<u8>,
    /// The receipt number that was given.
    pub number: String,
    /// When.
    pub received_at: DateTime<Utc>,
}

/// A report as stored.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number.
    pub id: ReportId,
    /// The receipt number.
    pub number: String,
    /// The queue that owns it.
    pub queue: QueueId,
    /// The placard that was scanned.
    pub placard: Option<PlacardId>,
    /// The building that it is about.
    pub building: Option<BuildingId>,
    /// How it came in.
    pub channel: Channel,
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
    /// When to call again after a call that was not answered.
    pub retry_at: Option<DateTime<Utc>>,
    /// How often a community has refused it.
    pub refusals: u16,
    /// The report that says the same.
    pub merged_into: Option<ReportId>,
    /// Whether it left no more than a telephone.
    pub incomplete: bool,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The local day and hour of receipt.
    pub tally: (NaiveDate, i16),
    /// By when a staff member is to call.
    pub contact_due_at: DateTime<Utc>,
    /// By when the case is to be ended.
    pub finish_due_at: DateTime<Utc>,
    /// The highest level that it was escalated to, and when.
    pub escalated: Option<(Level, DateTime<Utc>)>,
    /// The name of the urgent rule that it matched.
    pub urgent: Option<String>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// The language of the resident.
    pub lang: String,
    /// Everything personal.
    pub sealed: Vec<u8>,
    /// The keyed hash of the telephone.
    pub phone_tag: Option<Vec<u8>>,
    /// The keyed hash of the room and the direction.
    pub room_tag: Option<Vec<u8>>,
}

/// Everything that a move may change; [`Row::state`] is how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The queue that owns it.
    pub queue: QueueId,
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
    /// When it was first accepted.
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
    /// Whether it leaves no more than a telephone.
    pub incomplete: bool,
    /// Everything personal.
    pub sealed: Vec<u8>,
    /// The keyed hash of the telephone.
    pub phone_tag: [u8; 16],
    /// The keyed hash of the room and the direction, where a room was said.
    pub room_tag: Option<[u8; 16]>,
    /// The urgent rule that it matches, and by when a staff member is then to call.
    pub urgent: Option<(String, DateTime<Utc>)>,
}

/// Replaces the content of the report that was read as `row`; a conflict if the report was
/// changed since. The hash of the first content stays: its key stands for this report. What is
/// urgent stays urgent, and a deadline only ever comes nearer.
pub async fn amend(tx: &Tx, row: &Row, said: Said) -> Result<Row, Error> {
    let turned = said.urgent.filter(|_| row.urgent.is_none());
    let due = turned.as_ref().map_or(row.contact_due_at, |(_, due)| *due);
    let due = due.min(row.contact_due_at);
    let phone_tag = row.phone_tag.as_deref().unwrap_or_default();
    recent_report::rename(tx, row.id, phone_tag, &said.phone_tag).await?;
    let done = report::Entity::update_many()
        .set(report::ActiveModel {
            direction: Set(said.direction.code().to_owned()),
            persons: Set(said.persons),
            region_id: Set(said.region.map(|region| region.0)),
            travel_day: Set(said.travel_day),
            incomplete: Set(said.incomplete),
            sealed: Set(said.sealed),
            phone_tag: Set(Some(said.phone_tag.to_vec())),
            room_tag: Set(said.room_tag.map(|tag| tag.to_vec())),
            urgent: Set(turned.map(|(rule, _)| rule).or_else(|| row.urgent.clone())),
            contact_due_at: Set(due),
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
    let amended = report::Entity::find_by_id(row.id.0).one(tx.inner()).await?;
    read(amended.ok_or(Error::Missing)?)
}

/// Inserts the reports; a key that was used in the meantime is a conflict of the whole.
pub async fn insert(tx: &Tx, reports: impl Iterator<Item = &NewReport>) -> Result<(), Error> {
    let mut rows = reports.cloned().map(row_of).peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        report::Entity::insert_many(chunk)
            .exec_without_returning(tx.inner())
            .await?;
    }
    Ok(())
}

/// Brings the report that was read as `row` into another state; a conflict where it was
/// changed since.
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

impl From<NewReport> for Row {
    /// The report as it is read back.
    fn from(new: NewReport) -> Self {
        Self {
            id: new.id,
            number: new.number,
            queue: new.queue,
            placard: new.placard,
            building: Some(new.building),
            channel: new.channel,
            direction: new.direction,
            persons: new.persons,
            region: new.region,
            travel_day: new.travel_day,
            status: Status::Waiting,
            outcome: None,
            version: 1,
            owner: None,
            retry_at: None,
            refusals: 0,
            merged_into: None,
            incomplete: new.incomplete,
            received_at: new.received_at,
            tally: new.tally,
            contact_due_at: new.contact_due_at,
            finish_due_at: new.finish_due_at,
            escalated: None,
            urgent: new.urgent,
            accepted_at: None,
            closed_at: None,
            lang: new.lang.to_owned(),
            sealed: new.sealed,
            phone_tag: Some(new.phone_tag.to_vec()),
            room_tag: new.room_tag.map(|tag| tag.to_vec()),
        }
    }
}

impl NewReport {
    /// The key under which it is counted first.
    pub fn tally_key(&self) -> TallyKey {
        TallyKey {
            queue: self.queue,
            hour: self.tally.1,
            direction: self.direction,
            status: Status::Waiting,
        }
    }
}

impl Row {
    /// The key under which it is counted while it lies in this queue with this status.
    pub fn tally_key(&self, queue: QueueId, status: Status) -> TallyKey {
        TallyKey {
            queue,
            hour: self.tally.1,
            direction: self.direction,
            status,
        }
    }

    /// By what its room and direction are recognised, where a room was said.
    pub fn room(&self) -> Option<Tag> {
        self.room_tag.as_deref().and_then(Tag::of)
    }

    /// By what its telephone is recognised.
    pub fn phone(&self) -> Option<Tag> {
        self.phone_tag.as_deref().and_then(Tag::of)
    }

    /// The deadline that counts as it stands; none once it has ended.
    pub fn due(&self) -> Option<(Due, DateTime<Utc>)> {
        let due = Due::of(self.status)?;
        let at = match due {
            Due::Contact => self.contact_due_at,
            Due::Finish => self.finish_due_at,
        };
        Some((due, at))
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
        placard_id: Set(new.placard.map(|placard| placard.0)),
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
        room_tag: Set(new.room_tag.map(|tag| tag.to_vec())),
        retry_at: Set(None),
        refusals: Set(0),
        merged_into: Set(None),
        finish_due_at: Set(new.finish_due_at),
        escalated_to: Set(None),
        escalated_at: Set(None),
        urgent: Set(new.urgent),
        incomplete: Set(new.incomplete),
        notice_version: Set(Some(new.notice_version)),
    }
}
