//! Triage: what a case needs beyond accept and close, and the way back from one's own last step.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, integer_null, small_integer, string, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

/// Adds to reports when to call again, how often they were refused and what they repeat.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite knows no other.
        for mut column in [
            timestamp_with_time_zone_null("retry_at"),
            small_integer("refusals").default(0).take(),
            uuid_null("merged_into"),
        ] {
            let alter = Table::alter()
                .table("report")
                .add_column(&mut column)
                .take();
            manager.alter_table(alter).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("report_phone")
                    .table("report")
                    .col("phone_tag")
                    .take(),
            )
            .await?;
        manager.create_table(undo()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
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
