//! Open cases as they are read: first everything that is open, then what the journal names.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{journal_entry, report};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select,
};
use uuid::Uuid;

use super::report::{tag, unlisted};
use super::{Error, Snapshot, Source, journal};
use crate::domain::area::{AreaId, Level};
use crate::domain::open_cases::OpenCase;
use crate::domain::place::BuildingId;
use crate::domain::report::{Direction, ReportId};
use crate::domain::staff::StaffId;
use crate::domain::triage::Status;

/// Lines of one queue's history after which reading all that is open in it costs less.
const BEHIND_MAX: i64 = 5_000;
/// Queues whose history is asked for in one statement.
const QUEUES_PER_STATEMENT: usize = 100;
/// Queues that are read whole in one statement, so that none exceeds the server's time limit.
const QUEUES_RELOADED: usize = 10;
/// Reports that are asked for in one statement.
const REPORTS_PER_STATEMENT: usize = 1_000;

/// What has changed since the open cases were read last.
#[derive(Debug, Default)]
pub struct Changes {
    /// How far the history of each queue reaches that has moved.
    pub reached: BTreeMap<AreaId, i64>,
    /// The queues that were read whole: they replace what was known of them before.
    pub reloaded: Vec<AreaId>,
    /// The reports that a queue's journal names: they left the queue unless `open` holds them.
    pub named: HashSet<(AreaId, ReportId)>,
    /// The open reports that were read.
    pub open: Vec<OpenCase>,
    /// The open reports with a code that this version does not know: no list has them.
    pub unlisted: HashSet<ReportId>,
}

impl Changes {
    fn take(&mut self, rows: Vec<Stored>) {
        for row in rows {
            match read(&row) {
                Ok(case) => self.open.push(case),
                Err(error) => {
                    unlisted(row.id, &error);
                    self.unlisted.insert(ReportId(row.id));
                }
            }
        }
    }
}

/// What has changed beyond what is known of each queue.
pub async fn since(on: &Snapshot, known: &BTreeMap<AreaId, i64>) -> Result<Changes, Error> {
    let mut changes = Changes::default();
    let mut followed = Vec::new();
    for (queue, reached) in journal::reached(on).await? {
        let known = known.get(&queue).copied();
        match known.map(|known| (known, reached - known)) {
            Some((_, 0)) => continue,
            Some((known, 1..=BEHIND_MAX)) => followed.push((queue, known)),
            // Also where history is shorter than it was: the database is another one.
            _ => changes.reloaded.push(queue),
        }
        changes.reached.insert(queue, reached);
    }
    for queues in changes.reloaded.clone().chunks(QUEUES_RELOADED) {
        let queues = queues.iter().map(|queue| queue.0);
        let find = open().filter(report::Column::QueueId.is_in(queues));
        changes.take(stored(on, find).await?);
    }
    for queues in followed.chunks(QUEUES_PER_STATEMENT) {
        changes.named.extend(named(on, queues).await?);
    }
    let ids: HashSet<Uuid> = changes.named.iter().map(|(_, id)| id.0).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    for some in ids.chunks(REPORTS_PER_STATEMENT) {
        let find = open().filter(report::Column::Id.is_in(some.iter().copied()));
        changes.take(stored(on, find).await?);
    }
    Ok(changes)
}

/// The reports that are named in history after these entries.
async fn named(on: &Snapshot, queues: &[(AreaId, i64)]) -> Result<Vec<(AreaId, ReportId)>, Error> {
    let mut after = Condition::any();
    for (queue, known) in queues {
        after = after.add(
            Condition::all()
                .add(journal_entry::Column::AreaId.eq(queue.0))
                .add(journal_entry::Column::Seq.gt(*known)),
        );
    }
    let rows: Vec<(i32, Uuid)> = journal_entry::Entity::find()
        .select_only()
        .column(journal_entry::Column::AreaId)
        .column(journal_entry::Column::ReportId)
        .filter(after)
        .into_tuple()
        .all(on.inner())
        .await?;
    let named = rows.into_iter();
    Ok(named
        .map(|(queue, id)| (AreaId(queue), ReportId(id)))
        .collect())
}

fn open() -> Select<report::Entity> {
    report::Entity::find().filter(report::Column::ClosedAt.is_null())
}

async fn stored(on: &Snapshot, find: Select<report::Entity>) -> Result<Vec<Stored>, Error> {
    let columns = [
        report::Column::Id,
        report::Column::QueueId,
        report::Column::BuildingId,
        report::Column::Direction,
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
struct Stored {
    id: Uuid,
    queue_id: i32,
    building_id: Option<i32>,
    direction: String,
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

fn read(row: &Stored) -> Result<OpenCase, Error> {
    let level = row
        .escalated_to
        .as_deref()
        .map(|code| Level::from_code(code).ok_or_else(|| Error::unreadable("report.escalated_to")));
    Ok(OpenCase {
        id: ReportId(row.id),
        queue: AreaId(row.queue_id),
        building: row.building_id.map(BuildingId),
        direction: Direction::from_code(&row.direction)
            .ok_or_else(|| Error::unreadable("report.direction"))?,
        status: Status::from_code(&row.status).ok_or_else(|| Error::unreadable("report.status"))?,
        owner: row.owner_id.map(StaffId),
        incomplete: row.incomplete,
        urgent: row.urgent.is_some(),
        received_at: row.received_at,
        contact_due_at: row.contact_due_at,
        finish_due_at: row.finish_due_at,
        escalated: level.transpose()?.zip(row.escalated_at),
        phone: row.phone_tag.as_deref().and_then(tag),
        room: row.room_tag.as_deref().and_then(tag),
    })
}
