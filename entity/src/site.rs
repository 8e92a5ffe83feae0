//! A test site, with its position in GCJ-02 degrees.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "site")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub area_id: i32,
    pub name: String,
    pub name_en: String,
    pub address: String,
    pub phone: String,
    pub note: String,
    pub note_en: String,
    pub lon: f64,
    pub lat: f64,
    pub hours: String,
    pub opens_from: Option<Date>,
    pub suspended: bool,
    pub checked_on: Option<Date>,
    pub sample: bool,
}

impl ActiveModelBehavior for ActiveModel {}
