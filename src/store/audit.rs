//! Audit entries as rows: the journal of the system queue.

use chrono::{DateTime, Utc};
use entity::journal_entry::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::journal::StoredEntry;
use super::{Error, Source};
use crate::domain::audit::AuditEvent;
use crate::domain::queue::QueueId;
use crate::domain::staff::StaffId;

/// An audit entry as it is stored. A kind that this version does not know hides no other entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number in the system queue, from 1.
    pub seq: i64,
    /// The word for what happened.
    pub kind: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The staff member who did it; none for operators and for the program.
    pub actor: Option<StaffId>,
    /// Its facts, as JSON; without personal data of residents.
    pub detail: Option<String>,
}

/// An entry of the system queue, not chained yet.
pub fn entry(
    event: AuditEvent,
    at: DateTime<Utc>,
    actor: Option<StaffId>,
    detail: String,
) -> StoredEntry {
    StoredEntry {
        queue: QueueId::SYSTEM,
        seq: 0,
        report: None,
        kind: event.code().to_owned(),
        version: 0,
        at,
        actor: actor.map(|actor| actor.0),
        detail: Some(detail),
        detail_hash: None,
        mac: Vec::new(),
    }
}

/// The audit entries after `seq` and since this time, oldest first, at most `limit`. The caller
/// decides who may read them.
pub async fn after(
    on: &impl Source,
    seq: i64,
    since: Option<DateTime<Utc>>,
    limit: u64,
) -> Result<Vec<AuditRow>, Error> {
    let mut rows = Entity::find()
        .filter(Column::QueueId.eq(QueueId::SYSTEM.0))
        .filter(Column::Seq.gt(seq));
    if let Some(since) = since {
        rows = rows.filter(Column::At.gte(since));
    }
    let rows = rows.order_by_asc(Column::Seq).limit(limit);
    let rows = rows.all(on.inner()).await?;
    Ok(rows.into_iter().map(read).collect())
}

fn read(row: Model) -> AuditRow {
    AuditRow {
        seq: row.seq,
        kind: row.kind,
        at: row.at,
        actor: row.actor_id.map(StaffId),
        detail: row.detail,
    }
}
