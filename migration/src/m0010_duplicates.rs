//! Duplicates: what was merged into a report is found from there.

use sea_orm_migration::prelude::*;

/// Adds an index of the reports that were merged into others, which are few: the rest costs it
/// nothing. Whoever takes a report back must not wait until all that there ever were are read.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Partial; both databases read the same words.
        let index =
            "CREATE INDEX report_merged ON report (merged_into) WHERE merged_into IS NOT NULL";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
