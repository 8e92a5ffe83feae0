//! The authoritative schema: one file per step, forward only, each step in one transaction.
//! Never imports `entity`: a step keeps its meaning when the entities move on.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod m0001_ground;
mod m0002_triage;
mod m0003_regions;
mod m0005_desk;
mod m0006_lists;
mod m0007_night;
mod m0008_dockets;
mod m0009_red_lane;
mod m0010_merged;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_ground::Migration),
            Box::new(m0002_triage::Migration),
            Box::new(m0003_regions::Migration),
            Box::new(m0005_desk::Migration),
            Box::new(m0006_lists::Migration),
            Box::new(m0007_night::Migration),
            Box::new(m0008_dockets::Migration),
            Box::new(m0009_red_lane::Migration),
            Box::new(m0010_merged::Migration),
        ]
    }
}
