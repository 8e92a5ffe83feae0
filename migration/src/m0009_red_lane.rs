//! The red lane: how far a webhook that is silent was told of what a red rule marked.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

/// Adds the second place to each cursor. Zero is before everything: whoever was told everything up
/// to an entry was told what is red up to there, too.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut red = big_integer("red_seq").default(0).take();
        let alter = Table::alter()
            .table("webhook_cursor")
            .add_column(&mut red)
            .take();
        manager.alter_table(alter).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
