//! Status for whoever has lost the link: the receipt's number and the last four digits of the
//! telephone, with one answer for *no such number* and *other digits*, and a budget of tries.
//! Four digits can be guessed, so they open where the report stands and nothing of what is in it.

use std::net::IpAddr;

use chrono::{Datelike, NaiveDate, TimeDelta};
use unicode_normalization::UnicodeNormalization;

use super::App;
use super::personal::Personal;
use super::rate_limit::{Allowance, network};
use crate::domain::number::Number;
use crate::store::report::Row;
use crate::store::{Conn, Error, report};

/// Digits of the telephone that are asked for.
pub const DIGITS: usize = 4;
/// A window of wrong tries at most, however often it was spent before.
const WINDOW_MAX: TimeDelta = TimeDelta::hours(24);
/// Years back that a number, which bears no year, may be from.
const YEARS_BACK: i32 = 1;

/// Why no report was found.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// No such number, or other digits; which of the two is nobody's business.
    #[error("no such number with these digits")]
    Unknown,
    /// Too many wrong tries.
    #[error("too many wrong tries")]
    Wait {
        /// Seconds until the next try counts.
        retry_after_s: i64,
    },
    /// The database said no.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a wrong try is charged to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Account {
    Number(String),
    Address(IpAddr),
}

/// The report of this number, where its telephone ends in these digits.
pub async fn find(
    app: &App,
    (number, digits): (&str, &str),
    from: Option<IpAddr>,
) -> Result<Row, Denied> {
    let (now, rules) = (app.clock.now(), &app.rules);
    let read = read_number(app, number);
    let named = read.as_ref().map(|read| read.as_str().to_owned());
    let allowed = |tries| Allowance {
        tries,
        window: rules.status_window,
        window_max: WINDOW_MAX,
    };
    let of_address = |from| {
        (
            Account::Address(network(from)),
            allowed(rules.status_tries_address),
        )
    };
    let accounts: Vec<(Account, Allowance)> = named
        .map(|named| (Account::Number(named), allowed(rules.status_tries)))
        .into_iter()
        .chain(from.map(of_address))
        .collect();
    let taken = app.tries.take(&accounts, now);
    taken.map_err(|retry_after_s| Denied::Wait { retry_after_s })?;
    let digits: String = digits.nfkc().filter(char::is_ascii_digit).collect();
    let found = matching(app, read, &digits).await;
    if !matches!(found, Ok(None)) {
        app.tries.give_back(&accounts);
    }
    found?.ok_or(Denied::Unknown)
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

/// The days on which this number may have been given.
pub(super) fn days_of(app: &App, number: &Number) -> Vec<NaiveDate> {
    let this_year = app.local_now().year();
    let (month, day) = number.month_day();
    (this_year - YEARS_BACK..=this_year)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .collect()
}
