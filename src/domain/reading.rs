//! How names of places are read aloud, in Latin letters without tones: character by character,
//! and as a list kept by hand knows better. 乐清 is Yueqing, though its 乐 is usually *le*.

use std::sync::LazyLock;

use pinyin::ToPinyin;

/// The names that are read otherwise than character by character, or have another name in Latin
/// letters: the name or a piece of one, and its syllables or words.
pub static LISTED: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
    include_str!("../../assets/data/readings.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(name, reading)| (name, reading.split(' ').collect()))
        .collect()
});

/// The most usual reading of one character; other signs have none.
pub fn of_character(sign: char) -> Option<&'static str> {
    sign.to_pinyin().map(pinyin::Pinyin::plain)
}

/// Every way to read the name: first character by character, then as the list says. A reading
/// is its syllables; signs without one are left out.
pub fn of_name(name: &str) -> Vec<Vec<&'static str>> {
    let plain =
        |text: &str| -> Vec<&'static str> { text.chars().filter_map(of_character).collect() };
    let mut readings = vec![plain(name)];
    for (piece, reading) in LISTED.iter() {
        if let Some((before, after)) = name.split_once(piece) {
            let whole = [plain(before), reading.clone(), plain(after)].concat();
            if !readings.contains(&whole) {
                readings.push(whole);
            }
        }
    }
    readings.retain(|reading| !reading.is_empty());
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_list_is_not_known_without_it() {
        for (piece, reading) in LISTED.iter() {
            let plain: Vec<_> = piece.chars().filter_map(of_character).collect();
            assert_ne!(&plain, reading, "{piece}");
        }
    }

    #[test]
    fn name_is_read_by_characters_and_by_the_list() {
        for (name, read) in [
            ("南通市", "nan tong shi"),
            ("乐清市", "le qing shi|yue qing shi"),
            ("漯河市", "luo he shi"),
            ("番禺区", "fan yu qu|pan yu qu"),
            ("大埔县", "da pu xian|da bu xian"),
            ("东阿县", "dong a xian|dong e xian"),
            ("铅山县", "qian shan xian|yan shan xian"),
            ("枞阳县", "cong yang xian|zong yang xian"),
            ("朝阳区", "chao yang qu"),
            ("重庆市", "zhong qing shi|chong qing shi"),
            ("Atlantis", ""),
        ] {
            let readings: Vec<String> = of_name(name).iter().map(|read| read.join(" ")).collect();
            assert_eq!(readings.join("|"), read, "{name}");
        }
    }
}
