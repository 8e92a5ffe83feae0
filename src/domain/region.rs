//! Regions: where people come from and go to, found in their own words.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// Places of one name that are offered at most.
const SEVERAL_MAX: usize = 12;
/// Length of a text that is looked at, in characters.
const LOOKED_AT_CHARS_MAX: usize = 40;
/// What a name may end in without people saying it; longest first.
const SUFFIXES: [&str; 40] = [
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "特别行政区",
    "土家族苗族自治州",
    "布依族苗族自治州",
    "苗族侗族自治州",
    "藏族羌族自治州",
    "哈尼族彝族自治州",
    "壮族苗族自治州",
    "傣族景颇族自治州",
    "蒙古族藏族自治州",
    "柯尔克孜自治州",
    "朝鲜族自治州",
    "傈僳族自治州",
    "西双版纳傣族自治州",
    "傣族自治州",
    "白族自治州",
    "彝族自治州",
    "藏族自治州",
    "回族自治州",
    "哈萨克自治州",
    "蒙古自治州",
    "蒙古族自治县",
    "土家族自治县",
    "满族自治县",
    "回族自治县",
    "苗族自治县",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "林区",
    "新区",
    "盟",
    "省",
    "市",
    "县",
    "旗",
];

/// Our number of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionId(pub i32);

/// How high a region stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Another country.
    Country,
    /// 省级
    Province,
    /// 地级
    City,
    /// 县级
    County,
}

impl Level {
    /// The word that stands in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
        }
    }

    /// The level that a stored word stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Country, Self::Province, Self::City, Self::County]
            .into_iter()
            .find(|level| level.code() == code)
    }
}

/// A division of the country, or another country.
#[derive(Clone, Debug)]
pub struct Region {
    /// Our number.
    pub id: RegionId,
    /// Six digits of GB/T 2260, or the letters of a country.
    pub code: String,
    /// How high it stands.
    pub level: Level,
    /// Its own name.
    pub name: String,
    /// Its name with those above it.
    pub full_name: String,
    /// The region above.
    pub parent: Option<RegionId>,
}

/// What somebody's words mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Exactly this region.
    One(RegionId),
    /// One of these.
    Several(Vec<RegionId>),
    /// Nothing that we know.
    Unknown,
}

/// All regions, and every name that people have for them.
#[derive(Clone, Debug, Default)]
pub struct Gazetteer {
    regions: HashMap<RegionId, Region>,
    names: HashMap<String, Vec<RegionId>>,
    name_chars_max: usize,
}

impl Gazetteer {
    /// A gazetteer of these regions, in any order.
    pub fn new(regions: Vec<Region>) -> Self {
        let mut gazetteer = Self::default();
        for region in &regions {
            for name in names_of(&region.name) {
                let chars = name.chars().count();
                gazetteer.name_chars_max = gazetteer.name_chars_max.max(chars);
                gazetteer.names.entry(name).or_default().push(region.id);
            }
        }
        gazetteer.regions = regions
            .into_iter()
            .map(|region| (region.id, region))
            .collect();
        gazetteer
    }

    /// The region with this number.
    pub fn get(&self, id: RegionId) -> Option<&Region> {
        self.regions.get(&id)
    }

    /// What the words mean: names from the highest region down, with or without 省, 市, 县, and
    /// whatever street follows. Where a name stands for a region and one within it, as 上海 does,
    /// the higher is meant.
    pub fn read(&self, text: &str) -> Reading {
        let signs: Vec<char> = text
            .nfkc()
            .filter(|sign| sign.is_alphanumeric())
            .take(LOOKED_AT_CHARS_MAX)
            .collect();
        let mut found = self.front(&signs, None);
        let Some((mut used, _)) = found.first().copied() else {
            return Reading::Unknown;
        };
        // Every further name at the front narrows what was found before.
        while used < signs.len() {
            let within: Vec<RegionId> = found.iter().map(|(_, id)| *id).collect();
            let deeper = self.front(&signs[used..], Some(&within));
            let Some((more, _)) = deeper.first().copied() else {
                break;
            };
            used += more;
            found = deeper;
        }
        self.settle(found.into_iter().map(|(_, id)| id).collect())
    }

    /// The regions whose name stands at the front, by the longest name, within `above` if given.
    fn front(&self, signs: &[char], above: Option<&[RegionId]>) -> Vec<(usize, RegionId)> {
        let longest = signs.len().min(self.name_chars_max);
        for length in (2..=longest).rev() {
            let name: String = signs[..length].iter().collect();
            let ids = self.names.get(&name).into_iter().flatten();
            let fitting: Vec<_> = ids
                .filter(|id| above.is_none_or(|above| self.lies_within(**id, above)))
                .map(|id| (length, *id))
                .collect();
            if !fitting.is_empty() {
                return fitting;
            }
        }
        Vec::new()
    }

    fn lies_within(&self, id: RegionId, above: &[RegionId]) -> bool {
        let parent = |id: &RegionId| self.get(*id).and_then(|region| region.parent);
        std::iter::successors(parent(&id), parent)
            .take(4)
            .any(|up| above.contains(&up))
    }

    fn is_province(&self, id: RegionId) -> bool {
        self.get(id)
            .is_some_and(|region| region.level == Level::Province)
    }

    /// Leaves out what lies within another one of the found.
    fn settle(&self, mut found: Vec<RegionId>) -> Reading {
        found.sort_unstable();
        found.dedup();
        let mut left: Vec<RegionId> = found
            .iter()
            .copied()
            .filter(|id| !self.lies_within(*id, &found))
            .collect();
        left.sort_by_key(|id| {
            self.get(*id)
                .map(|region| (region.level, region.code.clone()))
        });
        left.truncate(SEVERAL_MAX);
        match left.as_slice() {
            [] => Reading::Unknown,
            [one] => Reading::One(*one),
            // 河北 is the province to everybody but a few streets in Tianjin.
            [one, other, ..] if self.is_province(*one) && !self.is_province(*other) => {
                Reading::One(*one)
            }
            _ => Reading::Several(left),
        }
    }
}

/// The name, and the name without its suffix where two characters of it are left.
fn names_of(name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    let short = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    let bare = short.or_else(|| name.strip_suffix('区'));
    if let Some(bare) = bare.filter(|bare| bare.chars().count() >= 2) {
        names.push(bare.to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHINA: &str = include_str!("../../assets/data/cn_province_city_county.csv");

    fn china() -> Gazetteer {
        let mut regions: Vec<Region> = Vec::new();
        let mut known: HashMap<(String, String), RegionId> = HashMap::new();
        for (at, line) in CHINA.lines().skip(1).enumerate() {
            let columns: Vec<&str> = line.split(',').collect();
            let &[code, level, name, city, province] = columns.as_slice() else {
                panic!("{line}");
            };
            let id = RegionId(i32::try_from(at).unwrap());
            let (level, parent) = match level {
                "1" => (Level::Province, None),
                "2" => (Level::City, known.get(&(String::new(), province.into()))),
                _ => {
                    let city = known.get(&(province.into(), city.into()));
                    (
                        Level::County,
                        city.or_else(|| known.get(&(String::new(), province.into()))),
                    )
                }
            };
            let above = if level == Level::Province {
                String::new()
            } else {
                province.into()
            };
            let parent = parent.copied();
            known.entry((above, name.into())).or_insert(id);
            let full_name = name.into();
            regions.push(Region {
                id,
                code: code.into(),
                level,
                name: name.into(),
                full_name,
                parent,
            });
        }
        Gazetteer::new(regions)
    }

    #[test]
    fn regions_are_found_in_peoples_own_words() {
        let china = china();
        for (words, code) in [
            ("江苏省南通市崇川区", "320613"),
            ("江苏 南通", "320600"),
            ("上海", "310000"),
            ("上海市浦东新区张江镇某路1号", "310115"),
            ("北京朝阳", "110105"),
            ("吉林省吉林市", "220200"),
            ("新疆", "650000"),
            ("内蒙古自治区", "150000"),
            ("南通崇川", "320613"),
            ("河北", "130000"),
            ("河南", "410000"),
            ("海南", "460000"),
        ] {
            let Reading::One(id) = china.read(words) else {
                panic!("{words}: {:?}", china.read(words));
            };
            assert_eq!(china.get(id).unwrap().code, code, "{words}");
        }
    }

    #[test]
    fn a_name_of_several_places_is_several() {
        let china = china();
        for words in ["鼓楼区", "朝阳", "城关"] {
            let Reading::Several(found) = china.read(words) else {
                panic!("{words}");
            };
            assert!((2..=SEVERAL_MAX).contains(&found.len()), "{words}");
        }
        for words in ["", "区", "某地", "Atlantis"] {
            assert_eq!(china.read(words), Reading::Unknown, "{words}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".*|[江苏省南通市崇川区]{0,20}") {
            static CHINA: std::sync::LazyLock<Gazetteer> = std::sync::LazyLock::new(china);
            let _ = CHINA.read(&text);
        }
    }
}
