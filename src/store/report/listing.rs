//! Lists of reports and how long they are, within a scope. Keys are read from an index of each
//! queue, a page of every one at most; rows only of what is shown.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{journal, report};
use sea_orm::sea_query::{
    Asterisk, Condition, Expr, ExprTrait, Func, Order as Way, Query, SelectStatement, UnionType,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::find::{on_its_ground, within};
use super::{Row, among};
use crate::domain::listing::{Listing, Look, Mark, Narrow, Order};
use crate::domain::report::{Direction, ReportId};
use crate::domain::staff::Scope;
use crate::domain::triage::Status;
use crate::store::{Error, Source};

/// Queues that one statement reads at most: SQLite joins at most 500 selects.
const QUEUES_PER_STATEMENT: usize = 200;

/// A page of a list: at most `limit` reports, and the place of the last one where there are more.
pub async fn listed(
    on: &impl Source,
    scope: &Scope,
    look: &Look,
    limit: u64,
) -> Result<(Vec<Row>, Option<Mark>), Error> {
    let queues = queues(on, scope, &look.narrow).await?;
    let mut marks = Vec::new();
    for part in parts(look) {
        let wanted = limit + 1 - marks.len() as u64;
        if wanted > 0 {
            marks.extend(marked(on, (scope, &queues), (look, part), wanted).await?);
        }
    }
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let next = (marks.len() > shown).then(|| marks[shown - 1]);
    marks.truncate(shown);
    let ids: Vec<ReportId> = marks.iter().map(|mark| mark.id).collect();
    if ids.is_empty() {
        return Ok((Vec::new(), None));
    }
    let rows = among(on, scope, &ids).await?;
    let mut rows: HashMap<ReportId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let rows = ids.iter().filter_map(|id| rows.remove(id)).collect();
    Ok((rows, next))
}

/// A part of a list: what is red, or the rest, or both in one; and where it goes on.
#[derive(Clone, Copy, Debug)]
struct Part {
    red: Option<bool>,
    after: Option<Mark>,
}

/// The parts that are still to come, in their order.
fn parts(look: &Look) -> Vec<Part> {
    let part = |red, after| Part { red, after };
    match (look.order, look.after) {
        (_, after) if look.listing == Listing::ClosedToday => vec![part(None, after)],
        (Order::Newest, after) => vec![part(None, after)],
        (Order::Deadline, Some(after)) if !after.red => vec![part(Some(false), Some(after))],
        (Order::Deadline, after) => vec![part(Some(true), after), part(Some(false), None)],
    }
}

/// The places of the first reports of one part.
async fn marked(
    on: &impl Source,
    (scope, queues): (&Scope, &[i32]),
    (look, part): (&Look, Part),
    limit: u64,
) -> Result<Vec<Mark>, Error> {
    let mut marks = Vec::new();
    for some in queues.chunks(QUEUES_PER_STATEMENT) {
        // Duplicates are found among all queues at once.
        let shares: Vec<&[i32]> = match look.listing {
            Listing::Twins => vec![some],
            _ => some.chunks(1).collect(),
        };
        let shares = shares
            .into_iter()
            .map(|share| keys((scope, share), (look, part), limit));
        let Some(select) = joined(shares, look.order, limit) else {
            continue;
        };
        for row in on.inner().query_all(&select).await? {
            let at: DateTime<Utc> = row.try_get("", "at")?;
            let id: Uuid = row.try_get("", "id")?;
            marks.push(Mark {
                red: part.red == Some(true),
                at,
                id: ReportId(id),
            });
        }
    }
    marks.sort_unstable_by_key(|mark| (mark.at, mark.id));
    if look.order == Order::Newest {
        marks.reverse();
    }
    marks.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(marks)
}

/// How many reports each view has, in the order of [`Listing::ALL`].
pub async fn counts(
    on: &impl Source,
    scope: &Scope,
    look: &Look,
) -> Result<Vec<(Listing, i64)>, Error> {
    // Beside each other: each of them goes once over what is open.
    let (open, twins) = futures_util::future::try_join(
        numbers(on, open_counts(scope, look)),
        numbers(on, twin_count(scope, look)),
    )
    .await?;
    let closed = numbers(on, closed_count(scope, look)).await?;
    let all = [open, twins, closed].concat();
    Ok(Listing::ALL
        .into_iter()
        .map(|listing| {
            let found = all.iter().find(|(code, _)| *code == listing.code());
            (listing, found.map_or(0, |(_, count)| *count))
        })
        .collect())
}

type Named = Vec<(&'static str, i64)>;

/// The one row of a statement whose columns are named after views.
async fn numbers(
    on: &impl Source,
    (select, listings): (SelectStatement, Vec<Listing>),
) -> Result<Named, Error> {
    let row = on.inner().query_one(&select).await?.ok_or(Error::Missing)?;
    listings
        .into_iter()
        .map(|listing| Ok((listing.code(), row.try_get("", listing.code())?)))
        .collect()
}

/// The queues of the scope that have ever had a report, as far as the view is not narrowed to one.
async fn queues(on: &impl Source, scope: &Scope, narrow: &Narrow) -> Result<Vec<i32>, Error> {
    let within = scope.queues().iter().map(|area| area.0);
    let mut find = journal::Entity::find()
        .select_only()
        .column(journal::Column::AreaId)
        .filter(journal::Column::AreaId.is_in(within));
    if let Some(queue) = narrow.queue {
        find = find.filter(journal::Column::AreaId.eq(queue.0));
    }
    Ok(find.into_tuple().all(on.inner()).await?)
}

fn col(column: report::Column) -> Expr {
    Expr::col(column)
}

fn key(order: Order) -> report::Column {
    match order {
        Order::Deadline => report::Column::ContactDueAt,
        Order::Newest => report::Column::ReceivedAt,
    }
}

fn way(order: Order) -> Way {
    match order {
        Order::Deadline => Way::Asc,
        Order::Newest => Way::Desc,
    }
}

/// The keys of a page of these queues.
fn keys(
    (scope, queues): (&Scope, &[i32]),
    (look, part): (&Look, Part),
    limit: u64,
) -> SelectStatement {
    let red = || col(report::Column::Red);
    let (key, way) = (key(look.order), way(look.order));
    let mut select = Query::select();
    select
        .expr_as(col(key), "at")
        .column(report::Column::Id)
        .from(report::Entity)
        .cond_where(match queues {
            [queue] => col(report::Column::QueueId).eq(*queue),
            queues => col(report::Column::QueueId).is_in(queues.iter().copied()),
        })
        .cond_where(on_its_ground(scope))
        .cond_where(of_view(scope, look))
        .cond_where(narrowed(&look.narrow))
        .cond_where(Condition::all().add_option(part.red.map(|only| match only {
            true => red().is_not_null(),
            false => red().is_null(),
        })))
        .order_by(key, way.clone())
        .order_by(report::Column::Id, way)
        .limit(limit);
    if let Some(after) = part.after {
        let here = Expr::tuple([col(key), col(report::Column::Id)]);
        let there = Expr::tuple([Expr::val(after.at), Expr::val(after.id.0)]);
        select.and_where(match look.order {
            Order::Deadline => here.gt(there),
            Order::Newest => here.lt(there),
        });
    }
    select
}

/// The first of what all the selects have, each of which ends by itself.
fn joined(
    parts: impl Iterator<Item = SelectStatement>,
    order: Order,
    limit: u64,
) -> Option<SelectStatement> {
    let mut parts = parts.map(|part| {
        let mut select = Query::select();
        select.column(Asterisk).from_subquery(part, "q");
        select
    });
    let mut all = parts.next()?;
    all.unions(parts.map(|part| (UnionType::All, part)));
    let way = way(order);
    all.order_by("at", way.clone())
        .order_by("id", way)
        .limit(limit);
    Some(all)
}

/// What is in a view.
fn of_view(scope: &Scope, look: &Look) -> Condition {
    let closed_at = col(report::Column::ClosedAt);
    match look.listing {
        Listing::ClosedToday => Condition::all().add(closed_at.gte(look.day_began)),
        open => of_what_is_open(scope, look, open).add(closed_at.is_null()),
    }
}

/// What is in a view of what is open.
fn of_what_is_open(scope: &Scope, look: &Look, listing: Listing) -> Condition {
    let all = Condition::all();
    let status = |status: Status| col(report::Column::Status).eq(status.code());
    // The first call while it waits, the end once somebody has it.
    let counts = |due: fn(Expr, DateTime<Utc>) -> Expr, at: [report::Column; 2]| {
        let waits = status(Status::Waiting);
        Condition::any()
            .add(waits.clone().and(due(col(at[0]), look.now)))
            .add(waits.not().and(due(col(at[1]), look.now)))
    };
    let near = [report::Column::ContactSoonAt, report::Column::FinishSoonAt];
    let over = [report::Column::ContactDueAt, report::Column::FinishDueAt];
    match listing {
        Listing::Open | Listing::ClosedToday => all,
        Listing::Mine => all.add(col(report::Column::OwnerId).eq(look.me.0)),
        Listing::Waiting => all.add(status(Status::Waiting)),
        Listing::DueSoon => all
            .add(counts(ExprTrait::lte, near))
            .add(counts(ExprTrait::gte, over)),
        Listing::Overdue => all.add(counts(ExprTrait::lt, over)),
        Listing::Red => all.add(col(report::Column::Red).is_not_null()),
        Listing::Escalated => all.add(col(report::Column::EscalatedTo).is_not_null()),
        Listing::Unreachable => all.add(status(Status::Unreachable)),
        Listing::Incomplete => all.add(col(report::Column::Incomplete).eq(true)),
        Listing::Twins => all.add(col(report::Column::PhoneTag).in_subquery(shared_phones(scope))),
    }
}

fn narrowed(narrow: &Narrow) -> Condition {
    let direction = narrow.direction.map(Direction::code);
    let buildings = narrow.buildings.as_ref();
    Condition::all()
        .add_option(direction.map(|way| col(report::Column::Direction).eq(way)))
        .add_option(buildings.map(|some| {
            col(report::Column::BuildingId).is_in(some.iter().map(|building| building.0))
        }))
}

/// The same, with the queue.
fn narrowed_to_queue(narrow: &Narrow) -> Condition {
    let queue = narrow.queue.map(|queue| queue.0);
    narrowed(narrow).add_option(queue.map(|queue| col(report::Column::QueueId).eq(queue)))
}

/// The telephones that more than one open report of the scope has.
fn shared_phones(scope: &Scope) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(report::Column::PhoneTag)
        .from(report::Entity)
        .cond_where(within(scope))
        .and_where(col(report::Column::ClosedAt).is_null())
        .and_where(col(report::Column::PhoneTag).is_not_null())
        .group_by_col(report::Column::PhoneTag)
        .and_having(Expr::col(Asterisk).count().gt(1));
    select
}

/// Something to count where the condition holds, and nothing elsewhere.
fn hit(condition: Condition) -> Expr {
    Expr::case(condition, 1).into()
}

/// One pass over what is open counts all views of it but the duplicates.
fn open_counts(scope: &Scope, look: &Look) -> (SelectStatement, Vec<Listing>) {
    let others = [Listing::Twins, Listing::ClosedToday];
    let listings = Listing::ALL.into_iter().filter(|one| !others.contains(one));
    let listings: Vec<Listing> = listings.collect();
    let mut select = Query::select();
    for listing in &listings {
        let count = match of_what_is_open(scope, look, *listing) {
            all if all.is_empty() => Expr::col(Asterisk).count(),
            some => Func::count(hit(some)).into(),
        };
        select.expr_as(count, listing.code());
    }
    select
        .from(report::Entity)
        .cond_where(within(scope))
        .and_where(col(report::Column::ClosedAt).is_null())
        .cond_where(narrowed_to_queue(&look.narrow));
    (select, listings)
}

fn closed_count(scope: &Scope, look: &Look) -> (SelectStatement, Vec<Listing>) {
    let listing = Listing::ClosedToday;
    let mut select = Query::select();
    select
        .expr_as(Expr::col(Asterisk).count(), listing.code())
        .from(report::Entity)
        .cond_where(within(scope))
        .and_where(col(report::Column::ClosedAt).gte(look.day_began))
        .cond_where(narrowed_to_queue(&look.narrow));
    (select, vec![listing])
}

/// A duplicate of a report in another building or queue is one all the same: the view is narrowed
/// after it was found.
fn twin_count(scope: &Scope, look: &Look) -> (SelectStatement, Vec<Listing>) {
    let listing = Listing::Twins;
    let hits = if look.narrow == Narrow::default() {
        Expr::col(Asterisk).count()
    } else {
        Func::count(hit(narrowed_to_queue(&look.narrow))).into()
    };
    let mut shared = shared_phones(scope);
    shared.clear_selects().expr_as(hits, "hits");
    let sum = Func::coalesce([Expr::col("hits").sum(), Expr::val(0)]);
    let mut select = Query::select();
    select
        // A sum of whole numbers is a decimal on PostgreSQL.
        .expr_as(Expr::from(sum).cast_as("bigint"), listing.code())
        .from_subquery(shared, "shared");
    (select, vec![listing])
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use sea_orm::sea_query::SqliteQueryBuilder;
    use sea_orm::{Database, Statement};

    use super::*;
    use crate::domain::area::{Area, AreaId, Level, Tree};
    use crate::domain::staff::StaffId;

    fn scope() -> Scope {
        let area = |id| Area {
            id: AreaId(id),
            parent: (id > 1).then_some(AreaId(1)),
            level: Level::Community,
            code: String::new(),
            name: String::new(),
            name_en: String::new(),
            short_name: String::new(),
            number_prefix: String::new(),
            phone: String::new(),
            hours: crate::domain::rota::OwnHours::default(),
        };
        Scope::of(&Tree::new((1..=3).map(area).collect()), AreaId(1))
    }

    fn looks() -> impl Iterator<Item = Look> {
        let look = |(listing, order)| Look {
            listing,
            order,
            narrow: Narrow::default(),
            me: StaffId(1),
            now: Utc::now(),
            day_began: Utc::now(),
            after: None,
        };
        let all = Listing::ALL.into_iter();
        all.flat_map(|listing| Order::ALL.map(|order| (listing, order)))
            .map(look)
    }

    #[tokio::test]
    async fn lists_and_counts_are_read_from_indexes_alone() {
        use migration::MigratorTrait;
        let db = Database::connect("sqlite::memory:").await.unwrap();
        migration::Migrator::up(&db, None).await.unwrap();
        let scope = scope();
        let mut statements = Vec::new();
        for look in looks() {
            for part in parts(&look) {
                let shares: Vec<&[i32]> = match look.listing {
                    Listing::Twins => vec![&[1, 2, 3]],
                    _ => vec![&[1], &[2], &[3]],
                };
                let shares = shares.into_iter();
                let shares = shares.map(|share| keys((&scope, share), (&look, part), 101));
                statements.push(joined(shares, look.order, 101).unwrap());
            }
            for (counted, _) in [
                open_counts(&scope, &look),
                twin_count(&scope, &look),
                closed_count(&scope, &look),
            ] {
                statements.push(counted);
            }
        }
        for statement in statements {
            let text = statement.to_string(SqliteQueryBuilder);
            let explain = format!("EXPLAIN QUERY PLAN {text}");
            let explain = Statement::from_string(db.get_database_backend(), explain);
            for row in db.query_all_raw(explain).await.unwrap() {
                let step: String = row.try_get("", "detail").unwrap();
                let reads = step.contains(" report ");
                // Rows of what is shown in the end: duplicates are few.
                let few = step.contains("report_twin (queue_id=? AND phone_tag=?");
                let index = step.contains("COVERING INDEX") || few;
                assert!(!reads || index, "{step}\n{text}");
            }
        }
    }
}
