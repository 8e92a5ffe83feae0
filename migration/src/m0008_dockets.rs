//! Dockets: lists are kept in memory, so that a report costs no index that only lists need.

use sea_orm::DbBackend;
use sea_orm::sea_query::Table;

use crate::schema::binary_null;
use crate::sql;

/// Every report paid for them when it came in: for the random keys of two, and for the moments in
/// words, five of them, of two more.
const GONE: [&str; 6] = [
    "report_phone",
    "report_due",
    "report_received",
    "report_red",
    "report_escalated",
    "report_twin",
];

/// Follow from the deadlines.
const GONE_COLUMNS: [&str; 2] = ["contact_soon_at", "finish_soon_at"];

/// Adds to reports by what their room is recognised, and takes away what lists were read from.
/// Reports that are there have no such mark: until they have ended, they are no probable
/// duplicates by their room.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    let report = || Table::alter().table("report").take();
    let mut statements = Vec::from(GONE.map(|index| format!("DROP INDEX {index}")));
    statements
        .extend(GONE_COLUMNS.map(|column| sql(backend, &report().drop_column(column).take())));
    let mut room = binary_null("room_tag");
    statements.push(sql(backend, &report().add_column(&mut room).take()));
    // The day comes first, so that a report that comes in touches today's part alone.
    statements.push("CREATE INDEX report_phone ON report (serial_day, phone_tag)".to_owned());
    // What is open is read once by each process, and by whoever is let go.
    statements
        .push("CREATE INDEX report_open ON report (queue_id) WHERE closed_at IS NULL".to_owned());
    statements
}
