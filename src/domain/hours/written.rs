//! Hours as people write them into spreadsheets: words to tokens, tokens to a week.
//! What was not understood is refused, never left out: a wrong hour sends people out for nothing.

use super::{DAY_MIN, Intervals};
use crate::domain::plain_text::plain;

/// Length of a text at most, in characters: a week with as many intervals as may be, written out,
/// takes five hundred.
const TEXT_CHARS_MAX: usize = 600;
/// Intervals of one day at most.
const INTERVALS_MAX: usize = 6;

/// The week that the text tells, from Monday; none where any part of it is not understood.
pub(super) fn read(text: &str) -> Option<[Intervals; 7]> {
    let plain: String = plain(text).take(TEXT_CHARS_MAX + 1).collect();
    if plain.chars().count() > TEXT_CHARS_MAX {
        return None;
    }
    let plain = plain.replace('\n', ";").replace(char::is_whitespace, "");
    let plain = plain.to_lowercase();
    let mut reader = Reader::new();
    let mut rest = plain.as_str();
    while !rest.is_empty() {
        let (token, after) = token(rest, reader.is_listing())?;
        reader.take(token)?;
        rest = after;
    }
    reader.finish()
}

#[derive(Clone, Copy)]
enum Token {
    /// From one day of the week to another, both included.
    Days(usize, usize),
    /// A time of day in minutes.
    Time(u16),
    Dash,
    Break,
    Whole,
    Off,
    /// Whether times below twelve are of the second half of the day.
    Half(bool),
    Filler,
}

/// What people write; of two that begin alike the longer stands first.
const WORDS: [(&str, Token); 30] = [
    ("24/7", Token::Whole),
    ("24小时", Token::Whole),
    ("24h", Token::Whole),
    ("全天", Token::Whole),
    ("off", Token::Off),
    ("closed", Token::Off),
    ("休息", Token::Off),
    ("不开放", Token::Off),
    ("每天", Token::Days(0, 6)),
    ("每日", Token::Days(0, 6)),
    ("工作日", Token::Days(0, 4)),
    ("双休日", Token::Days(5, 6)),
    ("周末", Token::Days(5, 6)),
    ("上午:", Token::Half(false)),
    ("上午", Token::Half(false)),
    ("早上", Token::Half(false)),
    ("下午:", Token::Half(true)),
    ("下午", Token::Half(true)),
    ("晚上", Token::Half(true)),
    ("次日", Token::Filler),
    ("对外", Token::Filler),
    ("(", Token::Filler),
    (")", Token::Filler),
    ("至", Token::Dash),
    ("到", Token::Dash),
    ("~", Token::Dash),
    (";", Token::Break),
    (",", Token::Break),
    ("、", Token::Break),
    ("。", Token::Break),
];

const WEEKS: [&str; 3] = ["星期", "礼拜", "周"];

/// The first token, and what is left. While days are listed, 五 alone is a day too.
fn token(text: &str, listing: bool) -> Option<(Token, &str)> {
    let word = |(word, token): &(&str, Token)| Some((*token, text.strip_prefix(word)?));
    if let Some(found) = WORDS.iter().find_map(word) {
        return Some(found);
    }
    let week = WEEKS.iter().find_map(|week| text.strip_prefix(week));
    if let Some(day) = week.or(listing.then_some(text)).and_then(chinese_day) {
        return Some(day);
    }
    let sign = text.chars().next()?;
    if sign == '-' {
        return Some((Token::Dash, text.trim_start_matches('-')));
    }
    if sign.is_ascii_digit() {
        return time(text);
    }
    english_day(text)
}

fn chinese_day(text: &str) -> Option<(Token, &str)> {
    let sign = text.chars().next()?;
    let day = "一二三四五六日天"
        .chars()
        .position(|day| day == sign)?
        .min(6);
    Some((Token::Days(day, day), &text[sign.len_utf8()..]))
}

/// `mo`, `mon` or `monday`.
fn english_day(text: &str) -> Option<(Token, &str)> {
    let names = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    names.iter().enumerate().find_map(|(day, name)| {
        let forms = [name, &name[..3], &name[..2]];
        let rest = forms.iter().find_map(|form| text.strip_prefix(*form))?;
        Some((Token::Days(day, day), rest))
    })
}

/// `8:00`, `08.00`, `8点`, `8点半` or `8点30分`; a colon that was typed twice is one.
fn time(text: &str) -> Option<(Token, &str)> {
    let (hour, rest) = digits(text)?;
    let colon = rest.trim_start_matches([':', '.']);
    let (minute, rest) = if colon.len() < rest.len() {
        digits(colon).filter(|(_, after)| colon.len() - after.len() == 2)?
    } else {
        let rest = rest.strip_prefix(['点', '时'])?;
        match rest.strip_prefix('半') {
            Some(rest) => (30, rest),
            None => digits(rest).map_or((0, rest), |(minute, after)| {
                (minute, after.strip_prefix('分').unwrap_or(after))
            }),
        }
    };
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MIN).then_some((Token::Time(total), rest))
}

/// A number of one or two digits.
fn digits(text: &str) -> Option<(u16, &str)> {
    let count = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(count);
    Some((number.parse().ok()?, rest))
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Nothing was said, so every day is meant.
    EveryDay,
    /// Days are being named.
    Listing,
    /// The hours of these days have begun.
    Hours,
}

/// Takes tokens until the hours are known.
struct Reader {
    hours: [Intervals; 7],
    /// The days that the next times belong to.
    days: Vec<usize>,
    stage: Stage,
    /// What a dash or a half of the day leaves open.
    from: Option<u16>,
    dash: bool,
    late: bool,
}

impl Reader {
    fn new() -> Self {
        Self {
            hours: Default::default(),
            days: (0..7).collect(),
            stage: Stage::EveryDay,
            from: None,
            dash: false,
            late: false,
        }
    }

    fn is_listing(&self) -> bool {
        self.stage == Stage::Listing
    }

    /// None where the token cannot stand here.
    fn take(&mut self, token: Token) -> Option<()> {
        match token {
            Token::Filler => {}
            Token::Half(late) => self.late = late,
            Token::Dash if self.is_listing() || self.from.is_some() => self.dash = true,
            Token::Break if !self.dash && self.from.is_none() => self.late = false,
            Token::Days(first, last) if self.from.is_none() => return self.list(first, last),
            Token::Time(time) => {
                let late = self.late && time < DAY_MIN / 2;
                let time = if late { time + DAY_MIN / 2 } else { time };
                match self.from.take() {
                    None if !self.dash => self.from = Some(time),
                    Some(from) if std::mem::take(&mut self.dash) => return self.open(from, time),
                    _ => return None,
                }
            }
            Token::Whole if self.from.is_none() && !self.dash => return self.open(0, DAY_MIN),
            Token::Off if self.from.is_none() && !self.dash && self.stage != Stage::Hours => {
                self.begin();
                // 休息 12:00-13:00 would be a break, so no times may follow.
                self.days.clear();
            }
            _ => return None,
        }
        Some(())
    }

    fn list(&mut self, first: usize, last: usize) -> Option<()> {
        if std::mem::take(&mut self.dash) {
            let from = *self.days.last()?;
            let steps = (first + 7 - from) % 7;
            self.days.extend((1..=steps).map(|step| (from + step) % 7));
            return (self.is_listing() && first == last).then_some(());
        }
        if !self.is_listing() {
            self.days.clear();
            self.stage = Stage::Listing;
            self.late = false;
        }
        self.days.extend(first..=last);
        Some(())
    }

    fn begin(&mut self) {
        if std::mem::replace(&mut self.stage, Stage::Hours) != Stage::Hours {
            for day in &self.days {
                self.hours[*day].clear();
            }
        }
    }

    fn open(&mut self, from: u16, to: u16) -> Option<()> {
        self.begin();
        // Who writes 23:59 means midnight.
        let to = if to == DAY_MIN - 1 { DAY_MIN } else { to };
        // 晚上10:00-2:00 does not say which two o'clock.
        if self.days.is_empty() || from >= DAY_MIN || (self.late && to <= from) {
            return None;
        }
        let to = if to <= from { to + DAY_MIN } else { to };
        for day in &self.days {
            let intervals = &mut self.hours[*day];
            intervals.push((from, to));
            if intervals.len() > INTERVALS_MAX {
                return None;
            }
        }
        Some(())
    }

    fn finish(mut self) -> Option<[Intervals; 7]> {
        for day in &mut self.hours {
            day.sort_unstable();
            // Hours that touch are one, unless that would be more than a day.
            day.dedup_by(|next, last| {
                let to = last.1.max(next.1);
                let touch = next.0 <= last.1 && to - last.0 <= DAY_MIN;
                last.1 = if touch { to } else { last.1 };
                touch
            });
        }
        let done = self.stage == Stage::Hours && !self.dash && self.from.is_none();
        done.then_some(self.hours)
    }
}
