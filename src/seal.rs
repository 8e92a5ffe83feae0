//! Keys, and what they make: sealed personal data, secret links, page keys, keyed hashes.
//! Keys never stand in the database or in a backup of it.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::number::NumberCipher;
use crate::domain::report::{Holder, ReportId};

/// Length of a master key, in bytes.
pub const KEY_BYTES: usize = 32;
/// The first byte of what this version seals.
const VERSION: u8 = 2;
/// The number of the key for personal data. It stands in everything that is sealed, so that a second
/// key can be added, and data of a key that was destroyed can be told from broken data.
const KEY_ID: u16 = 1;
/// Length of a nonce of AES-GCM, in bytes (NIST SP 800-38D).
const NONCE_BYTES: usize = 12;
/// Length of the authentication of a page key, in bytes.
const PAGE_MAC_BYTES: usize = 8;

/// What was sealed cannot be opened: another key, another row, or changed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed data cannot be opened")]
pub struct Broken;

/// All keys of an installation, derived from one master key.
pub struct Keys {
    boxes: Aes256Gcm,
    links: Aes256,
    numbers: NumberCipher,
    page: MacKey,
    phone: MacKey,
    room: MacKey,
    client: MacKey,
    token: Zeroizing<[u8; 32]>,
    content: MacKey,
    device: MacKey,
    journal: MacKey,
    fingerprint: [u8; 8],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// The keys that follow from this master key.
    pub fn of(master: &[u8; KEY_BYTES]) -> Self {
        let key = |purpose: &str| Zeroizing::new(mac(master, &[purpose.as_bytes()]));
        Self {
            boxes: Aes256Gcm::new(&(*key("seal")).into()),
            links: Aes256::new(&(*key("link")).into()),
            numbers: NumberCipher::new(&key("number")),
            page: MacKey::of(&key("page")),
            phone: MacKey::of(&key("phone")),
            room: MacKey::of(&key("room")),
            client: MacKey::of(&key("client")),
            token: key("token"),
            content: MacKey::of(&key("content")),
            device: MacKey::of(&key("device")),
            journal: MacKey::of(&key("journal")),
            fingerprint: fingerprint(master),
        }
    }

    /// Seals personal data of one row: version, number of the key, nonce, ciphertext. `place` names
    /// table, column and row, so that sealed bytes moved elsewhere do not open.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, Broken> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload {
            msg: plain,
            aad: &associated(place),
        };
        let sealed = self
            .boxes
            .encrypt(&Nonce::from(nonce), payload)
            .or(Err(Broken))?;
        Ok([&[VERSION], &KEY_ID.to_be_bytes()[..], &nonce, &sealed].concat())
    }

    /// Opens what [`Keys::seal`] sealed for the same place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let (&[version, high, low], rest) = sealed.split_first_chunk::<3>().ok_or(Broken)?;
        if version != VERSION || u16::from_be_bytes([high, low]) != KEY_ID {
            return Err(Broken);
        }
        let (nonce, message) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Broken)?;
        let payload = Payload {
            msg: message,
            aad: &associated(place),
        };
        let plain = self.boxes.decrypt(&Nonce::from(*nonce), payload);
        plain.map(Zeroizing::new).or(Err(Broken))
    }

    /// Seals words for a column of text.
    pub fn seal_text(&self, place: &str, words: &str) -> Result<String, Broken> {
        Ok(BASE64.encode(self.seal(place, words.as_bytes())?))
    }

    /// Opens what [`Keys::seal_text`] sealed for the same place.
    pub fn open_text(&self, place: &str, sealed: &str) -> Result<String, Broken> {
        let plain = self.open(place, &BASE64.decode(sealed).or(Err(Broken))?)?;
        String::from_utf8(plain.to_vec()).or(Err(Broken))
    }

    /// The secret of a receipt's link: 22 signs. The number of the report, enciphered as one
    /// block, so that nothing has to be stored and nothing can be guessed: of 2^128 secrets only
    /// those of existing reports lead anywhere.
    pub fn link(&self, report: ReportId) -> String {
        let mut block = report.0.into_bytes().into();
        self.links.encrypt_block(&mut block);
        BASE64.encode(block)
    }

    /// Who shows this link; none for anything that is not the secret of a report's number.
    pub fn open_link(&self, link: &str) -> Option<Holder> {
        let bytes: [u8; 16] = BASE64.decode(link).ok()?.try_into().ok()?;
        let mut block = bytes.into();
        self.links.decrypt_block(&mut block);
        let id = Uuid::from_bytes(block.into());
        (id.get_version_num() == 7).then_some(Holder::of_opened_link(ReportId(id)))
    }

    /// The cipher of receipt numbers.
    pub fn numbers(&self) -> &NumberCipher {
        &self.numbers
    }

    /// The key that a page carries: the number that its report will have, authenticated, so that
    /// only this program mints numbers.
    pub fn page_key(&self, fresh: ReportId) -> String {
        let id = fresh.0.into_bytes();
        let mac = self.page.mac(&[&id]);
        BASE64.encode([&id[..], &mac[..PAGE_MAC_BYTES]].concat())
    }

    /// The number that a page's key stands for; none for a key that was not minted here.
    pub fn open_page_key(&self, key: &str) -> Option<ReportId> {
        let bytes = BASE64.decode(key).ok()?;
        let (id, sent) = bytes.split_first_chunk::<16>()?;
        // A shorter one would be right more often by chance.
        let sent: &[u8; PAGE_MAC_BYTES] = sent.try_into().ok()?;
        let verified = self.page.keyed(&[id]).verify_truncated_left(sent);
        verified.ok().map(|()| ReportId(Uuid::from_bytes(*id)))
    }

    /// The hash under which a client's own key is stored. It counts at its place alone: at another
    /// one the same key is another key.
    pub fn client_key(&self, place: i32, key: &str) -> [u8; 16] {
        self.client.tag(&[&place.to_be_bytes(), key.as_bytes()])
    }

    /// The hash by which a telephone is found again without being readable.
    pub fn phone_tag(&self, phone: &str) -> [u8; 16] {
        self.phone.tag(&[phone.as_bytes()])
    }

    /// The hash by which two reports of one room are recognised without being readable.
    pub fn room_tag(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.room.tag(parts)
    }

    /// The hash by which a resubmitted report is recognised as the same one. Keyed: a bare hash
    /// of so few words could be guessed from a stolen database.
    pub fn content_hash(&self, content: &[&[u8]]) -> [u8; 16] {
        self.content.tag(content)
    }

    /// The proof that this login has signed in on this device.
    pub fn device_proof(&self, device: &[u8], login: &str) -> [u8; 16] {
        self.device.tag(&[device, login.as_bytes()])
    }

    /// Names the master key, and cannot be turned back into it.
    pub fn fingerprint(&self) -> String {
        BASE64.encode(self.fingerprint)
    }

    /// The keyed hash that chains the entries of a journal.
    pub fn journal_mac(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.journal.tag(parts)
    }

    /// The secret that signs staff tokens.
    pub fn token_secret(&self) -> &[u8] {
        &*self.token
    }
}

/// What the ciphertext is bound to: version, number of the key, place.
fn associated(place: &str) -> Vec<u8> {
    [&[VERSION], &KEY_ID.to_be_bytes()[..], place.as_bytes()].concat()
}

/// The first bytes of a keyed hash: enough to tell two keys apart, and no help in guessing one.
fn fingerprint(master: &[u8; KEY_BYTES]) -> [u8; 8] {
    let mut short = [0; 8];
    short.copy_from_slice(&mac(master, &[b"fingerprint"])[..8]);
    short
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    MacKey::of(key).mac(parts)
}

/// A key of keyed hashes, in the state after it was read: half of the work of a short hash.
#[derive(Clone)]
struct MacKey(Hmac<Sha256>);

impl MacKey {
    fn of(key: &[u8; 32]) -> Self {
        let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key);
        Self(mac.expect("HMAC takes a key of any length (RFC 2104)"))
    }

    fn keyed(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.keyed(parts).finalize().into_bytes().into()
    }

    /// Half of it, which is enough to find something again.
    fn tag(&self, parts: &[&[u8]]) -> [u8; 16] {
        let full = self.mac(parts);
        let mut tag = [0; 16];
        tag.copy_from_slice(&full[..16]);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::of(&[7; KEY_BYTES])
    }

    /// guarantee: Sealed data opens only in its own place
    #[test]
    fn what_was_sealed_opens_in_its_own_place_only() {
        let sealed = keys().seal("report.sealed.1", b"words").unwrap();
        assert!(!sealed.windows(5).any(|window| window == b"words"));
        assert_eq!(
            &**keys().open("report.sealed.1", &sealed).unwrap(),
            b"words"
        );
        assert_eq!(keys().open("report.sealed.2", &sealed), Err(Broken));
        let other = Keys::of(&[8; KEY_BYTES]);
        assert_eq!(other.open("report.sealed.1", &sealed), Err(Broken));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys().open("report.sealed.1", &changed), Err(Broken));
        }
        assert_eq!(keys().open("report.sealed.1", &[]), Err(Broken));
        let text = keys().seal_text("entry.detail.1", "不在本社区").unwrap();
        let open = |place| keys().open_text(place, &text);
        assert_eq!(open("entry.detail.1").as_deref(), Ok("不在本社区"));
        assert_eq!(open("entry.detail.2"), Err(Broken));
    }

    #[test]
    fn a_link_opens_its_report_and_a_guess_opens_nothing() {
        let id = ReportId(Uuid::now_v7());
        let link = keys().link(id);
        assert_eq!(link.len(), 22);
        assert_eq!(keys().open_link(&link).map(Holder::report), Some(id));
        let other = Keys::of(&[8; KEY_BYTES]).open_link(&link);
        assert_ne!(other.map(Holder::report), Some(id));
        for guess in ["", "x", &id.0.to_string(), "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(keys().open_link(guess).is_none());
        }
    }

    #[test]
    fn only_page_keys_minted_here_are_taken() {
        let id = ReportId(Uuid::now_v7());
        let key = keys().page_key(id);
        assert_eq!(keys().open_page_key(&key), Some(id));
        assert_eq!(Keys::of(&[8; KEY_BYTES]).open_page_key(&key), None);
        let mut bytes = BASE64.decode(&key).unwrap();
        for length in 0..bytes.len() {
            let cut = BASE64.encode(&bytes[..length]);
            assert_eq!(keys().open_page_key(&cut), None, "{length}");
        }
        bytes[3] ^= 1;
        assert_eq!(keys().open_page_key(&BASE64.encode(bytes)), None);
    }
}
