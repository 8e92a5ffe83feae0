//! One line of a queue's history.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub queue_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub report_id: Uuid,
    pub kind: String,
    pub version: i32,
    pub at: DateTimeUtc,
    pub actor_id: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub detail: Option<String>,
    pub detail_hash: Option<Vec<u8>>,
    pub mac: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
