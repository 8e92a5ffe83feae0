//! Telephones of offices and sites, as they stand on placards: one number that a phone can dial.

use super::phone::AreaCode;
use super::plain_text::plain;

/// A telephone of a place, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacePhone(String);

impl PlacePhone {
    /// Reads one number that can be dialled: a landline with its area code, a mobile, 400 and 800,
    /// a short number such as 12345, or a number of the world with `+`. Seven or eight digits are a
    /// landline of the city with this area code. None for anything else, two numbers among it.
    pub fn read(text: &str, city: Option<&AreaCode>) -> Option<Self> {
        let plain: String = plain(text).collect();
        let plain = plain.trim();
        let lower = plain.to_ascii_lowercase();
        let written = match lower.strip_prefix("tel:") {
            Some(rest) => plain[plain.len() - rest.len()..]
                .trim_start_matches('/')
                .trim(),
            None => plain,
        };
        let digits: String = written
            .chars()
            .filter(|sign| !matches!(sign, ' ' | '-' | '(' | ')' | '.' | '·'))
            .collect();
        match city.filter(|_| is_local(&digits)) {
            Some(city) => Some(Self(format!("0{}-{digits}", city.as_str()))),
            None => is_dialled(&digits).then(|| Self(written.to_owned())),
        }
    }

    /// The number as it is printed.
    pub fn into_written(self) -> String {
        self.0
    }
}

fn is_local(digits: &str) -> bool {
    (7..=8).contains(&digits.len())
        && all_digits(digits)
        && matches!(digits.as_bytes()[0], b'2'..=b'9')
}

fn is_dialled(number: &str) -> bool {
    if let Some(world) = number.strip_prefix('+') {
        return all_digits(world) && (7..=15).contains(&world.len());
    }
    if !all_digits(number) {
        return false;
    }
    let begins = |with: &[&str]| with.iter().any(|with| number.starts_with(with));
    match number.len() {
        3 => begins(&["1"]),
        5 | 6 => begins(&["1", "9"]),
        // Before 12345 the area code of another city.
        8 | 9 => begins(&["0"]) && number.ends_with("12345"),
        10 => begins(&["0", "400", "800"]) && !begins(&["00"]),
        11 => begins(&["0"]) && !begins(&["00"]) || is_mobile(number),
        12 => begins(&["0"]) && !begins(&["00"]),
        _ => false,
    }
}

fn is_mobile(digits: &str) -> bool {
    digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        PlacePhone::read(text, None).map(PlacePhone::into_written)
    }

    #[test]
    fn numbers_of_offices_are_kept_as_they_are_printed() {
        for (written, printed) in [
            ("0513-0000 0201", "0513-0000 0201"),
            ("（０５１３）８１２３４５６７", "(0513)81234567"),
            ("010-62345678", "010-62345678"),
            ("138 1234 5678", "138 1234 5678"),
            ("tel:051381234567", "051381234567"),
            ("400-123-4567", "400-123-4567"),
            ("12345", "12345"),
            ("0513-12345", "0513-12345"),
            ("110", "110"),
            ("95598", "95598"),
            ("+86 513 8123 4567", "+86 513 8123 4567"),
            ("\u{202d}0513-81234567\u{202c}", "0513-81234567"),
        ] {
            assert_eq!(read(written).as_deref(), Some(printed), "{written}");
        }
        let city = AreaCode::read("0513").unwrap();
        let local = PlacePhone::read("8500 1234", Some(&city)).map(PlacePhone::into_written);
        assert_eq!(local.as_deref(), Some("0513-85001234"));
    }

    #[test]
    fn what_cannot_be_dialled_is_no_telephone() {
        for wrong in [
            "51385010101",
            "5.1385E+10",
            "请拨打物业",
            "81234567",
            "0513-81234567、81234568",
            "0513-81234567转8001",
            "13812345678/13912345678",
            "1381234567",
            "",
            "+",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".*|[Tt]el:.*|[0-9+ -]{0,16}") {
            if let Some(phone) = read(&text) {
                prop_assert_eq!(read(&phone), Some(phone.clone()));
            }
        }
    }
}
