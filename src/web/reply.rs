//! One address, two representations: decides here, and only here, between a page and JSON.

use std::io::Write as _;
use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::lang::Lang;
use super::problem::Problem;
use super::words::Words;

/// How hard pages are packed while somebody waits for them.
const QUALITY: u32 = 5;
/// The window of the packer, as a power of two; a page is smaller.
const WINDOW_BITS: u32 = 18;

/// What a page of any kind needs besides its own words.
#[derive(Clone, Debug)]
pub(super) struct Chrome {
    pub(super) lang: Lang,
    pub(super) w: &'static Words,
    /// The same page in the other language.
    pub(super) other: String,
    /// The sheet that stands in resident pages, so that the first view is one request.
    pub(super) css: &'static str,
    /// The sheet of pages with something to fill in or to choose.
    pub(super) form_css: &'static str,
    /// The sheet of pages that show what is: receipts and test sites.
    pub(super) record_css: &'static str,
    /// The size of the letters.
    pub(super) size: Size,
    /// The same page in the next size.
    pub(super) resized: String,
    /// Whether the page has its end; without, whoever sends it adds it.
    pub(super) ends: bool,
}

/// The size of the letters on resident pages: 18, 24 and 30 pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Size {
    /// As it is for everybody.
    #[default]
    Normal,
    /// 大字
    Large,
    /// 特大字
    Largest,
}

impl Size {
    /// Every size, in the order in which the switch goes round.
    pub(super) const ALL: [Self; 3] = [Self::Normal, Self::Large, Self::Largest];

    /// The word in addresses, the cookie and the page's class.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Normal => "s0",
            Self::Large => "s1",
            Self::Largest => "s2",
        }
    }

    /// The size that a word stands for.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.code() == code)
    }

    /// What the switch leads to.
    pub(super) fn next(self) -> Self {
        match self {
            Self::Normal => Self::Large,
            Self::Large => Self::Largest,
            Self::Largest => Self::Normal,
        }
    }

    /// What the address says, else what was chosen before.
    fn of(request: &HttpRequest) -> Self {
        let chosen = request.cookie("size");
        asked(request, "size")
            .and_then(Self::from_code)
            .or_else(|| chosen.and_then(|cookie| Self::from_code(cookie.value())))
            .unwrap_or_default()
    }
}

/// What the address says under this name.
pub(super) fn asked<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut pairs = request.query_string().split('&');
    pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The script of the form, which stands in the page: without its comments and indentation.
pub(super) static FORM_JS: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("../../assets/static/form.js").lines();
    let lines = lines
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
});

/// The sheet of resident pages.
pub(super) const RESIDENT_CSS: &str = include_str!("../../assets/static/resident.css");
/// The sheet of receipts and test sites, which a form goes without.
pub(super) const RECORD_CSS: &str = include_str!("../../assets/static/record.css");
/// The sheet of fields and choices, which a receipt goes without.
pub(super) const FORM_CSS: &str = include_str!("../../assets/static/form.css");

impl Chrome {
    pub(super) fn of(request: &HttpRequest) -> Self {
        Self::in_lang(request, Lang::of(request))
    }

    pub(super) fn in_lang(request: &HttpRequest, lang: Lang) -> Self {
        Self {
            lang,
            w: lang.words(),
            other: format!("{}?lang={}", request.path(), lang.other().code()),
            css: RESIDENT_CSS,
            form_css: FORM_CSS,
            record_css: RECORD_CSS,
            size: Size::of(request),
            resized: format!(
                "{}?size={}",
                request.path(),
                Size::of(request).next().code()
            ),
            ends: true,
        }
    }
}

/// A page's context, which is its JSON body at the same time.
pub(super) trait View: Serialize {
    /// The page.
    fn page(&self, chrome: &Chrome) -> askama::Result<String>;
}

/// Whether the client is a program. Whoever accepts anything gets the page.
pub(super) fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    let accept = accept
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// The view as a page or as JSON. Nothing personal stays in a cache.
pub(super) fn reply(
    request: &HttpRequest,
    status: StatusCode,
    (view, chrome): (&impl View, &Chrome),
) -> Result<HttpResponse, Problem> {
    let mut response = page(status);
    if wants_json(request) {
        response.insert_header((CONTENT_TYPE, "application/json"));
        return Ok(response.json(view));
    }
    let text = view
        .page(chrome)
        .map_err(|error| Problem::internal(&error))?;
    if !takes_brotli(request) {
        return Ok(response.body(text));
    }
    Ok(response
        .insert_header((CONTENT_ENCODING, "br"))
        .body(packed(text.as_bytes())))
}

/// Harder than the middleware would pack: a sixth less to carry into a lift.
pub(super) fn packed(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, QUALITY, WINDOW_BITS);
    // Writing to memory does not fail.
    let _ = writer.write_all(text);
    drop(writer);
    packed
}

/// Whether the client said that it unpacks brotli, and not that it would rather not.
pub(super) fn takes_brotli(request: &HttpRequest) -> bool {
    let said = request.headers().get(ACCEPT_ENCODING);
    let said = said
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = said.split(',').map(str::trim);
    parts.any(|part| part == "br" || part.starts_with("br;") && !part.ends_with("q=0"))
}

/// A page that is yet to be filled.
pub(super) fn page(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "accept, accept-encoding, accept-language, cookie"))
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"));
    response
}

/// To another page, for browsers.
pub(super) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(("location", to))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
