//! What has ended of a night, for the morning digest. What is open is in `domain::open_cases`.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::{DateTime, Utc};
use entity::report;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::find::within;
use crate::domain::area::AreaId;
use crate::domain::open_cases::{NightCounts, NightCursor, Nights};
use crate::domain::place::BuildingId;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::domain::triage::{Stage, Status};
use crate::store::{Error, Source};

/// The ended reports of each queue that staff worked on: those that were set aside are not counted.
pub async fn ended_counts(
    on: &impl Source,
    scope: &Scope,
    nights: &Nights,
) -> Result<BTreeMap<AreaId, NightCounts>, Error> {
    let rows: Vec<(i32, i64, i64, i64)> = ended(scope, nights)
        .select_only()
        .column(report::Column::QueueId)
        .expr(report::Column::Id.count())
        .expr(Expr::cust("CAST(SUM(persons) AS BIGINT)"))
        .expr(report::Column::Urgent.count())
        .group_by(report::Column::QueueId)
        .into_tuple()
        .all(on.inner())
        .await?;
    let counted = rows.into_iter().map(|(queue, reports, persons, urgent)| {
        let counts = NightCounts {
            reports,
            persons,
            urgent,
            ..NightCounts::default()
        };
        (AreaId(queue), counts)
    });
    Ok(counted.collect())
}

/// The places of the first `limit` of them after this one.
pub async fn ended_cursors(
    on: &impl Source,
    scope: &Scope,
    nights: &Nights,
    after: Option<NightCursor>,
    limit: u64,
) -> Result<Vec<NightCursor>, Error> {
    let columns = [
        report::Column::QueueId,
        report::Column::BuildingId,
        report::Column::ReceivedAt,
        report::Column::Id,
    ];
    let mut find = ended(scope, nights).select_only().columns(columns);
    if let Some(after) = after {
        // Each report has a building; what has none would come first.
        let building = after.building.map_or(0, |building| building.0);
        let there = [
            Expr::val(after.queue.0),
            Expr::val(building),
            Expr::val(after.received_at),
            Expr::val(after.id.0),
        ];
        let here = columns.map(|column| Expr::col((report::Entity, column)));
        find = find.filter(Expr::tuple(here).gt(Expr::tuple(there)));
    }
    for column in columns {
        find = find.order_by_asc(column);
    }
    let rows: Vec<(i32, Option<i32>, DateTime<Utc>, Uuid)> =
        find.limit(limit).into_tuple().all(on.inner()).await?;
    let cursors = rows
        .into_iter()
        .map(|(queue, building, received_at, id)| NightCursor {
            queue: AreaId(queue),
            building: building.map(BuildingId),
            received_at,
            id: ReportId(id),
        });
    Ok(cursors.collect())
}

fn ended(scope: &Scope, nights: &Nights) -> Select<report::Entity> {
    let mut by_night: HashMap<&Range<DateTime<Utc>>, Vec<i32>> = HashMap::new();
    for queue in scope.queues() {
        if let Some(night) = nights.get(queue) {
            by_night.entry(night).or_default().push(queue.0);
        }
    }
    // Without a night there is no report: a condition of nothing would hold for all.
    let nothing = Condition::any().add(report::Column::QueueId.is_in(Vec::<i32>::new()));
    let of_nights = by_night.into_iter().fold(nothing, |any, (night, queues)| {
        any.add(
            Condition::all()
                .add(report::Column::QueueId.is_in(queues))
                // No report ends before it is received: the index begins where the night does.
                .add(report::Column::ClosedAt.gte(night.start))
                .add(report::Column::ReceivedAt.gte(night.start))
                .add(report::Column::ReceivedAt.lt(night.end)),
        )
    });
    let worked_on = Status::ALL
        .into_iter()
        .filter(|status| status.stage() == Stage::Done);
    report::Entity::find()
        .filter(of_nights)
        .filter(report::Column::Status.is_in(worked_on.map(Status::code)))
        .filter(within(scope))
}
