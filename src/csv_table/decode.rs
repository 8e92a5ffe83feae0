//! Bytes of a file to text. Nothing is guessed: a file that is not whole in one encoding is refused
//! with the first line that is not.

use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_16BE, UTF_16LE};

use super::record::Mistake;
use crate::domain::plain_text::is_private;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// What DOS and some exports put at the end of a file.
const END_OF_FILE: char = '\u{1a}';
/// Of the signs beyond ASCII, fewer than one in so many are broken in UTF-8 that was damaged. Words
/// in GB 18030 are UTF-8 in hardly any of their signs.
const DAMAGED_ONE_IN: usize = 10;
/// Chinese characters in UTF-8 from which a line is in UTF-8: words in GB 18030 do not make two by
/// chance.
const HAN_MIN: usize = 2;
/// Bytes at the front of a file that tell what it is.
const FRONT_BYTES: usize = 256;
/// What files that are no tables of text begin with, in small letters.
const OTHERS: [(&[u8], &str); 8] = [
    (b"pk\x03\x04", "an Excel workbook (.xlsx)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%pdf", "a PDF"),
    (b"{\\rtf", "a text with its layout (.rtf)"),
    (b"<!doctype", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"<table", "a web page (HTML)"),
    (b"<?xml", "XML"),
];

/// The text of a file that is wholly UTF-8, UTF-16 with its mark, or GB 18030.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Mistake> {
    let bare = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
    let front = bare.trim_ascii_start();
    let front = front[..front.len().min(FRONT_BYTES)].to_ascii_lowercase();
    if let Some((_, what)) = OTHERS.iter().find(|(sign, _)| front.starts_with(sign)) {
        let what = format!("the file is {what}; save it as CSV UTF-8 (comma delimited)");
        return Err(Mistake::on(1, what));
    }
    let mut text = match bytes {
        [0xff, 0xfe, rest @ ..] => whole(UTF_16LE, rest)?,
        [0xfe, 0xff, rest @ ..] => whole(UTF_16BE, rest)?,
        _ => of_bytes(bare, bare.len() < bytes.len())?,
    };
    text.truncate(text.trim_end_matches(END_OF_FILE).len());
    sound(&text)?;
    Ok(text)
}

/// A text in UTF-8 or GB 18030; `marked` where the file says that it is UTF-8.
fn of_bytes(bytes: &[u8], marked: bool) -> Result<String, Mistake> {
    let broken = match str::from_utf8(bytes) {
        Ok(text) => {
            undecided(text, bytes, marked)?;
            return Ok(text.to_owned());
        }
        Err(error) => line_at(bytes, error.valid_up_to()),
    };
    if marked || is_damaged_utf8(bytes) || bytes.split(|byte| *byte == b'\n').any(is_utf8_han) {
        let what = "the file is UTF-8, and this line is not: it was damaged, or comes from a file in \
                    another encoding; save the whole file as CSV UTF-8";
        return Err(Mistake::on(broken, what.into()));
    }
    whole(GB18030, bytes)
}

/// A few Chinese characters in GB 18030 are UTF-8 too: 汛 would become Ѵ. A file whose signs are
/// all such must say by its mark which is meant.
fn undecided(text: &str, bytes: &[u8], marked: bool) -> Result<(), Mistake> {
    let strange = |sign: char| matches!(sign, '\u{80}'..='\u{7ff}');
    let only = text.chars().all(|sign| sign.is_ascii() || strange(sign));
    let Some(at) = text.find(strange).filter(|_| only && !marked) else {
        return Ok(());
    };
    if whole(GB18030, bytes).is_err() {
        return Ok(());
    }
    let what = "this line may be UTF-8 or GB 18030; save the file as CSV UTF-8, which has a mark";
    Err(Mistake::on(line_at(bytes, at), what.into()))
}

/// Whether nearly all signs beyond ASCII are UTF-8.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut right, mut wrong) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        right += chunk
            .valid()
            .chars()
            .filter(|sign| !sign.is_ascii())
            .count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    wrong * DAMAGED_ONE_IN < right + wrong
}

/// Whether the line is UTF-8 with Chinese words.
fn is_utf8_han(line: &[u8]) -> bool {
    let han = |sign: &char| matches!(sign, '\u{4e00}'..='\u{9fff}');
    str::from_utf8(line).is_ok_and(|line| line.chars().filter(han).count() >= HAN_MIN)
}

/// The whole text, or a mistake on the line of the first sign that this encoding does not have.
fn whole(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, Mistake> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or_default());
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    if matches!(result, DecoderResult::InputEmpty) {
        return Ok(text);
    }
    let line = line_at(text.as_bytes(), text.len());
    let what = match encoding.name() {
        "gb18030" => "the file is neither UTF-8 nor GB 18030 as a whole: this line is neither",
        _ => "the file is UTF-16, and this line is not",
    };
    let what = format!("{what}; save the whole file as CSV UTF-8");
    Err(Mistake::on(line, what))
}

/// Refuses signs that prove a loss or another encoding.
fn sound(text: &str) -> Result<(), Mistake> {
    let wrong = |sign: char| matches!(sign, '\0' | '\u{fffd}') || is_private(sign);
    let Some((at, sign)) = text.char_indices().find(|(_, sign)| wrong(*sign)) else {
        return Ok(());
    };
    let line = line_at(text.as_bytes(), at);
    let what = match sign {
        '\0' => "the file is no text, or UTF-16 without its mark; save it as CSV UTF-8".to_owned(),
        '\u{fffd}' => "a character was lost here before (U+FFFD); write it again".to_owned(),
        _ => format!(
            "U+{:04X} is no character: the file is in another encoding, or its font has a sign of \
             its own; write the name with a character of Unicode",
            u32::from(sign)
        ),
    };
    Err(Mistake::on(line, what))
}

/// The line, from one, on which this byte stands.
fn line_at(bytes: &[u8], at: usize) -> usize {
    let before = &bytes[..at.min(bytes.len())];
    let feeds = before.split(|byte| *byte == b'\n').count() - 1;
    let returns = before
        .windows(2)
        .filter(|two| two[0] == b'\r' && two[1] != b'\n')
        .count();
    1 + feeds + returns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn utf16(text: &str, mark: [u8; 2]) -> Vec<u8> {
        let little = mark == [0xff, 0xfe];
        let unit = |unit: u16| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        };
        let units = text.encode_utf16().flat_map(unit);
        mark.into_iter().chain(units).collect()
    }

    const TEXT: &str = "code,name\n1,桥北社区\n2,䶮龙社区\n";

    #[test]
    fn every_encoding_of_spreadsheets_is_read() {
        for bytes in [
            TEXT.as_bytes().to_vec(),
            [UTF8_MARK, TEXT.as_bytes()].concat(),
            gbk(TEXT),
            utf16(TEXT, [0xff, 0xfe]),
            utf16(TEXT, [0xfe, 0xff]),
            format!("{TEXT}\u{1a}").into_bytes(),
        ] {
            assert_eq!(decode(&bytes), Ok(TEXT.to_owned()), "{bytes:x?}");
        }
        let latin = format!("{TEXT}3,José\n");
        assert_eq!(decode(latin.as_bytes()), Ok(latin.clone()));
    }

    /// guarantee: A file that is damaged or of two encodings is refused whole, with its first bad
    /// line
    #[test]
    fn text_that_is_not_whole_is_refused_with_its_line() {
        let utf8 = TEXT.as_bytes();
        let cut = |bytes: &[u8], at: usize| [&bytes[..at], &bytes[at + 1..]].concat();
        let second = "code,name\n1,".len();
        let big5 = encoding_rs::BIG5
            .encode("code,name\n1,湖濱溪社區跋涉瀚\n")
            .0;
        for (bytes, line) in [
            ([utf8, &gbk("3,新社区\n")].concat(), 4),
            (
                [&gbk("code,name\n1,新社区\n"), "2,桥北社区\n".as_bytes()].concat(),
                2,
            ),
            (cut(utf8, second + 1), 2),
            ([&utf8[..second], b"\x80", &utf8[second..]].concat(), 2),
            ([&utf8[..second], b"\x96", &utf8[second..]].concat(), 2),
            ([&gbk(TEXT)[..], b"3,\xff\n"].concat(), 4),
            (big5.into_owned(), 2),
            ("code\n1\u{fffd}\n".into(), 2),
            ("code\r\n1\r\n\u{e000}\r\n".into(), 3),
            ([UTF8_MARK, &gbk(TEXT)].concat(), 2),
            (utf16(TEXT, [0xff, 0xfe])[2..].to_vec(), 1),
            (b"code\n\xff\n".to_vec(), 2),
        ] {
            let refused = decode(&bytes).expect_err("taken");
            assert_eq!(refused.line, line, "{refused} {bytes:x?}");
        }
    }

    #[test]
    fn what_may_be_either_is_not_guessed() {
        for name in ["汛", "豫园"] {
            let bytes = gbk(&format!("code,name\n1,{name}\n"));
            assert!(str::from_utf8(&bytes).is_ok(), "{name}");
            assert_eq!(decode(&bytes).expect_err("taken").line, 2);
        }
        let marked = [UTF8_MARK, "code,name\n1,é\n".as_bytes()].concat();
        assert!(decode(&marked).is_ok());
    }

    #[test]
    fn other_files_are_called_what_they_are() {
        for (bytes, words) in [
            (&b"PK\x03\x04\x14\x00"[..], ".xlsx"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", ".xls"),
            (b"\xef\xbb\xbf\r\n<HTML><body>", "HTML"),
            (b"<table><tr>", "HTML"),
            (b"<?xml version", "XML"),
            (b"%PDF-1.7", "PDF"),
        ] {
            let refused = decode(bytes).expect_err("taken").to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
