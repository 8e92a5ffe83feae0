//! A place of the tree: district, subdistrict, community, grid.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "area")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub parent_id: Option<i32>,
    pub level: String,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub short_name: String,
    pub number_prefix: String,
    pub phone: String,
    pub day_starts: Option<Time>,
    pub day_ends: Option<Time>,
    pub night_due: Option<Time>,
    pub first_contact_minutes: Option<i32>,
    pub finish_hours: Option<i32>,
    pub off_days_called: Option<bool>,
}

impl ActiveModelBehavior for ActiveModel {}
