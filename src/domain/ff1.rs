//! FF1 (NIST SP 800-38G) for short strings of five-bit numerals, which receipt numbers are. The
//! library `fpe` computes with integers of any length and takes a fifth of the intake writer's time;
//! these strings fit into a machine word. A test compares the two.

use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{BlockCipherEncrypt, KeyInit};

/// Bits of a numeral: the radix is 32.
const NUMERAL_BITS: u32 = 5;
/// Rounds of the Feistel network.
const ROUNDS: u8 = 10;
/// Bytes in which a half is written: the longer half has at most three numerals.
const HALF_BYTES: u8 = 2;
/// Bytes of the tweak.
const TWEAK_BYTES: u8 = 8;
/// Bytes of a round's output that are added to a half: 4 · ⌈b / 4⌉ + 4.
const SUMMAND_BYTES: usize = 8;

/// The cipher with its key.
pub struct Ff1(Aes256);

/// The two halves of a string and their lengths in bits. Which is which changes with each round.
struct Halves {
    values: [u64; 2],
    bits: [u32; 2],
}

impl Ff1 {
    /// The cipher with this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aes256::new(key.into()))
    }

    /// Enciphers a string of four or five numerals. `value` is the string read as a number, the highest
    /// numeral first, and so is the result.
    pub fn encrypt(&self, tweak: [u8; 8], numerals: u32, value: u32) -> u32 {
        let header = self.header(numerals);
        let mut halves = Halves::of(numerals, value);
        for round in 0..ROUNDS {
            let [a, b] = halves.values;
            let sum = a.wrapping_add(self.summand(header, tweak, round, b));
            halves.values = [b, sum & ((1 << halves.bits[0]) - 1)];
            halves.bits.swap(0, 1);
        }
        halves.joined()
    }

    /// Undoes [`Ff1::encrypt`].
    pub fn decrypt(&self, tweak: [u8; 8], numerals: u32, value: u32) -> u32 {
        let header = self.header(numerals);
        let mut halves = Halves::of(numerals, value);
        for round in (0..ROUNDS).rev() {
            let [a, b] = halves.values;
            halves.bits.swap(0, 1);
            let sum = b.wrapping_sub(self.summand(header, tweak, round, a));
            halves.values = [sum & ((1 << halves.bits[0]) - 1), a];
        }
        halves.joined()
    }

    /// The first block of every round, enciphered: version, method, addition, radix, rounds, and the
    /// lengths of the half, of the string and of the tweak (step 5 of algorithm 7).
    fn header(&self, numerals: u32) -> [u8; 16] {
        let half = u8::try_from(numerals / 2).unwrap_or_default();
        let mut block = [0; 16];
        block[..8].copy_from_slice(&[1, 2, 1, 0, 0, 1 << NUMERAL_BITS, ROUNDS, half]);
        block[8..12].copy_from_slice(&numerals.to_be_bytes());
        block[15] = TWEAK_BYTES;
        self.block(block)
    }

    /// What a round adds to a half (steps 6.i to 6.iv). The second block is the tweak, zeros, the
    /// number of the round and the other half.
    fn summand(&self, header: [u8; 16], tweak: [u8; 8], round: u8, half: u64) -> u64 {
        let mut block = [0; 16];
        block[..8].copy_from_slice(&tweak);
        let at = 16 - usize::from(HALF_BYTES);
        block[at - 1] = round;
        block[at..].copy_from_slice(&half.to_be_bytes()[8 - usize::from(HALF_BYTES)..]);
        for (byte, other) in block.iter_mut().zip(header) {
            *byte ^= other;
        }
        let mut summand = [0; SUMMAND_BYTES];
        summand.copy_from_slice(&self.block(block)[..SUMMAND_BYTES]);
        u64::from_be_bytes(summand)
    }

    fn block(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = block.into();
        self.0.encrypt_block(&mut block);
        block.into()
    }
}

impl Halves {
    fn of(numerals: u32, value: u32) -> Self {
        let bits = [numerals / 2, numerals - numerals / 2].map(|half| half * NUMERAL_BITS);
        let value = u64::from(value);
        Self {
            values: [value >> bits[1], value & ((1 << bits[1]) - 1)],
            bits,
        }
    }

    /// After an even number of rounds the halves have their first lengths again.
    fn joined(&self) -> u32 {
        let [high, low] = self.values;
        u32::try_from(high << self.bits[1] | low).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use fpe::ff1::{FF1, FlexibleNumeralString};
    use proptest::prelude::*;

    use super::*;

    fn numerals_of(value: u32, numerals: u32) -> Vec<u16> {
        let at = |place: u32| u16::try_from(value >> (NUMERAL_BITS * place) & 31).unwrap();
        (0..numerals).rev().map(at).collect()
    }

    proptest! {
        /// guarantee: Receipt numbers are those of the library's FF1
        #[test]
        fn short_strings_are_enciphered_as_by_the_library(
            key in any::<[u8; 32]>(),
            tweak in any::<[u8; 8]>(),
            value in any::<u32>(),
            five in any::<bool>(),
        ) {
            let numerals = if five { 5 } else { 4 };
            let value = value & ((1 << (numerals * NUMERAL_BITS)) - 1);
            let library = FF1::<Aes256>::new(&key, 32).unwrap();
            let string = FlexibleNumeralString::from(numerals_of(value, numerals));
            let expected: Vec<u16> = library.encrypt(&tweak, &string).unwrap().into();
            let own = Ff1::new(&key);
            let found = own.encrypt(tweak, numerals, value);
            prop_assert_eq!(numerals_of(found, numerals), expected);
            prop_assert_eq!(own.decrypt(tweak, numerals, found), value);
        }
    }
}
