//! The short text in a placard's address, with a check character: a mistyped code must never
//! open the page of another building.

use super::plain_text::plain;

/// The signs of a code: no 0, O, 1 or I, which people take for each other. 32 of them, so each
/// is an element of GF(32).
pub(super) const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Length of a code at least, check character included.
pub const CODE_CHARS_MIN: usize = 5;
/// Length of a code at most.
pub const CODE_CHARS_MAX: usize = 8;

/// The text in a placard's address, right in itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(String);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// Too short or too long.
    Length,
    /// A sign that no code has.
    Alphabet,
    /// The check character says that something was mistyped.
    Check,
}

impl Code {
    /// A code of `length` signs, check character included, from the low five bits of each byte.
    /// The length is brought between [`CODE_CHARS_MIN`] and [`CODE_CHARS_MAX`].
    pub fn from_payload(bytes: &[u8], length: usize) -> Self {
        let payload = length.clamp(CODE_CHARS_MIN, CODE_CHARS_MAX) - 1;
        let mut values: Vec<u8> = bytes.iter().take(payload).map(|byte| byte & 31).collect();
        values.resize(payload, 0);
        values.push(check(&values));
        Self(values.into_iter().map(sign).collect())
    }

    /// Reads what a person typed or a phone scanned: case, width, spaces and hyphens do not
    /// count. Nothing is guessed.
    pub fn read(text: &str) -> Result<Self, CodeError> {
        let signs = unspaced(text, CODE_CHARS_MAX);
        if !(CODE_CHARS_MIN..=CODE_CHARS_MAX).contains(&signs.chars().count()) {
            return Err(CodeError::Length);
        }
        let values: Option<Vec<u8>> = signs.chars().map(value).collect();
        let values = values.ok_or(CodeError::Alphabet)?;
        match values.split_last() {
            Some((last, payload)) if check(payload) == *last => Ok(Self(signs)),
            _ => Err(CodeError::Check),
        }
    }

    /// The code in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The signs of a text that count, in upper case; stops one past `chars_max`, so that an endless
/// text costs nothing.
pub(super) fn unspaced(text: &str, chars_max: usize) -> String {
    plain(text)
        .filter(|sign| !sign.is_whitespace() && *sign != '-')
        .take(chars_max + 1)
        .map(|sign| sign.to_ascii_uppercase())
        .collect()
}

pub(super) fn sign(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

pub(super) fn value(sign: char) -> Option<u8> {
    let at = ALPHABET
        .iter()
        .position(|known| char::from(*known) == sign)?;
    u8::try_from(at).ok()
}

/// The check character of a payload: the sum over GF(32) of each value times its own power of a
/// generator. No two weights are equal and none is one or zero, so a single wrong sign and a swap
/// of any two signs, the check character included, change the sum (a Reed-Solomon code of
/// distance two in each of these).
fn check(payload: &[u8]) -> u8 {
    let mut weight = 1;
    payload.iter().fold(0, |sum, value| {
        weight = times(weight, 2);
        sum ^ times(weight, *value)
    })
}

/// Product in GF(32) with the primitive polynomial x^5 + x^2 + 1.
fn times(a: u8, b: u8) -> u8 {
    let mut product = 0;
    let mut shifted = a;
    for bit in 0..5 {
        if b >> bit & 1 == 1 {
            product ^= shifted;
        }
        shifted <<= 1;
        if shifted & 32 != 0 {
            shifted ^= 0b10_0101;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = Code::from_payload(&[5, 17, 3, 29], 5);
        let text = code.as_str();
        for written in [
            text.to_lowercase(),
            format!(" {text} "),
            format!("\u{feff}{}\u{200b}{}\u{202c}", &text[..2], &text[2..]),
            format!("{}-{}", &text[..2], &text[2..]),
            format!(
                "{}\u{2011}{}\u{2212}{}",
                &text[..1],
                &text[1..3],
                &text[3..]
            ),
            text.chars()
                .map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap())
                .collect(),
        ] {
            assert_eq!(Code::read(&written), Ok(code.clone()), "{written}");
        }
        assert_eq!(Code::read(""), Err(CodeError::Length));
        assert_eq!(Code::read(&"2".repeat(1_000_000)), Err(CodeError::Length));
        assert_eq!(Code::read("0O1IL"), Err(CodeError::Alphabet));
    }

    /// Every code in which only these two signs of the payload are not the first of the alphabet.
    /// The check is linear, so what is noticed in all of these is noticed in every code.
    fn codes(length: usize) -> impl Iterator<Item = Code> {
        let pairs = (1..length - 1).flat_map(|right| (0..right).map(move |left| (left, right)));
        pairs.flat_map(move |(left, right)| {
            (0..32).flat_map(move |high| {
                (0..32).map(move |low| {
                    let mut payload = vec![0; length - 1];
                    (payload[left], payload[right]) = (high, low);
                    Code::from_payload(&payload, length)
                })
            })
        })
    }

    fn read(signs: &[u8]) -> Result<Code, CodeError> {
        Code::read(str::from_utf8(signs).unwrap())
    }

    /// guarantee: A mistyped code opens no other page
    #[test]
    fn every_wrong_sign_is_noticed() {
        for length in CODE_CHARS_MIN..=CODE_CHARS_MAX {
            for code in codes(length).step_by(31) {
                let mut signs = code.as_str().as_bytes().to_vec();
                assert_eq!(read(&signs), Ok(code.clone()));
                for at in 0..length {
                    let right = signs[at];
                    for wrong in ALPHABET.iter().filter(|sign| **sign != right) {
                        signs[at] = *wrong;
                        assert_eq!(read(&signs), Err(CodeError::Check), "{code}");
                    }
                    signs[at] = right;
                }
            }
        }
    }

    /// guarantee: A mistyped code opens no other page
    #[test]
    fn every_swap_of_two_signs_is_noticed() {
        for length in CODE_CHARS_MIN..=CODE_CHARS_MAX {
            // Seven has no factor in common with 32, so every two signs still meet.
            for code in codes(length).step_by(7) {
                let signs = code.as_str().as_bytes();
                for at in 0..length {
                    for with in (at + 1..length).filter(|with| signs[*with] != signs[at]) {
                        let mut swapped = signs.to_vec();
                        swapped.swap(at, with);
                        assert_eq!(read(&swapped), Err(CodeError::Check), "{code}");
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = Code::read(&text);
        }
    }
}
