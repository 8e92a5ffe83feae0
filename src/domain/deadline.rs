//! Deadlines: by when somebody is called, and when nobody is woken for it.
//! All times here are local to the city; whoever calls converts.

use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta};

/// The share of the time, in percent, after which a deadline is near.
pub const DUE_SOON_PERCENT: u8 = 75;

/// How pressing a deadline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Urgency {
    /// There is time.
    Ahead,
    /// 将超时: most of the time is gone.
    DueSoon,
    /// 超时: all of it is.
    Overdue,
}

/// The hours of a subdistrict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingDay {
    /// When calls may begin.
    pub starts: NaiveTime,
    /// When quiet hours begin.
    pub ends: NaiveTime,
    /// By when the night's reports have been called.
    pub night_due: NaiveTime,
    /// How long a report of the day may wait for the first call.
    pub first_contact: TimeDelta,
}

impl WorkingDay {
    /// Whether nobody is called at this hour.
    pub fn is_quiet(&self, local: NaiveDateTime) -> bool {
        local.time() < self.starts || local.time() >= self.ends
    }

    /// By when the first call is due: `first_contact` after receipt by day; a report of the
    /// night, or one whose time would end in the night, by the next `night_due`.
    pub fn contact_due(&self, received: NaiveDateTime) -> NaiveDateTime {
        let due = received + self.first_contact;
        if !self.is_quiet(received) && !self.is_quiet(due) && due.date() == received.date() {
            return due;
        }
        let morning = received.date().and_time(self.night_due);
        if received.time() < self.starts {
            morning
        } else {
            morning + Days::new(1)
        }
    }
}

/// How long after the receipt a deadline is near that gives this much time: from then on
/// [`Urgency::after`] no longer says that there is time.
pub fn near_after(given: TimeDelta) -> TimeDelta {
    let share = i128::from(given.num_milliseconds()) * i128::from(DUE_SOON_PERCENT);
    let whole = share.div_euclid(100) + i128::from(share.rem_euclid(100) > 0);
    TimeDelta::milliseconds(i64::try_from(whole).unwrap_or(i64::MAX))
}

impl Urgency {
    /// How pressing a deadline is when this much of the given time has passed since the receipt.
    /// The last instant of the given time is still in time.
    pub fn after(passed: TimeDelta, given: TimeDelta) -> Self {
        let millis = |span: TimeDelta| i128::from(span.num_milliseconds());
        if passed > given {
            Self::Overdue
        } else if millis(passed) * 100 >= millis(given) * i128::from(DUE_SOON_PERCENT) {
            Self::DueSoon
        } else {
            Self::Ahead
        }
    }

    /// The word that stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::DueSoon => "due_soon",
            Self::Overdue => "overdue",
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 9, day)
            .and_then(|date| date.and_hms_opt(hour, minute, 0))
            .unwrap()
    }

    fn nantong() -> WorkingDay {
        let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        WorkingDay {
            starts: time(7, 30),
            ends: time(22, 0),
            night_due: time(9, 0),
            first_contact: TimeDelta::hours(2),
        }
    }

    #[test]
    fn the_first_call_is_due_in_two_hours_by_day_and_by_nine_after_a_night() {
        for (received, due) in [
            (at(1, 10, 0), at(1, 12, 0)),
            (at(1, 7, 30), at(1, 9, 30)),
            (at(1, 19, 59), at(1, 21, 59)),
            (at(1, 20, 0), at(2, 9, 0)),
            (at(1, 21, 59), at(2, 9, 0)),
            (at(1, 22, 0), at(2, 9, 0)),
            (at(1, 23, 59), at(2, 9, 0)),
            (at(2, 0, 0), at(2, 9, 0)),
            (at(2, 7, 29), at(2, 9, 0)),
        ] {
            assert_eq!(nantong().contact_due(received), due, "{received}");
        }
    }

    #[test]
    fn quiet_hours_begin_sharp_and_end_sharp() {
        for (local, quiet) in [
            (at(1, 21, 59), false),
            (at(1, 22, 0), true),
            (at(2, 7, 29), true),
            (at(2, 7, 30), false),
        ] {
            assert_eq!(nantong().is_quiet(local), quiet, "{local}");
        }
    }

    #[test]
    fn a_deadline_is_near_at_three_quarters_and_over_after_its_last_instant() {
        let ms = TimeDelta::milliseconds;
        let given = TimeDelta::hours(2);
        let near = TimeDelta::minutes(90);
        for (passed, urgency) in [
            (ms(-1), Urgency::Ahead),
            (ms(0), Urgency::Ahead),
            (near - ms(1), Urgency::Ahead),
            (near, Urgency::DueSoon),
            (given, Urgency::DueSoon),
            (given + ms(1), Urgency::Overdue),
        ] {
            assert_eq!(Urgency::after(passed, given), urgency, "{passed}");
        }
    }

    proptest! {
        #[test]
        fn a_deadline_is_near_from_the_moment_that_is_stored(
            given in 0_i64..200_000_000_000, micros in -3_000_i64..3_000,
        ) {
            let given = TimeDelta::microseconds(given);
            let passed = near_after(given) + TimeDelta::microseconds(micros);
            prop_assert_eq!(Urgency::after(passed, given) == Urgency::Ahead, micros < 0);
        }
    }

    #[test]
    fn no_span_is_too_long_to_be_judged() {
        let longest = TimeDelta::MAX;
        assert_eq!(Urgency::after(longest, longest), Urgency::DueSoon);
        assert_eq!(Urgency::after(TimeDelta::MIN, longest), Urgency::Ahead);
    }
}
