//! The cache of form pages. All residents in front of a placard get the same page on one day, except
//! for the key. The cache splits the rendered page at the key and compresses the part before it once.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chrono::NaiveDate;

use crate::domain::place::PlacardId;
use crate::web::http::lang::Lang;
use crate::web::http::page_context::Size;

/// What a rendered page holds in place of the key.
pub(crate) const KEY_SLOT: &str = "@key@";

/// Most pages in the cache. When it is full, the cache is emptied.
const PAGES_MAX: usize = 1_024;
/// Brotli quality. A page is compressed once a day.
const QUALITY: u32 = 11;
/// Brotli window, as a power of two. A page is smaller.
const WINDOW_BITS: u32 = 16;
/// Longest end of a page in bytes: the limit of an uncompressed block (RFC 7932, section 9.2).
const END_BYTES_MAX: usize = 1 << 16;

/// Everything that makes one page differ from another, except for the key of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    /// The version of all places.
    pub(crate) cache_version: i64,
    /// The placard.
    pub(crate) placard: PlacardId,
    /// The city's day.
    pub(crate) day: NaiveDate,
    /// The language.
    pub(crate) lang: Lang,
    /// The size of the letters.
    pub(crate) size: Size,
}

/// A page, split at the key of the form.
#[derive(Debug)]
pub(crate) struct CachedPage {
    before: String,
    /// The part before the key, compressed.
    packed: Vec<u8>,
    after: String,
}

/// All cached pages.
#[derive(Debug, Default)]
pub(crate) struct FormCache {
    pages: Mutex<HashMap<CacheKey, Arc<CachedPage>>>,
}

impl FormCache {
    /// The cached page. The first request renders it, with [`KEY_SLOT`] in place of the key.
    pub(crate) fn page<E>(
        &self,
        key: CacheKey,
        render: impl FnOnce() -> Result<String, E>,
    ) -> Result<Arc<CachedPage>, E> {
        let lock = || self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = lock().get(&key) {
            return Ok(Arc::clone(page));
        }
        let page = Arc::new(CachedPage::of(&render()?));
        let mut pages = lock();
        if pages.len() >= PAGES_MAX {
            pages.clear();
        }
        pages.insert(key, Arc::clone(&page));
        Ok(page)
    }
}

impl CachedPage {
    fn of(page: &str) -> Self {
        let (before, after) = page.rsplit_once(KEY_SLOT).unwrap_or((page, ""));
        let mut packed = Vec::new();
        let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, QUALITY, WINDOW_BITS);
        // Writing to memory does not fail. The flush ends on a whole byte, so that the rest of the
        // page can be appended.
        let _ = writer.write_all(before.as_bytes());
        let _ = writer.flush();
        let length = writer.get_ref().len();
        drop(writer);
        // The drop appended the last block, which belongs behind the rest of the page.
        packed.truncate(length);
        Self {
            before: before.to_owned(),
            packed,
            after: after.to_owned(),
        }
    }

    /// The page with this key.
    pub(crate) fn plain(&self, key: &str) -> String {
        [&self.before, key, &self.after].concat()
    }

    /// The page with this key, compressed (RFC 7932): the key and the rest as an uncompressed
    /// block, then the empty last block. None if the rest is empty or longer than one block.
    pub(crate) fn packed(&self, key: &str) -> Option<Bytes> {
        let end = [key, &self.after].concat();
        let length = u32::try_from(end.len()).ok()?;
        if end.is_empty() || end.len() > END_BYTES_MAX {
            return None;
        }
        // ISLAST 0, MNIBBLES 0 (four), MLEN - 1 in 16 bits, ISUNCOMPRESSED 1, and padding.
        let head = ((length - 1) << 3 | 1 << 19).to_le_bytes();
        let parts = [&self.packed, &head[..3], end.as_bytes(), &[3]];
        Some(parts.concat().into())
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
    fn a_page_with_any_key_unpacks_to_itself() {
        for before in ["", "x", "返程离开报备".repeat(500).as_str()] {
            for after in ["", "></body>"] {
                let page = CachedPage::of(&format!("{before}{KEY_SLOT}{after}"));
                for key in ["k", "a-key", &"y".repeat(END_BYTES_MAX - after.len())] {
                    let whole = format!("{before}{key}{after}");
                    assert_eq!(unpacked(&page.packed(key).unwrap()), whole);
                    assert_eq!(page.plain(key), whole);
                }
                assert!(page.packed(&"y".repeat(END_BYTES_MAX + 1)).is_none());
            }
            assert!(CachedPage::of(before).packed("").is_none());
        }
    }

    #[test]
    fn each_page_is_rendered_once() {
        let cache = FormCache::default();
        let key = |placard| CacheKey {
            cache_version: 1,
            placard: PlacardId(placard),
            day: NaiveDate::MIN,
            lang: Lang::Zh,
            size: Size::Normal,
        };
        let page = |placard, text: &str| {
            let text = text.to_owned();
            let page = cache.page(key(placard), || Ok::<_, ()>(text));
            page.unwrap().plain("")
        };
        assert_eq!(page(1, "one"), "one");
        assert_eq!(page(1, "never rendered"), "one");
        assert_eq!(page(2, "two"), "two");
        let failed = cache.page(key(3), || Err(()));
        assert!(failed.is_err());
        assert_eq!(page(3, "three"), "three");
    }
}
