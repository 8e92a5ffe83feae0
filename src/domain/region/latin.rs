//! Regions in Latin letters: pinyin of their names, with or without 省, 市, 县, and English.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Gazetteer, LOOKED_AT_CHARS_MAX, Region, RegionId, names_of};
use crate::domain::reading;

/// Words that are looked at together at most: *Saint Vincent and the Grenadines*.
const WORDS_MAX: usize = 6;
/// Words that people add to a name, and that name nothing by themselves.
const FILLERS: [&str; 12] = [
    "city",
    "province",
    "county",
    "district",
    "prefecture",
    "autonomous",
    "region",
    "municipality",
    "china",
    "prc",
    "sar",
    "the",
];

/// What makes a street of the name before it, with where on the street before that.
const STREETS: [&str; 8] = ["road", "rd", "street", "st", "avenue", "ave", "lu", "jie"];
const ALONG: [&str; 10] = [
    "east", "west", "north", "south", "middle", "dong", "xi", "nan", "bei", "zhong",
];

/// Every name in Latin letters, and the regions that it stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Spellings(HashMap<String, Vec<RegionId>>);

impl Spellings {
    pub(super) fn of(regions: &[Region]) -> Self {
        let mut spellings = Self::default();
        for region in regions {
            let read = names_of(&region.name)
                .into_iter()
                .flat_map(|name| reading::of_name(&name))
                .map(|syllables| syllables.concat());
            let english = region.english.iter().cloned();
            for spelling in read.chain(english) {
                let ids = spellings.0.entry(words(&spelling).concat()).or_default();
                if !ids.contains(&region.id) {
                    ids.push(region.id);
                }
            }
        }
        spellings
    }

    fn get(&self, words: &[String]) -> Option<&[RegionId]> {
        self.0.get(&words.concat()).map(Vec::as_slice)
    }
}

/// Whether the words are in Latin letters alone, whatever marks and numbers stand between.
pub(super) fn is_latin(text: &str) -> bool {
    let mut letters = text.nfkd().filter(|sign| sign.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(|sign| sign.is_ascii_alphabetic())
}

/// The words in small letters without marks; the ü of pinyin is v, as keyboards write it.
fn words(text: &str) -> Vec<String> {
    text.replace(['ü', 'Ü'], "v")
        .nfkd()
        .filter(|sign| !is_combining_mark(*sign) && !matches!(sign, '\'' | '’'))
        .collect::<String>()
        .to_ascii_lowercase()
        .split(|sign: char| !sign.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a name goes on as a street does: Nanjing *Road*, Nanjing *East Road*.
fn is_street(rest: &[String]) -> bool {
    let along = usize::from(
        rest.first()
            .is_some_and(|word| ALONG.contains(&word.as_str())),
    );
    rest.get(along)
        .is_some_and(|word| STREETS.contains(&word.as_str()))
}

impl Gazetteer {
    /// The name of a region in Latin letters: its English name, otherwise how its name is read
    /// without 省, 市, 县 and the like.
    fn latin_name(&self, id: RegionId) -> Option<String> {
        let region = self.get(id)?;
        if let Some(english) = &region.english {
            return Some(english.clone());
        }
        let names = names_of(&region.name);
        let short = names.iter().min_by_key(|name| name.chars().count())?;
        let read = reading::of_name(short).pop()?.concat();
        let mut signs = read.chars();
        let first = signs.next()?.to_uppercase();
        Some(first.chain(signs).collect())
    }

    /// Where a resident comes from or goes to, as a reader of this language needs it: with the
    /// region's English name in front, or in Chinese although the resident wrote Latin letters.
    /// `said` are the resident's words; the region's own name stands for them where they are empty.
    pub fn written(&self, region: Option<RegionId>, said: &str, english: bool) -> String {
        let Some(known) = region.and_then(|id| self.get(id)) else {
            return said.to_owned();
        };
        let (full, latin) = (known.full_name.as_str(), is_latin(said));
        let own = if said.is_empty() || latin { full } else { said };
        match self.latin_name(known.id).filter(|_| english) {
            Some(name) => format!("{name} {own}"),
            None if latin && !english => format!("{full}（{said}）"),
            None => own.to_owned(),
        }
    }

    /// The regions that the words name: of *Nantong, Jiangsu* the one that lies in the other,
    /// whichever stands first. Words that name nothing, as of a street, are passed over.
    pub(super) fn read_latin(&self, text: &str) -> Vec<RegionId> {
        let looked_at: String = text.chars().take(LOOKED_AT_CHARS_MAX).collect();
        let mut left = words(&looked_at);
        if self.spelled.get(&left).is_none() {
            left.retain(|word| !FILLERS.contains(&word.as_str()));
        }
        let mut left = left.as_slice();
        let mut found: Vec<RegionId> = Vec::new();
        while !left.is_empty() {
            let mut longest = (1..=left.len().min(WORDS_MAX)).rev();
            let named =
                longest.find_map(|length| Some((length, self.spelled.get(&left[..length])?)));
            let (length, ids) = named.unwrap_or((1, &[]));
            left = &left[length..];
            if !is_street(left) {
                found = self.narrowed(found, ids);
            }
        }
        found
    }

    /// Of two names the lower one, where it lies in the other; else the first.
    fn narrowed(&self, first: Vec<RegionId>, second: &[RegionId]) -> Vec<RegionId> {
        let within = |inner: &[RegionId], outer: &[RegionId]| -> Vec<RegionId> {
            let lies = |id: &RegionId| self.lies_within(*id, outer);
            inner.iter().copied().filter(lies).collect()
        };
        if first.is_empty() {
            return second.to_vec();
        }
        [within(&first, second), within(second, &first)]
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or(first)
    }
}
