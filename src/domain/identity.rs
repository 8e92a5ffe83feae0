//! Papers: resident identity numbers (GB 11643-1999) and passports.

use std::fmt;

use chrono::NaiveDate;

use super::plain_text::dense;

/// Weights of the first seventeen digits, 2^(17-i) modulo 11 (GB 11643-1999, ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character of each remainder.
const CHECKS: &[u8; 11] = b"10X98765432";

/// 公民身份号码
#[derive(Clone, PartialEq, Eq)]
pub struct ResidentId(String);

/// Why a text is no resident identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidentIdError {
    /// Not seventeen digits and a digit or X.
    Malformed,
    /// Its birthday is no day.
    Date,
    /// Its check character says that something was mistyped.
    Check,
}

impl ResidentId {
    /// Reads an eighteen-digit number. Its region is not held against today's list: people keep
    /// the number of a county that is gone.
    pub fn read(text: &str) -> Result<Self, ResidentIdError> {
        let written = dense(text, 18).to_ascii_uppercase();
        let bytes = written.as_bytes();
        let (Some((last, digits)), 18) = (bytes.split_last(), bytes.len()) else {
            return Err(ResidentIdError::Malformed);
        };
        if !digits.iter().all(u8::is_ascii_digit) || !(last.is_ascii_digit() || *last == b'X') {
            return Err(ResidentIdError::Malformed);
        }
        birth_date(&written).ok_or(ResidentIdError::Date)?;
        let sum: u32 = digits
            .iter()
            .zip(WEIGHTS)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        if CHECKS[(sum % 11) as usize] != *last {
            return Err(ResidentIdError::Check);
        }
        Ok(Self(written))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn birth_date(number: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(number.get(6..14)?, "%Y%m%d").ok()
}

/// The number of a passport or travel permit.
#[derive(Clone, PartialEq, Eq)]
pub struct Passport(String);

/// The text is no passport number: five to twenty letters and digits, at least one digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassportError;

impl Passport {
    /// Reads a passport number; case and blanks do not count.
    pub fn read(text: &str) -> Result<Self, PassportError> {
        let written = dense(text, 20).to_ascii_uppercase();
        let fits = (5..=20).contains(&written.len())
            && written.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && written.bytes().any(|byte| byte.is_ascii_digit());
        fits.then_some(Self(written)).ok_or(PassportError)
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A made-up number with a right check character.
    fn number(first: &str) -> String {
        let sum: u32 = first
            .bytes()
            .zip(WEIGHTS)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        format!("{first}{}", char::from(CHECKS[(sum % 11) as usize]))
    }

    #[test]
    fn the_standards_own_example_is_taken() {
        // GB 11643-1999, annex: the example number of the standard.
        let id = ResidentId::read("11010519491231002x").unwrap();
        assert_eq!(id.as_str(), "11010519491231002X");
        assert_eq!(format!("{id:?}"), "***");
    }

    #[test]
    fn a_wrong_number_is_told_apart() {
        for (text, error) in [
            ("", ResidentIdError::Malformed),
            ("11010519491231002", ResidentIdError::Malformed),
            ("1101051949123100X2", ResidentIdError::Malformed),
            ("110105194912310021", ResidentIdError::Check),
            (&number("11010519490231002"), ResidentIdError::Date),
        ] {
            assert_eq!(ResidentId::read(text), Err(error), "{text}");
        }
    }

    #[test]
    fn passports_are_letters_and_digits() {
        assert_eq!(
            Passport::read(" e 1234 5678 ").unwrap().as_str(),
            "E12345678"
        );
        for wrong in ["", "1234", "ABCDE", "E-123456", "号12345", &"1".repeat(21)] {
            assert_eq!(Passport::read(wrong), Err(PassportError), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_noticed(at in 0..17_usize, by in 1..10_u8) {
            let right = number("32061319800101123");
            let mut wrong = right.clone().into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            prop_assert!(ResidentId::read(&right).is_ok());
            prop_assert!(ResidentId::read(&String::from_utf8(wrong).unwrap()).is_err());
        }

        #[test]
        fn no_text_makes_a_reader_panic(text in ".*") {
            let _ = (ResidentId::read(&text), Passport::read(&text));
        }
    }
}
