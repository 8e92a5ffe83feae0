//! Up to which entry a webhook has received one queue's history.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_cursor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub queue_id: i32,
    pub seq: i64,
    pub urgent_seq: i64,
}

impl ActiveModelBehavior for ActiveModel {}
