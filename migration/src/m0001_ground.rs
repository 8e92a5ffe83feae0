//! The ground: places, placards, sites, regions, people who work here, reports and their journals.

use sea_orm::DbBackend;
use sea_orm::sea_query::{
    ColumnDef, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Index,
    IndexCreateStatement, Table, TableCreateStatement,
};

use crate::schema::{
    big_integer, binary, binary_null, boolean, date, date_null, double, integer, integer_null,
    pk_auto, small_integer, string, string_uniq, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};
use crate::sql;

/// Creates every table of the first release.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    let tables = places().into_iter().chain(people()).chain(reports());
    let mut statements: Vec<String> = tables.map(|table| sql(backend, &table)).collect();
    statements.extend(indexes().iter().map(|index| sql(backend, index)));
    // Partial: a queue lists what is open, and ten million closed reports must not slow the next
    // one down. Both databases read the same words.
    statements.push(
        "CREATE INDEX report_open ON report (queue_id, id) WHERE closed_at IS NULL".to_owned(),
    );
    statements
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

fn places() -> Vec<TableCreateStatement> {
    vec![
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
            .foreign_key(&mut reference("area", "parent_id", "area"))
            .take(),
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
            .col(double("lon"))
            .col(double("lat"))
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
            .col(double("lon"))
            .col(double("lat"))
            .col(string("hours"))
            .col(date_null("opens_from"))
            .col(boolean("suspended"))
            .col(date_null("checked_on"))
            .col(boolean("sample"))
            .foreign_key(&mut reference("site", "area_id", "area"))
            .take(),
        Table::create()
            .table("region")
            .col(pk_auto("id"))
            .col(string_uniq("code"))
            .col(string("level"))
            .col(string("name"))
            .col(string("full_name"))
            .col(integer_null("parent_id"))
            .foreign_key(&mut reference("region", "parent_id", "region"))
            .take(),
        // How often a kind of data was replaced; every node reloads what it holds in memory when
        // the number moves.
        Table::create()
            .table("generation")
            .col(string("name").primary_key())
            .col(big_integer("reached"))
            .take(),
    ]
}

fn people() -> Vec<TableCreateStatement> {
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

fn reports() -> Vec<TableCreateStatement> {
    vec![
        // The key comes with the page and is ordered by time, so this index only ever grows at
        // its end. No foreign keys: the writer resolves places from memory, and a place that is
        // gone must not take its history along.
        Table::create()
            .table("report")
            .col(uuid_key("id"))
            .col(binary("content_hash"))
            .col(string("number"))
            .col(date("serial_day"))
            .col(integer("serial"))
            .col(integer("queue_id"))
            .col(integer_null("placard_id"))
            .col(integer_null("building_id"))
            .col(string("channel"))
            .col(string("lang"))
            .col(string("direction"))
            .col(small_integer("persons"))
            .col(integer_null("region_id"))
            .col(date("travel_day"))
            .col(string("status"))
            .col(string("outcome").null())
            .col(integer("version"))
            .col(integer_null("owner_id"))
            .col(timestamp_with_time_zone("received_at"))
            .col(date("tally_day"))
            .col(small_integer("tally_hour"))
            .col(timestamp_with_time_zone("contact_due_at"))
            .col(timestamp_with_time_zone_null("accepted_at"))
            .col(timestamp_with_time_zone_null("closed_at"))
            .col(binary("sealed"))
            .col(binary_null("phone_tag"))
            .take(),
        // Only for clients that bring an Idempotency-Key of their own making.
        Table::create()
            .table("client_key")
            .col(binary("hash").primary_key())
            .col(uuid("report_id"))
            .take(),
        Table::create()
            .table("journal")
            .col(integer("area_id").primary_key())
            .col(big_integer("reached"))
            .take(),
        Table::create()
            .table("entry")
            .col(integer("area_id"))
            .col(big_integer("seq"))
            .col(uuid("report_id"))
            .col(string("kind"))
            .col(integer("version"))
            .col(timestamp_with_time_zone("at"))
            .col(integer_null("actor_id"))
            .col(text_null("detail"))
            .primary_key(Index::create().name("entry_pk").col("area_id").col("seq"))
            .take(),
        Table::create()
            .table("serial")
            .col(integer("area_id"))
            .col(date("day"))
            .col(integer("reached"))
            .primary_key(Index::create().name("serial_pk").col("area_id").col("day"))
            .take(),
        Table::create()
            .table("tally")
            .col(date("day"))
            .col(integer("area_id"))
            .col(small_integer("hour"))
            .col(string("direction"))
            .col(string("status"))
            .col(big_integer("reports"))
            .col(big_integer("persons"))
            .primary_key(
                Index::create()
                    .name("tally_pk")
                    .col("day")
                    .col("area_id")
                    .col("hour")
                    .col("direction")
                    .col("status"),
            )
            .take(),
    ]
}

fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("estate_name", "estate", &["area_id", "name"])
            .unique()
            .take(),
        index("building_name", "building", &["estate_id", "name"])
            .unique()
            .take(),
        index("placard_building", "placard", &["building_id"]),
        index("site_name", "site", &["area_id", "name"])
            .unique()
            .take(),
        index("session_expiry", "session", &["expires_at"]),
        // Both grow at their end: a serial counts up within its day, and an entry follows its
        // report, whose id is ordered by time.
        index("report_serial", "report", &["serial_day", "serial"]),
        index("entry_report", "entry", &["report_id"]),
    ]
}
