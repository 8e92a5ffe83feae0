//! CSV tables, as spreadsheets write them, read with the line of every mistake.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveTime};

/// Records of one file at most.
const RECORDS_MAX: usize = 1_000_000;
/// Mistakes that are named before the rest is only counted.
pub const MISTAKES_NAMED_MAX: usize = 50;

/// One record of a table.
#[derive(Clone, Debug)]
pub struct Record {
    /// The line on which it begins, from one, the headings included.
    pub line: usize,
    cells: HashMap<String, String>,
}

/// Something in a file that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Mistake {
    /// The line, from one.
    pub line: usize,
    /// What is wrong, in words.
    pub what: String,
}

impl Record {
    /// What stands in the column, without blanks at its ends; empty where there is no such column.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// Whether the file has such a column at all.
    pub fn has(&self, column: &str) -> bool {
        self.cells.contains_key(column)
    }

    /// Yes or no, as people write it; none where nothing is said.
    pub fn flag(&self, column: &str) -> Result<Option<bool>, Mistake> {
        match self.get(column) {
            "" => Ok(None),
            "0" | "no" | "false" | "否" => Ok(Some(false)),
            "1" | "yes" | "true" | "是" => Ok(Some(true)),
            other => {
                let what = format!("column {column} is neither yes nor no: {other:?}");
                Err(self.mistake(what))
            }
        }
    }

    /// What stands in a column that must be filled.
    pub fn need(&self, column: &str) -> Result<&str, Mistake> {
        match self.get(column) {
            "" => Err(self.mistake(format!("column {column} is empty"))),
            text => Ok(text),
        }
    }

    /// A number in a column that must be filled.
    pub fn number(&self, column: &str) -> Result<f64, Mistake> {
        let text = self.need(column)?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.mistake(format!("column {column} is no number: {text:?}")))
    }

    /// A day like 2026-09-15; none where the column is empty.
    pub fn day(&self, column: &str) -> Result<Option<NaiveDate>, Mistake> {
        let read = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        self.optional(column, "day like 2026-09-15", read)
    }

    /// A time of day like 07:30; none where the column is empty.
    pub fn time(&self, column: &str) -> Result<Option<NaiveTime>, Mistake> {
        let read = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").ok();
        self.optional(column, "time like 07:30", read)
    }

    /// A whole number within the range; none where the column is empty.
    pub fn count(&self, column: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, Mistake> {
        let wanted = format!("number from {} to {}", range.start(), range.end());
        let read = |text: &str| text.parse().ok().filter(|count| range.contains(count));
        self.optional(column, &wanted, read)
    }

    fn optional<T>(
        &self,
        column: &str,
        wanted: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Mistake> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        let mistake = || self.mistake(format!("column {column} is no {wanted}: {text:?}"));
        read(text).map(Some).ok_or_else(mistake)
    }

    /// A mistake in this record.
    pub fn mistake(&self, what: String) -> Mistake {
        Mistake {
            line: self.line,
            what,
        }
    }
}

/// Reads a CSV file whose first line holds these headings, in any order and among others. UTF-8
/// with or without a mark, or GB 18030, which is what spreadsheets in China write.
pub fn read(bytes: &[u8], headings: &[&str]) -> Result<Vec<Record>, Vec<Mistake>> {
    let text = decode(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let whole = |what: String| vec![Mistake { line: 1, what }];
    let found = reader
        .headers()
        .map_err(|error| whole(error.to_string()))?
        .clone();
    let missing: Vec<_> = headings
        .iter()
        .filter(|heading| !found.iter().any(|name| name == **heading))
        .copied()
        .collect();
    if !missing.is_empty() {
        let what = format!("headings are missing: {}", missing.join(", "));
        return Err(whole(what));
    }
    let mut lines = LineCounter::new(&text);
    let mut records = Vec::new();
    let mut mistakes = Vec::new();
    for record in reader.records().take(RECORDS_MAX) {
        match record {
            Ok(record) => records.push(Record {
                line: lines.line_of(record.position()),
                cells: found
                    .iter()
                    .zip(&record)
                    .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
                    .collect(),
            }),
            Err(error) => mistakes.push(Mistake {
                line: lines.line_of(error.position()),
                what: words_of(&error),
            }),
        }
    }
    if mistakes.is_empty() {
        Ok(records)
    } else {
        Err(mistakes)
    }
}

/// What is wrong with a record that `csv` refuses. Its own words name a line, too, and not always
/// the right one.
fn words_of(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} cells under {expected_len} headings"),
        _ => error.to_string(),
    }
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

fn decode(bytes: &[u8]) -> String {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bare) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(bare).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_in_the_encodings_that_people_have() {
        let utf8 = "name,lon\n桥北, 120.5 \n";
        let (gbk, ..) = encoding_rs::GB18030.encode(utf8);
        for bytes in [
            utf8.as_bytes(),
            &gbk,
            &[b"\xef\xbb\xbf", utf8.as_bytes()].concat(),
        ] {
            let lines = read(bytes, &["lon", "name"]).unwrap();
            assert_eq!((lines[0].get("name"), lines[0].line), ("桥北", 2));
            assert!((lines[0].number("lon").unwrap() - 120.5).abs() < 1e-9);
        }
    }

    #[test]
    fn every_mistake_names_its_line() {
        assert_eq!(
            read(b"a\n1\n", &["b", "c"]).unwrap_err()[0].to_string(),
            "line 1: headings are missing: b, c"
        );
        let ragged = read(b"a,b\n1,2\n3\n4,5,6\n", &["a"]).unwrap_err();
        assert_eq!(ragged.iter().map(|m| m.line).collect::<Vec<_>>(), [3, 4]);
        let lines = read(b"a,b\n,x\n", &["a"]).unwrap();
        assert_eq!(lines[0].need("a").unwrap_err().line, 2);
        assert_eq!(lines[0].number("b").unwrap_err().line, 2);
    }

    #[test]
    fn line_breaks_in_cells_and_empty_lines_count() {
        let text = "a,b\n1,\"x\ny\"\n\n2,x\n3\n";
        for text in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.replace('\n', "\r"),
        ] {
            let whole = text.trim_end_matches(['3', '\r', '\n']);
            let records = read(whole.as_bytes(), &["a"]).unwrap();
            let lines: Vec<_> = records.iter().map(|record| record.line).collect();
            assert_eq!(lines, [2, 5], "{text:?}");
            let ragged = read(text.as_bytes(), &["a"]).unwrap_err();
            let said: Vec<_> = ragged.iter().map(Mistake::to_string).collect();
            assert_eq!(said, ["line 6: 1 cells under 2 headings"], "{text:?}");
        }
    }
}
