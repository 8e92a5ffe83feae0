//! Imports: tables that people keep in spreadsheets, imported whole or not at all.

use super::App;
use super::places::reload;
use crate::csv_table::{Mistake, Record};
use crate::domain::place::Atlas;
use crate::domain::rota::WorkingDay;
use crate::store::{Error, Tx, cache_version};

mod calendar;
mod places;

use calendar::{import_holiday, import_red_rule};
use places::{import_area, import_building, import_regions, import_site};

/// Why an import changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// These lines cannot be imported.
    #[error("{} line(s) cannot be taken", .0.len())]
    Lines(Vec<Mistake>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What the lines of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Areas, parents before children or after.
    Areas,
    /// Estates with their buildings and units.
    Buildings,
    /// Test sites.
    Sites,
    /// Regions of the country.
    Regions,
    /// Days off and working days that differ from the rule of the week.
    Holidays,
    /// Rules for reports that reach the duty officer at any hour.
    RedRules,
}

impl Table {
    /// The headings that a file of this table must have.
    pub fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Areas => &["code", "parent_code", "level", "name"],
            Self::Buildings => &["area_code", "estate", "building", "units", "lon", "lat"],
            Self::Sites => &["area_code", "name", "address", "lon", "lat", "hours"],
            Self::Regions => &["code6", "level", "name", "city", "province"],
            Self::Holidays => &["day", "kind", "name"],
            Self::RedRules => &["name", "direction", "region_prefix", "active"],
        }
    }
}

impl From<Mistake> for ImportError {
    fn from(mistake: Mistake) -> Self {
        Self::Lines(vec![mistake])
    }
}

/// Imports all lines, or nothing and names every mistake. Returns the number of lines.
pub async fn import_table(
    app: &App,
    table: Table,
    lines: Vec<Record>,
) -> Result<usize, ImportError> {
    let (count, city) = (lines.len(), app.rules.working_day);
    let atlas = app.atlas();
    let work = move |tx: Tx| async move {
        let mut mistakes = Vec::new();
        if table == Table::Regions {
            import_regions(&tx, &lines, &mut mistakes).await?;
        } else {
            for line in &lines {
                match import_line(&tx, table, line, &atlas, city).await {
                    Err(ImportError::Lines(wrong)) => mistakes.extend(wrong),
                    imported => imported?,
                }
            }
        }
        if !mistakes.is_empty() {
            return Err(ImportError::Lines(mistakes));
        }
        cache_version::bump(&tx, cache_version::PLACES).await?;
        Ok(())
    };
    app.db.write(work).await?;
    reload(app).await?;
    Ok(count)
}

async fn import_line(
    tx: &Tx,
    table: Table,
    line: &Record,
    atlas: &Atlas,
    city: WorkingDay,
) -> Result<(), ImportError> {
    match table {
        Table::Areas => import_area(tx, line, city).await,
        Table::Sites => import_site(tx, line).await,
        Table::Holidays => import_holiday(tx, line).await,
        Table::RedRules => import_red_rule(tx, line).await,
        Table::Buildings => import_building(tx, atlas, line).await,
        // Imported as a whole: a region names its parent.
        Table::Regions => Ok(()),
    }
}
