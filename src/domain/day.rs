//! Days as people and spreadsheets write them.

use chrono::NaiveDate;

use super::plain_text::dense;

/// Signs of a day at most, a midnight behind it included.
const DAY_CHARS_MAX: usize = 30;

/// Why a text is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayError {
    /// Month and day may be either, as in 11/1/2026.
    Order,
    /// The number under which a spreadsheet keeps a day, as in 44835.
    Serial,
    /// Anything else.
    NoDay,
}

/// Signs of a day without anything between year, month and day.
const BARE_DAY_CHARS: usize = 8;

/// Reads `2026-11-01`, `2026/11/1`, `2026.11.1`, `2026年11月1日`, with or without a midnight behind
/// it, or `20261101`. Only what has one reading is taken.
pub fn read(text: &str) -> Result<NaiveDate, DayError> {
    let written = dense(text, DAY_CHARS_MAX);
    if matches!(written.len(), 5) && written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DayError::Serial);
    }
    if written.len() == BARE_DAY_CHARS && written.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(&written, "%Y%m%d").or(Err(DayError::NoDay));
    }
    let day = written.trim_end_matches('Z');
    let midnights = [
        "T00:00:00",
        "00:00:00",
        "0:00:00",
        "T00:00",
        "00:00",
        "0:00",
    ];
    let stripped = midnights
        .iter()
        .find_map(|midnight| day.strip_suffix(midnight));
    // 2026/11/10:00 is a first of November before midnight, or a tenth: the blank told.
    let day = match stripped {
        Some(_) => text_before_blank(text).ok_or(DayError::NoDay)?,
        None => written.clone(),
    };
    let parts: Vec<&str> = day
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月'])
        .collect();
    let &[first, second, third] = parts.as_slice() else {
        return Err(DayError::NoDay);
    };
    if !parts
        .iter()
        .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(DayError::NoDay);
    }
    let number = |part: &str| part.parse().ok().ok_or(DayError::NoDay);
    match (first.len(), second.len(), third.len()) {
        (4, 1..=2, 1..=2) => {
            let year = first.parse().ok().ok_or(DayError::NoDay)?;
            let day = NaiveDate::from_ymd_opt(year, number(second)?, number(third)?);
            day.ok_or(DayError::NoDay)
        }
        (1..=2, 1..=2, 2 | 4) => Err(DayError::Order),
        _ => Err(DayError::NoDay),
    }
}

/// The first word, where a blank or a T parts it from what follows.
fn text_before_blank(text: &str) -> Option<String> {
    let visible = super::plain_text::visible(text);
    let (day, _) = visible.trim().split_once([' ', 'T', '\n'])?;
    Some(dense(day, DAY_CHARS_MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_read_as_spreadsheets_in_chinese_write_them() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        for text in [
            "2026-11-01",
            "2026-11-1",
            "2026/11/1",
            "2026.11.01",
            "2026年11月1日",
            "２０２６／１１／１",
            "\u{200b}2026/11/1 0:00",
            "2026-11-01 00:00:00",
            "2026-11-01T00:00:00",
            "2026年11月1日 0:00",
            "20261101",
        ] {
            assert_eq!(read(text), Ok(day), "{text}");
        }
    }

    #[test]
    fn what_has_several_readings_is_no_day() {
        for (text, error) in [
            ("11/1/2026", DayError::Order),
            ("1-11-26", DayError::Order),
            ("44835", DayError::Serial),
            ("2026-11-01 08:00", DayError::NoDay),
            ("2026-11-00", DayError::NoDay),
            ("2026-13-01", DayError::NoDay),
            ("10月1日", DayError::NoDay),
            ("11012026", DayError::NoDay),
            ("20261301", DayError::NoDay),
            ("", DayError::NoDay),
            ("2026-11-1x", DayError::NoDay),
            ("+2026-11-1", DayError::NoDay),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".*|[0-9/年月日. :-]{0,20}") {
            let _ = read(&text);
        }
    }
}
