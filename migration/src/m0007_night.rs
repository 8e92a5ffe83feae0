//! Night: each subdistrict's own hours, days off, the second deadline, escalation and red rules.

use sea_orm::DbBackend;
use sea_orm::sea_query::{ColumnDef, Table, TableCreateStatement};

use crate::schema::{
    boolean, boolean_null, date, integer_null, pk_auto, string, string_null, string_uniq,
    time_null, timestamp_with_time_zone_null,
};
use crate::sql;

/// Adds what a night needs. Reports that are there keep the one deadline that they were given.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    let add = |(table, mut column)| Table::alter().table(table).add_column(&mut column).take();
    // One column a statement: SQLite knows no other.
    let mut statements: Vec<String> = columns()
        .into_iter()
        .map(|column| sql(backend, &add(column)))
        .collect();
    statements.extend([holiday(), red_rule()].map(|table| sql(backend, &table)));
    statements.extend(["report_due", "report_received"].map(|index| format!("DROP INDEX {index}")));
    statements.extend(INDEXES.map(str::to_owned));
    statements
}

/// Partial indexes, which both databases read in the same words. The first is the promise that a
/// report goes up to each level once, on however many nodes. Lists ask for the second deadline and
/// for what is red or was told up, so that stands in their indexes too; what is red stands first
/// in a queue and is few.
const INDEXES: [&str; 5] = [
    "CREATE UNIQUE INDEX entry_escalated ON entry (report_id, detail) WHERE kind = 'escalated'",
    "CREATE INDEX report_due ON report (queue_id, contact_due_at, id, status, contact_soon_at, \
     finish_soon_at, finish_due_at, red, escalated_to, owner_id, direction, building_id, \
     incomplete, closed_at) WHERE closed_at IS NULL",
    "CREATE INDEX report_received ON report (queue_id, received_at, id, status, contact_due_at, \
     contact_soon_at, finish_soon_at, finish_due_at, red, escalated_to, owner_id, direction, \
     building_id, incomplete, closed_at) WHERE closed_at IS NULL",
    "CREATE INDEX report_red ON report (queue_id, contact_due_at, id, status, contact_soon_at, \
     finish_soon_at, finish_due_at, red, escalated_to, owner_id, direction, building_id, \
     incomplete, phone_tag, closed_at) WHERE closed_at IS NULL AND red IS NOT NULL",
    "CREATE INDEX report_escalated ON report (queue_id, escalated_to) \
     WHERE closed_at IS NULL AND escalated_to IS NOT NULL",
];

/// An area's own hours win over the settings where they are filled. A report carries the name of
/// the red rule that it matched, so that the reason outlives the rule.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        ("area", time_null("day_starts")),
        ("area", time_null("day_ends")),
        ("area", time_null("night_due")),
        ("area", integer_null("first_contact_minutes")),
        ("area", integer_null("finish_hours")),
        ("area", boolean_null("off_days_called")),
        ("report", timestamp_with_time_zone_null("finish_due_at")),
        ("report", timestamp_with_time_zone_null("finish_soon_at")),
        ("report", string_null("escalated_to")),
        ("report", timestamp_with_time_zone_null("escalated_at")),
        ("report", string_null("red")),
    ]
}

/// Days that are off, or worked against the rule of the week.
fn holiday() -> TableCreateStatement {
    Table::create()
        .table("holiday")
        .col(date("day").primary_key())
        .col(string("kind"))
        .col(string("name"))
        .take()
}

/// What rings the duty officer at any hour.
fn red_rule() -> TableCreateStatement {
    Table::create()
        .table("red_rule")
        .col(pk_auto("id"))
        .col(string_uniq("name"))
        .col(string_null("direction"))
        .col(string("region_prefix"))
        .col(boolean("active"))
        .take()
}
