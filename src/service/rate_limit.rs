//! Rate limits for wrong tries. Each key has a bucket of its own.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Buckets that are kept. Beyond it the bucket whose window ends first is dropped: to have a bucket
/// dropped takes as many tries on other keys.
const BUCKETS_MAX: usize = 100_000;
/// Groups of an IPv6 address that one household shares.
const NETWORK_GROUPS: usize = 4;

/// How many wrong tries one key may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// Wrong tries within a window.
    pub(super) tries: u32,
    /// How long a window is.
    pub(super) window: TimeDelta,
    /// The longest window after repeated use of whole windows.
    pub(super) window_max: TimeDelta,
}

/// A bucket is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted {
    /// Seconds until the next try counts.
    pub(super) retry_after_s: i64,
}

/// Wrong tries of one key within its window.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tries: u32,
    until: DateTime<Utc>,
    window: TimeDelta,
}

/// Counts wrong tries per key, on each node for itself: with n nodes a client has n times as many
/// tries, and no lookup has to write. A window that was used up doubles the next one.
#[derive(Debug)]
pub(super) struct RateLimiter<K> {
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K> Default for RateLimiter<K> {
    fn default() -> Self {
        Self {
            buckets: Mutex::default(),
        }
    }
}

impl<K: Clone + Eq + Hash> RateLimiter<K> {
    /// Consumes one try of every key, or none and fails when any bucket is empty. The caller takes
    /// before it checks and gives back when the try was right, so that concurrent tries cannot
    /// exceed the limit.
    pub(super) fn take(&self, keys: &[(K, Limit)], now: DateTime<Utc>) -> Result<(), Exhausted> {
        let mut buckets = self.lock();
        buckets.retain(|_, kept| kept.until + kept.window > now);
        let empty = keys.iter().filter_map(|(key, limit)| {
            let kept = buckets.get(key)?;
            (kept.tries >= limit.tries && kept.until > now).then_some(kept.until)
        });
        if let Some(until) = empty.max() {
            return Err(Exhausted {
                retry_after_s: (until - now).num_seconds().max(1),
            });
        }
        for (key, limit) in keys {
            if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(key) {
                drop_first(&mut buckets);
            }
            let kept = buckets.entry(key.clone()).or_insert(Bucket {
                tries: 0,
                until: now + limit.window,
                window: limit.window,
            });
            if kept.until <= now {
                kept.window = if kept.tries >= limit.tries {
                    (kept.window * 2).min(limit.window_max)
                } else {
                    limit.window
                };
                (kept.tries, kept.until) = (0, now + kept.window);
            }
            kept.tries += 1;
        }
        Ok(())
    }

    /// Gives one try back to each key.
    pub(super) fn give_back(&self, keys: &[(K, Limit)]) {
        let mut buckets = self.lock();
        for (key, _) in keys {
            if let Some(kept) = buckets.get_mut(key) {
                kept.tries = kept.tries.saturating_sub(1);
            }
        }
    }

    /// Refills the key's bucket.
    pub(super) fn refill(&self, key: &K) {
        self.lock().remove(key);
    }

    /// The map is consistent at every instant, so a panic elsewhere leaves it usable.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn drop_first<K: Clone + Eq + Hash>(buckets: &mut HashMap<K, Bucket>) {
    let first = buckets.iter().min_by_key(|(_, kept)| kept.until);
    if let Some(first) = first.map(|(key, _)| key.clone()) {
        buckets.remove(&first);
    }
}

/// The key for an address: an IPv6 address counts as its network, because one household has many
/// addresses.
pub fn network(from: IpAddr) -> IpAddr {
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

    fn waits(retry_after_s: i64) -> Result<(), Exhausted> {
        Err(Exhausted { retry_after_s })
    }

    fn key<K>(name: K) -> [(K, Limit); 1] {
        let limit = Limit {
            tries: 3,
            window: WINDOW,
            window_max: WINDOW * 3,
        };
        [(name, limit)]
    }

    /// guarantee: Tries at receipt numbers are counted by number and by address, and a used-up
    /// window makes the next one longer
    #[test]
    fn a_bucket_empties_and_refills_and_belongs_to_one_key() {
        let limiter = RateLimiter::default();
        let (one, two) = (key("A"), key("B"));
        let now = DateTime::UNIX_EPOCH;
        for _ in 0..3 {
            assert_eq!(limiter.take(&one, now), Ok(()));
        }
        assert_eq!(limiter.take(&one, now), waits(900));
        assert_eq!(limiter.take(&two, now), Ok(()));
        limiter.give_back(&one);
        assert_eq!(limiter.take(&one, now), Ok(()));
        assert_eq!(limiter.take(&one, now), waits(900));
        limiter.refill(&"A");
        for _ in 0..3 {
            assert_eq!(limiter.take(&one, now), Ok(()));
        }
        assert_eq!(limiter.take(&one, now), waits(900));
    }

    /// guarantee: Tries at receipt numbers are counted by number and by address, and a used-up
    /// window makes the next one longer
    #[test]
    fn used_up_window_doubles_the_next_up_to_a_maximum() {
        let limiter = RateLimiter::default();
        let one = key("A");
        let mut now = DateTime::UNIX_EPOCH;
        for wait_s in [900, 1_800, 2_700, 2_700] {
            for _ in 0..3 {
                assert_eq!(limiter.take(&one, now), Ok(()));
            }
            assert_eq!(limiter.take(&one, now), waits(wait_s));
            now += TimeDelta::seconds(wait_s);
        }
        // After a pause of one more window the first window applies again.
        now += WINDOW * 3;
        for _ in 0..3 {
            assert_eq!(limiter.take(&one, now), Ok(()));
        }
        assert_eq!(limiter.take(&one, now), waits(900));
    }

    #[test]
    fn beyond_the_maximum_the_bucket_that_ends_first_is_dropped() {
        let limiter = RateLimiter::default();
        let now = DateTime::UNIX_EPOCH;
        for name in 0..BUCKETS_MAX {
            let at = now + TimeDelta::milliseconds(i64::from(name != 7));
            limiter.lock().insert(
                name,
                Bucket {
                    tries: 3,
                    until: at + WINDOW,
                    window: WINDOW,
                },
            );
        }
        assert_eq!(limiter.take(&key(BUCKETS_MAX), now), Ok(()));
        assert_eq!(limiter.lock().len(), BUCKETS_MAX);
        assert_eq!(limiter.take(&key(8), now), waits(900));
        assert_eq!(limiter.take(&key(7), now), Ok(()));
    }

    #[test]
    fn ipv6_network_is_one_key_and_mapped_is_ipv4() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:3::3"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }
}
