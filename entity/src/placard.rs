//! The printed code of one unit.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "placard")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub building_id: i32,
    pub unit: String,
    #[sea_orm(unique)]
    pub code: String,
    pub check_word: String,
    pub state: String,
    pub batch: String,
    pub issued_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    pub replaced_by: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}
