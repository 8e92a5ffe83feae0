//! Budgets of wrong tries: whoever guesses runs out of them, and what one account spends is
//! nobody else's.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Accounts that are remembered. Past it the one that ends first is forgotten: whoever wants that
/// of theirs has made as many tries elsewhere.
const ACCOUNTS_MAX: usize = 100_000;
/// Groups of an IPv6 address that one household shares.
const NETWORK_GROUPS: usize = 4;

/// What one account may spend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// Wrong tries within a window.
    pub(super) tries: u32,
    /// How long a window is.
    pub(super) window: TimeDelta,
    /// How long one is at most, however often it was spent whole before.
    pub(super) window_max: TimeDelta,
}

/// Wrong tries of one account within its window.
#[derive(Clone, Copy, Debug)]
struct Spent {
    tries: u32,
    until: DateTime<Utc>,
    window: TimeDelta,
}

/// Wrong tries of each account. Kept by each node for itself: with n nodes somebody has n times as
/// many tries, and nothing has to be written to look something up. Whoever spends a window whole
/// has the next one twice as long.
#[derive(Debug)]
pub(super) struct RateLimiter<A> {
    spent: Mutex<HashMap<A, Spent>>,
}

impl<A> Default for RateLimiter<A> {
    fn default() -> Self {
        Self {
            spent: Mutex::default(),
        }
    }
}

impl<A: Clone + Eq + Hash> RateLimiter<A> {
    /// Takes one try from each account, or none from any and says how many seconds to wait.
    /// Charged before the look and given back after a right one, so that many tries at once are
    /// not more than the budget.
    pub(super) fn take(&self, accounts: &[(A, Allowance)], now: DateTime<Utc>) -> Result<(), i64> {
        let mut spent = self.lock();
        spent.retain(|_, kept| kept.until + kept.window > now);
        let over = accounts.iter().filter_map(|(account, allowed)| {
            let kept = spent.get(account)?;
            (kept.tries >= allowed.tries && kept.until > now).then_some(kept.until)
        });
        if let Some(until) = over.max() {
            return Err((until - now).num_seconds().max(1));
        }
        for (account, allowed) in accounts {
            if spent.len() >= ACCOUNTS_MAX && !spent.contains_key(account) {
                forget_first(&mut spent);
            }
            let kept = spent.entry(account.clone()).or_insert(Spent {
                tries: 0,
                until: now + allowed.window,
                window: allowed.window,
            });
            if kept.until <= now {
                kept.window = match kept.tries >= allowed.tries {
                    true => (kept.window * 2).min(allowed.window_max),
                    false => allowed.window,
                };
                (kept.tries, kept.until) = (0, now + kept.window);
            }
            kept.tries += 1;
        }
        Ok(())
    }

    /// Gives one try back to each account.
    pub(super) fn give_back(&self, accounts: &[(A, Allowance)]) {
        let mut spent = self.lock();
        for (account, _) in accounts {
            if let Some(kept) = spent.get_mut(account) {
                kept.tries = kept.tries.saturating_sub(1);
            }
        }
    }

    /// Forgets what the account has spent.
    pub(super) fn forget(&self, account: &A) {
        self.lock().remove(account);
    }

    /// What is whole at every instant; a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, HashMap<A, Spent>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_first<A: Clone + Eq + Hash>(spent: &mut HashMap<A, Spent>) {
    let first = spent.iter().min_by_key(|(_, kept)| kept.until);
    if let Some(first) = first.map(|(account, _)| account.clone()) {
        spent.remove(&first);
    }
}

/// Whom an address stands for: of an IPv6 address the network, because a household has as many as
/// it likes.
pub(super) fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => {
            let mut groups = address.segments();
            groups[NETWORK_GROUPS..].fill(0);
            IpAddr::V6(groups.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: TimeDelta = TimeDelta::minutes(15);

    fn account<A>(name: A) -> [(A, Allowance); 1] {
        let allowed = Allowance {
            tries: 3,
            window: WINDOW,
            window_max: WINDOW * 3,
        };
        [(name, allowed)]
    }

    /// guarantee: Tries at receipt numbers are counted by number and by address, and a used-up
    /// window makes the next one longer
    #[test]
    fn a_budget_ends_and_comes_back_and_belongs_to_one_account() {
        let budget = RateLimiter::default();
        let (one, two) = (account("A"), account("B"));
        let now = DateTime::UNIX_EPOCH;
        for _ in 0..3 {
            assert_eq!(budget.take(&one, now), Ok(()));
        }
        assert_eq!(budget.take(&one, now), Err(900));
        assert_eq!(budget.take(&two, now), Ok(()));
        budget.give_back(&one);
        assert_eq!(budget.take(&one, now), Ok(()));
        assert_eq!(budget.take(&one, now), Err(900));
        budget.forget(&"A");
        for _ in 0..3 {
            assert_eq!(budget.take(&one, now), Ok(()));
        }
        assert_eq!(budget.take(&one, now), Err(900));
    }

    /// guarantee: Tries at receipt numbers are counted by number and by address, and a used-up
    /// window makes the next one longer
    #[test]
    fn a_window_that_was_spent_whole_makes_the_next_longer_up_to_the_longest() {
        let budget = RateLimiter::default();
        let one = account("A");
        let mut now = DateTime::UNIX_EPOCH;
        for wait_s in [900, 1_800, 2_700, 2_700] {
            for _ in 0..3 {
                assert_eq!(budget.take(&one, now), Ok(()));
            }
            assert_eq!(budget.take(&one, now), Err(wait_s));
            now += TimeDelta::seconds(wait_s);
        }
        // Whoever leaves it alone for as long again begins as at first.
        now += WINDOW * 3;
        for _ in 0..3 {
            assert_eq!(budget.take(&one, now), Ok(()));
        }
        assert_eq!(budget.take(&one, now), Err(900));
    }

    #[test]
    fn of_too_many_accounts_the_one_that_ends_first_is_forgotten() {
        let budget = RateLimiter::default();
        let now = DateTime::UNIX_EPOCH;
        for name in 0..ACCOUNTS_MAX {
            let at = now + TimeDelta::milliseconds(i64::from(name != 7));
            budget.lock().insert(
                name,
                Spent {
                    tries: 3,
                    until: at + WINDOW,
                    window: WINDOW,
                },
            );
        }
        assert_eq!(budget.take(&account(ACCOUNTS_MAX), now), Ok(()));
        assert_eq!(budget.lock().len(), ACCOUNTS_MAX);
        assert_eq!(budget.take(&account(8), now), Err(900));
        assert_eq!(budget.take(&account(7), now), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_account_and_a_mapped_address_is_what_it_maps() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:3::3"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }
}
