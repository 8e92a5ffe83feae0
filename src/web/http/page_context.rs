//! The context of every page: language, labels, letter size, style sheets.

use std::sync::LazyLock;

use actix_web::HttpRequest;
use strum::{EnumCount, EnumString, IntoStaticStr, VariantArray};

use super::lang::Lang;
use super::request::asked;
use crate::domain::coded::coded;
use crate::web::text::Words;

/// What the templates of all pages need besides their view.
#[derive(Clone, Debug)]
pub(crate) struct PageContext {
    pub(crate) lang: Lang,
    pub(crate) w: &'static Words,
    /// The sheet that resident pages contain, so that the first view needs one request.
    pub(crate) css: &'static str,
    /// The sheet of pages with something to fill in or to choose.
    pub(crate) form_css: &'static str,
    /// The sheet of receipts and test sites.
    pub(crate) record_css: &'static str,
    /// The size of the letters.
    pub(crate) size: Size,
    /// The same page in the other language, where its address has more than the language.
    pub(crate) other: Option<String>,
}

/// The size of the letters on resident pages: 18, 24 and 30 pixels.
/// The code of a size is in addresses, in the cookie and in the class of the page.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    EnumCount,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub(crate) enum Size {
    /// The normal size.
    #[default]
    #[strum(serialize = "s0")]
    Normal,
    /// 大字
    #[strum(serialize = "s1")]
    Large,
    /// 特大字
    #[strum(serialize = "s2")]
    Largest,
}

coded!(Size);

impl Size {
    /// The size after this one; the last one leads to the first.
    pub(crate) fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The size in the address, otherwise the size in the cookie.
    fn of(request: &HttpRequest) -> Self {
        let chosen = request.cookie("size");
        asked(request, "size")
            .and_then(Self::from_code)
            .or_else(|| chosen.and_then(|cookie| Self::from_code(cookie.value())))
            .unwrap_or_default()
    }
}

/// The script of the form, which stands in the page.
pub(crate) static FORM_JS: LazyLock<String> =
    LazyLock::new(|| stripped(include_str!("../../../assets/static/form.js")));

/// A script without indentation, empty lines, and lines that hold nothing but a comment. The types
/// that `tsc` checks stand in such comments and cost a page nothing.
pub(crate) fn stripped(script: &str) -> String {
    let is_comment = |line: &str| ["//", "/*", "*"].iter().any(|mark| line.starts_with(mark));
    let lines = script.lines().map(str::trim);
    let code: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !is_comment(line))
        .collect();
    code.join("\n")
}

/// The sheet of resident pages.
pub(crate) const RESIDENT_CSS: &str = include_str!("../../../assets/static/resident.css");
/// The sheet of receipts and test sites.
pub(crate) const RECORD_CSS: &str = include_str!("../../../assets/static/record.css");
/// The sheet of fields and choices.
pub(crate) const FORM_CSS: &str = include_str!("../../../assets/static/form.css");

impl PageContext {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self::in_lang(request, Lang::of(request))
    }

    pub(crate) fn in_lang(request: &HttpRequest, lang: Lang) -> Self {
        Self {
            lang,
            w: lang.words(),
            css: RESIDENT_CSS,
            form_css: FORM_CSS,
            record_css: RECORD_CSS,
            size: Size::of(request),
            other: None,
        }
    }

    /// The same page in the other language. Of the address only the query, so that no path of a
    /// request stands in a page.
    pub(crate) fn other(&self) -> String {
        let other = self.lang.other().code();
        let own = self.other.clone();
        own.unwrap_or_else(|| format!("?lang={other}"))
    }

    /// The same page in the next size.
    pub(crate) fn resized(&self) -> String {
        format!("?size={}", self.size.next().code())
    }

    /// The label of a letter size on its switch.
    pub(crate) fn size_label(&self, size: Size) -> &'static str {
        match (size, self.lang.is_english()) {
            (Size::Normal, false) => "恢复字号",
            (Size::Normal, true) => "Normal text",
            (Size::Large, false) => "放大字号",
            (Size::Large, true) => "Larger text",
            (Size::Largest, false) => "再放大",
            (Size::Largest, true) => "Even larger",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FORM_JS, Size, stripped};

    /// Cookies and addresses hold these codes for as long as a browser keeps them.
    #[test]
    fn codes_of_sizes_never_change() {
        assert_eq!(Size::ALL.map(Size::code), ["s0", "s1", "s2"]);
        assert_eq!(
            Size::ALL.map(Size::next).map(Size::code),
            ["s1", "s2", "s0"]
        );
        assert_eq!(Size::from_code("s1"), Some(Size::Large));
        assert_eq!(Size::from_code("Large"), None);
    }

    #[test]
    fn scripts_are_sent_without_comments() {
        let script = "// Why.\n/**\n * @param {string} a\n */\n  f(a, // stays\n\n    /** @type {any} */\n    (b));\n";
        assert_eq!(stripped(script), "f(a, // stays\n(b));");
    }

    #[test]
    fn the_script_of_the_form_has_no_comment_left() {
        assert!(
            !FORM_JS.contains("/*") && !FORM_JS.contains("*/"),
            "{}",
            *FORM_JS
        );
    }
}
