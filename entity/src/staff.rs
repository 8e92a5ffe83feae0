//! A staff member.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(unique)]
    pub login: String,
    pub name: String,
    pub role: String,
    pub area_id: i32,
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    pub password_once: bool,
    pub password_at: DateTimeUtc,
    pub disabled: bool,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
