//! A division of the country, or another country.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "region")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(unique)]
    pub code: String,
    pub level: String,
    pub name: String,
    pub full_name: String,
    pub parent_id: Option<i32>,
    pub english: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
