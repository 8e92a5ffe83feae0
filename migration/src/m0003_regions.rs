//! Regions have English names; a report may leave no more than a telephone, and says which
//! notice its reporter was shown.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, string_null};

/// Adds the English name of a region, and of a report whether it is incomplete and its notice.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in [
            ("region", string_null("english")),
            ("report", boolean("incomplete").default(false).take()),
            ("report", string_null("notice_version")),
        ] {
            let alter = Table::alter().table(table).add_column(&mut column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
