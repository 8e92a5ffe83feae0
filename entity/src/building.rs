//! A building of an estate, with its position in GCJ-02 degrees, where that is known.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "building")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub estate_id: i32,
    pub area_id: i32,
    pub name: String,
    pub name_en: String,
    pub units: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
}

impl ActiveModelBehavior for ActiveModel {}
