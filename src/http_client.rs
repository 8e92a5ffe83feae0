//! The post: carries words to an address of somebody else's, over TLS, and says how they were
//! taken. It follows no redirects, and what it says of a failure never names the address.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;
use tokio::sync::oneshot;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// What is read of an answer at most, in bytes.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// Something to carry.
#[derive(Clone)]
pub struct Request {
    /// Where to; often a password in itself.
    pub address: String,
    /// Headers besides those that every letter has.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(…)")
    }
}

/// Why a letter was not taken, in words that name nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The other side answered with this status.
    #[error("status {0}")]
    Status(u16),
    /// No answer in time.
    #[error("no answer in time")]
    Late,
    /// Nobody is there, or the line broke.
    #[error("no connection")]
    Connection,
    /// Nobody vouches for the other side.
    #[error("no trust in its certificate")]
    Trust,
}

/// Why an address is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is none.
    #[error("this is no address like https://example.org/hook")]
    Malformed,
    /// Everybody on the way could read along.
    #[error("only https is used beyond this machine (setting webhook_plain_http)")]
    Plain,
}

/// Whether letters may go to this address: over TLS, or on this very machine, or where `plain`
/// allows it.
pub fn check(address: &str, plain: bool) -> Result<(), BadAddress> {
    let uri: Uri = address.parse().or(Err(BadAddress::Malformed))?;
    let host = uri.host().filter(|host| !host.is_empty());
    let host = host.ok_or(BadAddress::Malformed)?;
    let own = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if plain || own => Ok(()),
        Some("http") => Err(BadAddress::Plain),
        _ => Err(BadAddress::Malformed),
    }
}

/// The host of an address, which is all of it that may be shown.
pub fn host(address: &str) -> String {
    let uri: Option<Uri> = address.parse().ok();
    let host = uri.as_ref().and_then(Uri::host);
    host.unwrap_or_default().to_owned()
}

/// The signature of a body sent at this second, as hexadecimal signs: HMAC-SHA256 under the
/// secret over the second, a full stop and the body.
pub fn signature(secret: &str, second: i64, body: &str) -> String {
    use std::fmt::Write as _;
    let mac = mac(secret, &format!("{second}.{body}"));
    mac.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What 钉钉 wants behind a robot's address (custom robots, security setting 加签): the time
/// in milliseconds, and an HMAC-SHA256 under the secret over that time, a line feed and the secret.
pub fn dingtalk_signature(secret: &str, millis: i64) -> String {
    let sign = STANDARD.encode(mac(secret, &format!("{millis}\n{secret}")));
    let sign = utf8_percent_encode(&sign, NON_ALPHANUMERIC);
    format!("timestamp={millis}&sign={sign}")
}

fn mac(secret: &str, text: &str) -> [u8; 32] {
    // A key of any length is accepted; the empty one never comes to pass.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret.as_bytes()) else {
        return [0; 32];
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Carries the letter and returns what the other side answered once it has taken it. Dropped
/// half-way, the letter may still arrive. In a thread of its own: nobody waits for it when the
/// house closes.
pub async fn send(letter: Request, patience: Duration) -> Result<String, DeliveryError> {
    let (said, heard) = oneshot::channel();
    let carrying = move || {
        let _ = said.send(post(&letter, patience));
    };
    let thread = std::thread::Builder::new().name("post".to_owned());
    thread.spawn(carrying).or(Err(DeliveryError::Connection))?;
    heard.await.unwrap_or(Err(DeliveryError::Connection))
}

/// Whom the machine trusts, and the one provider of cryptography.
static TLS: LazyLock<TlsConfig> = LazyLock::new(|| {
    let known = rustls_native_certs::load_native_certs();
    let roots = known.certs.iter();
    let roots = roots.map(|root| Certificate::from_der(root).to_owned());
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .build()
});

fn post(letter: &Request, patience: Duration) -> Result<String, DeliveryError> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(patience))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent("mashang")
        .tls_config(TLS.clone())
        .build()
        .into();
    let mut request = agent
        .post(&letter.address)
        .header("content-type", "application/json; charset=utf-8");
    for (name, value) in &letter.headers {
        request = request.header(*name, value);
    }
    let mut answer = request.send(letter.body.as_bytes()).map_err(trouble)?;
    let status = answer.status();
    if !status.is_success() {
        return Err(DeliveryError::Status(status.as_u16()));
    }
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
    // What cannot be read as words was taken all the same.
    Ok(body.read_to_string().unwrap_or_default())
}

fn trouble(error: ureq::Error) -> DeliveryError {
    match error {
        ureq::Error::Timeout(_) => DeliveryError::Late,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => DeliveryError::Trust,
        ureq::Error::Io(inner) if inner.kind() == std::io::ErrorKind::InvalidData => {
            DeliveryError::Trust
        }
        _ => DeliveryError::Connection,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_can_read_along_is_an_address() {
        for (address, plain, wanted) in [
            ("https://example.org/hook?key=1", false, Ok(())),
            ("http://127.0.0.1:9/hook", false, Ok(())),
            ("http://[::1]:9/", false, Ok(())),
            ("http://localhost", false, Ok(())),
            (
                "http://localhost.example.org/",
                false,
                Err(BadAddress::Plain),
            ),
            ("http://10.0.0.1/", false, Err(BadAddress::Plain)),
            ("http://10.0.0.1/", true, Ok(())),
            ("ftp://example.org/", true, Err(BadAddress::Malformed)),
            ("/hook", true, Err(BadAddress::Malformed)),
            ("", true, Err(BadAddress::Malformed)),
        ] {
            assert_eq!(check(address, plain), wanted, "{address}");
        }
    }

    /// Made with `openssl dgst -sha256 -hmac`.
    #[test]
    fn signatures_are_those_of_another_program() {
        assert_eq!(
            signature("s3cret", 1_700_000_000, "{\"a\":1}"),
            "1698a50bc74d1ff1db85c4e0a5297c2ad9fdba245d5737cdb789e4cc6e098940"
        );
        assert_eq!(
            dingtalk_signature("SECabc", 1_700_000_000_000),
            "timestamp=1700000000000&sign=jcUpW0QmtKduN03n4JqQ0PBosVjqnM8gU7fIIvsDmCM%3D"
        );
    }
}
