//! Merged: what was merged into a report is found from that report.

use sea_orm_migration::prelude::*;

/// Adds an index of duplicates alone: a report that comes in does not touch it.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index =
            "CREATE INDEX report_merged ON report (merged_into) WHERE merged_into IS NOT NULL";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
