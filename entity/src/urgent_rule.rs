//! What makes a report urgent.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "urgent_rule")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(unique)]
    pub name: String,
    pub direction: Option<String>,
    pub region_prefix: String,
    pub active: bool,
}

impl ActiveModelBehavior for ActiveModel {}
