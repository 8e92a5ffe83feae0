//! The desk: where history is told to other programs, and how far each of them has been told.

use sea_orm::DbBackend;
use sea_orm::sea_query::{ForeignKey, ForeignKeyAction, Index, Table, TableCreateStatement};

use crate::schema::{
    big_integer, boolean, integer, pk_auto, string, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid_null,
};
use crate::sql;

/// Creates webhooks and their cursors, and finds the buildings of a grid.
pub(crate) fn statements(backend: DbBackend) -> Vec<String> {
    // Who works for a grid asks for its buildings with every list.
    let building_area = Index::create()
        .name("building_area")
        .table("building")
        .col("area_id")
        .take();
    vec![
        sql(backend, &webhook()),
        sql(backend, &cursor()),
        sql(backend, &building_area),
    ]
}

/// Whom to tell of what happens in the queues of an area. The address and the secret are sealed:
/// a robot's address is its password. Whoever holds the lease delivers; it ends by itself.
fn webhook() -> TableCreateStatement {
    Table::create()
        .table("webhook")
        .col(pk_auto("id"))
        .col(integer("area_id"))
        .col(string("kind"))
        .col(string("lang"))
        .col(text("address"))
        .col(text("secret"))
        // Words with commas; empty for all kinds of entries.
        .col(string("events"))
        .col(boolean("active"))
        // Whether it is told during quiet hours, too.
        .col(boolean("at_night"))
        .col(timestamp_with_time_zone("created_at"))
        .col(uuid_null("holder"))
        .col(timestamp_with_time_zone_null("held_until"))
        // Deliveries that failed in a row, when to try again, and what the last one met with.
        .col(integer("failures"))
        .col(timestamp_with_time_zone_null("retry_at"))
        .col(string("trouble"))
        .foreign_key(
            ForeignKey::create()
                .name("webhook_area_id")
                .from("webhook", "area_id")
                .to("area", "id"),
        )
        .take()
}

/// How far each webhook was told of each queue's history.
fn cursor() -> TableCreateStatement {
    Table::create()
        .table("webhook_cursor")
        .col(integer("webhook_id"))
        .col(integer("area_id"))
        .col(big_integer("seq"))
        .primary_key(
            Index::create()
                .name("webhook_cursor_pk")
                .col("webhook_id")
                .col("area_id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("webhook_cursor_webhook_id")
                .from("webhook_cursor", "webhook_id")
                .to("webhook", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take()
}
