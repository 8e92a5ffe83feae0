//! Open cases as they are read: first everything that is open, then what the journals name.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{journal_entry, report};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use uuid::Uuid;

use super::report::unlisted;
use super::{Db, Error, Snapshot, Source, journal};
use crate::domain::area::Level;
use crate::domain::deadline::Due;
use crate::domain::open_cases::{OpenCase, OpenCases, Tag};
use crate::domain::place::BuildingId;
use crate::domain::queue::QueueId;
use crate::domain::report::{Direction, ReportId};
use crate::domain::staff::StaffId;
use crate::domain::triage::Status;

mod sqlite;

pub use sqlite::Reader;

/// Journal entries after which reading all that is open may cost less.
const BEHIND_MAX: usize = 5_000;
/// Queues whose history is asked for in one statement.
const QUEUES_PER_STATEMENT: usize = 100;
/// Reports that are asked for in one statement.
const REPORTS_PER_STATEMENT: usize = 1_000;
/// Open reports that are read in one statement, so that none exceeds the server's time limit.
const OPEN_PER_STATEMENT: u64 = 10_000;

/// Everything that is open at one moment.
#[derive(Debug)]
pub struct Whole {
    /// How far the history of each queue reaches.
    pub reached: BTreeMap<QueueId, i64>,
    /// The open reports.
    pub cases: OpenCases,
    /// The open reports with a code that this version does not know: no list has them.
    pub unlisted: HashSet<ReportId>,
}

/// What has changed since the open cases were read last.
#[derive(Debug, Default)]
pub struct Changes {
    /// How far the history of each queue reaches.
    pub reached: BTreeMap<QueueId, i64>,
    /// The reports that a queue's journal names: they left the queue unless `open` holds them.
    pub named: HashSet<(QueueId, ReportId)>,
    /// The open reports that were read.
    pub open: Vec<OpenCase>,
    /// The open reports with a code that this version does not know: no list has them.
    pub unlisted: HashSet<ReportId>,
}

/// What is known of the open cases.
#[derive(Clone, Debug)]
pub struct Before {
    /// How far the history of each queue was read.
    pub reached: BTreeMap<QueueId, i64>,
    /// How many cases are open.
    pub open: usize,
}

impl Whole {
    fn up_to(reached: BTreeMap<QueueId, i64>, window: TimeDelta) -> Self {
        Self {
            reached,
            cases: OpenCases::new(window),
            unlisted: HashSet::new(),
        }
    }

    fn take(&mut self, row: &Stored<'_>) {
        match read(row) {
            Ok(case) => self.cases.put(&case),
            Err(error) => {
                unlisted(row.id, &error);
                self.unlisted.insert(ReportId(row.id));
            }
        }
    }
}

/// What a look at the database finds.
#[derive(Debug)]
pub enum News {
    /// Only what has changed.
    Changes(Changes),
    /// Everything, because that costs less, or nothing was known.
    Whole(Box<Whole>),
}

/// Reads what has changed since then, or everything. Cases of one room are probable duplicates where
/// they were received no further apart than `window`.
pub async fn news(db: &Db, before: Option<Before>, window: TimeDelta) -> Result<News, Error> {
    let mut news = match &db.case_reader {
        Some(reader) => {
            let reader = Arc::clone(reader);
            let read = move || {
                let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
                reader.news(before.as_ref(), window)
            };
            db.blocking(read).await?
        }
        None => db.snapshot(move |on| read_news(on, before, window)).await?,
    };
    if let News::Whole(whole) = &mut news {
        whole.cases.shrink();
    }
    Ok(news)
}

async fn read_news(on: Snapshot, before: Option<Before>, window: TimeDelta) -> Result<News, Error> {
    let reached = journal::reached(&on).await?;
    let reached: BTreeMap<QueueId, i64> = reached.into_iter().collect();
    let behind = before.and_then(|before| followed(&before, &reached));
    match behind {
        Some(behind) => Ok(News::Changes(read_changes(&on, reached, &behind).await?)),
        None => Ok(News::Whole(Box::new(
            read_whole(&on, reached, window).await?,
        ))),
    }
}

/// The queues that have moved since then, and how far each was read; none where reading everything
/// costs less, or where history is shorter than it was, because the database is another one.
fn followed(before: &Before, reached: &BTreeMap<QueueId, i64>) -> Option<Vec<(QueueId, i64)>> {
    let (mut followed, mut behind) = (Vec::new(), 0);
    for (queue, reached) in reached {
        let known = before.reached.get(queue).copied().unwrap_or_default();
        let more = usize::try_from(reached - known).ok()?;
        if more > 0 {
            behind += more;
            followed.push((*queue, known));
        }
    }
    (behind <= BEHIND_MAX.max(before.open)).then_some(followed)
}

async fn read_whole(
    on: &Snapshot,
    reached: BTreeMap<QueueId, i64>,
    window: TimeDelta,
) -> Result<Whole, Error> {
    let mut whole = Whole::up_to(reached, window);
    let mut after = Uuid::nil();
    loop {
        let find = open()
            .filter(report::Column::Id.gt(after))
            .order_by_asc(report::Column::Id)
            .limit(OPEN_PER_STATEMENT);
        let rows = stored(on, find).await?;
        for row in &rows {
            whole.take(&row.borrowed());
        }
        match rows.last() {
            Some(last) if rows.len() as u64 == OPEN_PER_STATEMENT => after = last.id,
            _ => return Ok(whole),
        }
    }
}

async fn read_changes(
    on: &Snapshot,
    reached: BTreeMap<QueueId, i64>,
    behind: &[(QueueId, i64)],
) -> Result<Changes, Error> {
    let mut changes = Changes::up_to(reached);
    for queues in behind.chunks(QUEUES_PER_STATEMENT) {
        changes.named.extend(named(on, queues).await?);
    }
    let ids: Vec<Uuid> = changes.ids().into_iter().collect();
    for some in ids.chunks(REPORTS_PER_STATEMENT) {
        let find = open().filter(report::Column::Id.is_in(some.iter().copied()));
        for row in stored(on, find).await? {
            changes.take(&row.borrowed());
        }
    }
    Ok(changes)
}

impl Changes {
    fn up_to(reached: BTreeMap<QueueId, i64>) -> Self {
        Self {
            reached,
            ..Self::default()
        }
    }

    /// The named reports. One that moved is named by two queues.
    fn ids(&self) -> HashSet<Uuid> {
        self.named.iter().map(|(_, id)| id.0).collect()
    }

    fn take(&mut self, row: &Stored<'_>) {
        match read(row) {
            Ok(case) => self.open.push(case),
            Err(error) => {
                unlisted(row.id, &error);
                self.unlisted.insert(ReportId(row.id));
            }
        }
    }
}

/// The reports that are named in history after these entries.
async fn named(
    on: &Snapshot,
    queues: &[(QueueId, i64)],
) -> Result<Vec<(QueueId, ReportId)>, Error> {
    let mut after = Condition::any();
    for (queue, known) in queues {
        after = after.add(
            Condition::all()
                .add(journal_entry::Column::QueueId.eq(queue.0))
                .add(journal_entry::Column::Seq.gt(*known)),
        );
    }
    let rows: Vec<(i32, Uuid)> = journal_entry::Entity::find()
        .select_only()
        .column(journal_entry::Column::QueueId)
        .column(journal_entry::Column::ReportId)
        .filter(after)
        .into_tuple()
        .all(on.inner())
        .await?;
    let named = rows.into_iter();
    Ok(named
        .map(|(queue, id)| (QueueId(queue), ReportId(id)))
        .collect())
}

fn open() -> Select<report::Entity> {
    report::Entity::find().filter(report::Column::ClosedAt.is_null())
}

async fn stored(on: &Snapshot, find: Select<report::Entity>) -> Result<Vec<StoredRow>, Error> {
    let columns = [
        report::Column::Id,
        report::Column::QueueId,
        report::Column::BuildingId,
        report::Column::Direction,
        report::Column::Persons,
        report::Column::Status,
        report::Column::OwnerId,
        report::Column::Incomplete,
        report::Column::Urgent,
        report::Column::ReceivedAt,
        report::Column::ContactDueAt,
        report::Column::FinishDueAt,
        report::Column::EscalatedTo,
        report::Column::EscalatedAt,
        report::Column::PhoneTag,
        report::Column::RoomTag,
    ];
    let find = find.select_only().columns(columns);
    Ok(find.into_model().all(on.inner()).await?)
}

#[derive(FromQueryResult)]
struct StoredRow {
    id: Uuid,
    queue_id: i32,
    building_id: Option<i32>,
    direction: String,
    persons: i16,
    status: String,
    owner_id: Option<i32>,
    incomplete: bool,
    urgent: Option<String>,
    received_at: DateTime<Utc>,
    contact_due_at: DateTime<Utc>,
    finish_due_at: DateTime<Utc>,
    escalated_to: Option<String>,
    escalated_at: Option<DateTime<Utc>>,
    phone_tag: Option<Vec<u8>>,
    room_tag: Option<Vec<u8>>,
}

impl StoredRow {
    fn borrowed(&self) -> Stored<'_> {
        let status = open_status(&self.status);
        Stored {
            id: self.id,
            queue: self.queue_id,
            building: self.building_id,
            direction: &self.direction,
            persons: self.persons,
            status,
            owner: self.owner_id,
            incomplete: self.incomplete,
            urgent: self.urgent.is_some(),
            received_at: self.received_at,
            due_at: match status {
                Some((_, Due::Finish)) => self.finish_due_at,
                _ => self.contact_due_at,
            },
            escalated_to: self.escalated_to.as_deref(),
            escalated_at: self.escalated_at,
            phone_tag: self.phone_tag.as_deref(),
            room_tag: self.room_tag.as_deref(),
        }
    }
}

/// An open report as it is stored.
struct Stored<'a> {
    id: Uuid,
    queue: i32,
    building: Option<i32>,
    direction: &'a str,
    persons: i16,
    /// None where it is unknown, or no open report has it.
    status: Option<(Status, Due)>,
    owner: Option<i32>,
    incomplete: bool,
    urgent: bool,
    received_at: DateTime<Utc>,
    /// The deadline that counts with this status.
    due_at: DateTime<Utc>,
    escalated_to: Option<&'a str>,
    escalated_at: Option<DateTime<Utc>>,
    phone_tag: Option<&'a [u8]>,
    room_tag: Option<&'a [u8]>,
}

/// The status with this code and the deadline that counts then.
fn open_status(code: &str) -> Option<(Status, Due)> {
    let status = Status::from_code(code)?;
    Some((status, Due::of(status)?))
}

fn read(row: &Stored<'_>) -> Result<OpenCase, Error> {
    let level = row
        .escalated_to
        .map(|code| Level::from_code(code).ok_or_else(|| Error::unreadable("report.escalated_to")));
    let (status, _) = row
        .status
        .ok_or_else(|| Error::unreadable("report.status"))?;
    Ok(OpenCase {
        id: ReportId(row.id),
        queue: QueueId(row.queue),
        building: row.building.map(BuildingId),
        direction: Direction::from_code(row.direction)
            .ok_or_else(|| Error::unreadable("report.direction"))?,
        persons: row.persons,
        status,
        owner: row.owner.map(StaffId),
        incomplete: row.incomplete,
        urgent: row.urgent,
        received_at: row.received_at,
        due_at: row.due_at,
        escalated: level.transpose()?.zip(row.escalated_at),
        phone: row.phone_tag.and_then(Tag::of),
        room: row.room_tag.and_then(Tag::of),
    })
}
