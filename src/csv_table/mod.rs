//! CSV tables, as spreadsheets write them, read with the line of every mistake. What is not
//! understood is refused or named, never left out.

use std::collections::HashMap;

use crate::domain::plain_text::key;

mod decode;
mod record;

pub use record::{Mistake, Mistakes, Record};

/// Records of one file at most.
const RECORDS_MAX: usize = 1_000_000;
/// Mistakes that are named before the rest is only counted.
pub const MISTAKES_NAMED_MAX: usize = 50;
/// Rows above the headings that are looked at to say where the headings stand.
const TITLE_ROWS_MAX: usize = 5;

/// The columns of a table.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Those that a file must have.
    pub needed: &'static [&'static str],
    /// Those that it may have.
    pub known: &'static [&'static str],
}

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its records, without empty ones.
    pub records: Vec<Record>,
    /// What was not read although it stands there.
    pub warnings: Vec<Mistake>,
}

/// A row as it stands in the file.
struct Row {
    line: usize,
    cells: Vec<String>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

impl Columns {
    /// The column of this heading; case, blanks and `_` do not count.
    fn named(self, heading: &str) -> Option<&'static str> {
        let plain = |text: &str| key(text).replace(['_', '-'], "");
        let heading = plain(heading);
        let all = self.needed.iter().chain(self.known);
        all.copied().find(|column| plain(column) == heading)
    }

    /// Those that must be there and are not among these headings.
    fn missing(self, headings: &[String]) -> Vec<&'static str> {
        let found: Vec<_> = headings.iter().filter_map(|it| self.named(it)).collect();
        let needed = self.needed.iter().copied();
        needed.filter(|column| !found.contains(column)).collect()
    }
}

/// Reads a CSV file whose first row holds these headings, in any order and among others. Rows with
/// nothing in them are passed over. Every mistake is named, and the line on which it stands.
pub fn read(bytes: &[u8], columns: Columns) -> Result<Sheet, Vec<Mistake>> {
    let text = decode::decode(bytes).map_err(|mistake| vec![mistake])?;
    if let Some(line) = open_quote(&text) {
        let what =
            "a quotation mark opens a cell here and none closes it; what follows would be one cell";
        return Err(vec![Mistake::on(line, what.to_owned())]);
    }
    let mut mistakes = Mistakes::default();
    let rows = rows(&text, &mut mistakes);
    let mut rows = rows.into_iter().filter(|row| !row.is_empty());
    let headings = rows.next().unwrap_or(Row {
        line: 1,
        cells: Vec::new(),
    });
    let rows: Vec<Row> = rows.collect();
    if let Some(wrong) = wrong_headings(columns, &headings, &rows) {
        return Err(vec![wrong]);
    }
    let mut sheet = Sheet {
        records: Vec::new(),
        warnings: Vec::new(),
    };
    let places = places(columns, &headings, &mut sheet.warnings, &mut mistakes);
    for row in &rows {
        let record = record(&places, headings.cells.len(), row, &mut mistakes);
        sheet.records.extend(record);
    }
    if mistakes.0.is_empty() {
        return Ok(sheet);
    }
    mistakes.0.sort_by_key(|mistake| mistake.line);
    Err(mistakes.0)
}

/// The line of a cell that begins with a quotation mark and has no other to end it.
fn open_quote(text: &str) -> Option<usize> {
    let (mut line, mut opened, mut begins, mut before) = (1, None, true, ' ');
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        if sign == '\r' || sign == '\n' && before != '\r' {
            line += 1;
        }
        match (opened, sign) {
            // Two of them stand for one within a cell.
            (Some(_), '"') if signs.next_if_eq(&'"').is_none() => opened = None,
            (None, '"') if begins => opened = Some(line),
            _ => {}
        }
        begins = opened.is_none() && matches!(sign, ',' | '\r' | '\n');
        before = sign;
    }
    opened
}

/// Every row with its line; rows that cannot be told apart are mistakes.
fn rows(text: &str, mistakes: &mut Mistakes) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut lines = LineCounter::new(text);
    let mut rows = Vec::new();
    for found in reader.records() {
        match found {
            Ok(found) => rows.push(Row {
                line: lines.line_of(found.position()),
                cells: found.iter().map(record::clean).collect(),
            }),
            Err(error) => {
                let line = lines.line_of(error.position());
                mistakes.0.push(Mistake::on(line, error.to_string()));
            }
        }
        if let Some(last) = rows.last().filter(|_| rows.len() > RECORDS_MAX) {
            let what = format!("a file has {RECORDS_MAX} rows at most; import it in parts");
            mistakes.0.push(Mistake::on(last.line, what));
            break;
        }
    }
    rows
}

/// What is wrong with the headings as a whole, in words that say what kind of file it is.
fn wrong_headings(columns: Columns, headings: &Row, rows: &[Row]) -> Option<Mistake> {
    let missing = columns.missing(&headings.cells);
    if missing.is_empty() {
        return None;
    }
    let mut lower = rows.iter().take(TITLE_ROWS_MAX);
    let whole = |row: &&Row| columns.missing(&row.cells).is_empty();
    let parted = |by: char| {
        let headings = headings.cells.join(",");
        let cells: Vec<String> = headings.split(by).map(str::to_owned).collect();
        columns.missing(&cells).len() < missing.len()
    };
    let what = if let Some(row) = lower.find(whole) {
        format!(
            "the headings stand on line {}; nothing may stand above them",
            row.line
        )
    } else if parted(';') || parted('；') {
        "the cells are parted by semicolons; save the file as CSV UTF-8 (comma delimited)".into()
    } else if parted(' ') {
        "the cells are parted by tabs or blanks; save the file as CSV UTF-8 (comma delimited)"
            .into()
    } else {
        format!("headings are missing: {}", missing.join(", "))
    };
    Some(Mistake::on(headings.line, what))
}

/// Where in a row each column stands. A heading that stands twice is a mistake, an unknown one a
/// warning.
fn places(
    columns: Columns,
    headings: &Row,
    warnings: &mut Vec<Mistake>,
    mistakes: &mut Mistakes,
) -> HashMap<&'static str, usize> {
    let mut places = HashMap::new();
    for (at, heading) in headings.cells.iter().enumerate() {
        let Some(column) = columns.named(heading) else {
            if !heading.is_empty() {
                let known = columns.known.join(", ");
                let what = format!(
                    "no column is called {heading:?}, so it was not read; these may be there: {known}"
                );
                warnings.push(Mistake::on(headings.line, what));
            }
            continue;
        };
        if places.insert(column, at).is_some() {
            let what = format!("the heading {column} stands there twice");
            mistakes.0.push(Mistake::on(headings.line, what));
        }
    }
    places
}

/// The record of a row; none where it is a mistake.
fn record(
    places: &HashMap<&'static str, usize>,
    headings: usize,
    row: &Row,
    mistakes: &mut Mistakes,
) -> Option<Record> {
    let before = mistakes.0.len();
    let beyond = row.cells.iter().skip(headings).any(|cell| !cell.is_empty());
    if row.cells.len() < headings || beyond {
        let what = format!("{} cells under {headings} headings", row.cells.len());
        mistakes.0.push(Mistake::on(row.line, what));
    }
    let mut cells = HashMap::new();
    for (column, at) in places {
        let cell = row.cells.get(*at).cloned().unwrap_or_default();
        if let Some(why) = record::spoiled(&cell) {
            let shown: String = cell.chars().take(40).collect();
            let what = format!("column {column} {why}: {shown:?}");
            mistakes.0.push(Mistake::on(row.line, what));
        }
        cells.insert(*column, cell);
    }
    (mistakes.0.len() == before).then_some(Record {
        line: row.line,
        cells,
    })
}

/// Counts the lines of a text from its start. `csv` counts them too, but its position of a record
/// is where the one before ended: in front of empty lines and of the second sign of `\r\n`.
struct LineCounter<'a> {
    rest: std::iter::Peekable<std::iter::Enumerate<std::slice::Iter<'a, u8>>>,
    line: usize,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes().iter().enumerate().peekable(),
            line: 1,
        }
    }

    /// The line of the first record at or behind the position; positions only grow.
    fn line_of(&mut self, position: Option<&csv::Position>) -> usize {
        let from = position.map_or(0, csv::Position::byte);
        let before = |at: usize, sign: u8| (at as u64) < from || matches!(sign, b'\r' | b'\n');
        while let Some((_, sign)) = self.rest.next_if(|(at, sign)| before(*at, **sign)) {
            let is_half =
                *sign == b'\r' && self.rest.peek().is_some_and(|(_, next)| **next == b'\n');
            self.line += usize::from(matches!(sign, b'\r' | b'\n') && !is_half);
        }
        self.line
    }
}

#[cfg(test)]
mod tests;
