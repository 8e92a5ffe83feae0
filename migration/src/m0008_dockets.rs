//! Dockets: lists are kept in memory, so that a report costs no index that only lists need.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::binary_null;

/// Adds to reports by what their room is recognised, and takes away what lists were read from.
/// Reports that are there have no such mark: until they have ended, they are no probable
/// duplicates by their room.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

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

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for index in GONE {
            db.execute_unprepared(&format!("DROP INDEX {index}"))
                .await?;
        }
        let report = || Table::alter().table("report").take();
        for column in GONE_COLUMNS {
            manager
                .alter_table(report().drop_column(column).take())
                .await?;
        }
        let mut room = binary_null("room_tag");
        manager
            .alter_table(report().add_column(&mut room).take())
            .await?;
        // The day comes first, so that a report that comes in touches today's part alone.
        db.execute_unprepared("CREATE INDEX report_phone ON report (serial_day, phone_tag)")
            .await?;
        // What is open is read once by each process, and by whoever is let go.
        db.execute_unprepared(
            "CREATE INDEX report_open ON report (queue_id) WHERE closed_at IS NULL",
        )
        .await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
