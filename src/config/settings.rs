//! What a setting is. The settings themselves stand in `table.rs` and `work.rs`; the
//! parent module reads them.

mod table;
mod work;

pub use table::GROUPS;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Name in the file; in the environment in upper case, after `MASHANG_`.
    pub name: &'static str,
    /// Value if none is given; empty where the setting is optional.
    pub default: &'static str,
    /// Meaning in English.
    pub meaning: &'static str,
    /// Meaning in Chinese.
    pub meaning_zh: &'static str,
}

/// Settings that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Heading in English.
    pub title: &'static str,
    /// Heading in Chinese.
    pub title_zh: &'static str,
    /// The settings in the order of the documents.
    pub settings: &'static [Setting],
}

/// Every setting, without its group.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

/// A setting.
const fn setting(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
    meaning_zh: &'static str,
) -> Setting {
    Setting {
        name,
        default,
        meaning,
        meaning_zh,
    }
}
