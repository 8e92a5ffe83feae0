//! Reports by telephone. On PostgreSQL an index has them. On SQLite a new report is in
//! `recent_report`, from where the writer moves many at once into `report_phone`: an index without an
//! order in time costs a page for each report, and a sorted move of thousands writes each page once.

use entity::{receipt_sequence, report};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend};

use super::{Error, Source, Tx};
use crate::domain::report::ReportId;

/// The reports of one telephone. On PostgreSQL their index goes by the day first, so that a report that
/// comes in touches only today's part of it; a search asks for each day there was. On SQLite it asks
/// each run, see `intake::phone_runs`.
pub(super) fn of_phone(on: &impl ConnectionTrait, tag: &[u8]) -> Condition {
    if on.get_database_backend() != DbBackend::Sqlite {
        let mut days = Query::select();
        days.distinct()
            .column(receipt_sequence::Column::Day)
            .from(receipt_sequence::Entity);
        return Condition::all()
            .add(report::Column::SerialDay.in_subquery(days))
            .add(report::Column::PhoneTag.eq(tag));
    }
    let mut moved = Query::select();
    moved
        .column("report_id")
        .from("report_phone")
        .and_where(Expr::col("run").in_subquery(runs()))
        .and_where(Expr::col("phone_tag").eq(tag));
    let mut ids = recent("phone_tag", tag);
    ids.union(UnionType::All, moved);
    Condition::all().add(report::Column::Id.in_subquery(ids))
}

/// The recent reports with this value.
fn recent(column: &'static str, value: &[u8]) -> SelectStatement {
    let mut ids = Query::select();
    ids.column("report_id")
        .from("recent_report")
        .and_where(Expr::col(column).eq(value));
    ids
}

fn runs() -> SelectStatement {
    let mut runs = Query::select();
    runs.column("run").from("phone_run");
    runs
}

/// Lists the report under another telephone: it was corrected.
pub(super) async fn rename(tx: &Tx, id: ReportId, from: &[u8], to: &[u8]) -> Result<(), Error> {
    if tx.inner().get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let mut listed = Query::update();
    listed
        .table("recent_report")
        .value("phone_tag", to)
        .and_where(Expr::col("report_id").eq(id.0));
    tx.inner().execute(&listed).await?;
    let mut moved = Query::update();
    moved
        .table("report_phone")
        .value("phone_tag", to)
        .and_where(Expr::col("run").in_subquery(runs()))
        .and_where(Expr::col("phone_tag").eq(from))
        .and_where(Expr::col("report_id").eq(id.0));
    tx.inner().execute(&moved).await?;
    Ok(())
}
