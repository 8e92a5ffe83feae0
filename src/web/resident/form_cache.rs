//! The press: form pages that are printed once and handed out many times. Everything but the key
//! is the same for everybody in front of a placard on one day; the key is set behind it, as the
//! last field of the page, without packing anything anew.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chrono::NaiveDate;

use crate::domain::place::PlacardId;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::Size;

/// Pages kept at most; with more placards in use than that, the press begins anew.
const PAGES_MAX: usize = 1_024;
/// How hard pages are packed; it happens once a page and day.
const QUALITY: u32 = 9;
/// The window of the packer, as a power of two; a page is smaller.
const WINDOW_BITS: u32 = 16;
/// The longest end of a page: an uncompressed block holds up to 64 KiB (RFC 7932, section 9.2).
const END_BYTES_MAX: usize = 1 << 16;

/// What makes one page differ from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    /// The state of all places.
    pub(crate) generation: i64,
    /// The placard.
    pub(crate) placard: PlacardId,
    /// The city's day.
    pub(crate) day: NaiveDate,
    /// The language.
    pub(crate) lang: Lang,
    /// The size of the letters.
    pub(crate) size: Size,
}

/// A page without its end, plain and packed.
#[derive(Debug)]
pub(crate) struct CachedPage {
    plain: Vec<u8>,
    packed: Vec<u8>,
}

/// All pages in print.
#[derive(Debug, Default)]
pub(crate) struct FormCache {
    sheets: Mutex<HashMap<CacheKey, Arc<CachedPage>>>,
}

impl FormCache {
    /// The page of this edition, printed by `print` where it is the first of its kind.
    pub(crate) fn sheet<E>(
        &self,
        edition: CacheKey,
        print: impl FnOnce() -> Result<String, E>,
    ) -> Result<Arc<CachedPage>, E> {
        let lock = || self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sheet) = lock().get(&edition) {
            return Ok(Arc::clone(sheet));
        }
        let sheet = Arc::new(CachedPage::of(print()?));
        let mut sheets = lock();
        if sheets.len() >= PAGES_MAX {
            sheets.clear();
        }
        sheets.insert(edition, Arc::clone(&sheet));
        Ok(sheet)
    }
}

impl CachedPage {
    fn of(page: String) -> Self {
        let mut packed = Vec::new();
        let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, QUALITY, WINDOW_BITS);
        // Writing to memory does not fail. The flush ends on a whole byte, where the end of the
        // page can be joined on.
        let _ = writer.write_all(page.as_bytes());
        let _ = writer.flush();
        let length = writer.get_ref().len();
        drop(writer);
        // Without what the packer wrote at its own end.
        packed.truncate(length);
        Self {
            plain: page.into_bytes(),
            packed,
        }
    }

    /// The page with this end.
    pub(crate) fn plain(&self, end: &str) -> Bytes {
        [&self.plain, end.as_bytes()].concat().into()
    }

    /// The page with this end, packed (RFC 7932): the end as an uncompressed block, then the
    /// empty last block. None for an end that no block holds.
    pub(crate) fn packed(&self, end: &str) -> Option<Bytes> {
        let length = u32::try_from(end.len()).ok()?;
        if end.is_empty() || end.len() > END_BYTES_MAX {
            return None;
        }
        // ISLAST 0, MNIBBLES 0 (four), MLEN - 1 in 16 bits, ISUNCOMPRESSED 1, and padding.
        let head = ((length - 1) << 3 | 1 << 19).to_le_bytes();
        Some(
            [&self.packed, &head[..3], end.as_bytes(), &[3]]
                .concat()
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &[u8]) -> String {
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut plain).unwrap();
        String::from_utf8(plain).unwrap()
    }

    #[test]
    fn a_page_with_any_end_unpacks_to_itself() {
        for page in ["", "x", "返程离开报备".repeat(500).as_str()] {
            let sheet = CachedPage::of(page.to_owned());
            for end in [
                "k",
                "<input name=key value=abc></body>",
                &"y".repeat(END_BYTES_MAX),
            ] {
                let packed = sheet.packed(end).unwrap();
                assert_eq!(unpacked(&packed), format!("{page}{end}"));
                assert_eq!(sheet.plain(end), format!("{page}{end}"));
            }
            assert!(
                sheet.packed("").is_none()
                    && sheet.packed(&"y".repeat(END_BYTES_MAX + 1)).is_none()
            );
        }
    }

    #[test]
    fn an_edition_is_printed_once_and_another_one_by_itself() {
        let press = FormCache::default();
        let edition = |placard| CacheKey {
            generation: 1,
            placard: PlacardId(placard),
            day: NaiveDate::MIN,
            lang: Lang::Zh,
            size: Size::Normal,
        };
        let print = |placard, text: &str| {
            let text = text.to_owned();
            let sheet = press.sheet(edition(placard), || Ok::<_, ()>(text));
            sheet.unwrap().plain("")
        };
        assert_eq!(print(1, "one"), "one");
        assert_eq!(print(1, "never printed"), "one");
        assert_eq!(print(2, "two"), "two");
        let failed = press.sheet(edition(3), || Err(()));
        assert!(failed.is_err());
        assert_eq!(print(3, "three"), "three");
    }
}
