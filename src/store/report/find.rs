//! Reports that are looked for: only within a scope, or by the holder of the link.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{building, report};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::read::{read, readable};
use super::{Known, Row};
use crate::domain::number::Number;
use crate::domain::report::{Holder, ReportId};
use crate::domain::staff::Scope;
use crate::domain::triage::Status;
use crate::store::recent_report::of_phone;
use crate::store::staff::Gone;
use crate::store::{Error, Source, Tx};

/// Other reports of one telephone that are read at most.
const SAME_PHONE_MAX: u64 = 20;
/// Reports that are asked for by number in one statement.
const AMONG_MAX: usize = 1_000;
/// Duplicates of one report that are read at most.
const MERGED_MAX: u64 = 20;
/// Reports that a search shows at most.
pub const FOUND_MAX: u64 = 100;

/// Which of these keys were used before, and for what.
pub async fn known(on: &impl Source, ids: &[ReportId]) -> Result<HashMap<ReportId, Known>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(uuid::Uuid, Vec<u8>, String, DateTime<Utc>)> = report::Entity::find()
        .select_only()
        .column(report::Column::Id)
        .column(report::Column::ContentHash)
        .column(report::Column::Number)
        .column(report::Column::ReceivedAt)
        .filter(report::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .into_tuple()
        .all(on.inner())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, content_hash, number, received_at)| {
            (
                ReportId(id),
                Known {
                    content_hash,
                    number,
                    received_at,
                },
            )
        })
        .collect())
}

/// The report of a receipt link.
pub async fn by_link(on: &impl Source, holder: Holder) -> Result<Row, Error> {
    let found = report::Entity::find_by_id(holder.report().0);
    read(found.one(on.inner()).await?.ok_or(Error::Missing)?)
}

/// The reports of this number, the newest first. The caller compares what only the reporter
/// knows, and then shows the status of the report and nothing of its content.
pub async fn of_number(
    on: &impl Source,
    number: &Number,
    days: Vec<NaiveDate>,
) -> Result<Vec<Row>, Error> {
    let rows = report::Entity::find()
        .filter(counted_as(number, days))
        .filter(report::Column::Number.eq(number.as_str()))
        .order_by_desc(report::Column::Id)
        .all(on.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// The report within the scope. A report outside of it is missing, like one that does not exist.
pub async fn find(on: &impl Source, scope: &Scope, id: ReportId) -> Result<Row, Error> {
    let row = reports(scope).filter(report::Column::Id.eq(id.0));
    read(row.one(on.inner()).await?.ok_or(Error::Missing)?)
}

/// The report with this id, in whatever queue it lies; only for files of this floor that hold a right
/// to it.
pub(in crate::store) async fn anywhere(on: &impl Source, id: ReportId) -> Result<Row, Error> {
    let row = report::Entity::find_by_id(id.0);
    read(row.one(on.inner()).await?.ok_or(Error::Missing)?)
}

/// The open reports of a staff member who is disabled, in the order of their queues: a change of
/// all of them then locks the journals in the same order as every transaction.
pub async fn left_by(on: &impl Source, gone: &Gone) -> Result<Vec<Row>, Error> {
    let rows = report::Entity::find()
        .filter(report::Column::OwnerId.eq(gone.0.0))
        .filter(report::Column::ClosedAt.is_null())
        .order_by_asc(report::Column::QueueId)
        .order_by_asc(report::Column::Id)
        .all(on.inner())
        .await?;
    // An account is disabled also where a newer version wrote a report that this one cannot read.
    Ok(readable(rows))
}

/// The reports that were merged into this one, and the other one that it is to be merged into, in
/// all queues: the system changes them, also outside of the person's scope.
pub async fn merge_group(tx: &Tx, row: &Row, other: Option<ReportId>) -> Result<Vec<Row>, Error> {
    let rows = report::Entity::find()
        .filter(in_group(row.id, other))
        .order_by_asc(report::Column::Id)
        .all(tx.inner())
        .await?;
    rows.into_iter().map(read).collect()
}

/// The reports that have duplicates although their status cannot absorb any, the oldest first, at
/// most `limit`. There are none; tests check it.
pub async fn orphaned(on: &impl Source, limit: u64) -> Result<Vec<Row>, Error> {
    let cannot_absorb = Status::ALL
        .into_iter()
        .filter(|status| !status.can_absorb());
    let mut into = Query::select();
    into.column(report::Column::MergedInto)
        .from(report::Entity)
        .and_where(report::Column::MergedInto.is_not_null());
    let rows = report::Entity::find()
        .filter(report::Column::Id.in_subquery(into))
        .filter(report::Column::Status.is_in(cannot_absorb.map(Status::code)))
        .order_by_asc(report::Column::Id)
        .limit(limit)
        .all(on.inner())
        .await?;
    Ok(readable(rows))
}

fn in_group(id: ReportId, other: Option<ReportId>) -> Condition {
    Condition::any()
        .add(report::Column::MergedInto.eq(id.0))
        .add_option(other.map(|other| report::Column::Id.eq(other.0)))
}

/// The reports of the scope whose number ends like this one, the newest first: people leave out
/// what stands before the day.
pub async fn found_by_number(
    on: &impl Source,
    scope: &Scope,
    number: &Number,
    days: Vec<NaiveDate>,
) -> Result<Vec<Row>, Error> {
    // Before the limit: many subdistricts count alike, and only their numbers tell them apart.
    let same = Condition::any()
        .add(report::Column::Number.eq(number.as_str()))
        .add(report::Column::Number.ends_with(format!("-{}", number.as_str())));
    let rows = reports(scope)
        .filter(counted_as(number, days))
        .filter(same)
        .order_by_desc(report::Column::Id)
        .limit(FOUND_MAX)
        .all(on.inner())
        .await?;
    // An error, since the report that was asked for exists.
    rows.into_iter().map(read).collect()
}

/// The reports of this telephone within the scope, open or not, the newest first.
pub async fn found_by_phone(
    on: &impl Source,
    scope: &Scope,
    phone_tag: [u8; 16],
) -> Result<Vec<Row>, Error> {
    let rows = reports(scope)
        .filter(of_phone(on.inner(), &phone_tag))
        .order_by_desc(report::Column::Id)
        .limit(FOUND_MAX)
        .all(on.inner())
        .await?;
    Ok(readable(rows))
}

/// The reports that may have this number, by the index of days and serials.
fn counted_as(number: &Number, days: Vec<NaiveDate>) -> Condition {
    let serial = i32::try_from(number.serial()).unwrap_or(i32::MAX);
    Condition::all()
        .add(report::Column::SerialDay.is_in(days))
        .add(report::Column::Serial.eq(serial))
}

fn reports(scope: &Scope) -> Select<report::Entity> {
    report::Entity::find().filter(within(scope))
}

/// What lies within the scope. Every read of reports for staff goes through it.
pub(in crate::store) fn within(scope: &Scope) -> Condition {
    let queues = scope.queues().iter().map(|queue| queue.0);
    Condition::all()
        .add(report::Column::QueueId.is_in(queues))
        .add(on_its_ground(scope))
}

/// Of a queue around a grid, the reports of the grid's buildings; of other queues all.
pub(super) fn on_its_ground(scope: &Scope) -> Condition {
    let buildings = scope.grid().map(|grid| {
        let mut of_grid = Query::select();
        of_grid
            .column(building::Column::Id)
            .from(building::Entity)
            .and_where(building::Column::AreaId.is_in(grid.iter().map(|area| area.0)));
        report::Column::BuildingId.in_subquery(of_grid)
    });
    Condition::all().add_option(buildings)
}

/// Other open reports of the same telephone within the scope, the newest first.
pub async fn of_same_phone(on: &impl Source, scope: &Scope, row: &Row) -> Result<Vec<Row>, Error> {
    let rows = reports(scope)
        .filter(of_phone(
            on.inner(),
            row.phone_tag.as_deref().unwrap_or_default(),
        ))
        .filter(report::Column::Id.ne(row.id.0))
        .filter(report::Column::ClosedAt.is_null())
        .order_by_desc(report::Column::Id)
        .limit(SAME_PHONE_MAX)
        .all(on.inner())
        .await?;
    Ok(readable(rows))
}

/// The duplicates within the scope that were merged into the report, the newest first.
pub async fn merged_into(on: &impl Source, scope: &Scope, id: ReportId) -> Result<Vec<Row>, Error> {
    let rows = reports(scope)
        .filter(report::Column::MergedInto.eq(id.0))
        .order_by_desc(report::Column::Id)
        .limit(MERGED_MAX)
        .all(on.inner())
        .await?;
    Ok(readable(rows))
}

/// Those of the reports that lie within the scope.
pub async fn among(on: &impl Source, scope: &Scope, ids: &[ReportId]) -> Result<Vec<Row>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AMONG_MAX) {
        let rows = reports(scope)
            .filter(report::Column::Id.is_in(some.iter().map(|id| id.0)))
            .all(on.inner())
            .await?;
        found.extend(rows);
    }
    Ok(readable(found))
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryTrait, Statement};

    use super::*;

    /// How SQLite goes about finding these.
    async fn plan(filter: impl FnOnce(&DatabaseConnection) -> Condition) -> Vec<String> {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        migration::Migrator::up(&db).await.unwrap();
        let filter = filter(&db);
        let backend = db.get_database_backend();
        let find = report::Entity::find().filter(filter);
        let text = format!("EXPLAIN QUERY PLAN {}", find.build(backend));
        let steps = Statement::from_string(backend, text);
        let steps = db.query_all_raw(steps).await.unwrap();
        let step = |row: &sea_orm::QueryResult| row.try_get::<String>("", "detail").unwrap();
        steps.iter().map(step).collect()
    }

    #[tokio::test]
    async fn a_telephone_is_sought_in_the_index_of_each_day() {
        let steps = plan(|db| of_phone(db, &[7; 16])).await;
        for sought in [
            "report_phone USING PRIMARY KEY (day=? AND phone_tag=?)",
            "report USING INDEX sqlite_autoindex_report_1 (id=?)",
        ] {
            assert!(steps.iter().any(|step| step.contains(sought)), "{steps:?}");
        }
    }

    #[tokio::test]
    async fn merged_reports_are_found_by_index() {
        let [one, two] = [1, 2].map(|number| ReportId(uuid::Uuid::from_u128(number)));
        for other in [None, Some(two)] {
            let steps = plan(|_| in_group(one, other)).await;
            let sought = "INDEX report_merged (merged_into=?)";
            assert!(steps.iter().any(|step| step.contains(sought)), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("SCAN")), "{steps:?}");
        }
    }
}
