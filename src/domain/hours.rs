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
            ("off", "Mo-Su off"),
            // As the operators of test sites wrote them in 2022.
            (
                "7：00-10：00；17:00-21：00",
                "Mo-Su 07:00-10:00,17:00-21:00",
            ),
            (
                "周一至周日;7:30—10:30 ；13:00—16:00",
                "Mo-Su 07:30-10:30,13:00-16:00",
            ),
            ("周一------周日;7：00-11:：00", "Mo-Su 07:00-11:00"),
            ("周一到周日；24小时", "Mo-Su 00:00-24:00"),
            ("周一至周日;8:00-次日8：00", "Mo-Su 08:00-08:00"),
            (
                "上午8:00-11:30 下午1:30-4:30",
                "Mo-Su 08:00-11:30,13:30-16:30",
            ),
            (
                "8:00--11.00      14.00---17:00",
                "Mo-Su 08:00-11:00,14:00-17:00",
            ),
            ("（工作日）9:00-11:30", "Mo-Fr 09:00-11:30; Sa-Su off"),
            (
                "周一、三、五 8点-11点半；周末 休息",
                "Mo 08:00-11:30; Tu off; We 08:00-11:30; Th off; Fr 08:00-11:30; Sa-Su off",
            ),
            (
                "星期五至星期一 全天，周三 08:00 - 23:59",
                "Mo 00:00-24:00; Tu off; We 08:00-24:00; Th off; Fr-Su 00:00-24:00",
            ),
            ("Monday-fri 8:00-9:00", "Mo-Fr 08:00-09:00; Sa-Su off"),
            ("7:00-15:00；15:00-23:00", "Mo-Su 07:00-23:00"),
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
            "周一至周五",
            "周一-08:00",
            "08:00-",
            "-08:00",
            "08:00 09:00",
            "14:00-17；00",
            "晚上10:00-2:00",
            "休息 12:00-13:00",
            "8:00-11:30 休息",
            "7:00-23:00本周五起开放",
            "Mo-Fr 08:00-17:00; PH off",
            "1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00,11:00-12:00,13:00-14:00",
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

    #[test]
    fn long_written_hours_are_read_back() {
        let days = "一二三四五六日"
            .chars()
            .enumerate()
            .map(|(at, day)| format!("周{day}{at}点-8点,10点-11点,13点-14点,"));
        let said = days.collect::<Vec<_>>().concat();
        let hours = Hours::read(&said).unwrap();
        let written = hours.to_string();
        assert!(written.chars().count() > TEXT_CHARS_MAX, "{written}");
        assert_eq!(Hours::stored(&written), Ok(hours));
        let endless = "08:00-09:00,".repeat(100);
        assert_eq!(Hours::stored(&endless), Err(HoursError));
    }

    proptest! {
        #[test]
        fn written_hours_are_read_back_equal(
            text in ".*|((周一|周六日|Mo|Sa-Tu|每天|;|,|-|下午|全天|off|[0-2]?[0-9]:[0-5][0-9]-[0-2]?[0-9]:[0-5][0-9]) ?){0,9}",
        ) {
            if let Ok(hours) = Hours::read(&text) {
                let _ = hours.state(at("2026-09-19 02:00"));
                prop_assert_eq!(Hours::stored(&hours.to_string()), Ok(hours));
            }
        }
    }
}
