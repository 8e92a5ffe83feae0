//! Opening hours: a small grammar, the forms that people type into spreadsheets, and *open now*.
//! The written form is a subset of OpenStreetMap's `opening_hours`.

use std::fmt;

use chrono::{Datelike, Days, NaiveDateTime, NaiveTime, TimeDelta};
use unicode_normalization::UnicodeNormalization;

/// Length of an opening-hours text at most, in characters.
const TEXT_CHARS_MAX: usize = 200;
/// Intervals of one day at most.
const INTERVALS_MAX: usize = 6;
/// Minutes of a day.
const DAY_MIN: u16 = 24 * 60;
const DAY_NAMES: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// When something is open, by day of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From Monday: intervals in minutes from midnight; an end beyond 24 h lies on the next day.
    days: [Vec<(u16, u16)>; 7],
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
        /// When it opens next; none where nobody knows.
        opens: Option<NaiveDateTime>,
    },
}

impl Hours {
    /// Reads hours: `24/7`, `Mo-Fr 08:00-11:30,13:00-17:00; Sa 09:00-12:00`, `22:00-02:00`, `off`,
    /// or `周一至周五 08:00-11:30，13:00-17:00`. A day that is named twice has its later hours.
    pub fn read(text: &str) -> Result<Self, HoursError> {
        let plain = plain(text)?;
        let mut hours = Self {
            days: Default::default(),
        };
        if matches!(plain.as_str(), "24/7" | "24小时" | "全天" | "全天24小时") {
            hours.days.fill(vec![(0, DAY_MIN)]);
            return Ok(hours);
        }
        let mut last: Option<Vec<usize>> = None;
        for rule in plain
            .split(';')
            .map(str::trim)
            .filter(|rule| !rule.is_empty())
        {
            let (days, times) = split_days(rule)?;
            let intervals = read_intervals(times)?;
            let unnamed = rule.starts_with(|sign: char| sign.is_ascii_digit());
            match last.as_ref().filter(|_| unnamed) {
                // Hours after a semicolon with no day of their own are more of the same days:
                // `7:30-11:30；15:30-19:30` is a morning and an afternoon.
                Some(same) => {
                    for day in same {
                        hours.days[*day].extend(&intervals);
                        hours.days[*day].sort_unstable();
                    }
                }
                None => {
                    for day in &days {
                        hours.days[*day].clone_from(&intervals);
                    }
                    last = Some(days);
                }
            }
        }
        last.map(|_| hours).ok_or(HoursError)
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
        let yesterday = now.date() - Days::new(1);
        (0..10).flat_map(move |ahead| {
            let date = yesterday + Days::new(ahead);
            let midnight = date.and_time(NaiveTime::MIN);
            let day = date.weekday().num_days_from_monday() as usize;
            let at = move |minute: u16| midnight + TimeDelta::minutes(i64::from(minute));
            self.days[day]
                .iter()
                .map(move |(from, to)| (at(*from), at(*to)))
        })
    }
}

/// Full-width signs made plain, Chinese separators made ours.
fn plain(text: &str) -> Result<String, HoursError> {
    let plain: String = text.trim().nfkc().take(TEXT_CHARS_MAX + 1).collect();
    if plain.chars().count() > TEXT_CHARS_MAX {
        return Err(HoursError);
    }
    let plain = plain
        .replace('、', ",")
        .replace("星期", "周")
        .replace("周天", "周日")
        .replace(['–', '—', '~', '至', '到', '―'], "-");
    Ok(plain.trim_matches([' ', ';', ',']).to_owned())
}

/// The days of a rule, and what is left of it.
fn split_days(rule: &str) -> Result<(Vec<usize>, &str), HoursError> {
    let at = rule
        .char_indices()
        .position(|(_, sign)| sign.is_ascii_digit())
        .and_then(|nth| rule.char_indices().nth(nth))
        .map(|(at, _)| at)
        .or_else(|| {
            ["off", "closed", "休息"]
                .iter()
                .find_map(|word| rule.find(word))
        })
        .ok_or(HoursError)?;
    let (days, times) = rule.split_at(at);
    let days = days.trim_matches([' ', ':', ',']);
    if matches!(days, "" | "每天" | "每日" | "全周" | "Mo-Su" | "周一-周日") {
        return Ok(((0..7).collect(), times));
    }
    let mut found = Vec::new();
    let mut rest = days;
    while !rest.is_empty() {
        let (from, after) = day_of(rest)?;
        rest = after.trim_start();
        let to = match rest.strip_prefix('-') {
            None => from,
            Some(after) => {
                let (to, after) = day_of(after.trim_start())?;
                rest = after.trim_start();
                to
            }
        };
        let length = (to + 7 - from) % 7;
        found.extend((0..=length).map(|step| (from + step) % 7));
        rest = rest.trim_start_matches([',', ' ']);
    }
    Ok((found, times))
}

/// One day's name at the front, in English or Chinese; 六日 stands for two, one after the other.
fn day_of(text: &str) -> Result<(usize, &str), HoursError> {
    for (day, name) in DAY_NAMES.iter().enumerate() {
        if let Some(rest) = text.strip_prefix(name) {
            return Ok((day, rest));
        }
    }
    let text = text.strip_prefix('周').unwrap_or(text);
    for (day, name) in ["一", "二", "三", "四", "五", "六", "日"]
        .iter()
        .enumerate()
    {
        if let Some(rest) = text.strip_prefix(name) {
            return Ok((day, rest));
        }
    }
    Err(HoursError)
}

fn read_intervals(times: &str) -> Result<Vec<(u16, u16)>, HoursError> {
    let times = times.trim();
    if matches!(times, "off" | "closed" | "休息") {
        return Ok(Vec::new());
    }
    if matches!(times, "24小时" | "24/7") {
        return Ok(vec![(0, DAY_MIN)]);
    }
    let mut intervals = Vec::new();
    for interval in times.split([',', ' ']).filter(|part| !part.is_empty()) {
        let (from, to) = interval.split_once('-').ok_or(HoursError)?;
        let (from, to) = (minute(from)?, minute(to)?);
        if from >= DAY_MIN || intervals.len() == INTERVALS_MAX {
            return Err(HoursError);
        }
        intervals.push((from, if to <= from { to + DAY_MIN } else { to }));
    }
    intervals.sort_unstable();
    if intervals.is_empty() {
        Err(HoursError)
    } else {
        Ok(intervals)
    }
}

fn minute(text: &str) -> Result<u16, HoursError> {
    let (hour, minute) = text.trim().split_once(':').ok_or(HoursError)?;
    let digits = |text: &str| {
        let fits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u16>().ok())
            .flatten()
            .ok_or(HoursError)
    };
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    let total = hour * 60 + minute;
    if minute < 60 && total <= DAY_MIN {
        Ok(total)
    } else {
        Err(HoursError)
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        for (written, canonical) in [
            ("24/7", "Mo-Su 00:00-24:00"),
            ("全天", "Mo-Su 00:00-24:00"),
            ("08:00-17:00", "Mo-Su 08:00-17:00"),
            (
                "Mo-Fr 08:00-11:30,13:00-17:00; Sa 09:00-12:00",
                "Mo-Fr 08:00-11:30,13:00-17:00; Sa 09:00-12:00; Su off",
            ),
            (
                "周一至周五 08:00-11:30，13:00－17:00",
                "Mo-Fr 08:00-11:30,13:00-17:00; Sa-Su off",
            ),
            ("每天８：００—１１：３０", "Mo-Su 08:00-11:30"),
            ("周六日 9:00-12:00", "Mo-Fr off; Sa-Su 09:00-12:00"),
            (
                "Mo-Su 08:00-17:00; We off",
                "Mo-Tu 08:00-17:00; We off; Th-Su 08:00-17:00",
            ),
            ("22:00-02:00", "Mo-Su 22:00-02:00"),
            ("7:30-11:30；15:30-19:30", "Mo-Su 07:30-11:30,15:30-19:30"),
            (
                "Mo-Fr 8:00-11:00; 13:00-17:00; Sa 9:00-10:00",
                "Mo-Fr 08:00-11:00,13:00-17:00; Sa 09:00-10:00; Su off",
            ),
        ] {
            let hours = Hours::read(written).unwrap_or_else(|_| panic!("{written}"));
            assert_eq!(hours.to_string(), canonical, "{written}");
            assert_eq!(Hours::read(canonical), Ok(hours));
        }
        for wrong in [
            "",
            "soon",
            "8-9",
            "08:00",
            "25:00-26:00",
            "08:61-09:00",
            "Xx 08:00-09:00",
            "周八 08:00-09:00",
        ] {
            assert_eq!(Hours::read(wrong), Err(HoursError), "{wrong}");
        }
    }

    #[test]
    fn open_now_knows_lunch_night_and_weekend() {
        // 2026-09-14 is a Monday.
        let office = Hours::read("Mo-Fr 08:00-11:30,13:00-17:00").unwrap();
        let night = Hours::read("Fr 22:00-02:00").unwrap();
        let open = |until: &str| OpenState::Open {
            until: Some(at(until)),
        };
        let closed = |opens: &str| OpenState::Closed {
            opens: Some(at(opens)),
        };
        for (hours, now, state) in [
            (&office, "2026-09-14 08:00", open("2026-09-14 11:30")),
            (&office, "2026-09-14 11:30", closed("2026-09-14 13:00")),
            (&office, "2026-09-18 17:00", closed("2026-09-21 08:00")),
            (&night, "2026-09-18 23:00", open("2026-09-19 02:00")),
            (&night, "2026-09-19 01:59", open("2026-09-19 02:00")),
            (&night, "2026-09-19 02:00", closed("2026-09-25 22:00")),
        ] {
            assert_eq!(hours.state(at(now)), state, "{now}");
        }
        let always = Hours::read("24/7").unwrap();
        assert_eq!(
            always.state(at("2026-09-19 02:00")),
            OpenState::Open { until: None }
        );
        let never = Hours::read("off").unwrap();
        assert_eq!(
            never.state(at("2026-09-19 02:00")),
            OpenState::Closed { opens: None }
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".*|[MoTuWeSa周一六日0-9:,;\\- ]{0,30}") {
            if let Ok(hours) = Hours::read(&text) {
                let _ = hours.state(at("2026-09-19 02:00"));
                prop_assert_eq!(Hours::read(&hours.to_string()), Ok(hours));
            }
        }
    }
}
