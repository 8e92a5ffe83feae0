//! What has ended, listed and counted within a scope. What is open is in `domain::open_cases`.

use chrono::{DateTime, Utc};
use entity::{journal_head, report};
use sea_orm::sea_query::{Expr, ExprTrait, Order as Origin, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::find::on_its_ground;
use crate::domain::listing::{ListQuery, Order, PageCursor};
use crate::domain::place::BuildingId;
use crate::domain::report::{Direction, ReportId};
use crate::domain::staff::Scope;
use crate::store::{Error, Source};

/// Stands for no building: ours are numbered from 1.
const NO_BUILDING: i32 = 0;

/// The places of the first `limit` reports that ended today, in the order of the look and after the
/// one that it names.
pub async fn closed(
    on: &impl Source,
    scope: &Scope,
    look: &ListQuery,
    limit: u64,
) -> Result<Vec<PageCursor>, Error> {
    let (at, way) = match look.order {
        Order::Deadline | Order::Building => (report::Column::ContactDueAt, Origin::Asc),
        Order::Newest => (report::Column::ReceivedAt, Origin::Desc),
    };
    // The databases do not agree on where to put what has no building.
    let building = match look.order {
        Order::Building => Expr::col(report::Column::BuildingId).if_null(NO_BUILDING),
        Order::Deadline | Order::Newest => Expr::val(NO_BUILDING),
    };
    let mut select = of_today(on, scope, look).await?;
    if look.order == Order::Building {
        select.order_by_expr(building.clone(), way.clone());
    }
    select
        .expr_as(building.clone(), "building")
        .expr_as(Expr::col(at), "at")
        .column(report::Column::Id)
        .order_by(at, way.clone())
        .order_by(report::Column::Id, way)
        .limit(limit);
    if let Some(after) = look.after {
        let beyond = after.building.map_or(NO_BUILDING, |building| building.0);
        let here = Expr::tuple([building, Expr::col(at), Expr::col(report::Column::Id)]);
        let there = [
            Expr::val(beyond),
            Expr::val(after.at),
            Expr::val(after.id.0),
        ];
        select.and_where(match look.order {
            Order::Deadline | Order::Building => here.gt(Expr::tuple(there)),
            Order::Newest => here.lt(Expr::tuple(there)),
        });
    }
    let mut marks = Vec::new();
    for row in on.inner().query_all(&select).await? {
        let at: DateTime<Utc> = row.try_get("", "at")?;
        let id: Uuid = row.try_get("", "id")?;
        let building: i32 = row.try_get("", "building")?;
        marks.push(PageCursor {
            urgent: false,
            building: (building != NO_BUILDING).then_some(BuildingId(building)),
            at,
            id: ReportId(id),
        });
    }
    Ok(marks)
}

/// How many reports ended today.
pub async fn closed_count(on: &impl Source, scope: &Scope, look: &ListQuery) -> Result<i64, Error> {
    let mut select = of_today(on, scope, look).await?;
    select.expr_as(Expr::col(report::Column::Id).count(), "closed");
    let row = on.inner().query_one(&select).await?;
    Ok(row.ok_or(Error::Missing)?.try_get("", "closed")?)
}

/// What ended today, in the queues that have ever had a report.
async fn of_today(
    on: &impl Source,
    scope: &Scope,
    look: &ListQuery,
) -> Result<SelectStatement, Error> {
    let within = scope.queues().iter().map(|queue| queue.0);
    let queue = look.narrow.queue.map(|queue| queue.0);
    let queues: Vec<i32> = journal_head::Entity::find()
        .select_only()
        .column(journal_head::Column::QueueId)
        .filter(journal_head::Column::QueueId.is_in(within))
        .filter(
            Condition::all().add_option(queue.map(|queue| journal_head::Column::QueueId.eq(queue))),
        )
        .into_tuple()
        .all(on.inner())
        .await?;
    let direction = look.narrow.direction.map(Direction::code);
    let buildings = look.narrow.buildings.as_ref();
    let buildings = buildings.map(|some| some.iter().map(|building| building.0));
    let narrowed = Condition::all()
        .add_option(direction.map(|way| report::Column::Direction.eq(way)))
        .add_option(buildings.map(|some| report::Column::BuildingId.is_in(some)))
        .add_option((look.narrow.phone.clone()).map(|phone| report::Column::PhoneTag.eq(phone)));
    let mut select = Query::select();
    select
        .from(report::Entity)
        .and_where(report::Column::QueueId.is_in(queues))
        .and_where(report::Column::ClosedAt.gte(look.day_began))
        .cond_where(on_its_ground(scope))
        .cond_where(narrowed);
    Ok(select)
}
