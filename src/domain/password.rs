//! Passwords that people choose: which are too easy to guess.

use std::sync::LazyLock;

use super::area::Area;
use super::plain_text::key;
use super::reading;

/// Length of a password at least, in characters.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Length of a password at most, in characters: hashing a long one would be a way to overload the
/// server.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Signs that a password has besides common parts, at least.
const OWN_CHARS_MIN: usize = 5;
/// Different signs of a password, at least.
const DIFFERENT_MIN: usize = 5;
/// A name that is shorter than this, in Latin letters, stands in passwords by chance.
const NAME_CHARS_MIN: usize = 3;
/// The same in Chinese characters.
const HAN_CHARS_MIN: usize = 2;
/// Ends of names of areas, which people leave out.
const SUFFIXES: [&str; 9] = ["社区", "街道", "网格", "村", "镇", "乡", "县", "区", "市"];

/// Parts of common passwords, the longest first.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let text = include_str!("../../assets/data/common_passwords.txt");
    let mut parts: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("# "))
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts
});

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakPassword {
    /// It is too short or too long.
    Length,
    /// It has nothing besides common parts, or too few different signs.
    Common,
    /// The login or the name of the office is in it.
    OwnName,
}

/// `Ok` where the password is not easy to guess. `names` are those that stand around its owner, as
/// [`names_of`] and the login have them.
pub fn check(password: &str, names: &[String]) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) {
        return Err(WeakPassword::Length);
    }
    let plain = key(password);
    if names.iter().any(|name| holds(&plain, name)) {
        return Err(WeakPassword::OwnName);
    }
    let mut different: Vec<char> = plain.chars().collect();
    different.sort_unstable();
    different.dedup();
    let rest = COMMON
        .iter()
        .fold(plain, |rest, part| rest.replace(part, ""));
    if different.len() < DIFFERENT_MIN || rest.chars().count() < OWN_CHARS_MIN {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

/// The names of an area: Chinese, in pinyin, English, each with and without its kind.
pub fn names_of(area: &Area) -> impl Iterator<Item = String> {
    let chinese = [&area.name, &area.short_name].map(|name| key(name));
    let bare = chinese.clone().map(|name| {
        let end = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
        end.unwrap_or(&name).to_owned()
    });
    let chinese: Vec<String> = chinese.into_iter().chain(bare).collect();
    let readings = chinese.iter().flat_map(|name| reading::of_name(name));
    let pinyin: Vec<String> = readings.map(|reading| reading.concat()).collect();
    let all = chinese.into_iter().chain(pinyin);
    all.chain([key(&area.name_en)])
}

fn holds(plain: &str, name: &str) -> bool {
    let name = key(name);
    let fewest = if name.is_ascii() {
        NAME_CHARS_MIN
    } else {
        HAN_CHARS_MIN
    };
    name.chars().count() >= fewest && plain.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// guarantee: A password that is common, or holds the login or the office's name, is refused
    #[test]
    fn easy_passwords_are_refused() {
        let names = ["lead01".to_owned(), "qiaobei".to_owned(), "桥北".to_owned()];
        for (password, wanted) in [
            ("a-password-of-my-own", Ok(())),
            ("correct horse battery", Ok(())),
            ("跨越长江的大桥一九八零", Ok(())),
            ("short", Err(WeakPassword::Length)),
            ("1234567890", Err(WeakPassword::Common)),
            ("１２３４５６７８９０", Err(WeakPassword::Common)),
            ("password12", Err(WeakPassword::Common)),
            ("PassWord2026", Err(WeakPassword::Common)),
            ("aaaaaaaaaa", Err(WeakPassword::Common)),
            ("ababababab", Err(WeakPassword::Common)),
            ("woaini5201314", Err(WeakPassword::Common)),
            ("wangwei1990", Err(WeakPassword::Common)),
            ("1qaz2wsx3edc", Err(WeakPassword::Common)),
            ("qwertyuiop[]", Err(WeakPassword::Common)),
            ("lead01lead01", Err(WeakPassword::OwnName)),
            ("my-LEAD01-secret-sentence", Err(WeakPassword::OwnName)),
            ("Qiaobei-7q-zvk-3", Err(WeakPassword::OwnName)),
            ("我在桥北工作已经很久了", Err(WeakPassword::OwnName)),
        ] {
            assert_eq!(check(password, &names), wanted, "{password}");
        }
        assert_eq!(check(&"长".repeat(129), &names), Err(WeakPassword::Length));
    }

    #[test]
    fn short_names_stand_in_passwords_by_chance() {
        assert_eq!(check("a-password-of-my-own", &["my".to_owned()]), Ok(()));
        assert_eq!(check("a-password-of-my-own", &[String::new()]), Ok(()));
    }

    #[test]
    fn list_holds_hundreds_of_plain_parts() {
        assert!(COMMON.len() > 300, "{}", COMMON.len());
        let plain = |part: &&str| key(part) == **part && part.len() >= 3;
        assert!(COMMON.iter().all(plain));
    }
}
