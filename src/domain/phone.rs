//! Telephones as people write them, kept as E.164 says them.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::code::is_hyphen;

/// A telephone that can be called.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

/// Why a text is no telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneError {
    /// Nothing was said.
    Missing,
    /// No number of a form that can be called.
    Malformed,
}

/// Signs that a written number has at most, blanks and brackets included.
const WRITTEN_CHARS_MAX: usize = 40;

impl Phone {
    /// Reads a mainland mobile or landline number, or any number of the world that begins with
    /// `+` or 00. Blanks, hyphens, brackets and full-width digits do not count.
    pub fn read(text: &str) -> Result<Self, PhoneError> {
        let written: String = text
            .nfkc()
            .filter(|sign| !sign.is_whitespace() && !is_hyphen(*sign) && !"().·".contains(*sign))
            .take(WRITTEN_CHARS_MAX)
            .collect();
        if written.is_empty() {
            return Err(PhoneError::Missing);
        }
        let (world, digits) = match written.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => match written.strip_prefix("00") {
                Some(rest) => (true, rest),
                None => (false, written.as_str()),
            },
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneError::Malformed);
        }
        let national = match (world, digits.strip_prefix("86")) {
            (true, Some(national)) => national,
            (true, None) if (7..=15).contains(&digits.len()) && !digits.starts_with('0') => {
                return Ok(Self(format!("+{digits}")));
            }
            (true, None) => return Err(PhoneError::Malformed),
            // No number within the country begins with 86, so this can only be its code.
            (false, Some(national)) if is_mobile(national) || national.starts_with('0') => national,
            (false, _) => digits,
        };
        if is_mobile(national) {
            return Ok(Self(format!("+86{national}")));
        }
        let landline = national.strip_prefix('0').or(world.then_some(national));
        match landline {
            Some(number) if is_landline(number) => Ok(Self(format!("+86{number}"))),
            _ => Err(PhoneError::Malformed),
        }
    }

    /// E.164, `+8613812345678`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people read it out: `138 1234 5678`, `0513 8123 4567`, `+852 …`.
    pub fn spoken(&self) -> String {
        let Some(national) = self.0.strip_prefix("+86") else {
            return self.0.clone();
        };
        if is_mobile(national) {
            return format!("{} {} {}", &national[..3], &national[3..7], &national[7..]);
        }
        let (area, number) = national.split_at(area_digits(national));
        let (head, tail) = number.split_at(number.len() - 4);
        format!("0{area} {head} {tail}")
    }

    /// As colleagues may see it: `138****5678`.
    pub fn masked(&self) -> String {
        let shown = self.0.strip_prefix("+86").unwrap_or(&self.0);
        let head = shown.len().saturating_sub(8).min(3);
        format!("{}****{}", &shown[..head], self.last_four())
    }

    /// The last four digits.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// The link that calls it.
    pub fn tel(&self) -> String {
        format!("tel:{}", self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

fn is_mobile(national: &str) -> bool {
    let bytes = national.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

/// Area code without its 0, then seven or eight digits that begin with 2 to 9. Of the area codes
/// only Beijing's begins with 1: whatever else does is a mobile that lacks a digit.
fn is_landline(number: &str) -> bool {
    let area = area_digits(number);
    let bytes = number.as_bytes();
    let rest = bytes.len().saturating_sub(area);
    (number.starts_with("10") || matches!(bytes.first(), Some(b'2'..=b'9')))
        && (7..=8).contains(&rest)
        && (b'2'..=b'9').contains(&bytes[area])
}

/// 10 and 2x are cities with two digits; every other area code has three.
fn area_digits(number: &str) -> usize {
    if number.starts_with("10") || number.starts_with('2') {
        2
    } else {
        3
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (written, stored, spoken, masked) in [
            (
                "13812345678",
                "+8613812345678",
                "138 1234 5678",
                "138****5678",
            ),
            (
                "138 1234-5678",
                "+8613812345678",
                "138 1234 5678",
                "138****5678",
            ),
            (
                "+86 138 1234 5678",
                "+8613812345678",
                "138 1234 5678",
                "138****5678",
            ),
            (
                "008613812345678",
                "+8613812345678",
                "138 1234 5678",
                "138****5678",
            ),
            (
                "8613812345678",
                "+8613812345678",
                "138 1234 5678",
                "138****5678",
            ),
            (
                "１３８１２３４５６７８",
                "+8613812345678",
                "138 1234 5678",
                "138****5678",
            ),
            (
                "0513-81234567",
                "+8651381234567",
                "0513 8123 4567",
                "513****4567",
            ),
            (
                "86 0513 8123 4567",
                "+8651381234567",
                "0513 8123 4567",
                "513****4567",
            ),
            (
                "+86 (0)513\u{2212}8123\u{2011}4567",
                "+8651381234567",
                "0513 8123 4567",
                "513****4567",
            ),
            (
                "(010) 62345678",
                "+861062345678",
                "010 6234 5678",
                "10****5678",
            ),
            (
                "+852 2345 6789",
                "+85223456789",
                "+85223456789",
                "+85****6789",
            ),
            (
                "+1 (212) 555-0100",
                "+12125550100",
                "+12125550100",
                "+12****0100",
            ),
        ] {
            let phone = Phone::read(written).unwrap_or_else(|error| panic!("{written}: {error:?}"));
            assert_eq!(phone.as_str(), stored);
            assert_eq!(phone.spoken(), spoken);
            assert_eq!(phone.masked(), masked);
            assert_eq!(format!("{phone:?}"), masked);
            assert_eq!(Phone::read(phone.as_str()), Ok(phone));
        }
    }

    #[test]
    fn what_cannot_be_called_is_no_number() {
        assert_eq!(Phone::read(" "), Err(PhoneError::Missing));
        for written in [
            "1381234567",
            "138123456789",
            "12345678901",
            "81234567",
            "0513-1234567",
            "+0123456789",
            "+123456",
            "abc",
            "138１234567８x",
            "+",
            "00",
            "110",
            "+8612345",
            "+86 138 234 5678",
            "+86 123 4567 8901",
            "0138 234 5678",
            "0158 2345 678",
            "86 513 8123 4567",
        ] {
            assert_eq!(
                Phone::read(written),
                Err(PhoneError::Malformed),
                "{written}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            if let Ok(phone) = Phone::read(&text) {
                let _ = (phone.spoken(), phone.masked(), phone.tel());
            }
        }

        #[test]
        fn a_number_that_was_read_is_read_again(digits in "\\+?[0-9]{5,17}") {
            if let Ok(phone) = Phone::read(&digits) {
                prop_assert_eq!(phone.last_four().len(), 4);
                let _ = (phone.spoken(), phone.masked());
                prop_assert_eq!(Phone::read(phone.as_str()), Ok(phone));
            }
        }
    }
}
