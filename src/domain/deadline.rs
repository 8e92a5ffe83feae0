//! Deadlines: which one counts, and how pressing it is.

use chrono::TimeDelta;
use strum::IntoStaticStr;

use super::coded::coded;
use super::triage::{Stage, Status};

/// The share of the time, in percent, after which a deadline is near.
pub const DUE_SOON_PERCENT: u8 = 75;

/// How pressing a deadline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Urgency {
    /// There is time.
    Ahead,
    /// 将超时: most of the time is gone.
    DueSoon,
    /// 超时: all of it is.
    Overdue,
}

coded!(Urgency, written);

/// Which of the two deadlines counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Due {
    /// 首次联系: a staff member is to accept the report and call.
    Contact,
    /// 办结: a staff member has accepted the report and is to close it.
    Finish,
}

coded!(Due, written);

impl Due {
    /// The deadline that counts for a report with this status; none once it has ended. A report
    /// that waits again, refused or reopened, is to be called: its first deadline counts again.
    pub fn of(status: Status) -> Option<Self> {
        match status.stage() {
            Stage::Waiting => Some(Self::Contact),
            Stage::InHand => Some(Self::Finish),
            Stage::Done | Stage::Aside => None,
        }
    }
}

impl Urgency {
    /// How pressing a deadline is when this much of the given time has passed since the receipt.
    /// The last instant of the given time is still in time.
    pub fn after(passed: TimeDelta, given: TimeDelta) -> Self {
        let longest = |span: TimeDelta| {
            if span < TimeDelta::zero() {
                i64::MIN
            } else {
                i64::MAX
            }
        };
        let micros = |span: TimeDelta| span.num_microseconds().unwrap_or_else(|| longest(span));
        if passed > given {
            Self::Overdue
        } else if micros(passed) >= due_soon_after(micros(given)) {
            Self::DueSoon
        } else {
            Self::Ahead
        }
    }
}

/// After how much of the given time a deadline is near; both in microseconds.
pub fn due_soon_after(given: i64) -> i64 {
    let (whole, rest) = (given / 100, given % 100);
    let percent = i64::from(DUE_SOON_PERCENT);
    // Rounded up: before this microsecond the share has not passed.
    whole * percent + (rest * percent + 99).div_euclid(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_that_counts_follows_the_status() {
        for status in Status::ALL {
            let due = match status {
                Status::Waiting => Some(Due::Contact),
                Status::Accepted | Status::Unreachable => Some(Due::Finish),
                _ => None,
            };
            assert_eq!(Due::of(status), due, "{status:?}");
        }
    }

    #[test]
    fn deadline_is_near_at_75_percent_and_over_after_it() {
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

    #[test]
    fn no_span_is_too_long_to_be_judged() {
        let longest = TimeDelta::MAX;
        assert_eq!(Urgency::after(longest, longest), Urgency::DueSoon);
        assert_eq!(Urgency::after(TimeDelta::MIN, longest), Urgency::Ahead);
    }
}
