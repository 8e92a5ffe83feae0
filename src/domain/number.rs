//! Receipt numbers such as `QZ-0731-7K3P`: short enough to read out, and no secret.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use super::code::{plain, sign, value};

/// Serials that four signs can carry.
const SHORT_SERIALS: u32 = 1 << 20;
/// Serials that five signs can carry.
const LONG_SERIALS: u32 = 1 << 25;
/// Length of a prefix at most, in characters.
const PREFIX_CHARS_MAX: usize = 8;

/// A receipt number. It shows nothing by itself; status also asks for the telephone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    text: String,
    month: u32,
    day: u32,
    serial: u32,
}

impl Number {
    /// The number of the `serial`-th receipt of a day, counted from one. Numbers of a day differ
    /// and do not betray by their order how many came before; beyond 2^20 they grow by a sign.
    /// Of the prefix stay eight letters and digits in upper case, 0 and 1 spelled O and I: so
    /// whatever an administrator chose, the number can be read back.
    pub fn mint(prefix: &str, day: NaiveDate, serial: u32) -> Self {
        let (signs, scattered) = if serial < SHORT_SERIALS {
            (4, scatter(serial, 20))
        } else {
            (5, scatter(serial % LONG_SERIALS, 25))
        };
        let tail: String = (0..signs)
            .rev()
            .map(|at| sign(u8::try_from(scattered >> (5 * at) & 31).unwrap_or_default()))
            .collect();
        let (month, day) = (day.month(), day.day());
        Self {
            text: written(&spelled(prefix), month, day, &tail),
            month,
            day,
            serial,
        }
    }

    /// Reads a number as people write it: case, width, spaces and hyphens do not count.
    pub fn read(text: &str) -> Option<Self> {
        let signs = plain(text, PREFIX_CHARS_MAX + 9);
        // No prefix has a 0 or 1, and every month begins with one of them.
        let (prefix, rest) = signs.split_at(signs.find(['0', '1'])?);
        if prefix != spelled(prefix) || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (date, tail) = rest.split_at_checked(4)?;
        let (month, day) = (date[..2].parse().ok()?, date[2..].parse().ok()?);
        NaiveDate::from_ymd_opt(2000, month, day)?;
        let bits = match tail.len() {
            4 => 20,
            5 => 25,
            _ => return None,
        };
        let scattered = tail
            .chars()
            .try_fold(0, |all, sign| Some(all << 5 | u32::from(value(sign)?)))?;
        Some(Self {
            text: written(prefix, month, day, tail),
            month,
            day,
            serial: gather(scattered, bits),
        })
    }

    /// The number as printed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Month and day of receipt.
    pub fn month_day(&self) -> (u32, u32) {
        (self.month, self.day)
    }

    /// Which receipt of the day it is, from one.
    pub fn serial(&self) -> u32 {
        self.serial
    }
}

fn written(prefix: &str, month: u32, day: u32, tail: &str) -> String {
    let hyphen = if prefix.is_empty() { "" } else { "-" };
    format!("{prefix}{hyphen}{month:02}{day:02}-{tail}")
}

/// The prefix as it is printed; two prefixes that differ in what is kept stay different.
fn spelled(prefix: &str) -> String {
    prefix
        .nfkc()
        .filter(|sign| sign.is_alphanumeric())
        .take(PREFIX_CHARS_MAX)
        .map(|sign| match sign {
            '0' => 'O',
            '1' => 'I',
            _ => sign.to_ascii_uppercase(),
        })
        .collect()
}

/// An odd factor, so that multiplying modulo a power of two can be undone.
const FACTOR: u32 = 0x9E_3779;

/// A fixed bijection of `bits` bits. Not a secret: it only keeps neighbours apart.
fn scatter(serial: u32, bits: u32) -> u32 {
    let mask = (1 << bits) - 1;
    let folded = serial ^ (serial >> (bits / 2));
    let product = folded.wrapping_mul(FACTOR) & mask;
    product ^ (product >> (bits / 2))
}

/// Undoes [`scatter`].
fn gather(scattered: u32, bits: u32) -> u32 {
    let mask = (1 << bits) - 1;
    // A shift by half of an odd width leaves a second remainder, so it is undone twice over.
    let unfold = |x: u32| x ^ (x >> (bits / 2)) ^ (x >> (bits / 2 * 2));
    // Newton's iteration doubles the right low bits of the inverse each time: 5, 10, 20, 40.
    let mut inverse = FACTOR;
    for _ in 0..4 {
        inverse = inverse.wrapping_mul(2_u32.wrapping_sub(FACTOR.wrapping_mul(inverse)));
    }
    unfold(unfold(scattered).wrapping_mul(inverse) & mask)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 31).unwrap()
    }

    #[test]
    fn no_two_serials_share_a_number() {
        let mut seen = vec![false; 1 << 20];
        for serial in 0..SHORT_SERIALS {
            let scattered = scatter(serial, 20);
            assert_eq!(gather(scattered, 20), serial);
            assert!(!std::mem::replace(&mut seen[scattered as usize], true));
        }
    }

    #[test]
    fn whatever_prefix_was_chosen_the_number_is_read_back() {
        for (chosen, printed) in [
            ("QZ", "QZ-0731-"),
            ("qz", "QZ-0731-"),
            ("Q-Z ", "QZ-0731-"),
            ("", "0731-"),
            ("Q2", "Q2-0731-"),
            ("Q10", "QIO-0731-"),
            ("秦灶", "秦灶-0731-"),
            ("QINZAOJIEDAO", "QINZAOJI-0731-"),
        ] {
            let number = Number::mint(chosen, day(), 131);
            assert!(number.as_str().starts_with(printed), "{number:?}");
            let bare = number.as_str().replace('-', "").to_lowercase();
            assert_eq!(Number::read(&bare), Some(number), "{chosen}");
        }
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let number = Number::mint("QZ", day(), 131);
        assert_eq!(number.as_str().len(), "QZ-0731-7K3P".len());
        let bare = number.as_str().replace('-', "");
        for written in [
            number.as_str().to_lowercase(),
            bare,
            format!(" {} ", number.as_str()),
        ] {
            assert_eq!(Number::read(&written), Some(number.clone()), "{written}");
        }
        for wrong in [
            "",
            "QZ",
            "QZ-0231-7K3P",
            "QZ-0731-7K3O",
            "QZ+1+17K3P",
            "Q#-0731-7K3P",
            "QINZAOJIE-0731-7K3P",
            "QZ-0731-7K3PPP",
            "号码",
        ] {
            assert_eq!(Number::read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_serial_survives(serial in 1..LONG_SERIALS) {
            let number = Number::mint("QZ", day(), serial);
            prop_assert_eq!(Number::read(number.as_str()), Some(number.clone()));
            prop_assert_eq!(number.month_day(), (7, 31));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = Number::read(&text);
        }
    }
}
