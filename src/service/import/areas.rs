//! Imports of areas: each names the one above it, which stands before it.

use std::collections::HashSet;

use super::calendar::{HOURS, own_hours};
use super::{Import, Keys};
use crate::csv_table::{Mistake, Record};
use crate::domain::area::{AreaId, Level};
use crate::domain::rota::OwnHours;
use crate::store::place::{self, AreaRow};
use crate::store::{Error, Tx, queue};

/// Columns that a file of areas may have; what it does not have stays as it is.
pub(super) const OPTIONAL: [&str; 10] = [
    "name_en",
    "short_name",
    "number_prefix",
    "phone",
    HOURS[0],
    HOURS[1],
    HOURS[2],
    HOURS[3],
    HOURS[4],
    HOURS[5],
];

pub(super) async fn import(import: &mut Import<'_>, lines: &[Record]) -> Result<(), Error> {
    let in_file: HashSet<String> = lines
        .iter()
        .filter_map(|line| line.code("code").ok())
        .collect();
    let mut keys = Keys::default();
    for line in lines {
        let before = import.mistakes.0.len();
        let parent = parent(import, line, &in_file).await?;
        let Some(code) = import.mistakes.keep(line.code("code")) else {
            continue;
        };
        let hours = place::hours_of(import.tx, &code).await?;
        let row = read(import, line, parent, hours);
        let first = keys.first(line, "the area", &code, &mut import.mistakes);
        let (Some(row), true) = (row, first && import.mistakes.0.len() == before) else {
            continue;
        };
        if let Some(wrong) = misplaced(import.tx, &row.code, row.level, parent).await? {
            import.mistakes.0.push(line.mistake(wrong));
            continue;
        }
        let kind = row.level.queue();
        place::put_area(import.tx, row).await?;
        if let Some(kind) = kind {
            let (area, _) = place::area_of(import.tx, &code).await?;
            queue::put(import.tx, area, kind).await?;
        }
    }
    Ok(())
}

/// The row below this area; none where a column is wrong.
fn read(
    import: &mut Import<'_>,
    line: &Record,
    parent: Option<(AreaId, Level)>,
    hours: OwnHours,
) -> Option<AreaRow> {
    let mistakes = &mut import.mistakes;
    let level = mistakes.keep(level(line));
    let code = line.code("code").ok();
    let name = mistakes.keep(line.name("name"));
    let phone = mistakes.keep(line.phone("phone", import.area_code));
    let hours = level.and_then(|level| own_hours(line, level, import.city, hours, mistakes));
    Some(AreaRow {
        parent: parent.map(|(parent, _)| parent),
        level: level?,
        code: code?,
        name: name?,
        name_en: line.said("name_en"),
        short_name: line.said("short_name"),
        number_prefix: line.said("number_prefix"),
        phone: phone?,
        hours: hours?,
    })
}

fn level(line: &Record) -> Result<Level, Mistake> {
    let level = line.need("level")?;
    Level::read(level).ok_or_else(|| line.mistake(format!("no such level: {level:?}")))
}

/// The area above; none where there is none, or where that is a mistake.
async fn parent(
    import: &mut Import<'_>,
    line: &Record,
    in_file: &HashSet<String>,
) -> Result<Option<(AreaId, Level)>, Error> {
    let code = import.mistakes.keep(line.optional_code("parent_code"));
    let Some(code) = code.flatten() else {
        return Ok(None);
    };
    match place::area_of(import.tx, &code).await {
        Err(Error::Missing) => {
            let what = if in_file.contains(&code) {
                format!(
                    "the area above, {code}, is wrong or stands further down; areas above come first"
                )
            } else {
                format!("no area has the code {code}")
            };
            import.mistakes.0.push(line.mistake(what));
            Ok(None)
        }
        found => Ok(Some(found?)),
    }
}

/// Why an area cannot have this level below that parent. An area that has a queue keeps a level
/// with a queue, so that its reports stay in lists; a child has a lower level than its parent.
async fn misplaced(
    tx: &Tx,
    code: &str,
    level: Level,
    parent: Option<(AreaId, Level)>,
) -> Result<Option<String>, Error> {
    let before = match place::area_of(tx, code).await {
        Err(Error::Missing) => None,
        found => Some(found?.1),
    };
    let before_had = before.and_then(Level::queue).is_some();
    if before_had && level.queue().is_none() {
        let was = before.map_or("", Level::code);
        let words = format!("{code} is a {was}: the reports in its queue would be in no list");
        return Ok(Some(words));
    }
    Ok(match parent {
        Some((_, above)) if above >= level => {
            let (above, level) = (above.code(), level.code());
            Some(format!("a {level} cannot lie in a {above}"))
        }
        None if level.queue().is_none() => Some(format!(
            "a {} lies in a community: parent_code is empty",
            level.code()
        )),
        _ => None,
    })
}
