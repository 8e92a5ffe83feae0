//! Calendar: which days are off. Holidays are published year by year, so they are data here.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;

/// How far ahead a day that is worked is looked for; a calendar that has none in a year says
/// nothing that could be followed.
const DAYS_AHEAD_MAX: u32 = 366;

/// What a day of the calendar is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumCount, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum DayKind {
    /// 休: a holiday.
    Off,
    /// 班: worked, although the week says that it is off.
    Working,
}

coded!(DayKind);

/// A day that is not what the week makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub day: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// What people call it.
    pub name: String,
}

/// The weekdays that are off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaysOff([bool; 7]);

/// The holidays, by day.
#[derive(Clone, Debug, Default)]
pub struct Calendar(BTreeMap<NaiveDate, Holiday>);

impl FromStr for DaysOff {
    type Err = String;

    /// Reads `Sat,Sun`; at least one day of the week is worked.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut off = Self::default();
        for word in text.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            let day: Weekday = word.parse().or(Err(word.to_owned()))?;
            off.0[day.num_days_from_monday() as usize] = true;
        }
        if off.0.iter().all(|day| *day) {
            Err(text.to_owned())
        } else {
            Ok(off)
        }
    }
}

impl Calendar {
    /// A calendar of these days, in any order.
    pub fn new(days: Vec<Holiday>) -> Self {
        Self(days.into_iter().map(|day| (day.day, day)).collect())
    }

    /// Whether the day is off: what the calendar says of it, else what the week says.
    pub fn is_off(&self, day: NaiveDate, week: DaysOff) -> bool {
        match self.0.get(&day) {
            Some(known) => known.kind == DayKind::Off,
            None => week.0[day.weekday().num_days_from_monday() as usize],
        }
    }

    /// What people call the day; empty where it has no name.
    pub fn name(&self, day: NaiveDate) -> &str {
        self.0.get(&day).map_or("", |known| known.name.as_str())
    }

    /// The first day after this one that is worked.
    pub fn worked_after(&self, day: NaiveDate, week: DaysOff) -> NaiveDate {
        (1..=DAYS_AHEAD_MAX)
            .map(|ahead| day + Days::new(ahead.into()))
            .find(|next| !self.is_off(*next, week))
            .unwrap_or(day + Days::new(1))
    }

    /// The last day before this one that was worked.
    pub fn worked_before(&self, day: NaiveDate, week: DaysOff) -> NaiveDate {
        (1..=DAYS_AHEAD_MAX)
            .map(|back| day - Days::new(back.into()))
            .find(|earlier| !self.is_off(*earlier, week))
            .unwrap_or(day - Days::new(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, day).unwrap()
    }

    #[test]
    fn the_calendar_wins_over_the_week_both_ways() {
        let holiday = |at, kind| Holiday {
            day: day(at),
            kind,
            name: "示例".into(),
        };
        let week: DaysOff = "Sat, Sun".parse().unwrap();
        let calendar = Calendar::new(vec![
            holiday(25, DayKind::Off),
            holiday(20, DayKind::Working),
        ]);
        for (at, off) in [
            (18, false),
            (19, true),
            (20, false),
            (21, false),
            (25, true),
        ] {
            assert_eq!(calendar.is_off(day(at), week), off, "{at}");
        }
        for (at, next, last) in [(18, 20, 17), (19, 20, 18), (24, 28, 23), (27, 28, 24)] {
            assert_eq!(calendar.worked_after(day(at), week), day(next), "{at}");
            assert_eq!(calendar.worked_before(day(at), week), day(last), "{at}");
        }
    }

    #[test]
    fn week_without_working_days_is_refused() {
        assert!("Mon,Tue,Wed,Thu,Fri,Sat,Sun".parse::<DaysOff>().is_err());
        assert!("Caturday".parse::<DaysOff>().is_err());
        assert_eq!("".parse(), Ok(DaysOff::default()));
        let off = |ahead| Holiday {
            day: day(1) + Days::new(ahead),
            kind: DayKind::Off,
            name: String::new(),
        };
        let calendar = Calendar::new((0..800).map(off).collect());
        assert_eq!(calendar.worked_after(day(1), DaysOff::default()), day(2));
    }
}
