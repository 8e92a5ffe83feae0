//! Status for whoever has lost the link: the receipt's number and the last four digits of the
//! telephone, with one answer for *no such number* and *other digits*, and a budget of tries.
//! Four digits can be guessed, so they open where the report stands and nothing of what is in it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use unicode_normalization::UnicodeNormalization;

use super::House;
use super::personal::Personal;
use crate::domain::number::Number;
use crate::store::report::Row;
use crate::store::{Conn, Error, report};

/// Digits of the telephone that are asked for.
pub const DIGITS: usize = 4;
/// A window of wrong tries at most, however often it was spent before.
const WINDOW_HOURS_MAX: i64 = 24;
/// Groups of an IPv6 address that one household shares.
const NETWORK_GROUPS: usize = 4;
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

/// Wrong tries of one account within its window.
#[derive(Clone, Copy, Debug)]
struct Spent {
    tries: u32,
    until: DateTime<Utc>,
    window: TimeDelta,
}

/// Wrong tries of each number and each address. Kept by each node for itself: with n nodes
/// somebody has n times as many tries, and nothing has to be written to look something up.
/// Whoever spends a window whole has the next one twice as long, up to a day.
#[derive(Debug, Default)]
pub struct Budget {
    spent: Mutex<HashMap<Account, Spent>>,
}

impl Account {
    /// Of an IPv6 address the network, because a household has as many as it likes.
    fn of(from: IpAddr) -> Self {
        let network = match from.to_canonical() {
            IpAddr::V6(address) => {
                let mut groups = address.segments();
                groups[NETWORK_GROUPS..].fill(0);
                IpAddr::V6(groups.into())
            }
            address @ IpAddr::V4(_) => address,
        };
        Self::Address(network)
    }
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
        spent.retain(|_, kept| kept.until + kept.window > now);
        let over = accounts.iter().find_map(|(account, most)| {
            let kept = spent.get(account)?;
            (kept.tries >= *most && kept.until > now).then_some(kept.until)
        });
        if let Some(until) = over {
            return Err((until - now).num_seconds().max(1));
        }
        for (account, most) in accounts {
            let kept = spent.entry(account.clone()).or_insert(Spent {
                tries: 0,
                until: now + window,
                window,
            });
            if kept.until <= now {
                if kept.tries >= *most {
                    kept.window = (kept.window * 2).min(TimeDelta::hours(WINDOW_HOURS_MAX));
                } else {
                    kept.window = window;
                }
                (kept.tries, kept.until) = (0, now + kept.window);
            }
            kept.tries += 1;
        }
        Ok(())
    }

    fn give_back(&self, accounts: &[(Account, u32)]) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        for (account, _) in accounts {
            if let Some(kept) = spent.get_mut(account) {
                kept.tries = kept.tries.saturating_sub(1);
            }
        }
    }
}

/// The report of this number, where its telephone ends in these digits.
pub async fn find(
    house: &House,
    (number, digits): (&str, &str),
    from: Option<IpAddr>,
) -> Result<Row, Denied> {
    let (now, rules) = (house.clock.now(), &house.rules);
    let read = read_number(house, number);
    let named = read.as_ref().map(|read| read.as_str().to_owned());
    let accounts: Vec<(Account, u32)> = named
        .map(|named| (Account::Number(named), rules.status_tries))
        .into_iter()
        .chain(from.map(|from| (Account::of(from), rules.status_tries_address)))
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
) -> Result<Option<Row>, Error> {
    let Some(number) = number.filter(|_| digits.len() == DIGITS) else {
        return Ok(None);
    };
    let (text, from) = (number.as_str().to_owned(), given(house, &number));
    let work = move |conn: Conn| async move { report::of_number(&conn, &text, from).await };
    let found = house.db.run(work).await?;
    let fits = |row: &Row| {
        let personal = Personal::open(house, row);
        personal.is_some_and(|personal| personal.phone.ends_with(digits))
    };
    Ok(found.into_iter().find(fits))
}

/// Reads a number as people write it.
pub(super) fn read_number(house: &House, text: &str) -> Option<Number> {
    Number::read(text, &|round| house.keys.number_round(round))
}

/// The days on which this number may have been given, and what it may have counted on that day.
pub(super) fn given(house: &House, number: &Number) -> (Vec<NaiveDate>, Vec<i32>) {
    let this_year = house.local_now().year();
    let (month, day) = number.month_day();
    let days = (this_year - YEARS_BACK..=this_year)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .collect();
    let serials = number.serials().into_iter();
    (
        days,
        serials
            .filter_map(|serial| i32::try_from(serial).ok())
            .collect(),
    )
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
        let later = now + window;
        assert_eq!(budget.take(&one, (window, later)), Ok(()));
        for _ in 0..2 {
            assert_eq!(budget.take(&one, (window, later)), Ok(()));
        }
        assert_eq!(
            budget.take(&one, (window, later)),
            Err(1800),
            "twice as long"
        );
        assert_eq!(budget.take(&one, (window, later + window * 5)), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_account_and_a_mapped_address_is_what_it_maps() {
        let account = |text: &str| Account::of(text.parse().unwrap());
        assert_eq!(account("2001:db8:1:2::3"), account("2001:db8:1:2:ffff::9"));
        assert_ne!(account("2001:db8:1:2::3"), account("2001:db8:1:3::3"));
        assert_eq!(account("::ffff:192.0.2.7"), account("192.0.2.7"));
        assert_ne!(account("192.0.2.7"), account("192.0.2.8"));
    }
}
