//! A receiver of the history of an area's queues, and the state of its deliveries.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub area_id: i32,
    pub kind: String,
    pub lang: String,
    #[sea_orm(column_type = "Text")]
    pub address: String,
    #[sea_orm(column_type = "Text")]
    pub secret: String,
    pub events: String,
    pub active: bool,
    pub at_night: bool,
    pub created_at: DateTimeUtc,
    pub failures: i32,
    pub retry_at: Option<DateTimeUtc>,
    pub last_error: String,
}

impl ActiveModelBehavior for ActiveModel {}
