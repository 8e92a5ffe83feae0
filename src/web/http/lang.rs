//! The two languages of the pages: which one a request gets, and how days are written.

use actix_web::HttpRequest;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use crate::web::http::request::asked;
use crate::web::text::{EN, Words, ZH};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// The short code: `zh`, `en`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The language of a short code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        match code {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The labels in this language.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }

    /// Whether English names are wanted.
    pub(crate) fn is_english(self) -> bool {
        self == Self::En
    }

    /// The language of a request: from the address, then from the cookie, then the first known
    /// language that the browser accepts; otherwise Chinese.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        if let Some(lang) = asked(request, "lang").and_then(Self::from_code) {
            return lang;
        }
        if let Some(lang) = request
            .cookie("lang")
            .and_then(|c| Self::from_code(c.value()))
        {
            return lang;
        }
        let accepted = request.headers().get("accept-language");
        let accepted = accepted
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        accepted
            .split(',')
            .filter_map(|tag| tag.trim().get(..2))
            .find_map(|tag| Self::from_code(&tag.to_ascii_lowercase()))
            .unwrap_or(Self::Zh)
    }

    /// These words one after another: `赵示例、钱示例`, `one, two`.
    pub(crate) fn list<T: AsRef<str>>(self, words: &[T]) -> String {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        words.join(if self.is_english() { ", " } else { "、" })
    }

    /// A day in words: `9月15日 周二`, `Tue 15 Sep`.
    pub(crate) fn day(self, day: NaiveDate) -> String {
        let weekday = day.weekday().num_days_from_monday() as usize;
        match self {
            Self::Zh => {
                let name = ["一", "二", "三", "四", "五", "六", "日"][weekday];
                format!("{} 周{name}", self.date(day))
            }
            Self::En => format!("{} {}", day.format("%a"), self.date(day)),
        }
    }

    /// A day without its weekday: `9月15日`, `15 Sep`.
    pub(crate) fn date(self, day: NaiveDate) -> String {
        match self {
            Self::Zh => format!("{}月{}日", day.month(), day.day()),
            Self::En => day.format("%-d %b").to_string(),
        }
    }

    /// A day and the time on it; yesterday, today and tomorrow by their names.
    pub(crate) fn moment(self, at: NaiveDateTime, today: NaiveDate) -> String {
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        let day = match ((at.date() - today).num_days(), self) {
            (-1, Self::Zh) => "昨天".to_owned(),
            (-1, Self::En) => "yesterday".to_owned(),
            (0, Self::Zh) => "今天".to_owned(),
            (0, Self::En) => "today".to_owned(),
            (1, Self::Zh) => "明天".to_owned(),
            (1, Self::En) => "tomorrow".to_owned(),
            _ => self.day(at.date()),
        };
        format!("{day} {time}")
    }
}
