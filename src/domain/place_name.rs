//! Names of buildings: which spellings likely name the same one.

use super::plain_text::key;

/// What stands behind the number of a building.
const WORDS: [&str; 6] = ["号楼", "栋", "幢", "号", "楼", "#"];
/// The numerals of names.
const NUMERALS: &str = "零一二三四五六七八九";

/// What is equal for names that people use for one building: 3号楼, 3栋, 三号楼 and 03幢.
pub fn likely_key(name: &str) -> String {
    let name = key(name);
    let bare = WORDS.iter().find_map(|word| name.strip_suffix(word));
    let bare = bare.filter(|bare| !bare.is_empty()).unwrap_or(&name);
    match number(bare) {
        Some(number) => number.to_string(),
        None => bare.to_owned(),
    }
}

/// The number that digits or Chinese numerals below a hundred write.
fn number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let digit = |sign: char| {
        let at = NUMERALS.chars().position(|numeral| numeral == sign)?;
        u32::try_from(at).ok()
    };
    let single = |text: &str, absent: u32| {
        let mut signs = text.chars();
        match (signs.next(), signs.next()) {
            (None, _) => Some(absent),
            (Some(sign), None) => digit(sign),
            _ => None,
        }
    };
    match text.split_once('十') {
        Some((tens, ones)) => Some(single(tens, 1)? * 10 + single(ones, 0)?),
        None if text.is_empty() => None,
        None => single(text, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_building_have_one_key() {
        for same in [
            ["3号楼", "3栋", "三号楼", "03幢", "３ 号", "3#"].as_slice(),
            &["12号楼", "十二幢", "12栋"],
            &["二十号楼", "20栋"],
            &["a栋", "A号楼", "A"],
        ] {
            for name in same {
                assert_eq!(likely_key(name), likely_key(same[0]), "{name}");
            }
        }
    }

    #[test]
    fn names_of_several_buildings_have_several_keys() {
        let names = [
            "3号楼",
            "13号楼",
            "30号楼",
            "3-1号楼",
            "A座",
            "A",
            "号楼",
            "楼",
            "东楼",
            "西楼",
            "十",
            "三三号楼",
        ];
        for (at, name) in names.iter().enumerate() {
            for other in &names[at + 1..] {
                assert_ne!(likely_key(name), likely_key(other), "{name} {other}");
            }
        }
    }
}
