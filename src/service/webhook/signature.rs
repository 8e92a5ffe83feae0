//! Signatures: how the receiver of a webhook knows that this server sent it.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// What a secret of Standard Webhooks begins with; the key follows in base64.
const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a key that Standard Webhooks allows.
const KEY_BYTES: RangeInclusive<usize> = 24..=64;
/// Bytes of a key that is drawn here.
const DRAWN_BYTES: usize = 32;

/// Draws a secret.
pub(super) fn draw_secret() -> String {
    SECRET_PREFIX.to_owned() + &STANDARD.encode(rand::random::<[u8; DRAWN_BYTES]>())
}

/// Whether this is a secret of Standard Webhooks.
pub(super) fn is_secret(secret: &str) -> bool {
    key(secret).is_some()
}

fn key(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?;
    KEY_BYTES.contains(&key.len()).then_some(key)
}

/// The value of the header `webhook-signature` of Standard Webhooks 1.0.0 (symmetric scheme, `v1`)
/// for the message with this id, sent at this second; none where the secret is not one of theirs.
pub fn standard(secret: &str, id: &str, second: i64, body: &str) -> Option<String> {
    let mac = mac(&key(secret)?, &format!("{id}.{second}.{body}"));
    Some(format!("v1,{}", STANDARD.encode(mac)))
}

/// What 钉钉 wants behind a robot's address (custom robots, security setting 加签): the
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

    /// The vector *sign function works* in `libraries/javascript/src/webhook.test.ts` of
    /// <https://github.com/standard-webhooks/standard-webhooks>, the reference of version 1.0.0.
    #[test]
    fn standard_signature_is_that_of_the_reference() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}");
        assert_eq!(
            standard(secret, id, 1_614_265_330, body).unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn only_secrets_of_standard_webhooks_sign() {
        let of_bytes = |count| format!("whsec_{}", STANDARD.encode(vec![7; count]));
        assert!(is_secret(&draw_secret()));
        assert!(is_secret(&of_bytes(24)) && is_secret(&of_bytes(64)));
        assert!(!is_secret(&of_bytes(23)) && !is_secret(&of_bytes(65)));
        for other in [
            "",
            "whsec_",
            "whsec_not base64",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert!(!is_secret(other), "{other}");
        }
    }

    /// Made with `openssl dgst -sha256 -hmac`.
    #[test]
    fn dingtalk_signature_is_that_of_another_program() {
        assert_eq!(
            dingtalk("SECabc", 1_700_000_000_000),
            "timestamp=1700000000000&sign=jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM%3D"
        );
    }
}
