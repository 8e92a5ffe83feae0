//! Text from outside, as people type, paste and import it: without invisible characters, and with one
//! sign for what looks the same. Every reader of a name, telephone, paper, code or number reads
//! what comes out of here.

use unicode_normalization::UnicodeNormalization;

/// What the code points from [`RARE_FIRST`] on stand for. Before GB 18030-2022 these eighty signs
/// of its bytes FE50 to FEA0 had private code points, which older input methods, fonts and papers
/// still use: 䶮 is U+E863 there.
const RARE: &str = "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱\
    䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻";
/// The private code point of the first sign of [`RARE`].
const RARE_FIRST: u32 = 0xE815;

/// The text as a reader sees it: no sign that leaves nothing on paper or reorders others (the
/// default-ignorable code points of Unicode, controls, marks of bidirectional text), every blank a
/// space, every line end a line feed, rare characters at their public code points. U+0000 stays:
/// no person writes it, so readers refuse it.
pub fn visible(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(shown)
        .collect()
}

/// The signs of a visible text in one form: width made plain (NFKC), every hyphen `-`, every
/// middle dot `·`.
pub fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter_map(shown)
        .nfkc()
        .map(|sign| match sign {
            _ if is_hyphen(sign) => '-',
            _ if is_middle_dot(sign) => '·',
            _ => sign,
        })
}

/// The plain signs of a text without its blanks; stops one past `chars_max`, so that an endless
/// text costs nothing.
pub fn dense(text: &str, chars_max: usize) -> String {
    plain(text)
        .filter(|sign| !sign.is_whitespace())
        .take(chars_max + 1)
        .collect()
}

/// What tells names of places, logins and headings apart: case, width and blanks do not count.
/// U+0000, which not every database stores, becomes U+FFFD, which no name has.
pub fn key(text: &str) -> String {
    plain(text)
        .filter(|sign| !sign.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|sign| if sign == '\0' { '\u{fffd}' } else { sign })
        .collect()
}

/// The name of a place as it is kept: digits and letters in their narrow form, blanks single, and
/// none beside a Chinese character. １号楼 and 1 号楼 are 1号楼. Brackets stay as wide as they are.
pub fn place_name(text: &str) -> String {
    let narrow = |sign: char| match sign {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' | '＃' => {
            char::from_u32(u32::from(sign) - 0xFEE0).unwrap_or(sign)
        }
        '－' => '-',
        _ if is_hyphen(sign) => '-',
        _ => sign,
    };
    let words: Vec<String> = visible(text)
        .split_whitespace()
        .map(|word| word.chars().map(narrow).collect())
        .collect();
    let mut name = String::new();
    for word in words {
        let parted = name.ends_with(|sign: char| sign.is_ascii())
            && word.starts_with(|sign: char| sign.is_ascii());
        if parted {
            name.push(' ');
        }
        name.push_str(&word);
    }
    name
}

/// Whether the sign means nothing without a font of its own: proof of a text in another encoding.
pub fn is_private(sign: char) -> bool {
    let private = matches!(sign, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    private && rare(sign).is_none()
}

/// What is left of a sign: itself, what it stands for, or nothing.
fn shown(sign: char) -> Option<char> {
    match sign {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\0' => Some(sign),
        // The blank of Braille is no blank of Unicode.
        '\u{2800}' => Some(' '),
        _ if sign.is_ascii_graphic() => Some(sign),
        _ if sign.is_whitespace() => Some(' '),
        _ if sign.is_control() || is_ignorable(sign) => None,
        _ => Some(rare(sign).unwrap_or(sign)),
    }
}

/// The public sign of a private code point.
fn rare(sign: char) -> Option<char> {
    let at = u32::from(sign).checked_sub(RARE_FIRST)?;
    RARE.chars().nth(usize::try_from(at).ok()?)
}

/// `Default_Ignorable_Code_Point` of Unicode 16, and the marks of interlinear annotations.
fn is_ignorable(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether keyboards and word processors write this sign for a hyphen, once width is made plain.
fn is_hyphen(sign: char) -> bool {
    matches!(
        sign,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}'
    )
}

/// Whether input methods write this sign between the parts of a name.
fn is_middle_dot(sign: char) -> bool {
    matches!(
        sign,
        '·' | '\u{387}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22c5}'
            | '\u{2e31}'
            | '\u{30fb}'
            | '\u{a78f}'
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What telephones, word processors and chats put around and between signs, unseen.
    pub(crate) const UNSEEN: [&str; 22] = [
        "\u{ad}",
        "\u{34f}",
        "\u{61c}",
        "\u{180e}",
        "\u{200b}",
        "\u{200c}",
        "\u{200d}",
        "\u{200e}",
        "\u{200f}",
        "\u{202a}",
        "\u{202c}",
        "\u{202d}",
        "\u{202e}",
        "\u{2060}",
        "\u{2066}",
        "\u{2069}",
        "\u{3164}",
        "\u{fe0d}",
        "\u{feff}",
        "\u{fff9}",
        "\u{e0101}",
        "\u{1f}",
    ];

    #[test]
    fn invisible_characters_are_gone() {
        for unseen in UNSEEN {
            let text = format!("{unseen}1{unseen}号{unseen}");
            assert_eq!(visible(&text), "1号", "{unseen:?}");
            assert_eq!(plain(&text).collect::<String>(), "1号", "{unseen:?}");
        }
        assert_eq!(
            visible("a\u{a0}b\u{3000}c\u{2003}d\te\u{2800}f"),
            "a b c d e f"
        );
        assert_eq!(visible("a\r\nb\rc\u{2028}d\u{b}e"), "a\nb\nc\nd\ne");
        assert_eq!(visible("a\0b"), "a\0b", "is refused, not joined");
    }

    #[test]
    fn rare_characters_have_their_public_code_points() {
        assert_eq!(RARE.chars().count(), 80);
        for (private, public) in [
            ('\u{e863}', '䶮'),
            ('\u{e815}', '⺁'),
            ('\u{e81e}', '龴'),
            ('\u{e831}', '𡗗'),
            ('\u{e864}', '龻'),
        ] {
            assert_eq!(visible(&private.to_string()), public.to_string());
            assert!(!is_private(private));
        }
        for unknown in ['\u{e000}', '\u{e814}', '\u{e865}', '\u{f0000}'] {
            assert!(is_private(unknown));
        }
        // The standard's own decoder agrees, as far as it has moved on.
        for (at, public) in RARE.chars().enumerate() {
            let at = u8::try_from(at).unwrap();
            let second = 0x50 + at + u8::from(at >= 0x2F);
            let bytes = [0xFE, second];
            let decoded = encoding_rs::GB18030.decode(&bytes).0;
            let decoded = decoded.chars().next().unwrap();
            assert!(
                decoded == public || rare(decoded) == Some(public),
                "{public}"
            );
        }
    }

    #[test]
    fn one_place_has_one_name() {
        for name in ["1号楼", "１号楼", "1 号楼", " 1\u{a0}号 楼\u{200b}"] {
            assert_eq!(place_name(name), "1号楼", "{name}");
            assert_eq!(key(name), "1号楼", "{name}");
        }
        assert_eq!(place_name("Block  A"), "Block A");
        assert_eq!(place_name("桥北花园（示例） Ａ座"), "桥北花园（示例）A座");
        assert_eq!(key("桥北花园（示例） Ａ座"), key("桥北花园(示例)a座"));
        assert_eq!(place_name("3－2#"), "3-2#");
    }

    #[test]
    fn hyphens_and_middle_dots_are_one_sign() {
        let plain = |text| plain(text).collect::<String>();
        assert_eq!(plain("－–—−‐"), "-----");
        assert_eq!(plain("·•・･‧⋅∙"), "·······");
        assert_eq!(plain("ＡＢ１２"), "AB12");
    }

    proptest! {
        #[test]
        fn what_is_visible_stays_visible(text in ".*") {
            let once = visible(&text);
            prop_assert_eq!(visible(&once), once.clone());
            let name = place_name(&text);
            prop_assert_eq!(place_name(&name), name.clone());
            prop_assert!(dense(&text, 9).chars().count() <= 10);
        }
    }
}
