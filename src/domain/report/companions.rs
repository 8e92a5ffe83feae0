//! Who comes along on one report: how many, and their names.

use super::Mistake;
use crate::domain::person::{NAME_CHARS_MAX, Name};
use crate::domain::plain_text::dense;

/// How many people may come along on one report.
pub const COMPANIONS_MAX: u16 = 20;

/// Signs of a number of people that are looked at, so that an endless text costs nothing.
const COUNT_CHARS_MAX: usize = 20;
/// Length of all names, in characters.
const NAMES_CHARS_MAX: usize = COMPANIONS_MAX as usize * (NAME_CHARS_MAX + 1);

/// How many come along; none where nothing was said.
pub(super) fn count(word: &str) -> Result<Option<u16>, Mistake> {
    let word = dense(word, COUNT_CHARS_MAX);
    if word.is_empty() {
        return Ok(None);
    }
    match word.parse::<u16>() {
        Ok(count) if count <= COMPANIONS_MAX => Ok(Some(count)),
        Ok(_) => Err(Mistake::OutOfRange),
        Err(_) => Err(Mistake::Malformed),
    }
}

/// The names of those who come along, parted as people part them: 赵示例、钱示例. Not all have to be
/// named, but no more than come along.
pub(super) fn names(text: &str, count: Option<u16>) -> Result<Vec<Name>, Mistake> {
    if text.chars().take(NAMES_CHARS_MAX + 1).count() > NAMES_CHARS_MAX {
        return Err(Mistake::TooLong);
    }
    let mut names = Vec::new();
    for part in text.split(parts) {
        match Name::read(part).map_err(Mistake::from) {
            Ok(name) => names.push(name),
            Err(Mistake::Missing) => {}
            Err(mistake) => return Err(mistake),
        }
    }
    if names.len() > usize::from(count.unwrap_or(COMPANIONS_MAX)) {
        return Err(Mistake::OutOfRange);
    }
    Ok(names)
}

/// Whether the sign stands between two names. A blank stands within one: Anna Example.
fn parts(sign: char) -> bool {
    "、，,;；/／\n\r\u{2028}\u{2029}".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, count: Option<u16>) -> Result<Vec<String>, Mistake> {
        let names = names(text, count)?;
        Ok(names.iter().map(|name| name.as_str().to_owned()).collect())
    }

    #[test]
    fn names_of_companions_are_parted_as_people_part_them() {
        for text in [
            "赵示例、Anna Example",
            "赵示例，Anna Example",
            "赵示例; Anna Example;",
            " 赵示例 / Anna  Example ",
            "赵示例\r\n\r\nAnna Example\n",
        ] {
            let expected = ["赵示例".to_owned(), "Anna Example".to_owned()];
            assert_eq!(named(text, Some(2)), Ok(expected.into()), "{text:?}");
        }
        assert_eq!(named(" 、", Some(0)), Ok(Vec::new()));
    }

    #[test]
    fn companions_may_be_unnamed_and_not_more_than_counted() {
        let two = "赵示例、钱示例";
        for (count, fits) in [
            (Some(3), true),
            (None, true),
            (Some(1), false),
            (Some(0), false),
        ] {
            let read = named(two, count);
            assert_eq!(read.is_ok(), fits, "{count:?}");
            assert!(fits || read == Err(Mistake::OutOfRange));
        }
        let crowd = "赵示例、".repeat(usize::from(COMPANIONS_MAX) + 1);
        assert_eq!(named(&crowd, None), Err(Mistake::OutOfRange));
        assert_eq!(named("=1+1", None), Err(Mistake::Characters));
        assert_eq!(
            named(&"赵".repeat(NAME_CHARS_MAX + 1), None),
            Err(Mistake::TooLong)
        );
        assert_eq!(
            named(&"、".repeat(NAMES_CHARS_MAX + 1), None),
            Err(Mistake::TooLong)
        );
    }
}
