//! Addresses that stand on paper and are passed on in chats come back with what stood behind them:
//! a full stop, a slash, `&from=timeline`. Where only that is wrong, the answer leads on.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// What a path holds encoded.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The address that was meant by a path that leads nowhere, its query kept; none where nothing
/// stands behind it. It begins with one slash, so it never leads to another host.
pub(crate) fn led_on(path: &str, query: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    if decoded.contains('\0') {
        return None;
    }
    let whole = decoded.split('&').next().unwrap_or_default();
    let behind = |sign: char| {
        sign.is_whitespace()
            || sign.is_control()
            || "/.,;:!?)'\"。，；：！？）」』》、…”’\u{200b}\u{feff}".contains(sign)
    };
    let parts = whole.trim_end_matches(behind).split('/');
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let meant = format!("/{}", parts.join("/"));
    if meant == decoded {
        return None;
    }
    let meant = utf8_percent_encode(&meant, ENCODED);
    Some(match query {
        "" => meant.to_string(),
        query => format!("{meant}?{query}"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_behind_an_address_is_left_out() {
        for (path, meant) in [
            ("/Q/ABCDE/", Some("/Q/ABCDE")),
            ("/Q/ABCDE.", Some("/Q/ABCDE")),
            ("/Q/ABCDE,", Some("/Q/ABCDE")),
            ("/Q/ABCDE%E3%80%82", Some("/Q/ABCDE")),
            ("/Q/ABCDE%EF%BC%8C", Some("/Q/ABCDE")),
            ("/Q/ABCDE%EF%BC%89%E3%80%82", Some("/Q/ABCDE")),
            ("//Q/ABCDE", Some("/Q/ABCDE")),
            ("/Q//ABCDE/", Some("/Q/ABCDE")),
            ("/Q/ABCDE&from=timeline", Some("/Q/ABCDE")),
            ("/s/abc-_/sites/", Some("/s/abc-_/sites")),
            ("//evil.example/x", Some("/evil.example/x")),
            ("/%5Cevil.example/", Some("/%5Cevil.example")),
            ("/%2F%2Fevil.example/", Some("/evil.example")),
            ("/Q/ABCDE", None),
            ("/Q/5-WN%20UN", None),
            ("/%FF/", None),
            ("/Q/%00", None),
            ("/", None),
        ] {
            assert_eq!(led_on(path, "").as_deref(), meant, "{path}");
        }
        assert_eq!(
            led_on("/status/", "lang=en").as_deref(),
            Some("/status?lang=en")
        );
    }

    proptest! {
        #[test]
        fn the_address_stays_here_and_leads_on_no_further(path in "/(\\PC|[/.&%\\\\]){0,30}") {
            let path = utf8_percent_encode(&path, ENCODED).to_string();
            if let Some(meant) = led_on(&path, "") {
                prop_assert!(meant.starts_with('/') && !meant.starts_with("//"));
                prop_assert!(!meant.contains('\\'));
                prop_assert_eq!(led_on(&meant, ""), None);
            }
        }
    }
}
