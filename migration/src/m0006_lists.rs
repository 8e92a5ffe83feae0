//! Lists: the views of a queue, each read from an index alone.

use sea_orm::DbBackend;
use sea_orm::sea_query::Table;

use crate::schema::timestamp_with_time_zone;
use crate::sql;

/// From when on the deadlines of the reports that are there are near: three quarters of the time.
/// Milliseconds are enough; there is no arithmetic of time that both databases understand.
const NEAR_SQLITE: &str = "UPDATE report SET contact_soon_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', \
     julianday(received_at) + 0.75 * (julianday(contact_due_at) - julianday(received_at)))";
const NEAR_POSTGRES: &str =
    "UPDATE report SET contact_soon_at = received_at + 0.75 * (contact_due_at - received_at)";

/// Partial: ten million closed reports must not slow down what is open. Behind the order of a list
/// stand the columns that views and filters ask for, so that no row is touched that is not shown;
/// `closed_at` among them, because SQLite wants to see that it is empty.
const INDEXES: [&str; 4] = [
    "CREATE INDEX report_due ON report (queue_id, contact_due_at, id, status, contact_soon_at, \
     owner_id, direction, building_id, incomplete, closed_at) WHERE closed_at IS NULL",
    "CREATE INDEX report_received ON report (queue_id, received_at, id, status, contact_due_at, \
     contact_soon_at, owner_id, direction, building_id, incomplete, closed_at) \
     WHERE closed_at IS NULL",
    "CREATE INDEX report_twin ON report (queue_id, phone_tag, closed_at, direction, building_id) \
     WHERE closed_at IS NULL",
    "CREATE INDEX report_closed ON report (queue_id, closed_at, received_at, contact_due_at, id, \
     direction, building_id) WHERE closed_at IS NOT NULL",
];

/// Adds to reports from when on the deadline is near, and the indexes that lists and their counts
/// are read from.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    // The default is for the rows that are there, for as long as this step takes.
    let mut near = timestamp_with_time_zone("contact_soon_at")
        .default("1970-01-01T00:00:00+00:00")
        .take();
    let alter = Table::alter().table("report").add_column(&mut near).take();
    let fill = match backend {
        DbBackend::Postgres => NEAR_POSTGRES,
        _ => NEAR_SQLITE,
    };
    // Lists go by the receipt, no longer by the moment when a page got its key.
    let mut statements = vec![sql(backend, &alter), fill.to_owned()];
    statements.push("DROP INDEX report_open".to_owned());
    statements.extend(INDEXES.map(str::to_owned));
    statements
}
