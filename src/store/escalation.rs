//! Escalations as rows.

use chrono::{DateTime, Utc};
use entity::report::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Error, Source, Tx};
use crate::domain::area::Level;
use crate::domain::report::ReportId;

/// Stores that these reports were escalated to this level. Their version stays: a step that is
/// under way does not conflict with an escalation.
pub async fn mark(
    tx: &Tx,
    reports: &[ReportId],
    level: Level,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    report::Entity::update_many()
        .col_expr(Column::EscalatedTo, Expr::value(level.code()))
        .col_expr(Column::EscalatedAt, Expr::value(at))
        .filter(Column::Id.is_in(reports.iter().map(|id| id.0)))
        .exec(tx.inner())
        .await?;
    Ok(())
}
