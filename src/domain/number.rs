//! Receipt numbers such as `QZ-0731-7K3P`: short enough to read out, and no secret.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use super::code::{plain, sign, value};

/// Bits of a serial that four signs carry, and serials that they can.
const SHORT: (u32, u32) = (20, 1 << 20);
/// The same of five signs.
const LONG: (u32, u32) = (25, 1 << 25);
/// Rounds of the cipher: as many as FF1 has (NIST SP 800-38G).
const ROUNDS: u8 = 10;
/// Bits of a sign.
const SIGN_BITS: u32 = 5;
/// Length of a prefix at most, in characters.
const PREFIX_CHARS_MAX: usize = 8;

/// A receipt number. It shows nothing by itself; status also asks for the telephone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    text: String,
    month: u32,
    day: u32,
    serials: [u32; 2],
}

/// One step of the cipher that scatters serials; whoever has the key says its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// The month and the day of the number: no day's order betrays another one's.
    pub date: (u32, u32),
    /// How many bits are scattered.
    pub bits: u32,
    /// Which step, from zero.
    pub step: u8,
    /// The half that stays.
    pub half: u32,
}

/// The value of each round, which nobody can tell who has not the key.
pub type Rounds<'a> = &'a dyn Fn(Round) -> u32;

impl Number {
    /// The number of the `serial`-th receipt of a day, counted from one. Numbers of a day differ,
    /// and without the key nobody can tell which were given; beyond 2^20 they grow by a sign.
    /// Of the prefix stay eight letters and digits in upper case, 0 and 1 spelled O and I: so
    /// whatever an administrator chose, the number can be read back.
    pub fn mint(prefix: &str, day: NaiveDate, serial: u32, rounds: Rounds<'_>) -> Self {
        let (month, day) = (day.month(), day.day());
        let (bits, most) = if serial < SHORT.1 { SHORT } else { LONG };
        let scattered = scatter(serial % most, ((month, day), bits), rounds);
        let signs = bits / SIGN_BITS;
        let tail: String = (0..signs)
            .rev()
            .map(|at| sign(u8::try_from(scattered >> (SIGN_BITS * at) & 31).unwrap_or_default()))
            .collect();
        Self {
            text: written(&spelled(prefix), month, day, &tail),
            month,
            day,
            serials: [serial, unscatter(scattered, bits)],
        }
    }

    /// Reads a number as people write it: case, width, spaces and hyphens do not count.
    pub fn read(text: &str, rounds: Rounds<'_>) -> Option<Self> {
        let signs = plain(text, PREFIX_CHARS_MAX + 9);
        // No prefix has a 0 or 1, and every month begins with one of them.
        let (prefix, rest) = signs.split_at(signs.find(['0', '1'])?);
        if prefix != spelled(prefix) || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (date, tail) = rest.split_at_checked(4)?;
        let (month, day) = (date[..2].parse().ok()?, date[2..].parse().ok()?);
        NaiveDate::from_ymd_opt(2000, month, day)?;
        let (bits, _) = match tail.len() {
            4 => SHORT,
            5 => LONG,
            _ => return None,
        };
        let scattered = tail.chars().try_fold(0, |all, sign| {
            Some(all << SIGN_BITS | u32::from(value(sign)?))
        })?;
        Some(Self {
            text: written(prefix, month, day, tail),
            month,
            day,
            serials: [
                gather(scattered, ((month, day), bits), rounds),
                unscatter(scattered, bits),
            ],
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

    /// Which receipt of the day it is, from one; and which one it would be had it been given
    /// before numbers were keyed. The number as stored says which of the two.
    pub fn serials(&self) -> [u32; 2] {
        self.serials
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

/// A Feistel network over an even number of bits, walked until its value lies in the domain: a
/// bijection of it whatever the rounds say.
fn scatter(serial: u32, (date, bits): ((u32, u32), u32), rounds: Rounds<'_>) -> u32 {
    walk(serial, bits, |left, right| {
        (0..ROUNDS).fold((left, right), |(left, right), step| {
            let half = right;
            let value = rounds(Round {
                date,
                bits,
                step,
                half,
            });
            (right, left ^ value & half_mask(bits))
        })
    })
}

/// Undoes [`scatter`].
fn gather(scattered: u32, (date, bits): ((u32, u32), u32), rounds: Rounds<'_>) -> u32 {
    walk(scattered, bits, |left, right| {
        (0..ROUNDS)
            .rev()
            .fold((left, right), |(left, right), step| {
                let half = left;
                let value = rounds(Round {
                    date,
                    bits,
                    step,
                    half,
                });
                (right ^ value & half_mask(bits), left)
            })
    })
}

/// Takes the value through the steps until it is one of `bits` bits again; it began as one, and
/// the steps are a bijection, so it comes back.
fn walk(value: u32, bits: u32, steps: impl Fn(u32, u32) -> (u32, u32)) -> u32 {
    let width = bits.div_ceil(2);
    let mut value = value;
    loop {
        let (left, right) = steps(value >> width, value & half_mask(bits));
        value = left << width | right;
        if value >> bits == 0 {
            return value;
        }
    }
}

fn half_mask(bits: u32) -> u32 {
    (1 << bits.div_ceil(2)) - 1
}

/// An odd factor, so that multiplying modulo a power of two can be undone.
const FACTOR: u32 = 0x9E_3779;

/// Undoes the fixed bijection that numbers were scattered by before they were keyed.
fn unscatter(scattered: u32, bits: u32) -> u32 {
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
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 31).unwrap()
    }

    /// Rounds of one key, as good as any for what is tested here.
    fn keyed(key: u32) -> impl Fn(Round) -> u32 {
        move |round| {
            let (month, day) = round.date;
            let place = month << 24 | day << 16 | round.bits << 8 | u32::from(round.step);
            let word = u64::from(place ^ key) << 32 | u64::from(round.half);
            let mixed = (word ^ word >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            u32::try_from(mixed >> 40).unwrap()
        }
    }

    /// How numbers were scattered before they were keyed.
    fn formerly(serial: u32, bits: u32) -> u32 {
        let mask = (1 << bits) - 1;
        let folded = serial ^ (serial >> (bits / 2));
        let product = folded.wrapping_mul(FACTOR) & mask;
        product ^ (product >> (bits / 2))
    }

    /// guarantee: Receipt numbers cannot be counted up, and no two of a day are the same
    #[test]
    fn no_two_serials_share_a_number_under_any_key() {
        let mut orders = HashSet::new();
        for key in [0, 1, 0x5EED_5EED] {
            let rounds = keyed(key);
            for (bits, most) in [SHORT, LONG, (7, 1 << 7)] {
                let mut seen = vec![false; most as usize];
                // All of the short ones; of the long ones enough to collide if they could.
                for serial in 0..most.min(SHORT.1) {
                    let scattered = scatter(serial, ((7, 31), bits), &rounds);
                    assert!(!std::mem::replace(&mut seen[scattered as usize], true));
                    if serial % 64 == 0 {
                        assert_eq!(gather(scattered, ((7, 31), bits), &rounds), serial);
                    }
                }
            }
            let first = |date| -> Vec<u32> {
                let scattered = (1..9).map(|n| scatter(n, (date, 20), &rounds));
                scattered.collect()
            };
            assert!(orders.insert(first((7, 31))), "by key");
            assert!(orders.insert(first((8, 1))), "by day");
        }
    }

    #[test]
    fn numbers_that_were_given_before_they_were_keyed_are_still_read() {
        for (serial, bits) in [(1, 20), (131, 20), (SHORT.1 - 1, 20), (LONG.1 - 1, 25)] {
            assert_eq!(unscatter(formerly(serial, bits), bits), serial);
        }
        // The first receipt of a day, as it was printed.
        let number = Number::read("QZ-0731-WF9N", &keyed(7)).unwrap();
        assert_eq!(number.serials()[1], 1);
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
        fn every_serial_survives(serial in 1..LONG.1, key in any::<u32>()) {
            let rounds = keyed(key);
            let number = Number::mint("QZ", day(), serial, &rounds);
            prop_assert_eq!(Number::read(number.as_str(), &rounds), Some(number.clone()));
            prop_assert_eq!(number.serials()[0], serial);
            prop_assert_eq!(number.month_day(), (7, 31));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = Number::read(&text, &keyed(7));
        }
    }
}
