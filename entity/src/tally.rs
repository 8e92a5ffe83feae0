//! Reports and persons of one queue, local hour, direction and status.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    #[sea_orm(primary_key, auto_increment = false)]
    pub queue_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i16,
    #[sea_orm(primary_key, auto_increment = false)]
    pub direction: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub status: String,
    pub reports: i64,
    pub persons: i64,
}

impl ActiveModelBehavior for ActiveModel {}
