//! What a person types to find a door: a part of the building's name, a room, or the last four
//! digits of a telephone.

use super::place::{Building, Estate};
use super::place_name::likely_key;
use super::plain_text::plain;

/// Digits at the end of a telephone that can be searched for.
const LAST_DIGITS: usize = 4;
/// The longest room that is searched for, in characters.
const ROOM_CHARS_MAX: usize = 8;

/// What ends the name of a building.
const BUILDINGS: [&str; 5] = ["号楼", "栋", "幢", "楼", "#"];
/// What ends the name of a unit, which is passed over.
const UNIT: &str = "单元";

/// A door that a person searches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoughtDoor {
    /// Parts of the names of estate and building.
    pub names: Vec<String>,
    /// A room, or the last four digits of a telephone.
    pub number: Option<String>,
}

impl SoughtDoor {
    /// Reads the text; none if it names neither a building nor a room. The unit is passed over.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = plain(text).collect::<String>().to_lowercase();
        let mut sought = Self::default();
        for word in words(&text) {
            match room(&word) {
                Some(number) if sought.number.is_none() => sought.number = Some(number),
                _ => sought.names.push(word),
            }
        }
        (sought != Self::default()).then_some(sought)
    }

    /// Whether each part stands in the names of this building, or likely is another spelling of its
    /// own name. *1号楼* does not stand in *11号楼*; *二栋* is 2号楼.
    pub fn names(&self, estate: &Estate, building: &Building) -> bool {
        let names = [
            &estate.name,
            &building.name,
            &estate.name_en,
            &building.name_en,
        ];
        let names = names
            .map(|name| name.to_lowercase().replace(' ', ""))
            .join(" ");
        let own = likely_key(&building.name);
        let is_building = |part: &str| BUILDINGS.iter().any(|word| part.ends_with(word));
        self.names.iter().all(|part| {
            (is_building(part) && likely_key(part) == own)
                || names.match_indices(part.as_str()).any(|(at, _)| {
                    let before = names[..at].chars().next_back();
                    !(part.starts_with(|sign: char| sign.is_ascii_digit())
                        && before.is_some_and(|sign| sign.is_ascii_digit()))
                })
        })
    }

    /// Whether this room or this telephone is the one that the person searches for.
    pub fn is_at(&self, room_said: &str, phone: &str) -> bool {
        let Some(number) = &self.number else {
            return true;
        };
        let said = plain(room_said).collect::<String>().to_lowercase();
        let is_room = said == *number || room(&said).is_some_and(|said| said == *number);
        let is_phone = number.len() == LAST_DIGITS
            && number.bytes().all(|digit| digit.is_ascii_digit())
            && phone.ends_with(number.as_str());
        is_room || is_phone
    }
}

/// The parts of a text, with or without blanks between them: *桥北花园3号楼2单元1002* is an estate, a
/// building and a room. Units are passed over.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let mut part = String::new();
        let mut signs = word.chars().peekable();
        while let Some(sign) = signs.next() {
            part.push(sign);
            let next = signs.peek().is_none_or(char::is_ascii_digit);
            let ends = BUILDINGS.iter().any(|end| part.ends_with(end)) || part.ends_with(UNIT);
            // 桥北花园3号楼: a number behind a name begins another part.
            if next && (ends || !sign.is_ascii()) {
                words.push(std::mem::take(&mut part));
            }
        }
        words.extend(Some(part).filter(|part| !part.is_empty()));
    }
    joined(words)
}

/// The parts with a number and the word behind it made one: 3 号楼 is 3号楼.
fn joined(words: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words {
        let bare = word == UNIT || BUILDINGS.contains(&word.as_str());
        let number = all
            .last_mut()
            .filter(|last| bare && last.ends_with(|sign: char| sign.is_ascii_digit()));
        match number {
            Some(number) => number.push_str(&word),
            None => all.push(word),
        }
    }
    all.retain(|word| !word.ends_with(UNIT));
    all
}

/// The room that the word is: it begins with a digit and names no building.
fn room(word: &str) -> Option<String> {
    let word = word.strip_suffix('室').unwrap_or(word);
    let signs = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
    let is_room = word.starts_with(|sign: char| sign.is_ascii_digit())
        && word.chars().all(signs)
        && word.len() <= ROOM_CHARS_MAX;
    is_room.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::area::AreaId;
    use crate::domain::place::{BuildingId, EstateId};

    fn place(building: &str) -> (Estate, Building) {
        let estate = Estate {
            id: EstateId(1),
            name: "桥北花园".into(),
            name_en: "Qiaobei Garden".into(),
        };
        let building = Building {
            id: BuildingId(1),
            estate: EstateId(1),
            area: AreaId(1),
            name: building.into(),
            name_en: String::new(),
            units: Vec::new(),
            position: None,
        };
        (estate, building)
    }

    #[test]
    fn a_door_is_read_from_words_in_any_order() {
        let read = |text| SoughtDoor::read(text).unwrap();
        let whole = read("桥北花园 1号楼 2单元 1203室");
        assert_eq!(whole.names, ["桥北花园", "1号楼"]);
        assert_eq!(whole.number.as_deref(), Some("1203"));
        assert_eq!(read("１２０３ 桥北花园 1号楼"), whole, "full-width digits");
        assert_eq!(SoughtDoor::read("  "), None);
        let (estate, first) = place("1号楼");
        let (_, eleventh) = place("11号楼");
        assert!(whole.names(&estate, &first));
        assert!(!whole.names(&estate, &eleventh), "1号楼 is not 11号楼");
        assert!(read("qiaobei 11号楼").names(&estate, &eleventh));
    }

    #[test]
    fn every_word_of_a_search_counts_in_any_order() {
        let read = |text| SoughtDoor::read(text).unwrap();
        let (estate, first) = place("1号楼");
        for found in [
            "1号楼 桥北",
            "花园 1号楼",
            "garden 1号楼",
            "1号楼 qiaobei 1203",
        ] {
            assert!(read(found).names(&estate, &first), "{found}");
        }
        for other in ["1号楼 桥南", "桥北 2号楼", "花园 garden 南", "园花 1号楼"] {
            assert!(!read(other).names(&estate, &first), "{other}");
        }
        // The first room is the room; a second one is a part of a name.
        let two = read("1203 桥北 1号楼 88");
        assert_eq!(two.number.as_deref(), Some("1203"));
        assert!(!two.names(&estate, &first), "no name has 88");
    }

    #[test]
    fn door_is_read_without_blanks_and_in_other_spellings() {
        let (estate, third) = place("3号楼");
        for text in [
            "3号楼1002",
            "桥北花园3号楼1002",
            "桥北花园 3号楼2单元1002室",
            "3 号楼 1002",
            "三号楼 1002",
            "3栋1002",
            "3#1002",
            "3幢2单元 1002",
        ] {
            let sought = SoughtDoor::read(text).unwrap();
            assert!(sought.names(&estate, &third), "{text}: {sought:?}");
            assert_eq!(sought.number.as_deref(), Some("1002"), "{text}");
        }
        for other in ["13号楼1002", "二栋1002", "桥南3号楼"] {
            let sought = SoughtDoor::read(other).unwrap();
            assert!(!sought.names(&estate, &third), "{other}");
        }
    }

    #[test]
    fn number_is_a_room_or_the_telephones_end() {
        let read = |text| SoughtDoor::read(text).unwrap();
        assert!(read("1203").is_at("1203室", "13800000000"));
        assert!(read("8888").is_at("1203", "+8613800008888"));
        assert!(!read("888").is_at("1203", "+8613800008888"), "four digits");
        assert!(!read("1203").is_at("203", "13800000000"));
    }
}
