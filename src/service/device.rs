//! Devices: a browser that has signed in before carries a cookie that proves it. Its wrong passwords
//! count for themselves, so guesses from elsewhere do not lock its owner out. An address proves
//! nothing: a whole office has one, and a telephone has many.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use subtle::{Choice, ConstantTimeEq};

use crate::seal::Keys;

/// Logins of one device that are remembered: a telephone may be passed on between shifts.
const LOGINS_MAX: usize = 4;
/// Between the parts of the cookie.
const SEPARATOR: char = '.';
/// Length of the id and of each proof, in bytes.
const PART_BYTES: usize = 16;

type Part = [u8; PART_BYTES];

/// The number of a device, and one proof for each login that has signed in on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    id: Part,
    proofs: Vec<Part>,
}

impl Device {
    /// A device without any sign-in.
    pub fn new() -> Self {
        Self {
            id: rand::random(),
            proofs: Vec::new(),
        }
    }

    /// Reads the value of the cookie. The proofs are checked by [`Device::knows`].
    pub fn read(cookie: &str) -> Option<Self> {
        let part = |text| Part::try_from(BASE64.decode(text).ok()?).ok();
        let mut parts = cookie.split(SEPARATOR);
        let id = part(parts.next()?)?;
        let proofs = parts.take(LOGINS_MAX).map(part).collect::<Option<_>>()?;
        Some(Self { id, proofs })
    }

    /// The value of the cookie.
    pub fn cookie(&self) -> String {
        let parts = std::iter::once(&self.id).chain(&self.proofs);
        let parts: Vec<_> = parts.map(|part| BASE64.encode(part)).collect();
        parts.join(&SEPARATOR.to_string())
    }

    /// The number that budgets count by.
    pub fn id(&self) -> Part {
        self.id
    }

    /// Whether this login has signed in on the device. The time does not tell which proof is near.
    pub fn knows(&self, keys: &Keys, login: &str) -> bool {
        let wanted = keys.device_proof(&self.id, login);
        let equal = self.proofs.iter().map(|proof| proof.ct_eq(&wanted));
        equal.fold(Choice::from(0), |any, one| any | one).into()
    }

    /// Adds a login that has signed in, and drops the one before the last [`LOGINS_MAX`].
    pub fn remember(&mut self, keys: &Keys, login: &str) {
        let proof = keys.device_proof(&self.id, login);
        self.proofs.retain(|known| *known != proof);
        self.proofs.insert(0, proof);
        self.proofs.truncate(LOGINS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::of(&[7; 32])
    }

    #[test]
    fn device_knows_its_last_logins_and_no_others() {
        let mut device = Device::new();
        for nth in 0..=LOGINS_MAX {
            device.remember(&keys(), &format!("login{nth}"));
        }
        let read = Device::read(&device.cookie()).unwrap();
        assert_eq!(read, device);
        assert!(!read.knows(&keys(), "login0") && !read.knows(&keys(), "other"));
        assert!((1..=LOGINS_MAX).all(|nth| read.knows(&keys(), &format!("login{nth}"))));
        assert!(!read.knows(&Keys::of(&[8; 32]), "login1"));
    }

    #[test]
    fn proof_of_another_device_proves_nothing() {
        let (mut own, mut other) = (Device::new(), Device::new());
        own.remember(&keys(), "known");
        other.proofs.clone_from(&own.proofs);
        assert!(own.knows(&keys(), "known") && !other.knows(&keys(), "known"));
    }

    #[test]
    fn any_other_cookie_is_no_device() {
        for text in ["", ".", "AAAA", "%%%", "AAAAAAAAAAAAAAAAAAAAAA.AAAA"] {
            assert_eq!(Device::read(text), None, "{text}");
        }
    }
}
