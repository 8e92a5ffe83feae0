//! The last step of a staff member with each report, as rows: the state before it.

use chrono::{DateTime, Utc};
use entity::undo;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::report::{self, Row, State, outcome_of};
use super::{Error, Source, Tx};
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::StaffId;
use crate::domain::triage::Status;

/// The last step of a staff member with one report. A value of this type is the right to read
/// that report, in whatever queue it lies after the step.
#[derive(Clone, Debug)]
pub struct Step {
    pub(super) report: ReportId,
    /// The report's version after the step.
    pub version: i32,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// How the report stood before.
    pub before: State,
}

/// Stores the step; only the last one of each report can be undone. The caller has already locked
/// the journal of the queue.
pub async fn remember(
    tx: &Tx,
    report: ReportId,
    version: i32,
    actor: StaffId,
    at: DateTime<Utc>,
    before: &State,
) -> Result<(), Error> {
    let row = undo::ActiveModel {
        report_id: Set(report.0),
        version: Set(version),
        actor_id: Set(actor.0),
        at: Set(at),
        queue_id: Set(before.queue.0),
        status: Set(before.status.code().to_owned()),
        outcome: Set(before.outcome.map(|outcome| outcome.code().to_owned())),
        owner_id: Set(before.owner.map(|owner| owner.0)),
        refusals: Set(i16::try_from(before.refusals).unwrap_or(i16::MAX)),
        retry_at: Set(before.retry_at),
        merged_into: Set(before.merged_into.map(|other| other.0)),
        accepted_at: Set(before.accepted_at),
        closed_at: Set(before.closed_at),
    };
    let all = [
        undo::Column::Version,
        undo::Column::ActorId,
        undo::Column::At,
        undo::Column::QueueId,
        undo::Column::Status,
        undo::Column::Outcome,
        undo::Column::OwnerId,
        undo::Column::Refusals,
        undo::Column::RetryAt,
        undo::Column::MergedInto,
        undo::Column::AcceptedAt,
        undo::Column::ClosedAt,
    ];
    undo::Entity::insert(row)
        .on_conflict(
            OnConflict::column(undo::Column::ReportId)
                .update_columns(all)
                .to_owned(),
        )
        .exec_without_returning(tx.inner())
        .await?;
    Ok(())
}

/// The last step with this report, where it was this person's; missing otherwise.
pub async fn last(on: &impl Source, id: ReportId, actor: StaffId) -> Result<Step, Error> {
    let row = undo::Entity::find_by_id(id.0)
        .filter(undo::Column::ActorId.eq(actor.0))
        .one(on.inner())
        .await?
        .ok_or(Error::Missing)?;
    Ok(Step {
        report: id,
        version: row.version,
        at: row.at,
        before: State {
            queue: QueueId(row.queue_id),
            status: Status::from_code(&row.status)
                .ok_or_else(|| Error::unreadable("undo.status"))?,
            outcome: outcome_of(row.outcome.as_deref())?,
            owner: row.owner_id.map(StaffId),
            retry_at: row.retry_at,
            refusals: u16::try_from(row.refusals).unwrap_or_default(),
            merged_into: row.merged_into.map(ReportId),
            accepted_at: row.accepted_at,
            closed_at: row.closed_at,
        },
    })
}

/// Forgets every step that was made before this instant.
pub async fn sweep(tx: &Tx, before: DateTime<Utc>) -> Result<u64, Error> {
    let done = undo::Entity::delete_many()
        .filter(undo::Column::At.lt(before))
        .exec(tx.inner())
        .await?;
    Ok(done.rows_affected)
}

/// The report of this step, in whatever queue it lies now.
pub async fn report_behind(on: &impl Source, step: &Step) -> Result<Row, Error> {
    report::anywhere(on, step.report).await
}

/// Forgets the step: it was taken back, and that cannot be taken back.
pub async fn forget(tx: &Tx, step: &Step) -> Result<(), Error> {
    undo::Entity::delete_by_id(step.report.0)
        .exec(tx.inner())
        .await?;
    Ok(())
}
