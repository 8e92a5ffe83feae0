//! What stands on placards and cannot be drawn, said at the import and not before the printer.

use super::Table;
use crate::csv_table::{Mistake, Record};
use crate::poster::missing_glyphs;

/// The columns of this table whose words stand on placards.
fn printed(table: Table) -> &'static [&'static str] {
    match table {
        Table::Areas => &["name", "name_en", "short_name", "phone"],
        Table::Buildings => &["estate", "estate_en", "building", "building_en", "units"],
        _ => &[],
    }
}

/// A warning for each line whose words no font of the placards has.
pub(super) fn missing(table: Table, lines: &[Record]) -> Vec<Mistake> {
    let warning = |line: &Record| {
        let columns = printed(table).iter();
        let words: String = columns.map(|column| line.get(column)).collect();
        let missing: String = missing_glyphs(&words.replace('\n', ""))
            .into_iter()
            .collect();
        let what =
            format!("no font of the placards has {missing}; placards with it cannot be drawn");
        (!missing.is_empty()).then(|| line.mistake(what))
    };
    lines.iter().filter_map(warning).collect()
}
