//! The one schema: places, people, reports with their history, and webhooks.

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    ColumnDef, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index,
    IndexCreateStatement, Table, TableCreateStatement,
};

use crate::schema::{
    big_integer, boolean, boolean_null, date, date_null, double, double_null, integer,
    integer_null, pk_auto, string, string_null, string_uniq, text, time_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};
use crate::sql;

mod report;

/// Indexes that cover a part of the rows. Both databases read the same words.
const PARTIAL_INDEXES: [&str; 4] = [
    // A report goes up to each level once, on however many nodes.
    "CREATE UNIQUE INDEX journal_entry_escalated ON journal_entry (report_id, detail) \
     WHERE kind = 'escalated'",
    // Each process reads the open reports once. Ten million closed ones must not slow that down.
    // By id, so that a new report is added at the end.
    "CREATE INDEX report_open ON report (id) WHERE closed_at IS NULL",
    "CREATE INDEX report_closed ON report (queue_id, closed_at, received_at, contact_due_at, id, \
     direction, building_id) WHERE closed_at IS NOT NULL",
    // Few reports are merged into another one; the others cost this index nothing.
    "CREATE INDEX report_merged ON report (merged_into) WHERE merged_into IS NOT NULL",
];

/// The queue of what staff and operators do beside the reports.
const SYSTEM_QUEUE: &str = "INSERT INTO queue (id, kind) VALUES (0, 'system')";

/// What only PostgreSQL has. The telephone of a report is in an index from its first moment.
const POSTGRES: [&str; 2] = [
    // The day comes first, so that a new report touches only today's part.
    "CREATE INDEX report_phone ON report (serial_day, phone_tag)",
    // The hash of a journal's last entry, for the statement that locks the journal's head. A subquery
    // sees the time when that statement began to wait; a volatile function sees the time of its call.
    "CREATE FUNCTION last_mac(integer) RETURNS bytea LANGUAGE sql VOLATILE AS \
     'SELECT mac FROM journal_entry WHERE queue_id = $1 ORDER BY seq DESC LIMIT 1'",
];

/// What only SQLite has. An index over telephones or clients' keys has no order in time: each new
/// report writes a page of its own, which costs more than the report itself. New ones are listed in
/// `recent_report` and `recent_key`, and many of them move into the sorted tables at once.
const SQLITE: [&str; 4] = [
    "CREATE TABLE recent_report (report_id uuid_text NOT NULL, phone_tag blob NOT NULL)",
    "CREATE TABLE recent_key (arrival integer PRIMARY KEY, hash blob NOT NULL, \
     report_id uuid_text NOT NULL)",
    // Sorted runs of telephones, and of what size each is; a run may be on its way into a larger one.
    "CREATE TABLE report_phone (run integer NOT NULL, phone_tag blob NOT NULL, \
     report_id uuid_text NOT NULL, PRIMARY KEY (run, phone_tag, report_id)) WITHOUT ROWID",
    "CREATE TABLE phone_run (run integer PRIMARY KEY, level integer NOT NULL, merged_into integer)",
];

/// Tables that SQLite keeps in the order of their keys, without a second tree for the key.
const SORTED: [&str; 5] = [
    "client_key",
    "journal_entry",
    "receipt_sequence",
    "tally",
    "webhook_cursor",
];

/// Creates every table and every index.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    let tables = [
        areas(),
        place_tables(),
        calendar(),
        staff(),
        report::tables(),
        webhooks(),
    ];
    let tables = tables.into_iter().flatten();
    let mut statements: Vec<String> = tables.map(|table| create(backend, &table)).collect();
    statements.extend(indexes().iter().map(|index| sql(backend, index)));
    statements.extend(PARTIAL_INDEXES.map(str::to_owned));
    statements.push(SYSTEM_QUEUE.to_owned());
    let own: &[&str] = match backend {
        DbBackend::Sqlite => &SQLITE,
        _ => &POSTGRES,
    };
    statements.extend(own.iter().map(|&statement| statement.to_owned()));
    statements
}

fn create(backend: DbBackend, table: &TableCreateStatement) -> String {
    let statement = sql(backend, table);
    let sorted = SORTED
        .iter()
        .any(|name| statement.starts_with(&format!("CREATE TABLE \"{name}\"")));
    match backend {
        DbBackend::Sqlite if sorted => format!("{statement} WITHOUT ROWID"),
        _ => statement,
    }
}

fn uuid_key(name: &'static str) -> ColumnDef {
    uuid(name).primary_key().take()
}

fn reference(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}"))
        .from(table, column)
        .to(to, "id")
        .take()
}

fn primary_key(name: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create().name(name).take();
    for column in columns {
        key.col(*column);
    }
    key
}

fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    primary_key(name, columns).table(table).take()
}

fn areas() -> Vec<TableCreateStatement> {
    vec![
        // An area's own hours, where they are filled, win over the settings.
        Table::create()
            .table("area")
            .col(pk_auto("id"))
            .col(integer_null("parent_id"))
            .col(string("level"))
            .col(string_uniq("code"))
            .col(string("name"))
            .col(string("name_en"))
            .col(string("short_name"))
            .col(string("number_prefix"))
            .col(string("phone"))
            .col(time_null("day_starts"))
            .col(time_null("day_ends"))
            .col(time_null("night_due"))
            .col(integer_null("first_contact_minutes"))
            .col(integer_null("finish_hours"))
            .col(boolean_null("off_days_called"))
            .foreign_key(&mut reference("area", "parent_id", "area"))
            .take(),
        // A queue of an area has the area's number; the system queue has none and is number zero.
        Table::create()
            .table("queue")
            .col(integer("id").primary_key())
            .col(string("kind"))
            .col(integer_null("area_id").unique_key())
            .foreign_key(&mut reference("queue", "area_id", "area"))
            .take(),
        Table::create()
            .table("region")
            .col(pk_auto("id"))
            .col(string_uniq("code"))
            .col(string("level"))
            .col(string("name"))
            .col(string("full_name"))
            .col(integer_null("parent_id"))
            .col(string_null("english"))
            .foreign_key(&mut reference("region", "parent_id", "region"))
            .take(),
        // How often a kind of data was replaced. Every node reloads what it holds in memory when
        // the number moves.
        Table::create()
            .table("cache_version")
            .col(string("name").primary_key())
            .col(big_integer("version"))
            .take(),
    ]
}

fn place_tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("estate")
            .col(pk_auto("id"))
            .col(integer("area_id"))
            .col(string("name"))
            .col(string("name_en"))
            .foreign_key(&mut reference("estate", "area_id", "area"))
            .take(),
        Table::create()
            .table("building")
            .col(pk_auto("id"))
            .col(integer("estate_id"))
            .col(integer("area_id"))
            .col(string("name"))
            .col(string("name_en"))
            .col(string("units"))
            .col(double_null("lon"))
            .col(double_null("lat"))
            .foreign_key(&mut reference("building", "estate_id", "estate"))
            .foreign_key(&mut reference("building", "area_id", "area"))
            .take(),
        Table::create()
            .table("placard")
            .col(pk_auto("id"))
            .col(integer("building_id"))
            .col(string("unit"))
            .col(string_uniq("code"))
            .col(string("check_word"))
            .col(string("state"))
            .col(string("batch"))
            .col(timestamp_with_time_zone("issued_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .col(integer_null("replaced_by"))
            .foreign_key(&mut reference("placard", "building_id", "building"))
            .foreign_key(&mut reference("placard", "replaced_by", "placard"))
            .take(),
        Table::create()
            .table("site")
            .col(pk_auto("id"))
            .col(integer("area_id"))
            .col(string("name"))
            .col(string("name_en"))
            .col(string("address"))
            .col(string("phone"))
            .col(string("note"))
            .col(string("note_en"))
            .col(double("lon"))
            .col(double("lat"))
            .col(string("hours"))
            .col(date_null("opens_from"))
            .col(boolean("suspended"))
            .col(date_null("checked_on"))
            .col(boolean("sample"))
            .foreign_key(&mut reference("site", "area_id", "area"))
            .take(),
    ]
}

fn calendar() -> Vec<TableCreateStatement> {
    vec![
        // Days that are off, or worked against the rule of the week.
        Table::create()
            .table("holiday")
            .col(date("day").primary_key())
            .col(string("kind"))
            .col(string("name"))
            .take(),
        // What makes a report urgent at any hour.
        Table::create()
            .table("urgent_rule")
            .col(pk_auto("id"))
            .col(string_uniq("name"))
            .col(string_null("direction"))
            .col(string("region_prefix"))
            .col(boolean("active"))
            .take(),
    ]
}

fn staff() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("staff")
            .col(pk_auto("id"))
            .col(string_uniq("login"))
            .col(string("name"))
            .col(string("role"))
            .col(integer("area_id"))
            .col(text("password_hash"))
            .col(boolean("password_once"))
            .col(timestamp_with_time_zone("password_at"))
            .col(boolean("disabled"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut reference("staff", "area_id", "area"))
            .take(),
        Table::create()
            .table("session")
            .col(uuid_key("id"))
            .col(integer("staff_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .foreign_key(
                reference("session", "staff_id", "staff").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
    ]
}

fn webhooks() -> Vec<TableCreateStatement> {
    vec![
        // The address and the secret are sealed: a robot's address is its password.
        Table::create()
            .table("webhook")
            .col(pk_auto("id"))
            .col(integer("area_id"))
            .col(string("kind"))
            .col(string("lang"))
            .col(text("address"))
            .col(text("secret"))
            // Codes with commas; empty for all kinds of entries.
            .col(string("events"))
            .col(boolean("active"))
            // Whether it receives everything during quiet hours, too.
            .col(boolean("at_night"))
            .col(timestamp_with_time_zone("created_at"))
            // Deliveries that failed in a row, when to try again, and the error of the last one.
            .col(integer("failures"))
            .col(timestamp_with_time_zone_null("retry_at"))
            .col(string("last_error"))
            .foreign_key(&mut reference("webhook", "area_id", "area"))
            .take(),
        // Up to which entry each webhook has received each queue's history, and up to which its
        // urgent entries.
        Table::create()
            .table("webhook_cursor")
            .col(integer("webhook_id"))
            .col(integer("queue_id"))
            .col(big_integer("seq"))
            .col(big_integer("urgent_seq"))
            .primary_key(&mut primary_key(
                "webhook_cursor_pk",
                &["webhook_id", "queue_id"],
            ))
            .foreign_key(
                reference("webhook_cursor", "webhook_id", "webhook")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
        // One row about the database as a whole. The fingerprint names the master key; it cannot be
        // turned back into the key.
        Table::create()
            .table("installation")
            .col(integer("id").primary_key())
            .col(string("key_fingerprint"))
            .take(),
        // Which node does what only one node may do. A lease ends by itself.
        Table::create()
            .table("lease")
            .col(string("name").primary_key())
            .col(uuid("holder"))
            .col(timestamp_with_time_zone("held_until"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("estate_name", "estate", &["area_id", "name"])
            .unique()
            .take(),
        index("building_name", "building", &["estate_id", "name"])
            .unique()
            .take(),
        // A worker of a grid asks for its buildings with every list.
        index("building_area", "building", &["area_id"]),
        index("placard_building", "placard", &["building_id"]),
        index("site_name", "site", &["area_id", "name"])
            .unique()
            .take(),
        index("session_expiry", "session", &["expires_at"]),
        // Both grow at their end: a serial counts up within its day, and an entry follows its
        // report, whose id is ordered by time.
        index("report_serial", "report", &["serial_day", "serial"]),
        index("journal_entry_report", "journal_entry", &["report_id"]),
    ]
}
