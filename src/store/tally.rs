//! Tallies: counts of reports by key, kept in the transaction that moves the reports.

use chrono::NaiveDate;
use entity::{report, tally};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Error, Source, Tx};
use crate::domain::queue::QueueId;
use crate::domain::report::Direction;
use crate::domain::staff::Scope;
use crate::domain::totals::{Count, TallyKey};
use crate::domain::triage::Status;

/// The key of a count, with its day.
pub type DayTallyKey = (NaiveDate, TallyKey);

/// Adds to the counts; negative values subtract. The caller has already locked the journals of the
/// queues, so two nodes never wait for each other in a circle.
pub async fn add(
    tx: &Tx,
    changes: impl IntoIterator<Item = (DayTallyKey, Count)>,
) -> Result<(), Error> {
    let grown =
        |column: &'static str| Expr::col(("tally", column)).add(Expr::col(("excluded", column)));
    let mut insert = Query::insert();
    insert
        .into_table("tally")
        .columns([
            "day",
            "queue_id",
            "hour",
            "direction",
            "status",
            "reports",
            "persons",
        ])
        .on_conflict(
            OnConflict::columns(["day", "queue_id", "hour", "direction", "status"])
                .value("reports", grown("reports"))
                .value("persons", grown("persons"))
                .to_owned(),
        );
    for ((day, tally_key), count) in changes {
        insert.values_panic([
            day.into(),
            tally_key.queue.0.into(),
            tally_key.hour.into(),
            tally_key.direction.code().into(),
            tally_key.status.code().into(),
            count.reports.into(),
            count.persons.into(),
        ]);
    }
    tx.inner().execute(&insert).await?;
    Ok(())
}

/// The counts of one day within the scope.
pub async fn of_day(
    on: &impl Source,
    scope: &Scope,
    day: NaiveDate,
) -> Result<Vec<(TallyKey, Count)>, Error> {
    let rows = tally::Entity::find()
        .filter(tally::Column::Day.eq(day))
        .filter(tally::Column::QueueId.is_in(scope.own_queues().iter().map(|queue| queue.0)))
        .all(on.inner())
        .await?;
    rows.into_iter()
        .map(|row| {
            let tally_key = tally_key(row.queue_id, row.hour, &row.direction, &row.status)?;
            let count = Count {
                reports: row.reports,
                persons: row.persons,
            };
            Ok((tally_key, count))
        })
        .collect()
}

/// The same counts, from the reports themselves. Both are always equal.
pub async fn recount(
    on: &impl Source,
    scope: &Scope,
    day: NaiveDate,
) -> Result<Vec<(TallyKey, Count)>, Error> {
    type Row = (i32, i16, String, String, i64, i64);
    let rows: Vec<Row> = report::Entity::find()
        .select_only()
        .column(report::Column::QueueId)
        .column(report::Column::TallyHour)
        .column(report::Column::Direction)
        .column(report::Column::Status)
        .column_as(report::Column::Id.count(), "reports")
        .column_as(report::Column::Persons.sum(), "persons")
        .filter(report::Column::TallyDay.eq(day))
        .filter(report::Column::QueueId.is_in(scope.own_queues().iter().map(|queue| queue.0)))
        .group_by(report::Column::QueueId)
        .group_by(report::Column::TallyHour)
        .group_by(report::Column::Direction)
        .group_by(report::Column::Status)
        .into_tuple()
        .all(on.inner())
        .await?;
    rows.into_iter()
        .map(|(queue, hour, direction, status, reports, persons)| {
            let tally_key = tally_key(queue, hour, &direction, &status)?;
            Ok((tally_key, Count { reports, persons }))
        })
        .collect()
}

fn tally_key(queue: i32, hour: i16, direction: &str, status: &str) -> Result<TallyKey, Error> {
    Ok(TallyKey {
        queue: QueueId(queue),
        hour,
        direction: Direction::from_code(direction).ok_or_else(|| Error::unreadable("direction"))?,
        status: Status::from_code(status).ok_or_else(|| Error::unreadable("status"))?,
    })
}
