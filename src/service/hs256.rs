//! The signature of staff tokens: HMAC with SHA-256 (RFC 7515, `HS256`). `jsonwebtoken` brings
//! RSA and elliptic curves with its own signatures; tokens that only this program reads need none.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use sha2::Sha256;
use signature::{Signer, Verifier};

static HS256_ALONE: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes this the signature of all tokens of the process. Calls after the first change nothing.
pub(super) fn install() {
    let _ = HS256_ALONE.install_default();
}

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    /// Refuses every other algorithm.
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, Error> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let mac = Hmac::new_from_slice(key).or(Err(ErrorKind::InvalidKeyFormat))?;
        Ok(Self(mac))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mac = self.0.clone().chain_update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mac = self.0.clone().chain_update(message);
        mac.verify_slice(signature)
            .map_err(signature::Error::from_source)
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::crypto::{sign, verify};
    use jsonwebtoken::{DecodingKey, EncodingKey};

    use super::*;

    /// RFC 7515, A.1.1: the key in base64url, the message, its signature.
    const KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const MESSAGE: &[u8] = b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_standards_own_example_is_signed_as_there() {
        install();
        let key = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, KEY);
        let key = key.unwrap();
        let signed = sign(MESSAGE, &EncodingKey::from_secret(&key), Algorithm::HS256);
        assert_eq!(signed.unwrap(), SIGNATURE);
        let key = DecodingKey::from_secret(&key);
        let holds = |message: &[u8]| verify(SIGNATURE, message, &key, Algorithm::HS256).unwrap();
        assert!(holds(MESSAGE));
        assert!(!holds(b"another"));
    }

    #[test]
    fn every_other_algorithm_is_refused() {
        install();
        let key = EncodingKey::from_secret(&[7; 32]);
        for other in [Algorithm::HS384, Algorithm::RS256, Algorithm::EdDSA] {
            assert!(sign(b"words", &key, other).is_err(), "{other:?}");
        }
    }
}
