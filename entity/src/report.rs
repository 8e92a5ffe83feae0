//! What a resident said once. Personal data only in `sealed`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub content_hash: Vec<u8>,
    pub number: String,
    pub serial_day: Date,
    pub serial: i32,
    pub queue_id: i32,
    pub placard_id: Option<i32>,
    pub building_id: Option<i32>,
    pub channel: String,
    pub lang: String,
    pub direction: String,
    pub persons: i16,
    pub region_id: Option<i32>,
    pub travel_day: Date,
    pub incomplete: bool,
    pub notice_version: Option<String>,
    pub urgent: Option<String>,
    pub status: String,
    pub outcome: Option<String>,
    pub version: i32,
    pub owner_id: Option<i32>,
    pub retry_at: Option<DateTimeUtc>,
    pub refusals: i16,
    pub merged_into: Option<Uuid>,
    pub received_at: DateTimeUtc,
    pub tally_day: Date,
    pub tally_hour: i16,
    pub contact_due_at: DateTimeUtc,
    pub finish_due_at: DateTimeUtc,
    pub escalated_to: Option<String>,
    pub escalated_at: Option<DateTimeUtc>,
    pub accepted_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    pub sealed: Vec<u8>,
    pub phone_tag: Option<Vec<u8>>,
    pub room_tag: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
