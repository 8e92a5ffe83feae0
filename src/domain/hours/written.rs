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
    let plain = numbered_days(&plain).replace('\n', ";");
    let plain = plain.replace(char::is_whitespace, "").to_lowercase();
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
    /// Every day, said before the hours or behind them.
    EveryDay,
    /// A time of day in minutes, as a clock of twelve or of twenty-four hours shows it.
    Time(u16),
    /// A time of day in minutes that nothing can change: 5 PM.
    Exact(u16),
    Dash,
    Break,
    Whole,
    Off,
    Half(Half),
    /// The end lies on the next day.
    NextDay,
    /// Behind the names of days or a part of the day.
    Colon,
    Filler,
}

/// The part of the day that the times behind it are in.
#[derive(Clone, Copy, PartialEq)]
enum Half {
    Night,
    Morning,
    Noon,
    Afternoon,
    Evening,
}

impl Half {
    /// The time of day that a clock of twelve or twenty-four hours means here; none where people
    /// may mean several.
    fn time(self, time: u16) -> Option<u16> {
        let half = DAY_MIN / 2;
        match (self, time / 60) {
            (Self::Night, 0..=6)
            | (Self::Morning, _)
            | (Self::Noon, 10..=24)
            | (Self::Afternoon, 12..=24)
            | (Self::Evening, 13..=24) => Some(time),
            (Self::Noon, 1..=2) | (Self::Afternoon, 0..=11) | (Self::Evening, 5..=11) => {
                Some(time + half)
            }
            (Self::Evening, 12) if time == half => Some(DAY_MIN),
            _ => None,
        }
    }
}

/// What people write; of two that begin alike the longer stands first.
const WORDS: [(&str, Token); 36] = [
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
    ("全年无休", Token::EveryDay),
    ("凌晨", Token::Half(Half::Night)),
    ("上午", Token::Half(Half::Morning)),
    ("早上", Token::Half(Half::Morning)),
    ("早晨", Token::Half(Half::Morning)),
    ("早", Token::Half(Half::Morning)),
    ("中午", Token::Half(Half::Noon)),
    ("下午", Token::Half(Half::Afternoon)),
    ("晚上", Token::Half(Half::Evening)),
    ("晚", Token::Half(Half::Evening)),
    ("次日", Token::NextDay),
    ("第二天", Token::NextDay),
    (":", Token::Colon),
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

/// Names the days that follow a word for the week by a number, while blanks still tell 5 8:00 from
/// 58:00: 星期1-5 becomes 星期一-五.
fn numbered_days(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut named = String::new();
    let mut listing = false;
    for (at, sign) in signs.iter().enumerate() {
        let word = matches!(
            signs[..at],
            [.., '星', '期'] | [.., '礼', '拜'] | [.., '周']
        );
        let next = signs.get(at + 1);
        let alone = next.is_none_or(|next| !next.is_ascii_digit() && !":.点时".contains(*next));
        let day = sign.to_digit(8).filter(|_| alone && (word || listing));
        let day = day.and_then(|day| "一二三四五六日".chars().nth(day.checked_sub(1)? as usize));
        listing = day.is_some() || (listing && "-~至到、,".contains(*sign));
        named.push(day.unwrap_or(*sign));
    }
    named
}

/// `8:00`, `08.00`, `8:00:00`, `8点`, `8点半`, `8点30分` or `8am`; a colon that was typed twice is one.
fn time(text: &str) -> Option<(Token, &str)> {
    let (hour, rest) = digits(text)?;
    if let Some(found) = half_of_clock(hour, 0, rest) {
        return Some(found);
    }
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
    // A spreadsheet's cell of times shows seconds.
    let rest = rest.strip_prefix(":00").unwrap_or(rest);
    if let Some(found) = half_of_clock(hour, minute, rest) {
        return Some(found);
    }
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MIN).then_some((Token::Time(total), rest))
}

/// A time with AM or PM behind it; none where there is none.
fn half_of_clock(hour: u16, minute: u16, rest: &str) -> Option<(Token, &str)> {
    let strip = |words: [&str; 2]| words.iter().find_map(|word| rest.strip_prefix(word));
    let (late, rest) = match strip(["am", "a.m."]) {
        Some(rest) => (0, rest),
        None => (DAY_MIN / 2, strip(["pm", "p.m."])?),
    };
    let fits = (1..=12).contains(&hour) && minute < 60;
    fits.then_some((Token::Exact(hour % 12 * 60 + minute + late), rest))
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
    half: Option<Half>,
    next_day: bool,
    /// How many days were last said to be off.
    off_days: usize,
    /// Whether the last token may have a colon behind it.
    names: bool,
}

impl Reader {
    fn new() -> Self {
        Self {
            hours: Default::default(),
            days: (0..7).collect(),
            stage: Stage::EveryDay,
            from: None,
            dash: false,
            half: None,
            next_day: false,
            off_days: 0,
            names: false,
        }
    }

    fn is_listing(&self) -> bool {
        self.stage == Stage::Listing
    }

    /// None where the token cannot stand here.
    fn take(&mut self, token: Token) -> Option<()> {
        let named = std::mem::replace(
            &mut self.names,
            matches!(token, Token::Days(..) | Token::EveryDay | Token::Half(_)),
        );
        match token {
            Token::Filler => {}
            Token::Colon if named => {}
            Token::Half(half) => self.half = Some(half),
            Token::NextDay if self.dash => {
                self.half = None;
                self.next_day = true;
            }
            // Behind the hours of all days it says nothing new.
            Token::EveryDay if self.days.len() == 7 && self.stage == Stage::Hours => {}
            Token::EveryDay if self.stage == Stage::EveryDay => return self.list(0, 6),
            Token::Dash if self.is_listing() || self.from.is_some() => self.dash = true,
            Token::Break if !self.dash && self.from.is_none() => self.half = None,
            Token::Days(first, last) if self.from.is_none() => return self.list(first, last),
            Token::Exact(time) if self.half.is_none() => return self.at(time),
            Token::Time(time) => {
                let time = self.half.map_or(Some(time), |half| half.time(time))?;
                return self.at(time);
            }
            Token::Whole if self.from.is_none() && !self.dash => return self.open(0, DAY_MIN),
            Token::Off if self.from.is_none() && !self.dash && self.stage != Stage::Hours => {
                self.begin();
                self.off_days = self.days.len();
                // 休息 12:00-13:00 would be a break, so no times may follow.
                self.days.clear();
            }
            _ => return None,
        }
        Some(())
    }

    /// Takes a time as the beginning of an interval or its end.
    fn at(&mut self, time: u16) -> Option<()> {
        match self.from.take() {
            None if !self.dash => self.from = Some(time),
            Some(from) if std::mem::take(&mut self.dash) => return self.open(from, time),
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
            self.half = None;
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
        let next_day = std::mem::take(&mut self.next_day);
        // 晚上10:00-2:00 does not say which two o'clock.
        let unclear = self.half.is_some() && to <= from && !next_day;
        if self.days.is_empty() || from >= DAY_MIN || unclear {
            return None;
        }
        let to = if to <= from { to + DAY_MIN } else { to };
        for day in &self.days {
            let intervals = &mut self.hours[*day];
            // 8:00-11:30,1:30-5:00 does not say which half past one.
            if intervals.last().is_some_and(|before| from < before.0) {
                return None;
            }
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
        // 周末休息 alone does not say when it is open.
        let opens = self.off_days == 7 || self.hours.iter().any(|day| !day.is_empty());
        let done = self.stage == Stage::Hours && !self.dash && self.from.is_none();
        (done && opens).then_some(self.hours)
    }
}
