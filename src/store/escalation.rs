//! Escalation as rows: which reports are overdue, and who was told.

use chrono::{DateTime, TimeDelta, Utc};
use entity::report::{self, Column};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::report::{Row, read, within};
use super::{Error, Source, Tx};
use crate::domain::area::{AreaId, Level};
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::domain::triage::Status;

/// What is overdue now.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The time.
    pub now: DateTime<Utc>,
    /// How long a level that was told has before the next one is.
    pub wait: TimeDelta,
}

/// The queues in which something is overdue and not told to the highest level, with how many of
/// those reports are red.
pub async fn queues(on: &impl Source, at: Moment) -> Result<Vec<(AreaId, i64)>, Error> {
    let rows: Vec<(i32, i64)> = report::Entity::find()
        .select_only()
        .column(Column::QueueId)
        .column_as(Column::Red.count(), "red")
        .filter(overdue(at))
        .group_by(Column::QueueId)
        .into_tuple()
        .all(on.inner())
        .await?;
    let found = rows.into_iter().map(|(queue, red)| (AreaId(queue), red));
    Ok(found.collect())
}

/// The overdue reports of one queue that were not told to `top`, the longest overdue first.
pub async fn of_queue(
    on: &impl Source,
    (scope, top): (&Scope, Level),
    at: Moment,
    limit: u64,
) -> Result<Vec<Row>, Error> {
    let untold = Condition::any()
        .add(Column::EscalatedTo.is_null())
        .add(Column::EscalatedTo.ne(top.code()));
    let rows = report::Entity::find()
        .filter(Column::QueueId.eq(scope.root().0))
        .filter(overdue(at))
        .filter(untold)
        .order_by_asc(Column::ContactDueAt)
        .limit(limit)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Writes that these reports were told to this level. Their version stays: whoever is about to
/// act on one need not begin anew because it is late.
pub async fn told(
    tx: &Tx,
    reports: &[ReportId],
    (level, at): (Level, DateTime<Utc>),
) -> Result<(), Error> {
    report::Entity::update_many()
        .col_expr(Column::EscalatedTo, Expr::value(level.code()))
        .col_expr(Column::EscalatedAt, Expr::value(at))
        .filter(Column::Id.is_in(reports.iter().map(|id| id.0)))
        .exec(tx.inner())
        .await?;
    Ok(())
}

/// How many open reports of the scope are red, and how many were told to each level.
pub async fn alarms(on: &impl Source, scope: &Scope) -> Result<(i64, Vec<(Level, i64)>), Error> {
    let open = || {
        report::Entity::find()
            .select_only()
            .filter(Column::ClosedAt.is_null())
            .filter(within(scope))
    };
    let red: Option<i64> = open()
        .column_as(Column::Id.count(), "red")
        .filter(Column::Red.is_not_null())
        .into_tuple()
        .one(on.inner())
        .await?;
    let told: Vec<(String, i64)> = open()
        .column(Column::EscalatedTo)
        .column_as(Column::Id.count(), "told")
        .filter(Column::EscalatedTo.is_not_null())
        .group_by(Column::EscalatedTo)
        .into_tuple()
        .all(on.inner())
        .await?;
    let told = told.into_iter().map(|(code, count)| {
        let level = Level::from_code(&code);
        Ok((
            level.ok_or_else(|| Error::unreadable("report.escalated_to"))?,
            count,
        ))
    });
    Ok((red.unwrap_or_default(), told.collect::<Result<_, Error>>()?))
}

/// The finish is never due before the call, so the index of what is to be called serves both, a
/// seek for each queue that has ever had a report.
fn overdue(at: Moment) -> Condition {
    let waiting = Column::Status.eq(Status::Waiting.code());
    let late = Condition::any()
        .add(waiting.clone())
        .add(waiting.not().and(Column::FinishDueAt.lt(at.now)));
    let rested = Condition::any()
        .add(Column::EscalatedAt.is_null())
        .add(Column::EscalatedAt.lte(at.now - at.wait));
    let mut queues = Query::select();
    queues.column("area_id").from("journal");
    Condition::all()
        .add(Column::QueueId.in_subquery(queues))
        .add(Column::ClosedAt.is_null())
        .add(Column::ContactDueAt.lt(at.now))
        .add(late)
        .add(rested)
        .add(
            Condition::any()
                .add(Column::EscalatedTo.is_null())
                .add(Column::EscalatedTo.ne(Level::District.code())),
        )
}
