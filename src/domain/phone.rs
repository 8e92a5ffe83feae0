//! Telephones as people write them, kept as E.164 says them.

use std::fmt;

use super::plain_text::plain;

/// A telephone that can be called.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

/// The area code of a city, such as 0513: what is dialled before a number of seven or eight digits
/// there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaCode(String);

impl AreaCode {
    /// Reads an area code with or without its 0; none where no city has such a one.
    pub fn read(text: &str) -> Option<Self> {
        let written: String = plain(text).filter(|sign| !sign.is_whitespace()).collect();
        let code = written.strip_prefix('0').unwrap_or(&written);
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let begins = code == "10" || matches!(code.bytes().next(), Some(b'2'..=b'9'));
        (digits && begins && code.len() == area_digits(code)).then(|| Self(code.to_owned()))
    }

    /// The code without its 0.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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
/// Digits of a landline without its area code, at most.
const LOCAL_DIGITS_MAX: usize = 8;

/// Countries whose numbers lose the 0 before the area when they are called from abroad (ITU-T
/// E.164, national numbering plans). Not all do: in Italy (39) or Benin (229) it is part of the
/// number.
const TRUNK_ZERO_DROPS: [&str; 32] = [
    "20", "27", "31", "32", "33", "40", "41", "43", "44", "46", "49", "60", "61", "62", "63", "64",
    "66", "81", "82", "84", "90", "92", "94", "95", "234", "254", "353", "855", "856", "880",
    "886", "972",
];

impl Phone {
    /// Reads a mainland mobile or landline number, or any number of the world that begins with
    /// `+` or 00. Blanks, hyphens, brackets, full-width digits and a 0 that only callers within a
    /// country dial do not count, nor does the `tel:` of a copied link. A number with an extension
    /// is refused: it cannot be dialled whole.
    pub fn read(text: &str) -> Result<Self, PhoneError> {
        Self::read_near(text, None)
    }

    /// Reads a number as [`Phone::read`] does. Seven or eight digits are a landline of the city with
    /// this area code.
    pub fn read_near(text: &str, city: Option<&AreaCode>) -> Result<Self, PhoneError> {
        if has_short_extension(text) {
            return Err(PhoneError::Malformed);
        }
        let written: String = plain(text)
            .filter(|sign| !sign.is_whitespace() && !"-().·/".contains(*sign))
            .take(WRITTEN_CHARS_MAX)
            .map(|sign| sign.to_ascii_lowercase())
            .collect();
        let written = written.strip_prefix("tel:").unwrap_or(&written);
        if written.is_empty() {
            return Err(PhoneError::Missing);
        }
        let (world, digits) = match written.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => match written.strip_prefix("00") {
                Some(rest) => (true, rest),
                None => (false, written),
            },
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneError::Malformed);
        }
        let national = match (world, digits.strip_prefix("86")) {
            (true, Some(national)) => national,
            (true, None) => return foreign(digits),
            // No number within the country begins with 86, so this can only be its code.
            (false, Some(national)) if is_mobile(national) || national.starts_with('0') => national,
            (false, _) => digits,
        };
        let mobile = national.strip_prefix('0').unwrap_or(national);
        if is_mobile(mobile) {
            return Ok(Self(format!("+86{mobile}")));
        }
        let landline = match (national.strip_prefix('0'), city) {
            (Some(number), _) => Some(number.to_owned()),
            (None, Some(AreaCode(code))) if !world && national.len() <= LOCAL_DIGITS_MAX => {
                Some(format!("{code}{national}"))
            }
            (None, _) => world.then(|| national.to_owned()),
        };
        match landline {
            Some(number) if is_landline(&number) => Ok(Self(format!("+86{number}"))),
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

    /// As colleagues may see it: `138****5678`, `0513****4567`.
    pub fn masked(&self) -> String {
        let last = self.last_four();
        match self.0.strip_prefix("+86") {
            Some(national) if !is_mobile(national) => {
                let area = &national[..area_digits(national)];
                format!("0{area}****{last}")
            }
            national => {
                let shown = national.unwrap_or(&self.0);
                let head = shown.len().saturating_sub(8).min(3);
                format!("{}****{last}", &shown[..head])
            }
        }
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

/// A number of another country, all digits, its code first.
fn foreign(digits: &str) -> Result<Phone, PhoneError> {
    let trunk = TRUNK_ZERO_DROPS.iter().find_map(|code| {
        let national = digits.strip_prefix(code)?.strip_prefix('0')?;
        Some((code, national))
    });
    let number = match trunk {
        // Two zeros are no trunk prefix but a slip, and which digit is missing is unknown.
        Some((_, national)) if national.starts_with('0') => return Err(PhoneError::Malformed),
        Some((code, national)) => format!("+{code}{national}"),
        None => format!("+{digits}"),
    };
    if (8..=16).contains(&number.len()) && !number.starts_with("+0") {
        Ok(Phone(number))
    } else {
        Err(PhoneError::Malformed)
    }
}

/// A single digit after the last hyphen, `0513-8123456-1`: without the hyphen it would be the
/// eighth digit of another number.
fn has_short_extension(text: &str) -> bool {
    let signs = plain(text).filter(|sign| !sign.is_whitespace());
    let tail = signs.fold(['\0'; 2], |[_, last], sign| [last, sign]);
    tail[0] == '-' && tail[1].is_ascii_digit()
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
    use crate::domain::plain_text::tests::UNSEEN;

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
                "0513****4567",
            ),
            (
                "86 0513 8123 4567",
                "+8651381234567",
                "0513 8123 4567",
                "0513****4567",
            ),
            (
                "+86 (0)513\u{2212}8123\u{2011}4567",
                "+8651381234567",
                "0513 8123 4567",
                "0513****4567",
            ),
            (
                "(010) 62345678",
                "+861062345678",
                "010 6234 5678",
                "010****5678",
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
    fn a_zero_that_only_callers_at_home_dial_is_dropped() {
        for (written, stored) in [
            ("+44 020 7946 0958", "+442079460958"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("0081 090-1234-5678", "+819012345678"),
            ("+886 0912 345 678", "+886912345678"),
            ("+39 06 698 12345", "+390669812345"),
            ("+229 01 95 12 34 56", "+2290195123456"),
            ("013812345678", "+8613812345678"),
            ("+86 (0)138 1234 5678", "+8613812345678"),
            ("86 0138 1234 5678", "+8613812345678"),
        ] {
            let phone = Phone::read(written).unwrap_or_else(|error| panic!("{written}: {error:?}"));
            assert_eq!(phone.as_str(), stored, "{written}");
        }
    }

    /// guarantee: Invisible characters never make an answer wrong
    #[test]
    fn a_pasted_number_is_read_without_invisible_characters() {
        let number = Phone::read("13812345678").unwrap();
        for unseen in UNSEEN {
            let pasted = format!("{unseen}138{unseen} 1234 5678{unseen}");
            assert_eq!(Phone::read(&pasted), Ok(number.clone()), "{unseen:?}");
        }
        for link in [
            "tel:13812345678",
            "TEL:+86-138-1234-5678",
            "tel://138 1234 5678",
        ] {
            assert_eq!(Phone::read(link), Ok(number.clone()), "{link}");
        }
    }

    #[test]
    fn a_local_landline_gets_the_citys_area_code() {
        let city = AreaCode::read("0513").unwrap();
        let read = |text| Phone::read_near(text, Some(&city));
        for (written, stored) in [
            ("8500 1234", "+8651385001234"),
            ("８５００１２３４", "+8651385001234"),
            ("850-1234", "+865138501234"),
            ("0512-85001234", "+8651285001234"),
            ("13812345678", "+8613812345678"),
        ] {
            let phone = read(written).unwrap_or_else(|error| panic!("{written}: {error:?}"));
            assert_eq!(phone.as_str(), stored, "{written}");
        }
        for wrong in [
            "850123",
            "850012345",
            "12345678",
            "1381234567",
            "+8685001234",
            "110",
        ] {
            assert_eq!(read(wrong), Err(PhoneError::Malformed), "{wrong}");
        }
        assert_eq!(Phone::read("8500 1234"), Err(PhoneError::Malformed));
        assert_eq!(AreaCode::read("513"), Some(city));
        assert!(AreaCode::read("010").is_some() && AreaCode::read("21").is_some());
        for wrong in ["", "0", "05", "05130", "138", "abc", "0100"] {
            assert_eq!(AreaCode::read(wrong), None, "{wrong}");
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
            "0513-8123456-1",
            "0513 8123456 － １",
            "+44 0020 7946 0958",
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
