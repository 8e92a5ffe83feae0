//! One record of a table: its cells, read as what they are meant to be.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{NaiveDate, NaiveTime};

use crate::domain::day::{self, DayError};
use crate::domain::phone::AreaCode;
use crate::domain::place_phone::PlacePhone;
use crate::domain::plain_text::{dense, key, place_name, visible};
use crate::domain::said::Said;
use crate::domain::time_of_day;

/// Length of a code at most, in characters.
const CODE_CHARS_MAX: usize = 40;
/// Length of a cell at most, in characters. A quotation mark that is never closed makes one cell
/// of the rest of the file.
pub(super) const CELL_CHARS_MAX: usize = 1_000;
/// What is left of Chinese text that was saved in an encoding without it, or read in another one.
const SPOILED: [&str; 3] = ["??", "锟斤拷", "烫烫烫"];
/// What a spreadsheet shows where it has no value.
const NO_VALUES: [&str; 8] = [
    "#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "####",
];

/// One record of a table.
#[derive(Clone, Debug)]
pub struct Record {
    /// The line on which it begins, from one, the headings included.
    pub line: usize,
    pub(super) cells: HashMap<&'static str, String>,
}

/// Something in a file that cannot be taken, or that was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Mistake {
    /// The line, from one.
    pub line: usize,
    /// What is wrong, in words.
    pub what: String,
}

/// The mistakes of a file, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistake {
    pub(super) fn on(line: usize, what: String) -> Self {
        Self { line, what }
    }
}

impl Mistakes {
    /// What was read, or none where it is a mistake, which is kept.
    pub fn keep<T>(&mut self, read: Result<T, Mistake>) -> Option<T> {
        read.map_err(|mistake| self.0.push(mistake)).ok()
    }
}

impl Record {
    /// What stands in the column, visible and without blanks at its ends; empty where there is no
    /// such column.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// Whether the file has such a column at all.
    pub fn has(&self, column: &str) -> bool {
        self.cells.contains_key(column)
    }

    /// What the file says in a column, its blanks single.
    pub fn said(&self, column: &str) -> Said<String> {
        let words: Vec<&str> = self.get(column).split_whitespace().collect();
        Said::when(self.has(column), words.join(" "))
    }

    /// What stands in a column that must be filled.
    pub fn need(&self, column: &str) -> Result<&str, Mistake> {
        match self.get(column) {
            "" => Err(self.mistake(format!("column {column} is empty"))),
            text => Ok(text),
        }
    }

    /// The name of a place in a column that must be filled, in the form in which it is kept. A
    /// name that a spreadsheet made a day of is a mistake.
    pub fn name(&self, column: &str) -> Result<String, Mistake> {
        let name = place_name(self.need(column)?);
        self.check_name(column, &name)?;
        Ok(name)
    }

    /// Whether a name of this column may be one.
    pub fn check_name(&self, column: &str, name: &str) -> Result<(), Mistake> {
        let wrong = not_a_name(name);
        wrong.map_or(Ok(()), |why| {
            Err(self.mistake(format!("column {column} is no name: {name:?} {why}")))
        })
    }

    /// An official code in a column that must be filled: letters, digits, `-`, `_` and `.`.
    pub fn code(&self, column: &str) -> Result<String, Mistake> {
        let code = dense(self.need(column)?, CODE_CHARS_MAX);
        let fits = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
        let number = code.strip_suffix(".0").unwrap_or_default();
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.mistake(format!(
                "column {column} is no code: a spreadsheet made the number {code} of it; write {number}"
            )));
        }
        if code.chars().count() <= CODE_CHARS_MAX && code.chars().all(fits) {
            return Ok(code);
        }
        Err(self.mistake(format!(
            "column {column} is no code: {:?}",
            self.get(column)
        )))
    }

    /// An official code; none where the column is empty or not there.
    pub fn optional_code(&self, column: &str) -> Result<Option<String>, Mistake> {
        match self.get(column) {
            "" => Ok(None),
            _ => self.code(column).map(Some),
        }
    }

    /// The telephone of a place, which may be empty.
    pub fn phone(&self, column: &str, city: Option<&AreaCode>) -> Result<Said<String>, Mistake> {
        let said = self.get(column);
        if said.is_empty() {
            return Ok(self.said(column));
        }
        match PlacePhone::read(said, city) {
            Some(phone) => Ok(Said::Value(phone.into_written())),
            None => {
                let like = match city {
                    Some(_) => "81234567, or one of another city with its area code",
                    None => "0513-81234567, with its area code",
                };
                Err(self.mistake(format!(
                    "column {column} is no telephone: {said:?}; one that can be dialled, like {like}"
                )))
            }
        }
    }

    /// Yes or no, as people write it; none where nothing is said.
    pub fn flag(&self, column: &str) -> Result<Option<bool>, Mistake> {
        match key(self.get(column)).as_str() {
            "" => Ok(None),
            "0" | "no" | "n" | "false" | "off" | "否" | "停用" | "未启用" | "×" | "✗" | "✘" => {
                Ok(Some(false))
            }
            "1" | "yes" | "y" | "true" | "on" | "是" | "启用" | "已启用" | "√" | "✓" | "✔" => {
                Ok(Some(true))
            }
            _ => {
                let other = self.get(column);
                let what = format!("column {column} is neither yes nor no: {other:?}");
                Err(self.mistake(what))
            }
        }
    }

    /// A number in a column that must be filled.
    pub fn number(&self, column: &str) -> Result<f64, Mistake> {
        let text = self.need(column)?;
        let number = dense(text, CODE_CHARS_MAX).parse().ok();
        let number = number.filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.mistake(format!("column {column} is no number: {text:?}")))
    }

    /// A day like 2026-09-15, 2026/9/15 or 2026年9月15日; none where the column is empty.
    pub fn day(&self, column: &str) -> Result<Option<NaiveDate>, Mistake> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |error: DayError| {
            let why = match error {
                DayError::Order => "; which number is the month? Write",
                DayError::Serial => {
                    "; it is the number under which a spreadsheet keeps a day. Write"
                }
                DayError::NoDay => ", like",
            };
            self.mistake(format!(
                "column {column} is no day: {text:?}{why} 2026-09-15"
            ))
        };
        day::read(text).map(Some).map_err(wrong)
    }

    /// A time of day like 07:30; none where the column is empty.
    pub fn time(&self, column: &str) -> Result<Option<NaiveTime>, Mistake> {
        self.optional(column, "time like 07:30", time_of_day::read)
    }

    /// The end of a day like 22:00 or 24:00; none where the column is empty.
    pub fn end_time(&self, column: &str) -> Result<Option<NaiveTime>, Mistake> {
        self.optional(column, "time like 22:00", time_of_day::read_end)
    }

    /// A whole number within the range; none where the column is empty.
    pub fn count(&self, column: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, Mistake> {
        let wanted = format!("number from {} to {}", range.start(), range.end());
        let read = |text: &str| {
            let number = dense(text, CODE_CHARS_MAX).parse().ok();
            number.filter(|count| range.contains(count))
        };
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
        Mistake::on(self.line, what)
    }
}

/// The cell as it was meant: visible, without blanks at its ends, and without the marks by which
/// people keep a spreadsheet from counting with it (`="0513"`, `'0513`).
pub(super) fn clean(cell: &str) -> String {
    let seen = visible(cell);
    let mut text = seen.trim();
    if let Some(inner) = text.strip_prefix("=\"") {
        text = inner.strip_suffix('"').unwrap_or(inner).trim();
    }
    let counts =
        |rest: &&str| rest.starts_with(|sign: char| sign.is_numeric() || "+=".contains(sign));
    text.strip_prefix('\'')
        .filter(counts)
        .unwrap_or(text)
        .to_owned()
}

/// How a spreadsheet spoiled the cell, whose meaning is lost; none where it is
/// sound.
pub(super) fn spoiled(cell: &str) -> Option<&'static str> {
    let dense = dense(cell, CELL_CHARS_MAX).to_ascii_lowercase();
    if cell.chars().count() > CELL_CHARS_MAX {
        return Some("is too long; is a quotation mark left open?");
    }
    if dense.starts_with('=') {
        return Some("is a formula; paste its value");
    }
    if NO_VALUES.iter().any(|word| dense.starts_with(word)) {
        return Some("is what a spreadsheet shows where it has no value");
    }
    is_rounded(&dense)
        .then_some("was rounded by a spreadsheet; make the column a text and type it again")
}

/// Whether it is a number like 3.20613e+11.
fn is_rounded(dense: &str) -> bool {
    let Some((number, power)) = dense.split_once('e') else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let signed = power.strip_prefix(['+', '-']);
    let decimal = number.split_once('.');
    // 3E2 without a sign and a point may be a house.
    (signed.is_some() || decimal.is_some())
        && digits(signed.unwrap_or(power))
        && digits(&number.replacen('.', "", 1))
}

/// Why a text is no name of a place; none where it may be one.
fn not_a_name(name: &str) -> Option<&'static str> {
    let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let digits = |text: &str| {
        (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let month = |text: &str| months.contains(&text.to_ascii_lowercase().as_str());
    let parts: Vec<&str> = name.split('-').collect();
    let english = match parts.as_slice() {
        [first, second] | [first, second, _] => {
            (digits(first) && month(second)) || (month(first) && digits(second))
        }
        _ => false,
    };
    let chinese = name
        .strip_suffix('日')
        .and_then(|name| name.split_once('月'));
    let chinese = chinese.is_some_and(|(month, day)| {
        let month = month.rsplit('年').next().unwrap_or_default();
        digits(month) && digits(day)
    });
    if english || chinese || day::read(name).is_ok() {
        return Some("is a day; a spreadsheet made it of a name such as 3-2");
    }
    if name.contains('\0') {
        return Some("holds U+0000");
    }
    if SPOILED.iter().any(|spoiled| name.contains(spoiled)) {
        return Some("was spoiled when a program saved it in another encoding");
    }
    (!name.contains(char::is_alphanumeric)).then_some("has no letter and no digit")
}
