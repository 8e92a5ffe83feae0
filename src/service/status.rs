//! Status without the receipt's link: by the receipt's number and the last four digits of the
//! telephone. *No such number* and *other digits* are one answer, and tries are limited. Four digits
//! can be guessed, so they show the report's status and none of its content.

use std::net::IpAddr;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::App;
use super::personal::Personal;
use super::rate_limit::{Exhausted, Limit, network};
use crate::domain::number::Number;
use crate::domain::plain_text::plain;
use crate::store::report::Row;
use crate::store::{Conn, Error, report};

/// Digits of the telephone that are asked for.
pub const DIGITS: usize = 4;
/// The longest window of wrong tries.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(24);
/// A number has no year; it may be this many years old.
const YEARS_BACK: i32 = 1;

/// Why no report was found.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// No such number, or other digits; the answer does not say which.
    #[error("no such number with these digits")]
    Unknown,
    /// Too many wrong tries.
    #[error("too many wrong tries")]
    Wait {
        /// Seconds until the next try counts.
        retry_after_s: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a wrong try counts against.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum TryKey {
    Number(String),
    Address(IpAddr),
}

/// The report of this number, when its telephone ends in these digits.
pub async fn find(
    app: &App,
    number: &str,
    digits: &str,
    from: Option<IpAddr>,
) -> Result<Row, StatusError> {
    let (now, rules) = (app.clock.now(), &app.rules);
    let read = read_number(app, number);
    let named = read.as_ref().map(|read| read.as_str().to_owned());
    let limit = |tries| Limit {
        tries,
        window: rules.status_window,
        window_max: WINDOW_MAX,
    };
    let of_address = |from| {
        (
            TryKey::Address(network(from)),
            limit(rules.status_tries_address),
        )
    };
    let keys: Vec<(TryKey, Limit)> = named
        .map(|named| (TryKey::Number(named), limit(rules.status_tries)))
        .into_iter()
        .chain(from.map(of_address))
        .collect();
    let taken = app.status_tries.take(&keys, now);
    taken.map_err(|Exhausted { retry_after_s }| StatusError::Wait { retry_after_s })?;
    let digits: String = plain(digits).filter(char::is_ascii_digit).collect();
    let found = matching(app, read, &digits).await;
    if !matches!(found, Ok(None)) {
        app.status_tries.give_back(&keys);
    }
    found?.ok_or(StatusError::Unknown)
}

async fn matching(app: &App, number: Option<Number>, digits: &str) -> Result<Option<Row>, Error> {
    let Some(number) = number.filter(|_| digits.len() == DIGITS) else {
        return Ok(None);
    };
    let days = days_of(app, &number);
    let work = move |conn: Conn| async move { report::of_number(&conn, &number, days).await };
    let found = app.db.read(work).await?;
    let fits = |row: &Row| {
        let personal = Personal::open(app, row);
        personal.is_some_and(|personal| personal.phone.ends_with(digits))
    };
    Ok(found.into_iter().find(fits))
}

/// Reads a number as people write it.
pub(super) fn read_number(app: &App, text: &str) -> Option<Number> {
    Number::read(text, app.keys.numbers())
}

/// The days on which this number may have been issued.
pub(super) fn days_of(app: &App, number: &Number) -> Vec<NaiveDate> {
    let this_year = app.local_now().year();
    let (month, day) = number.month_day();
    (this_year - YEARS_BACK..=this_year)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .collect()
}
