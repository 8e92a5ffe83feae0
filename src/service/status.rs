//! Status for whoever has lost the link: the receipt's number and the last four digits of the
//! telephone, with one answer for *no such number* and *other digits*, and a budget of tries.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use unicode_normalization::UnicodeNormalization;

use super::House;
use super::personal::Personal;
use crate::domain::number::Number;
use crate::domain::report::ReportId;
use crate::store::{Conn, Error, report};

/// Digits of the telephone that are asked for.
pub const DIGITS: usize = 4;
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
enum Account {
    Number(String),
    Address(IpAddr),
}

/// Wrong tries of each number and each address. Kept by each node for itself: with n nodes
/// somebody has n times as many tries, and nothing has to be written to look something up.
#[derive(Debug, Default)]
pub struct Budget {
    spent: Mutex<HashMap<Account, (u32, DateTime<Utc>)>>,
}

impl Budget {
    /// Takes one try from each account, or none from any and says how many seconds to wait.
    /// Charged before the look and given back after a right one, so that many tries at once are
    /// not more than the budget.
    fn take(
        &self,
        accounts: &[(Account, u32)],
        (window, now): (TimeDelta, DateTime<Utc>),
    ) -> Result<(), i64> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.retain(|_, (_, until)| *until > now);
        let over = accounts.iter().find_map(|(account, most)| {
            let (tries, until) = spent.get(account)?;
            (tries >= most).then_some(*until)
        });
        if let Some(until) = over {
            return Err((until - now).num_seconds().max(1));
        }
        for (account, _) in accounts {
            spent.entry(account.clone()).or_insert((0, now + window)).0 += 1;
        }
        Ok(())
    }

    fn give_back(&self, accounts: &[(Account, u32)]) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        for (account, _) in accounts {
            if let Some((tries, _)) = spent.get_mut(account) {
                *tries = tries.saturating_sub(1);
            }
        }
    }
}

/// The report of this number, where its telephone ends in these digits.
pub async fn find(
    house: &House,
    (number, digits): (&str, &str),
    from: Option<IpAddr>,
) -> Result<ReportId, Denied> {
    let (now, rules) = (house.clock.now(), &house.rules);
    let read = Number::read(number);
    let named = read.as_ref().map(|read| read.as_str().to_owned());
    let accounts: Vec<(Account, u32)> = named
        .map(|named| (Account::Number(named), rules.status_tries))
        .into_iter()
        .chain(from.map(|from| (Account::Address(from), rules.status_tries_address)))
        .collect();
    let taken = house.tries.take(&accounts, (rules.status_window, now));
    taken.map_err(|retry_after_s| Denied::Wait { retry_after_s })?;
    let digits: String = digits.nfkc().filter(char::is_ascii_digit).collect();
    let found = matching(house, read, &digits).await;
    if !matches!(found, Ok(None)) {
        house.tries.give_back(&accounts);
    }
    found?.ok_or(Denied::Unknown)
}

async fn matching(
    house: &House,
    number: Option<Number>,
    digits: &str,
) -> Result<Option<ReportId>, Error> {
    let Some(number) = number.filter(|_| digits.len() == DIGITS) else {
        return Ok(None);
    };
    let (text, from) = (number.as_str().to_owned(), given(house, &number));
    let work = move |conn: Conn| async move { report::of_number(&conn, &text, from).await };
    let found = house.db.run(work).await?;
    Ok(found.into_iter().find_map(|(id, sealed)| {
        let personal = Personal::open_sealed(&house.keys, id, &sealed).ok()?;
        personal.phone.ends_with(digits).then_some(id)
    }))
}

/// The days on which this number may have been given, and its count on that day.
pub(super) fn given(house: &House, number: &Number) -> (Vec<NaiveDate>, i32) {
    let this_year = house.local_now().year();
    let (month, day) = number.month_day();
    let days = (this_year - YEARS_BACK..=this_year)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .collect();
    (days, i32::try_from(number.serial()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_and_comes_back_and_belongs_to_one_account() {
        let budget = Budget::default();
        let account = |name: &str| [(Account::Number(name.into()), 3)];
        let (one, two) = (account("A"), account("B"));
        let (now, window) = (DateTime::UNIX_EPOCH, TimeDelta::minutes(15));
        for _ in 0..3 {
            assert_eq!(budget.take(&one, (window, now)), Ok(()));
        }
        assert_eq!(budget.take(&one, (window, now)), Err(900));
        assert_eq!(budget.take(&two, (window, now)), Ok(()));
        budget.give_back(&one);
        assert_eq!(budget.take(&one, (window, now)), Ok(()));
        assert_eq!(budget.take(&one, (window, now)), Err(900));
        assert_eq!(budget.take(&one, (window, now + window)), Ok(()));
    }
}
