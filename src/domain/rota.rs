//! Rotas: by when a resident is called, by when a case is ended, and the quiet hours between.
//! All times here are local to the city; the caller converts them.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::calendar::{Calendar, DaysOff};

/// The hours of a subdistrict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingDay {
    /// When calls may begin.
    pub starts: NaiveTime,
    /// When quiet hours begin; a day that ends before it begins ends on the next day, so 00:00 is
    /// the midnight behind it.
    pub ends: NaiveTime,
    /// By when the night's reports have been called.
    pub night_due: NaiveTime,
    /// How long a report of the day may wait for the first call.
    pub first_contact: TimeDelta,
    /// How long a case may take from receipt to its end; days off do not count.
    pub finish: TimeDelta,
    /// Whether people are called on days off as on any other.
    pub off_days_called: bool,
}

/// What a subdistrict wants otherwise than the city; where it says nothing, the city's hours hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnHours {
    /// When calls may begin.
    pub starts: Option<NaiveTime>,
    /// When quiet hours begin.
    pub ends: Option<NaiveTime>,
    /// By when the night's reports have been called.
    pub night_due: Option<NaiveTime>,
    /// How long a report of the day may wait for the first call.
    pub first_contact: Option<TimeDelta>,
    /// How long a case may take.
    pub finish: Option<TimeDelta>,
    /// Whether people are called on days off.
    pub off_days_called: Option<bool>,
}

/// When a subdistrict works: its hours, over the days that are off.
#[derive(Clone, Copy, Debug)]
pub struct Rota<'a> {
    /// The hours of a day that is worked.
    pub day: WorkingDay,
    /// The weekdays that are off.
    pub week: DaysOff,
    /// The holidays.
    pub calendar: &'a Calendar,
}

impl WorkingDay {
    /// Whether the hours follow each other as they must.
    pub fn is_sound(&self) -> bool {
        let whole = self.starts == NaiveTime::MIN && self.ends == NaiveTime::MIN;
        (self.starts != self.ends || whole)
            && self.starts <= self.night_due
            && (self.ends_tomorrow() || self.night_due < self.ends)
    }

    /// Whether the day that is worked goes beyond midnight, or up to it.
    fn ends_tomorrow(&self) -> bool {
        self.ends <= self.starts
    }

    /// When the quiet hours behind this day begin.
    fn end_of(&self, day: NaiveDate) -> NaiveDateTime {
        let ends_on = if self.ends_tomorrow() {
            day + Days::new(1)
        } else {
            day
        };
        ends_on.and_time(self.ends)
    }

    /// These hours with what a subdistrict wants otherwise, or as they are where the two no longer
    /// fit: a day that ends before it begins would be a night without an end.
    #[must_use]
    pub fn fitted(self, own: &OwnHours) -> Self {
        let hours = self.with(own);
        if hours.is_sound() { hours } else { self }
    }

    /// These hours with what a subdistrict wants otherwise.
    #[must_use]
    pub fn with(self, own: &OwnHours) -> Self {
        Self {
            starts: own.starts.unwrap_or(self.starts),
            ends: own.ends.unwrap_or(self.ends),
            night_due: own.night_due.unwrap_or(self.night_due),
            first_contact: own.first_contact.unwrap_or(self.first_contact),
            finish: own.finish.unwrap_or(self.finish),
            off_days_called: own.off_days_called.unwrap_or(self.off_days_called),
        }
    }
}

impl Rota<'_> {
    /// Whether no calls are made on this day.
    pub fn is_off(&self, day: NaiveDate) -> bool {
        !self.day.off_days_called && self.calendar.is_off(day, self.week)
    }

    /// Whether no calls are made at this moment: by night, and on a day off.
    pub fn is_quiet(&self, local: NaiveDateTime) -> bool {
        let (date, time) = (local.date(), local.time());
        let today = time >= self.day.starts && local < self.day.end_of(date) && !self.is_off(date);
        let before = date - Days::new(1);
        let yesterday = local < self.day.end_of(before) && !self.is_off(before);
        !today && !yesterday
    }

    /// By when the first call is due: `first_contact` after receipt by day. What comes in at
    /// night or on a day off, and what would fall due then, waits for the `night_due` of the next
    /// day that is worked. Nothing is due sooner than `first_contact` after receipt.
    pub fn contact_due(&self, received: NaiveDateTime) -> NaiveDateTime {
        let due = received + self.day.first_contact;
        if !self.is_quiet(received) && !self.is_quiet(due) {
            return due;
        }
        self.awake(self.morning_after(received).max(due))
    }

    /// By when the case is due to be ended: `finish` after receipt, in which days off do not
    /// count; what would fall due in quiet hours has until the next `night_due`. Never before the
    /// first call is due.
    pub fn finish_due(&self, received: NaiveDateTime) -> NaiveDateTime {
        let mut at = if self.is_off(received.date()) {
            midnight(self.worked_after(received.date()))
        } else {
            received
        };
        let mut left = self.day.finish;
        loop {
            let day_left = midnight(at.date() + Days::new(1)) - at;
            if left < day_left {
                break;
            }
            left -= day_left;
            at = midnight(self.worked_after(at.date()));
        }
        self.awake(at + left).max(self.contact_due(received))
    }

    /// The night that ends with the morning of this day, as local times from and to: from the end
    /// of the last day that was worked to the first hour of this one.
    pub fn night_before(&self, day: NaiveDate) -> (NaiveDateTime, NaiveDateTime) {
        let before = if self.day.off_days_called {
            day - Days::new(1)
        } else {
            self.calendar.worked_before(day, self.week)
        };
        (self.day.end_of(before), day.and_time(self.day.starts))
    }

    /// This moment or, where it is quiet, the next `night_due`.
    pub fn awake(&self, local: NaiveDateTime) -> NaiveDateTime {
        if self.is_quiet(local) {
            self.morning_after(local)
        } else {
            local
        }
    }

    /// The first `night_due` of a day that is worked, for what comes in quiet hours.
    fn morning_after(&self, local: NaiveDateTime) -> NaiveDateTime {
        let early = local.time() < self.day.starts && !self.is_off(local.date());
        let day = if early {
            local.date()
        } else {
            self.worked_after(local.date())
        };
        // Hours that contradict each other still give no deadline in the past.
        day.and_time(self.day.night_due).max(local)
    }

    fn worked_after(&self, day: NaiveDate) -> NaiveDate {
        if self.day.off_days_called {
            day + Days::new(1)
        } else {
            self.calendar.worked_after(day, self.week)
        }
    }
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{DayKind, Holiday};

    /// September 2026: the 4th is a Friday.
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
            finish: TimeDelta::hours(24),
            off_days_called: false,
        }
    }

    /// Weekends are off; Sunday the 13th is worked; Thursday 24th to Sunday 27th are holidays.
    fn calendar() -> Calendar {
        let day = |day: u32, kind| Holiday {
            day: at(day, 0, 0).date(),
            kind,
            name: "示例".into(),
        };
        let mut days: Vec<_> = (24..=27).map(|at| day(at, DayKind::Off)).collect();
        days.push(day(13, DayKind::Working));
        Calendar::new(days)
    }

    fn rota<'a>(calendar: &'a Calendar, week: &str) -> Rota<'a> {
        Rota {
            day: nantong(),
            week: week.parse().unwrap(),
            calendar,
        }
    }

    #[test]
    fn long_first_contact_time_is_kept_whole() {
        let calendar = calendar();
        let mut rota = rota(&calendar, "Sat,Sun");
        rota.day.first_contact = TimeDelta::hours(24);
        for (received, due) in [
            (at(2, 10, 0), at(3, 10, 0)),
            // Into a weekend, and by night.
            (at(4, 10, 0), at(7, 9, 0)),
            (at(1, 23, 0), at(3, 9, 0)),
        ] {
            assert_eq!(rota.contact_due(received), due, "{received}");
        }
    }

    #[test]
    fn first_contact_is_due_within_hours_or_next_morning() {
        let calendar = Calendar::default();
        for (received, due) in [
            (at(1, 10, 0), at(1, 12, 0)),
            (at(1, 7, 30), at(1, 9, 30)),
            (at(1, 19, 59), at(1, 21, 59)),
            (at(1, 20, 0), at(2, 9, 0)),
            (at(1, 21, 59), at(2, 9, 0)),
            (at(1, 22, 0), at(2, 9, 0)),
            (at(1, 23, 59), at(2, 9, 0)),
            (at(2, 0, 0), at(2, 9, 0)),
            (at(2, 7, 0), at(2, 9, 0)),
            (at(2, 7, 29), at(2, 9, 29)),
        ] {
            assert_eq!(rota(&calendar, "").contact_due(received), due, "{received}");
        }
    }

    /// guarantee: Deadlines fall on working days and hours, through holidays and changes of summer
    /// time
    #[test]
    fn days_off_move_both_deadlines_to_the_next_working_day() {
        let calendar = calendar();
        for (received, contact, finish) in [
            // Friday before a weekend of one day off: Saturday; Sunday the 13th is worked.
            (at(11, 10, 0), at(11, 12, 0), at(13, 10, 0)),
            (at(11, 21, 0), at(13, 9, 0), at(13, 21, 0)),
            (at(12, 3, 0), at(13, 9, 0), at(14, 9, 0)),
            (at(12, 23, 59), at(13, 9, 0), at(14, 9, 0)),
            (at(13, 6, 0), at(13, 9, 0), at(14, 9, 0)),
            // Four holidays in a row, the last two of them a weekend.
            (at(23, 15, 0), at(23, 17, 0), at(28, 15, 0)),
            (at(23, 22, 30), at(28, 9, 0), at(29, 9, 0)),
            (at(24, 10, 0), at(28, 9, 0), at(29, 9, 0)),
            (at(27, 23, 0), at(28, 9, 0), at(29, 9, 0)),
        ] {
            let rota = rota(&calendar, "Sat,Sun");
            assert_eq!(rota.contact_due(received), contact, "contact of {received}");
            assert_eq!(rota.finish_due(received), finish, "finish of {received}");
        }
    }

    #[test]
    fn a_subdistrict_that_calls_on_days_off_knows_none() {
        let calendar = calendar();
        let mut rota = rota(&calendar, "Sat,Sun");
        let own = OwnHours {
            off_days_called: Some(true),
            ends: NaiveTime::from_hms_opt(23, 0, 0),
            ..OwnHours::default()
        };
        rota.day = rota.day.with(&own);
        assert_eq!(rota.contact_due(at(24, 20, 30)), at(24, 22, 30));
        assert_eq!(rota.finish_due(at(24, 10, 0)), at(25, 10, 0));
        assert!(!rota.is_quiet(at(26, 22, 30)) && rota.is_quiet(at(26, 23, 0)));
        assert_eq!(rota.night_before(at(27, 0, 0).date()).0, at(26, 23, 0));
    }

    #[test]
    fn finish_is_due_a_day_later_outside_quiet_hours() {
        let calendar = Calendar::default();
        for (received, due) in [
            (at(1, 10, 0), at(2, 10, 0)),
            (at(1, 7, 30), at(2, 7, 30)),
            (at(1, 22, 0), at(3, 9, 0)),
            (at(2, 0, 0), at(3, 9, 0)),
            (at(2, 7, 29), at(3, 9, 0)),
        ] {
            assert_eq!(rota(&calendar, "").finish_due(received), due, "{received}");
        }
        let mut short = rota(&calendar, "");
        short.day.finish = TimeDelta::hours(1);
        assert_eq!(
            short.finish_due(at(1, 10, 0)),
            at(1, 12, 0),
            "after the call"
        );
        short.day.finish = TimeDelta::hours(72);
        assert_eq!(short.finish_due(at(1, 10, 0)), at(4, 10, 0));
    }

    #[test]
    fn quiet_hours_have_sharp_ends_and_fill_days_off() {
        let calendar = calendar();
        for (local, quiet) in [
            (at(1, 21, 59), false),
            (at(1, 22, 0), true),
            (at(2, 7, 29), true),
            (at(2, 7, 30), false),
            (at(24, 12, 0), true),
            (at(13, 12, 0), false),
        ] {
            assert_eq!(rota(&calendar, "Sat,Sun").is_quiet(local), quiet, "{local}");
        }
    }

    /// guarantee: No report is due sooner than the time that a community has for its first call
    #[test]
    fn nothing_is_due_sooner_than_the_first_contact() {
        let (calendar, time) = (calendar(), |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap());
        for (starts, ends, night_due) in [
            (time(7, 30), time(22, 0), time(9, 0)),
            (NaiveTime::MIN, NaiveTime::MIN, NaiveTime::MIN),
            (NaiveTime::MIN, time(23, 59), NaiveTime::MIN),
            (time(8, 0), time(2, 0), time(8, 0)),
            (time(8, 0), NaiveTime::MIN, time(23, 0)),
        ] {
            let mut rota = rota(&calendar, "Sat,Sun");
            let day = WorkingDay {
                starts,
                ends,
                night_due,
                ..nantong()
            };
            assert!(day.is_sound(), "{starts} {ends}");
            rota.day = day;
            for minute in 0..30 * 24 * 60 {
                let received = at(1, 0, 0) + TimeDelta::seconds(minute * 60 + 8);
                let due = rota.contact_due(received);
                assert!(due - received >= day.first_contact, "{received} {due}");
                assert!(!rota.is_quiet(due), "{received} {due}");
            }
        }
    }

    #[test]
    fn a_day_may_end_at_midnight_or_behind_it() {
        let (calendar, midnight) = (calendar(), NaiveTime::MIN);
        let mut rota = rota(&calendar, "Sat,Sun");
        (rota.day.starts, rota.day.night_due, rota.day.ends) = (midnight, midnight, midnight);
        assert!(!rota.is_quiet(at(1, 23, 59)) && !rota.is_quiet(at(2, 0, 0)));
        assert_eq!(rota.contact_due(at(1, 23, 59)), at(2, 1, 59));
        // Friday's midnight: Saturday the 5th is off.
        assert!(!rota.is_quiet(at(4, 23, 59)) && rota.is_quiet(at(5, 0, 0)));
        let two = NaiveTime::from_hms_opt(2, 0, 0).unwrap();
        rota.day = WorkingDay {
            ends: two,
            ..nantong()
        };
        assert!(!rota.is_quiet(at(5, 1, 59)), "Friday's day goes on");
        assert!(rota.is_quiet(at(2, 2, 0)) && rota.is_quiet(at(6, 1, 0)));
        assert!(rota.is_quiet(at(7, 1, 0)), "Sunday is off");
        assert_eq!(rota.contact_due(at(1, 23, 0)), at(2, 1, 0));
        assert_eq!(rota.contact_due(at(2, 1, 0)), at(2, 9, 0));
        assert_eq!(rota.night_before(at(8, 0, 0).date()).0, at(8, 2, 0));
        assert_eq!(rota.night_before(at(7, 0, 0).date()).0, at(5, 2, 0));
        for (starts, night_due, ends) in [(8, 9, 8), (22, 9, 7), (8, 23, 22)] {
            let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
            let (starts, night_due, ends) = (time(starts), time(night_due), time(ends));
            let day = WorkingDay {
                starts,
                ends,
                night_due,
                ..nantong()
            };
            assert!(!day.is_sound(), "{starts} {night_due} {ends}");
        }
    }

    #[test]
    fn night_begins_at_the_end_of_the_last_working_day() {
        let calendar = calendar();
        for (day, from) in [(2, 1), (7, 4), (13, 11), (14, 13), (28, 23)] {
            let night = rota(&calendar, "Sat,Sun").night_before(at(day, 0, 0).date());
            assert_eq!(night, (at(from, 22, 0), at(day, 7, 30)));
        }
    }
}
