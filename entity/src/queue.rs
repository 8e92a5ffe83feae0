//! A queue: of an area, or of the system.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "queue")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub kind: String,
    #[sea_orm(unique)]
    pub area_id: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}
