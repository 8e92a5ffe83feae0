//! Triage: what a case needs beyond accept and close, and the way back from one's own last step.

use sea_orm::DbBackend;
use sea_orm::sea_query::{Index, Table, TableCreateStatement};

use crate::schema::{
    integer, integer_null, small_integer, string, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};
use crate::sql;

/// Adds to reports when to call again, how often they were refused and what they repeat.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    // One column a statement: SQLite knows no other.
    let columns = [
        timestamp_with_time_zone_null("retry_at"),
        small_integer("refusals").default(0).take(),
        uuid_null("merged_into"),
    ];
    let add = |mut column| {
        Table::alter()
            .table("report")
            .add_column(&mut column)
            .take()
    };
    let mut statements: Vec<String> = columns
        .into_iter()
        .map(|column| sql(backend, &add(column)))
        .collect();
    let phone = Index::create()
        .name("report_phone")
        .table("report")
        .col("phone_tag")
        .take();
    statements.push(sql(backend, &phone));
    statements.push(sql(backend, &undo()));
    statements
}

/// How each report stood before the last step that somebody made with it.
fn undo() -> TableCreateStatement {
    Table::create()
        .table("undo")
        .col(uuid("report_id").primary_key())
        .col(integer("version"))
        .col(integer("actor_id"))
        .col(timestamp_with_time_zone("at"))
        .col(integer("queue_id"))
        .col(string("status"))
        .col(string("outcome").null())
        .col(integer_null("owner_id"))
        .col(small_integer("refusals"))
        .col(timestamp_with_time_zone_null("retry_at"))
        .col(uuid_null("merged_into"))
        .col(timestamp_with_time_zone_null("accepted_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .take()
}
