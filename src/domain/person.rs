//! People as they write themselves: names, rooms and notes. Nothing here prints itself unmasked.

use std::fmt;

use unicode_normalization::char::is_combining_mark;

pub use super::identity::{Passport, ResidentId, ResidentIdError};
pub use super::phone::{AreaCode, Phone, PhoneError};
use super::plain_text::{plain, visible};

/// Length of a name at most, in characters.
pub const NAME_CHARS_MAX: usize = 40;
/// Length of a room at most, in characters.
pub const ROOM_CHARS_MAX: usize = 16;

/// The name of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Nothing was said.
    Missing,
    /// More than [`NAME_CHARS_MAX`].
    TooLong,
    /// A sign that no name has.
    Characters,
}

impl Name {
    /// Reads a name in any script, rare characters beyond U+FFFF included. It begins with a letter,
    /// so no spreadsheet takes it for a formula.
    pub fn read(text: &str) -> Result<Self, NameError> {
        let name = squeezed(text, NAME_CHARS_MAX);
        if name.is_empty() {
            return Err(NameError::Missing);
        }
        if name.chars().count() > NAME_CHARS_MAX {
            return Err(NameError::TooLong);
        }
        let fits =
            |sign: char| sign.is_alphabetic() || is_combining_mark(sign) || " ·.'’-".contains(sign);
        let begins = name.trim_start_matches(['\'', '’']).chars().next();
        if !name.chars().all(fits) || !begins.is_some_and(char::is_alphabetic) {
            return Err(NameError::Characters);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as colleagues may see it: `张*`, `王*明`, `J*** S***`.
    pub fn masked(&self) -> String {
        mask_name(&self.0)
    }
}

/// Masks any name, also one that was stored by another version. Chinese, Japanese and Korean
/// names keep their ends, all others the initial of each word.
pub fn mask_name(name: &str) -> String {
    if !name.chars().any(is_east_asian) {
        let word = |word: &str| {
            let initial: String = word.chars().take(1).collect();
            initial + "***"
        };
        return name
            .split_whitespace()
            .map(word)
            .collect::<Vec<_>>()
            .join(" ");
    }
    // A blank between two characters is for the eye: 张　三 has no middle to hide.
    let signs: Vec<char> = name.chars().filter(|sign| !sign.is_whitespace()).collect();
    match signs.as_slice() {
        [] => String::new(),
        [_] => "*".into(),
        [first, _] => format!("{first}*"),
        [first, middle @ .., last] => format!("{first}{}{last}", "*".repeat(middle.len())),
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// The room of a household.
#[derive(Clone, PartialEq, Eq)]
pub struct Room(String);

/// Why a text is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomError {
    /// Nothing was said.
    Missing,
    /// More than [`ROOM_CHARS_MAX`].
    TooLong,
    /// A sign that no door has.
    Characters,
}

impl Room {
    /// Reads a room: `1203`, `12-03`, `3号楼1203室`, `A#2`.
    pub fn read(text: &str) -> Result<Self, RoomError> {
        let room = squeezed(text, ROOM_CHARS_MAX);
        if room.is_empty() {
            return Err(RoomError::Missing);
        }
        if room.chars().count() > ROOM_CHARS_MAX {
            return Err(RoomError::TooLong);
        }
        let shown = |sign: char| sign.is_alphabetic() || sign.is_numeric();
        if !room.chars().all(|sign| shown(sign) || " -#".contains(sign)) || !room.chars().any(shown)
        {
            return Err(RoomError::Characters);
        }
        Ok(Self(room))
    }

    /// The room.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Reads free text.
#[derive(Clone, Copy, Debug)]
pub struct Text;

/// Why a free text cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// More than fits.
    TooLong,
    /// U+0000, which no person writes and not every database stores.
    Characters,
}

impl Text {
    /// The text without signs that a reader cannot see and without blanks at its ends. Staff paste
    /// from other programs; an invisible sign must neither be stored nor refused.
    pub fn visible(text: &str) -> String {
        visible(text).replace('\0', "").trim().to_owned()
    }

    /// The visible text without blanks at its ends and with plain line ends; it may be empty.
    pub fn read(text: &str, chars_max: usize) -> Result<String, TextError> {
        let text = visible(text).trim().to_owned();
        if text.chars().take(chars_max + 1).count() > chars_max {
            return Err(TextError::TooLong);
        }
        if text.contains('\0') {
            return Err(TextError::Characters);
        }
        Ok(text)
    }
}

/// The plain text with single blanks, a line end among them; stops one past `chars_max`.
fn squeezed(text: &str, chars_max: usize) -> String {
    let mut squeezed = String::new();
    let mut chars = 0;
    for sign in plain(text) {
        let blank = sign.is_whitespace();
        if blank && (squeezed.is_empty() || squeezed.ends_with(' ')) {
            continue;
        }
        if chars > chars_max {
            break;
        }
        squeezed.push(if blank { ' ' } else { sign });
        chars += 1;
    }
    squeezed.trim().to_owned()
}

/// Scripts whose names are written without blanks: Han, kana and Hangul.
fn is_east_asian(sign: char) -> bool {
    matches!(sign, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::plain_text::tests::UNSEEN;

    #[test]
    fn names_of_every_script_are_taken_and_masked() {
        for (written, masked) in [
            ("张伟", "张*"),
            ("王小明", "王*明"),
            ("  欧阳　　静怡 ", "欧**怡"),
            ("阿卜杜拉·买买提", "阿******提"),
            ("𠮷田", "𠮷*"),
            ("John Smith", "J*** S***"),
            ("O'Neil-Ray", "O***"),
            ("José Müller", "J*** M***"),
            ("Nguyễn Văn An", "N*** V*** A***"),
            ("नरेन्द्र", "न***"),
            ("'t Hooft", "'*** H***"),
            ("张　三", "张*"),
            ("王\u{3000}小 明", "王*明"),
            ("김민수", "김*수"),
        ] {
            let name = Name::read(written).unwrap();
            assert_eq!(name.masked(), masked);
            assert_eq!(format!("{name:?}"), masked);
        }
    }

    #[test]
    fn what_is_no_name_is_said_to_be_none() {
        for (written, error) in [
            ("", NameError::Missing),
            (" \u{3000} ", NameError::Missing),
            ("12345", NameError::Characters),
            ("=cmd", NameError::Characters),
            ("<b>", NameError::Characters),
            ("张\u{0}", NameError::Characters),
            ("···", NameError::Characters),
            ("-cmd", NameError::Characters),
            ("\u{3164}", NameError::Missing),
        ] {
            assert_eq!(Name::read(written), Err(error), "{written:?}");
        }
        assert_eq!(Name::read(&"张".repeat(41)), Err(NameError::TooLong));
        assert!(Name::read(&"张".repeat(40)).is_ok());
    }

    #[test]
    fn rooms_are_read_as_doors_show_them() {
        for room in ["1203", "12-03", "3号楼1203室", "A#2", "１２０３"] {
            assert!(Room::read(room).is_ok(), "{room}");
        }
        assert_eq!(Room::read("１２０３").unwrap().as_str(), "1203");
        assert_eq!(Room::read(" "), Err(RoomError::Missing));
        assert_eq!(Room::read("12—03").unwrap().as_str(), "12-03");
        assert_eq!(Room::read("12;03"), Err(RoomError::Characters));
        assert_eq!(Room::read("\u{3164}"), Err(RoomError::Missing));
        assert_eq!(Room::read(&"1".repeat(17)), Err(RoomError::TooLong));
    }

    #[test]
    fn notes_keep_their_lines_and_lose_nothing_hidden() {
        assert_eq!(Text::visible(" a\r\nb\u{202e}\0\u{200b} "), "a\nb");
        assert_eq!(Text::read(" a\r\nb ", 10), Ok("a\nb".into()));
        assert_eq!(Text::read("", 10), Ok(String::new()));
        assert_eq!(Text::read("\u{202e}abc", 10), Ok("abc".into()));
        assert_eq!(Text::read("a\u{7}b", 10), Ok("ab".into()));
        assert_eq!(Text::read("a\0b", 10), Err(TextError::Characters));
        assert_eq!(Text::read(&"字".repeat(11), 10), Err(TextError::TooLong));
    }

    /// guarantee: Invisible characters never make an answer wrong
    #[test]
    fn unseen_signs_change_no_name_room_or_note() {
        for unseen in UNSEEN {
            let around = |text: &str| {
                let (first, rest) = text.split_at(text.chars().next().unwrap().len_utf8());
                format!("{unseen}{first}{unseen}{rest}{unseen}")
            };
            assert_eq!(Name::read(&around("王示例")).unwrap().as_str(), "王示例");
            assert_eq!(Room::read(&around("1203室")).unwrap().as_str(), "1203室");
            assert_eq!(Text::read(&around("苏F12345"), 9), Ok("苏F12345".into()));
        }
        for name in ["阿卜杜拉•买买提", "阿卜杜拉・买买提", "阿卜杜拉‧买买提"]
        {
            assert_eq!(Name::read(name).unwrap().as_str(), "阿卜杜拉·买买提");
        }
        assert_eq!(Name::read("\u{e863}示例").unwrap().as_str(), "䶮示例");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(text in "\\PC*|.*") {
            let _ = (Name::read(&text), Room::read(&text), Text::read(&text, 9), mask_name(&text));
        }
    }
}
