//! The state of a report before the last step of a staff member.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "undo")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub report_id: Uuid,
    pub version: i32,
    pub actor_id: i32,
    pub at: DateTimeUtc,
    pub queue_id: i32,
    pub status: String,
    pub outcome: Option<String>,
    pub owner_id: Option<i32>,
    pub refusals: i16,
    pub retry_at: Option<DateTimeUtc>,
    pub merged_into: Option<Uuid>,
    pub accepted_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
