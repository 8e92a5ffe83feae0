//! Opening hours: open now, until when, and opening next. Holidays are not known here.
//! The written form is a subset of OpenStreetMap's `opening_hours`.

use std::fmt;

use chrono::{Datelike, NaiveDateTime, NaiveTime, TimeDelta};

mod written;

/// Minutes of a day.
const DAY_MIN: u16 = 24 * 60;
/// Length of a text at most that people wrote, in characters; widened signs count once.
const TEXT_CHARS_MAX: usize = 200;
const DAY_NAMES: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// Intervals of one day in minutes from midnight; an end beyond 24 h lies on the next day.
type Intervals = Vec<(u16, u16)>;

/// When something is open, by day of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From Monday.
    days: [Intervals; 7],
}

/// The text tells no hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursError;

/// Whether something is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenState {
    /// It is.
    Open {
        /// Until when; none where it never closes.
        until: Option<NaiveDateTime>,
    },
    /// It is not.
    Closed {
        /// When it opens next; none where that is unknown.
        opens: Option<NaiveDateTime>,
    },
    /// Unknown: the stored text tells no hours.
    Unknown,
}

impl Hours {
    /// Reads hours: `24/7`, `Mo-Fr 08:00-11:30,13:00-17:00; Sa 09:00-12:00`, `22:00-02:00`, `off`,
    /// or `周一至周五 上午8:00-11:30；下午1:00-5:00`. A day that is named twice has its later hours.
    /// Unlike in OpenStreetMap, times after a semicolon without days belong to the days before:
    /// people who fill in spreadsheets mean it so. Nothing that is not understood is left out.
    pub fn read(text: &str) -> Result<Self, HoursError> {
        let short = text.chars().count() <= TEXT_CHARS_MAX;
        let days = short.then(|| written::read(text)).flatten();
        days.map(|days| Self { days }).ok_or(HoursError)
    }

    /// Reads what was written by [`Hours`] itself, which spells out what people say in short.
    pub fn stored(text: &str) -> Result<Self, HoursError> {
        let days = written::read(text);
        days.map(|days| Self { days }).ok_or(HoursError)
    }

    /// Whether it is open at this local time, and when that changes.
    pub fn state(&self, now: NaiveDateTime) -> OpenState {
        let ends = self
            .spans(now)
            .filter(|(from, to)| *from <= now && now < *to);
        let Some(mut until) = ends.map(|(_, to)| to).max() else {
            let opens = self
                .spans(now)
                .map(|(from, _)| from)
                .filter(|from| *from > now);
            return OpenState::Closed { opens: opens.min() };
        };
        // Hours that touch are one opening.
        for (from, to) in self.spans(now) {
            if from <= until && to > until {
                until = to;
            }
        }
        let never_closes = until - now > TimeDelta::days(7);
        OpenState::Open {
            until: (!never_closes).then_some(until),
        }
    }

    /// The openings from yesterday to the same day next week, in their order.
    fn spans(&self, now: NaiveDateTime) -> impl Iterator<Item = (NaiveDateTime, NaiveDateTime)> {
        // Beyond the ends of the calendar nothing opens any more.
        let days = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        let dates = days.map(|ahead| now.date().checked_add_signed(TimeDelta::days(ahead)));
        dates.into_iter().flatten().flat_map(move |date| {
            let midnight = date.and_time(NaiveTime::MIN);
            let day = date.weekday().num_days_from_monday() as usize;
            let at = move |minute: u16| {
                midnight.checked_add_signed(TimeDelta::minutes(i64::from(minute)))
            };
            let spans = self.days[day].iter();
            spans.filter_map(move |(from, to)| Some((at(*from)?, at(*to)?)))
        })
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut from = 0;
        let mut first = true;
        while from < 7 {
            let mut to = from;
            while to + 1 < 7 && self.days[to + 1] == self.days[from] {
                to += 1;
            }
            if !first {
                f.write_str("; ")?;
            }
            first = false;
            match to - from {
                0 => write!(f, "{} ", DAY_NAMES[from])?,
                _ => write!(f, "{}-{} ", DAY_NAMES[from], DAY_NAMES[to])?,
            }
            write_intervals(f, &self.days[from])?;
            from = to + 1;
        }
        Ok(())
    }
}

fn write_intervals(f: &mut fmt::Formatter<'_>, intervals: &[(u16, u16)]) -> fmt::Result {
    if intervals.is_empty() {
        return f.write_str("off");
    }
    for (at, (from, to)) in intervals.iter().enumerate() {
        let to = if *to > DAY_MIN { to - DAY_MIN } else { *to };
        let comma = if at == 0 { "" } else { "," };
        write!(
            f,
            "{comma}{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
