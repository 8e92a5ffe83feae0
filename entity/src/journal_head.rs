//! How far the history of one queue reaches.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal_head")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub queue_id: i32,
    pub reached: i64,
}

impl ActiveModelBehavior for ActiveModel {}
