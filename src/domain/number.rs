//! Receipt numbers such as `QZ-0731-7K3P`: short enough to read out, and no secret.

use chrono::{Datelike, NaiveDate};

use super::code::{sign, unspaced, value};
use super::ff1::Ff1;
use super::plain_text::plain;

/// Signs of a tail: as many as the first 2^20 serials of a day need, and one more for the others.
const TAIL_SIGNS: [u32; 2] = [4, 5];
/// Bits of a sign.
const SIGN_BITS: u32 = 5;
/// Length of a prefix at most, in characters.
const PREFIX_CHARS_MAX: usize = 8;

/// A receipt number. It shows nothing by itself; status also asks for the telephone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    text: String,
    month_day: (u32, u32),
    serial: u32,
}

/// The cipher that turns serials into tails: FF1 with AES-256 (NIST SP 800-38G). Month and day
/// are its tweak, so the order of one day says nothing about another one.
pub struct NumberCipher(Ff1);

impl NumberCipher {
    /// The cipher with this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Ff1::new(key))
    }
}

impl std::fmt::Debug for NumberCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NumberCipher(…)")
    }
}

impl Number {
    /// The number of the `serial`-th receipt of a day, counted from one. Numbers of a day differ,
    /// and without the key no one can tell which were given; from 2^20 on they have one more sign.
    /// Of the prefix stay eight letters and digits in upper case, 0 and 1 spelled O and I: so
    /// whatever an administrator chose, the number can be read back.
    pub fn mint(prefix: &str, day: NaiveDate, serial: u32, cipher: &NumberCipher) -> Self {
        let month_day = (day.month(), day.day());
        let signs = TAIL_SIGNS[usize::from(serial >= 1 << (TAIL_SIGNS[0] * SIGN_BITS))];
        let tail = cipher
            .0
            .encrypt(tweak(month_day.0, month_day.1), signs, serial);
        let value = |at: u32| u8::try_from(tail >> (SIGN_BITS * at) & 31).unwrap_or_default();
        let tail: String = (0..signs).rev().map(|at| sign(value(at))).collect();
        Self {
            text: written(&spelled(prefix), month_day.0, month_day.1, &tail),
            month_day,
            serial,
        }
    }

    /// Reads a number as people write it: case, width, spaces and hyphens do not count.
    pub fn read(text: &str, cipher: &NumberCipher) -> Option<Self> {
        let signs = unspaced(text, PREFIX_CHARS_MAX + 9);
        // No prefix has a 0 or 1, and every month begins with one of them.
        let (prefix, rest) = signs.split_at(signs.find(['0', '1'])?);
        if prefix != spelled(prefix) || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (date, tail) = rest.split_at_checked(4)?;
        let month_day = (date[..2].parse().ok()?, date[2..].parse().ok()?);
        NaiveDate::from_ymd_opt(2000, month_day.0, month_day.1)?;
        if !TAIL_SIGNS.contains(&u32::try_from(tail.len()).ok()?) {
            return None;
        }
        let mut tail_value = 0;
        for sign in tail.chars() {
            tail_value = tail_value << SIGN_BITS | u32::from(value(sign)?);
        }
        let signs = u32::try_from(tail.len()).ok()?;
        Some(Self {
            text: written(prefix, month_day.0, month_day.1, tail),
            month_day,
            serial: cipher
                .0
                .decrypt(tweak(month_day.0, month_day.1), signs, tail_value),
        })
    }

    /// The number as printed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Month and day of receipt.
    pub fn month_day(&self) -> (u32, u32) {
        self.month_day
    }

    /// Which receipt of the day it is, from one.
    pub fn serial(&self) -> u32 {
        self.serial
    }
}

fn tweak(month: u32, day: u32) -> [u8; 8] {
    (u64::from(month) << 32 | u64::from(day)).to_be_bytes()
}

fn written(prefix: &str, month: u32, day: u32, tail: &str) -> String {
    let hyphen = if prefix.is_empty() { "" } else { "-" };
    format!("{prefix}{hyphen}{month:02}{day:02}-{tail}")
}

/// The prefix as it is printed; two prefixes that differ in what is kept stay different.
fn spelled(prefix: &str) -> String {
    plain(prefix)
        .filter(|sign| sign.is_alphanumeric())
        .take(PREFIX_CHARS_MAX)
        .map(|sign| match sign {
            '0' => 'O',
            '1' => 'I',
            _ => sign.to_ascii_uppercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// The serials that five signs can carry.
    const SERIALS: u32 = 1 << 25;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 31).unwrap()
    }

    fn keyed(key: u8) -> NumberCipher {
        NumberCipher::new(&[key; 32])
    }

    /// guarantee: Receipt numbers cannot be counted up, and no two of a day are the same
    #[test]
    fn no_two_serials_of_a_day_share_a_number() {
        let cipher = keyed(7);
        let border = 1 << 20;
        let serials = (1..4_000).chain(border - 500..border + 500);
        let mut seen = HashSet::new();
        for serial in serials {
            let number = Number::mint("QZ", day(), serial, &cipher);
            assert_eq!(Number::read(number.as_str(), &cipher).unwrap(), number);
            assert!(seen.insert(number.text), "{serial}");
        }
    }

    /// guarantee: Receipt numbers cannot be counted up, and no two of a day are the same
    #[test]
    fn key_and_day_change_the_order_of_numbers() {
        let first = |day: NaiveDate, cipher: &NumberCipher| -> Vec<String> {
            let numbers = (1..9).map(|serial| Number::mint("QZ", day, serial, cipher).text);
            numbers
                .map(|text| text[text.len() - 4..].to_owned())
                .collect()
        };
        let mut orders = HashSet::new();
        for key in [0, 1, 7] {
            assert!(orders.insert(first(day(), &keyed(key))), "by key");
            let next = day().succ_opt().unwrap();
            assert!(orders.insert(first(next, &keyed(key))), "by day");
        }
    }

    #[test]
    fn printed_numbers_never_change() {
        let numbers = [1, 131, (1 << 20) - 1, 1 << 20, SERIALS - 1]
            .map(|serial| Number::mint("QZ", day(), serial, &keyed(7)).text);
        let printed = ["9QDM", "CQRX", "HSMS", "JUANL", "ZNF6N"];
        assert_eq!(numbers, printed.map(|tail| format!("QZ-0731-{tail}")));
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
            let number = Number::mint(chosen, day(), 131, &keyed(7));
            assert!(number.as_str().starts_with(printed), "{number:?}");
            let bare = number.as_str().replace('-', "").to_lowercase();
            assert_eq!(Number::read(&bare, &keyed(7)), Some(number), "{chosen}");
        }
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let number = Number::mint("QZ", day(), 131, &keyed(7));
        assert_eq!(number.as_str().len(), "QZ-0731-7K3P".len());
        let bare = number.as_str().replace('-', "");
        for written in [
            number.as_str().to_lowercase(),
            bare,
            format!(" {} ", number.as_str()),
            format!("\u{202d}{}\u{200b}", number.as_str()),
        ] {
            assert_eq!(
                Number::read(&written, &keyed(7)),
                Some(number.clone()),
                "{written}"
            );
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
            assert_eq!(Number::read(wrong, &keyed(7)), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_serial_survives(serial in 1..SERIALS, key in any::<u8>()) {
            let cipher = keyed(key);
            let number = Number::mint("QZ", day(), serial, &cipher);
            prop_assert_eq!(Number::read(number.as_str(), &cipher), Some(number.clone()));
            prop_assert_eq!(number.serial(), serial);
            prop_assert_eq!(number.month_day(), (7, 31));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = Number::read(&text, &keyed(7));
        }
    }
}
