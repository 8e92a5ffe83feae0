//! Imports: tables that people keep in spreadsheets, imported whole or not at all. What a file does
//! not say stays as it is; what it says twice is joined or named.

use std::collections::HashMap;

use serde_json::json;

use super::App;
use super::audit::{Actor, AuditAct, Recorder};
use super::places::reload;
use crate::csv_table::{Columns, Mistake, Mistakes, Record, Sheet};
use crate::domain::area::AreaId;
use crate::domain::audit::AuditEvent;
use crate::domain::phone::AreaCode;
use crate::domain::place::Atlas;
use crate::domain::plain_text::key;
use crate::domain::rota::WorkingDay;
use crate::store::{Error, Tx, cache_version, place};

mod areas;
mod buildings;
mod calendar;
mod printable;
mod regions;
mod sites;
mod units;

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

/// What an import did.
#[derive(Debug)]
pub struct Imported {
    /// The records that were taken.
    pub lines: usize,
    /// What was not read, and what cannot be printed.
    pub warnings: Vec<Mistake>,
}

/// What the lines of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Areas, parents before children.
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
    /// The word for the table in audit entries.
    fn code(self) -> &'static str {
        match self {
            Self::Areas => "areas",
            Self::Buildings => "buildings",
            Self::Sites => "sites",
            Self::Regions => "regions",
            Self::Holidays => "holidays",
            Self::RedRules => "red_rules",
        }
    }

    /// The headings that a file of this table must have, and those that it may have.
    pub fn headings(self) -> Columns {
        let (needed, known): (&[&str], &[&str]) = match self {
            Self::Areas => (&["code", "parent_code", "level", "name"], &areas::OPTIONAL),
            Self::Buildings => (
                &["area_code", "estate", "building", "units"],
                &buildings::OPTIONAL,
            ),
            Self::Sites => (
                &["area_code", "name", "address", "lon", "lat", "hours"],
                &sites::OPTIONAL,
            ),
            Self::Regions => (
                &["code6", "level", "name", "city", "province"],
                &["english"],
            ),
            Self::Holidays => (&["day", "kind", "name"], &[]),
            Self::RedRules => (&["name", "direction", "region_prefix", "active"], &[]),
        };
        Columns { needed, known }
    }
}

/// What an import knows besides its file, and the mistakes that it finds.
struct Import<'a> {
    tx: &'a Tx,
    atlas: &'a Atlas,
    city: WorkingDay,
    area_code: Option<&'a AreaCode>,
    mistakes: Mistakes,
    /// What was taken and may still be meant otherwise.
    warnings: Vec<Mistake>,
}

/// The keys of a file, each with the line on which it stands first.
#[derive(Default)]
struct Keys(HashMap<String, usize>);

impl Keys {
    /// Whether the key has been there.
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(&key(name))
    }

    /// Whether the key has not been there before; else that is a mistake. `what` is what the key
    /// names, with its article.
    fn first(&mut self, line: &Record, what: &str, name: &str, mistakes: &mut Mistakes) -> bool {
        let before = *self.0.entry(key(name)).or_insert(line.line);
        if before != line.line {
            let words = format!("{what} {name} stands on line {before} already");
            mistakes.0.push(line.mistake(words));
        }
        before == line.line
    }
}

/// The area with this code; none where that is a mistake.
async fn area_named(
    import: &mut Import<'_>,
    line: &Record,
    code: &str,
) -> Result<Option<AreaId>, Error> {
    match place::area_of(import.tx, code).await {
        Err(Error::Missing) => {
            let what = format!("no area has the code {code}");
            import.mistakes.0.push(line.mistake(what));
            Ok(None)
        }
        found => Ok(Some(found?.0)),
    }
}

/// Imports all lines, or nothing and names every mistake.
pub async fn import_table(app: &App, table: Table, sheet: Sheet) -> Result<Imported, ImportError> {
    let (lines, city) = (sheet.records.len(), app.rules.working_day);
    let (atlas, area_code) = (app.atlas(), app.rules.phone_area_code.clone());
    let mut warnings = sheet.warnings;
    warnings.extend(printable::missing(table, &sheet.records));
    let records = sheet.records;
    let facts = json!({ "table": table.code(), "lines": lines });
    let imported = AuditAct::of(Actor::Operator, AuditEvent::Imported, facts);
    let recorder = Recorder::of(app);
    let work = move |tx: Tx| async move {
        let mut import = Import {
            tx: &tx,
            atlas: &atlas,
            city,
            area_code: area_code.as_ref(),
            mistakes: Mistakes::default(),
            warnings: Vec::new(),
        };
        match table {
            Table::Areas => areas::import(&mut import, &records).await?,
            Table::Buildings => buildings::import(&mut import, &records).await?,
            Table::Sites => sites::import(&mut import, &records).await?,
            Table::Regions => regions::import(&mut import, &records).await?,
            Table::Holidays => calendar::import_holidays(&mut import, &records).await?,
            Table::RedRules => calendar::import_red_rules(&mut import, &records).await?,
        }
        let mut mistakes = import.mistakes.0;
        if !mistakes.is_empty() {
            mistakes.sort_by_key(|mistake| mistake.line);
            return Err(ImportError::Lines(mistakes));
        }
        cache_version::bump(&tx, cache_version::PLACES).await?;
        recorder.write(&tx, [imported]).await?;
        Ok(import.warnings)
    };
    warnings.extend(app.db.write(work).await?);
    reload(app).await?;
    Ok(Imported { lines, warnings })
}
