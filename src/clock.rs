//! The time: one place that asks the machine, in the city's own time zone, and that tests can set.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDateTime, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Digits after the second that both databases keep.
const SUBSECOND_DIGITS: u16 = 6;

/// What time it is in the city.
#[derive(Debug)]
pub struct Clock {
    zone: Tz,
    /// How far this clock is ahead of the machine's, in microseconds.
    shift_us: AtomicI64,
    /// Where a held clock stands, in microseconds since 1970; zero while it runs.
    held_us: AtomicI64,
}

impl Clock {
    /// The machine's time, read in this zone.
    pub fn new(zone: Tz) -> Self {
        Self {
            zone,
            shift_us: AtomicI64::new(0),
            held_us: AtomicI64::new(0),
        }
    }

    /// The instant, cut to microseconds: what is stored is what was said.
    pub fn now(&self) -> DateTime<Utc> {
        if self.held_us.load(Ordering::Relaxed) != 0 {
            let at = self.held_us.fetch_add(1, Ordering::Relaxed);
            return DateTime::from_timestamp_micros(at).unwrap_or_default();
        }
        let shift = TimeDelta::microseconds(self.shift_us.load(Ordering::Relaxed));
        (Utc::now() + shift).trunc_subsecs(SUBSECOND_DIGITS)
    }

    /// What the clocks of the city show at this instant.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }

    /// By how many minutes the clocks of the city are ahead of UTC at this instant.
    pub fn offset_minutes(&self, at: DateTime<Utc>) -> i64 {
        (self.local(at) - at.naive_utc()).num_minutes()
    }

    /// The instant at which the clocks of the city show this. Where they show it twice, the
    /// first; where a spring night skips it, an hour later.
    pub fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        self.zone
            .from_local_datetime(&local)
            .earliest()
            .or_else(|| {
                let later = local + TimeDelta::hours(1);
                self.zone.from_local_datetime(&later).earliest()
            })
            .map_or_else(|| local.and_utc(), |zoned| zoned.to_utc())
    }

    /// Sets the clock to `at`, for tests. A running clock goes on from there, a held one stands.
    pub fn set(&self, at: DateTime<Utc>) {
        if self.held_us.load(Ordering::Relaxed) != 0 {
            return self.hold(at);
        }
        let shift = (at - Utc::now()).num_microseconds().unwrap_or_default();
        self.shift_us.store(shift, Ordering::Relaxed);
    }

    /// Stops the clock at `at`, for tests whose outcome must not depend on how fast the machine is.
    /// Each call of [`Clock::now`] moves it on by one microsecond, so that no two moments are equal.
    pub fn hold(&self, at: DateTime<Utc>) {
        self.held_us.store(at.timestamp_micros(), Ordering::Relaxed);
    }

    /// Shows the same time as `other`, held or running as that one is; for tests.
    pub fn follow(&self, other: &Self) {
        let [shift, held] = [&other.shift_us, &other.held_us].map(|at| at.load(Ordering::Relaxed));
        self.shift_us.store(shift, Ordering::Relaxed);
        self.held_us.store(held, Ordering::Relaxed);
    }

    /// Lets a held clock run on from where it stands.
    pub fn run(&self) {
        let at = self.now();
        self.held_us.store(0, Ordering::Relaxed);
        self.set(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_citys_clock_is_eight_hours_ahead_in_china() {
        let clock = Clock::new(chrono_tz::Asia::Shanghai);
        let at = Utc.with_ymd_and_hms(2026, 9, 15, 17, 30, 0).unwrap();
        let local = clock.local(at);
        assert_eq!(local.to_string(), "2026-09-16 01:30:00");
        assert_eq!(clock.instant(local), at);
    }

    #[test]
    fn skipped_spring_hour_is_the_next_one() {
        let clock = Clock::new(chrono_tz::Europe::Berlin);
        let skipped = "2026-03-29T02:30:00".parse().unwrap();
        assert_eq!(
            clock.local(clock.instant(skipped)).to_string(),
            "2026-03-29 03:30:00"
        );
    }

    #[test]
    fn a_set_clock_goes_on() {
        let clock = Clock::new(chrono_tz::UTC);
        let at = Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap();
        clock.set(at);
        // The machine's clock counts nanoseconds, this one microseconds.
        assert!(clock.now() >= at - TimeDelta::microseconds(1));
    }

    #[test]
    fn a_held_clock_moves_only_with_each_look() {
        let clock = Clock::new(chrono_tz::UTC);
        let at = Utc.with_ymd_and_hms(2030, 1, 1, 0, 0, 0).unwrap();
        clock.hold(at);
        assert_eq!(clock.now(), at);
        assert_eq!(clock.now(), at + TimeDelta::microseconds(1));
        clock.run();
        assert!(clock.now() >= at + TimeDelta::microseconds(2));
    }
}
