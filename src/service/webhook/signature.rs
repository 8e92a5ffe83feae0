//! Signatures: how the receiver of a webhook knows that this server sent it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// The signature of a body sent at this second, in hexadecimal digits: HMAC-SHA256 under the
/// secret over the second, a full stop and the body.
pub fn signature(secret: &str, second: i64, body: &str) -> String {
    use std::fmt::Write as _;
    let mac = mac(secret.as_bytes(), &format!("{second}.{body}"));
    mac.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What DingTalk (钉钉) wants behind a robot's address (custom robots, security setting 加签): the
/// time in milliseconds, and an HMAC-SHA256 under the secret over that time, a line feed and the
/// secret.
pub fn dingtalk(secret: &str, millis: i64) -> String {
    let sign = STANDARD.encode(mac(secret.as_bytes(), &format!("{millis}\n{secret}")));
    let sign = utf8_percent_encode(&sign, NON_ALPHANUMERIC);
    format!("timestamp={millis}&sign={sign}")
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.chain_update(text).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `openssl dgst -sha256 -hmac`.
    #[test]
    fn signatures_are_those_of_another_program() {
        assert_eq!(
            signature("s3cret", 1_700_000_000, "{\"a\":1}"),
            "1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940"
        );
        assert_eq!(
            dingtalk("SECabc", 1_700_000_000_000),
            "timestamp=1700000000000&sign=jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM%3D"
        );
    }
}
