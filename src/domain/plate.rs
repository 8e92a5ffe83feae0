//! Number plates of vehicles.

use super::person::{Text, TextError};

/// Length of a plate, in characters.
const CHARS_MAX: usize = 12;
/// Signs that stand between letters and digits.
const BETWEEN: &str = " ·•-";

/// Reads a plate: letters, digits and characters. None where nothing is written.
pub fn read(text: &str) -> Result<Option<String>, TextError> {
    let plate = Text::read(text, CHARS_MAX)?;
    let fits = |sign: char| sign.is_alphanumeric() || BETWEEN.contains(sign);
    match plate.chars().all(fits) {
        true => Ok(Some(plate).filter(|plate| !plate.is_empty())),
        false => Err(TextError::Characters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_plate_has_no_other_signs() {
        for (text, right) in [
            ("苏F·A1234", true),
            ("苏F AD12345", true),
            ("粤Z 1234 港", true),
            ("", true),
            ("苏F@@@@", false),
            ("苏F\nA1234", false),
        ] {
            assert_eq!(read(text).is_ok(), right, "{text:?}");
        }
        assert_eq!(read(" ").ok(), Some(None));
    }
}
