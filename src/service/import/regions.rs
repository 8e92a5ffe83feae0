//! Imports of regions: provinces first, then cities, then counties; each names its parent by name.

use std::collections::HashMap;

use super::{Import, Keys};
use crate::csv_table::{Mistakes, Record};
use crate::domain::region::{Level, RegionId};
use crate::store::Error;
use crate::store::region::{self, RegionRow};

/// The numbers of the column `level`.
const LEVELS: [(&str, Level); 4] = [
    ("0", Level::Country),
    ("1", Level::Province),
    ("2", Level::City),
    ("3", Level::County),
];

/// The codes of the file by the names of the province and of the region itself; a province has
/// none above it.
type Codes<'a> = HashMap<(&'a str, &'a str), String>;

pub(super) async fn import(import: &mut Import<'_>, lines: &[Record]) -> Result<(), Error> {
    let lines = once_each(lines, &mut import.mistakes);
    if !import.mistakes.0.is_empty() {
        return Ok(());
    }
    let mut codes = Codes::new();
    for (number, level) in LEVELS {
        let known = region::by_code(import.tx).await?;
        let of_level = lines.iter().filter(|line| line.get("level") == number);
        let rows = of_level.filter_map(|line| read(line, level, &known, &mut codes));
        region::put(import.tx, rows.collect()).await?;
    }
    Ok(())
}

/// The lines without those that repeat a region: the official list has a city without counties, such
/// as 东莞市, as its own county, too.
fn once_each<'a>(lines: &'a [Record], mistakes: &mut Mistakes) -> Vec<&'a Record> {
    let mut keys = Keys::default();
    let mut seen = HashMap::new();
    let mut once = Vec::new();
    for line in lines {
        let code = mistakes.keep(line.code("code6"));
        let name = mistakes.keep(line.need("name"));
        if LEVELS
            .iter()
            .all(|(number, _)| *number != line.get("level"))
        {
            let what = format!("no such level: {:?}", line.get("level"));
            mistakes.0.push(line.mistake(what));
        }
        let (Some(code), Some(name)) = (code, name) else {
            continue;
        };
        let repeated = *seen.entry(code.clone()).or_insert(name) == name && keys.has(&code);
        if !repeated && keys.first(line, "the region", &code, mistakes) {
            once.push(line);
        }
    }
    once
}

fn read<'a>(
    line: &'a Record,
    level: Level,
    known: &HashMap<String, RegionId>,
    codes: &mut Codes<'a>,
) -> Option<RegionRow> {
    let (code, name) = (line.code("code6").ok()?, line.get("name"));
    let (city, province) = (line.get("city"), line.get("province"));
    let above = match level {
        Level::Country | Level::Province => None,
        Level::City => codes.get(&("", province)),
        Level::County => codes
            .get(&(province, city))
            .or_else(|| codes.get(&("", province))),
    };
    let parent = above.and_then(|code| known.get(code)).copied();
    match level {
        Level::Province => codes.insert(("", name), code.clone()),
        Level::City => codes.insert((province, name), code.clone()),
        Level::Country | Level::County => None,
    };
    let mut full_name = String::new();
    for part in [province, city, name] {
        // 直辖县级 and 市辖区 are headings of the statistics, not places.
        if !part.is_empty() && !full_name.ends_with(part) && !part.contains("直辖") {
            full_name.push_str(part);
        }
    }
    Some(RegionRow {
        code,
        level,
        name: name.to_owned(),
        full_name,
        parent,
        english: line
            .said("english")
            .map(|english| Some(english).filter(|english| !english.is_empty())),
    })
}
