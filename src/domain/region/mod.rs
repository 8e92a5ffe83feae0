//! Regions: where people come from and go to, found in their own words.

use std::collections::HashMap;

use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::coded::coded;
use super::plain_text;

mod latin;

/// Places of one name that are offered at most.
const SEVERAL_MAX: usize = 12;
/// Length of a text that is looked at, in characters.
const LOOKED_AT_CHARS_MAX: usize = 40;
/// What a name may end in without people saying it; of two that end alike the longer stands first.
const SUFFIXES: [&str; 10] = [
    "特别行政区",
    "地区",
    "林区",
    "新区",
    "盟",
    "省",
    "市",
    "区",
    "县",
    "旗",
];
/// What a self-governing place ends in; people say 州, 县 or 旗 instead, or nothing.
const AUTONOMIES: [&str; 4] = ["自治区", "自治州", "自治县", "自治旗"];
/// Whose self-government it is, which stands before that and is left out too.
const PEOPLES: &str = "蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 \
    白族 土家族 哈尼族 哈萨克族 哈萨克 傣族 黎族 傈僳族 佤族 畲族 拉祜族 水族 东乡族 景颇族 柯尔克孜 \
    土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯 塔吉克 怒族 保安族 裕固族 独龙族 普米族 \
    纳西族 各族";
/// Rows of the official list that are no places but headings.
const HEADINGS: [&str; 4] = [
    "市辖区",
    "县",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
];

/// Our number of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionId(pub i32);

/// How high a region stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "snake_case")]
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

coded!(Level);

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
    /// Its name in English, where that is not how the name is read.
    pub english: Option<String>,
}

/// What a resident's words mean.
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
    spelled: latin::Spellings,
    fingerprint: u64,
}

impl Gazetteer {
    /// A gazetteer of these regions, in any order.
    pub fn new(regions: Vec<Region>) -> Self {
        let mut gazetteer = Self {
            spelled: latin::Spellings::of(&regions),
            ..Self::default()
        };
        for region in &regions {
            for name in names_of(&region.name) {
                let name: String = name.chars().filter(|sign| sign.is_alphanumeric()).collect();
                let chars = name.chars().count();
                gazetteer.name_chars_max = gazetteer.name_chars_max.max(chars);
                gazetteer.names.entry(name).or_default().push(region.id);
            }
        }
        gazetteer.regions = regions
            .into_iter()
            .map(|region| (region.id, region))
            .collect();
        gazetteer.fingerprint = fingerprint_of(&gazetteer.outline());
        gazetteer
    }

    /// The region with this number.
    pub fn get(&self, id: RegionId) -> Option<&Region> {
        self.regions.get(&id)
    }

    /// The same number for the same names in the same order, and another one for others.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// What the words mean: names from the highest region down, with or without 省, 市, 县, and
    /// whatever follows. Where a name stands for a region and one within it, as 上海 does, the
    /// higher is meant. 南京路 is a street and says nothing about where a resident comes from.
    /// Words in Latin letters are read as pinyin or English: *Nantong, Jiangsu*.
    pub fn read(&self, text: &str) -> Reading {
        let text = plain_text::visible(text);
        if latin::is_latin(&text) {
            return self.settle(self.read_latin(&text));
        }
        let plain: String = plain_text::plain(&text)
            .filter(|sign| sign.is_alphanumeric())
            .take(LOOKED_AT_CHARS_MAX)
            .collect();
        if let Some(id) = self.of_code(&plain) {
            return Reading::One(id);
        }
        let home = ["中华人民共和国", "中国"]
            .iter()
            .find_map(|home| plain.strip_prefix(home));
        let signs: Vec<char> = home.unwrap_or(&plain).chars().collect();
        let (_, found) = self.walk(&signs, None);
        self.settle(found)
    }

    /// The region with this code of GB/T 2260, as people copy it from their papers.
    fn of_code(&self, code: &str) -> Option<RegionId> {
        if code.len() != 6 || !code.bytes().all(|sign| sign.is_ascii_digit()) {
            return None;
        }
        let mut regions = self.regions.values();
        regions
            .find(|region| region.code == code && !is_heading(&region.name))
            .map(|region| region.id)
    }

    /// How many signs at the front are names, each within the one before, and what the last one
    /// stands for. The reading that uses most signs is right: 乐山市中区 is 市中区 of 乐山.
    fn walk(&self, signs: &[char], above: Option<&[RegionId]>) -> (usize, Vec<RegionId>) {
        let mut best = (0, Vec::new());
        // Ends soon: each step goes down a level.
        for length in (2..=signs.len().min(self.name_chars_max)).rev() {
            let name: String = signs[..length].iter().collect();
            let ids = self.names.get(&name).into_iter().flatten().copied();
            let mut found: Vec<RegionId> = ids
                .filter(|id| above.is_none_or(|above| self.lies_within(*id, above)))
                .collect();
            if found.is_empty() {
                continue;
            }
            let (more, deeper) = self.walk(&signs[length..], Some(&found));
            if more > 0 {
                found = deeper;
            } else if is_street(&signs[length..]) {
                found.retain(|id| self.get(*id).is_some_and(|region| region.name == name));
            }
            if length + more > best.0 && !found.is_empty() {
                best = (length + more, found);
            }
        }
        best
    }

    /// All places, each after the one above it, with how many stand above: for a list to
    /// choose from. Headings of the statistics are left out.
    pub fn outline(&self) -> Vec<(usize, &Region)> {
        let mut children: HashMap<Option<RegionId>, Vec<&Region>> = HashMap::new();
        for region in self.regions.values() {
            let above = std::iter::successors(region.parent, |id| self.get(*id)?.parent)
                .find(|id| self.get(*id).is_some_and(|up| !is_heading(&up.name)));
            children.entry(above).or_default().push(region);
        }
        for beside in children.values_mut() {
            // Countries after the divisions of the country.
            beside.sort_by_key(|region| (region.level == Level::Country, &region.code));
        }
        let mut outline = Vec::with_capacity(self.regions.len());
        let mut waiting: Vec<(usize, &Region)> = Vec::new();
        let below = |id| children.get(&id).into_iter().flatten().rev().copied();
        waiting.extend(below(None).map(|region| (0, region)));
        while let Some((depth, region)) = waiting.pop() {
            if !is_heading(&region.name) {
                outline.push((depth, region));
                waiting.extend(below(Some(region.id)).map(|region| (depth + 1, region)));
            }
        }
        outline
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
            // 河北 is the province to all but a few streets in Tianjin.
            [one, other, ..] if self.is_province(*one) && !self.is_province(*other) => {
                Reading::One(*one)
            }
            _ => Reading::Several(left),
        }
    }
}

/// Whether a name goes on as a street, a village or a town does: 南京东路, 中山一路, 朝阳镇.
fn is_street(rest: &[char]) -> bool {
    let detail = |sign: &&char| "东西南北中大一二三四五六七八九十".contains(**sign);
    let details = rest.iter().take(2).take_while(detail).count();
    rest.get(details)
        .is_some_and(|sign| "路街道巷弄村镇乡".contains(*sign))
}

/// FNV-1a over depths and names.
fn fingerprint_of(outline: &[(usize, &Region)]) -> u64 {
    let text = outline.iter().flat_map(|(depth, region)| {
        let english = region.english.as_deref().unwrap_or_default();
        let depth = u8::try_from(*depth).unwrap_or(u8::MAX);
        std::iter::once(depth)
            .chain(region.name.bytes())
            .chain(english.bytes())
    });
    text.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn is_heading(name: &str) -> bool {
    HEADINGS.contains(&name)
}

/// The name, and what people call it where two characters of that are left.
fn names_of(name: &str) -> Vec<String> {
    if is_heading(name) {
        return Vec::new();
    }
    let mut names = vec![name.to_owned()];
    let autonomy = AUTONOMIES.iter().find_map(|end| name.strip_suffix(end));
    if let Some(base) = autonomy {
        let bare = without_peoples(base);
        names.extend([base.to_owned(), bare.to_owned()]);
        names.extend(name.chars().last().map(|level| format!("{bare}{level}")));
    } else if let Some(bare) = SUFFIXES.iter().find_map(|end| name.strip_suffix(end)) {
        names.push(bare.to_owned());
    }
    names.retain(|name| name.chars().count() >= 2);
    names.sort_unstable();
    names.dedup();
    names
}

/// 三江侗族 → 三江; a people that is all of the name stays, without 族.
fn without_peoples(name: &str) -> &str {
    let shorter = PEOPLES
        .split_whitespace()
        .filter_map(|people| name.strip_suffix(people))
        .find(|rest| rest.chars().count() >= 2);
    match shorter {
        Some(rest) => without_peoples(rest),
        None => name.strip_suffix('族').unwrap_or(name),
    }
}

#[cfg(test)]
mod tests;
