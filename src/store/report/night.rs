//! What has ended of a night, for the morning digest. What is open is in `domain::open_cases`.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::{DateTime, Utc};
use entity::report;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::find::on_its_ground;
use crate::domain::open_cases::{NightCounts, NightCursor, Nights};
use crate::domain::place::BuildingId;
use crate::domain::queue::QueueId;
use crate::domain::report::ReportId;
use crate::domain::staff::Scope;
use crate::domain::triage::{Stage, Status};
use crate::store::{Error, Source};

/// The ended reports of each queue that staff worked on: those that were set aside are not counted.
pub async fn ended_counts(
    on: &impl Source,
    scope: &Scope,
    nights: &Nights,
) -> Result<BTreeMap<QueueId, NightCounts>, Error> {
    let mut counts = BTreeMap::new();
    for ended in ended(scope, nights) {
        let rows: Vec<(i32, i64, i64, i64)> = ended
            .select_only()
            .column(report::Column::QueueId)
            .expr(report::Column::Id.count())
            .expr(Expr::cust("CAST(SUM(persons) AS BIGINT)"))
            .expr(report::Column::Urgent.count())
            .group_by(report::Column::QueueId)
            .into_tuple()
            .all(on.inner())
            .await?;
        counts.extend(rows.into_iter().map(|(queue, reports, persons, urgent)| {
            let counts = NightCounts {
                reports,
                persons,
                urgent,
                ..NightCounts::default()
            };
            (QueueId(queue), counts)
        }));
    }
    Ok(counts)
}

/// The places of the first `limit` of them after this one, of each night.
pub async fn ended_cursors(
    on: &impl Source,
    scope: &Scope,
    nights: &Nights,
    after: Option<NightCursor>,
    limit: u64,
) -> Result<Vec<NightCursor>, Error> {
    let mut cursors = Vec::new();
    for ended in ended(scope, nights) {
        let mut find = ended.select_only().columns(ORDER);
        for column in ORDER {
            find = find.order_by_asc(column);
        }
        if let Some(after) = after {
            find = find.filter(behind(after));
        }
        let rows: Vec<(i32, Option<i32>, DateTime<Utc>, Uuid)> =
            find.limit(limit).into_tuple().all(on.inner()).await?;
        cursors.extend(
            rows.into_iter()
                .map(|(queue, building, at, id)| NightCursor {
                    queue: QueueId(queue),
                    building: building.map(BuildingId),
                    received_at: at,
                    id: ReportId(id),
                }),
        );
    }
    Ok(cursors)
}

/// What [`NightCursor`] is ordered by.
const ORDER: [report::Column; 4] = [
    report::Column::QueueId,
    report::Column::BuildingId,
    report::Column::ReceivedAt,
    report::Column::Id,
];

fn behind(after: NightCursor) -> Expr {
    // Each report has a building; what has none would come first.
    let building = after.building.map_or(0, |building| building.0);
    let there = [
        Expr::val(after.queue.0),
        Expr::val(building),
        Expr::val(after.received_at),
        Expr::val(after.id.0),
    ];
    let here = ORDER.map(|column| Expr::col((report::Entity, column)));
    Expr::tuple(here).gt(Expr::tuple(there))
}

/// What has ended of each night. One statement a night: with several in one the databases do not use
/// the index of ended reports.
fn ended(scope: &Scope, nights: &Nights) -> Vec<Select<report::Entity>> {
    let mut by_night: HashMap<&Range<DateTime<Utc>>, Vec<i32>> = HashMap::new();
    for queue in scope.queues() {
        if let Some(night) = nights.get(queue) {
            by_night.entry(night).or_default().push(queue.0);
        }
    }
    let of_night = |(night, queues): (&Range<DateTime<Utc>>, Vec<i32>)| {
        let worked_on = Status::ALL
            .into_iter()
            .filter(|status| status.stage() == Stage::Done);
        report::Entity::find()
            .filter(report::Column::QueueId.is_in(queues))
            // No report ends before it is received: the index begins where the night does.
            .filter(report::Column::ClosedAt.gte(night.start))
            .filter(report::Column::ReceivedAt.gte(night.start))
            .filter(report::Column::ReceivedAt.lt(night.end))
            .filter(report::Column::Status.is_in(worked_on.map(Status::code)))
            .filter(on_its_ground(scope))
    };
    by_night.into_iter().map(of_night).collect()
}
