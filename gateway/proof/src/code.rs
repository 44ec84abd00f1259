//! The verification code that is printed on a copy: `HN1-XXXX-XXXX-XXXX-XXXX-CC`.
//!
//! The prefix is the agency's. The sixteen symbols X are 80 random bits in Crockford's base 32 (no I, L, O, U), the two C are
//! check symbols over prefix and X (`check`): each mistyped symbol, each two, and each swap is found. So a typing error is told
//! from a code that was never issued, without asking the register.
//!
//! Who has the code can ask for the copy: it is as secret as the paper it stands on. `Debug` and `Display` print a fixed word.
//! The register keeps only a [`CodeIndex`].

mod check;
#[cfg(test)]
mod tests;

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Crockford's base 32; a symbol's value is its place.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 80 random bits: with 100 million copies issued, a guess succeeds with 8e-17.
const RANDOM_SYMBOLS: usize = 16;
const CHECK_SYMBOLS: usize = 2;
const PREFIX_SYMBOLS: usize = 8;
/// What is typed may hold blanks and dashes, but is no letter.
const LONGEST_TYPED: usize = 128;

/// What to ask of who typed a code, or of who set up the agency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It has not the form of a code: a sign that no code has.
    #[error("sign {position} of the code is none that a code has; use the digits, and the letters but U")]
    Sign {
        /// Which sign of what was typed, blanks and dashes counted; the first is 1.
        position: usize,
    },
    /// It has not the form of a code: too short or too long.
    #[error("the code has {found} letters and digits where {expected} are needed; type all of it")]
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// It has the form of a code, but the check symbols do not fit: it was mistyped.
    #[error("the code was mistyped{}; compare it with the paper", .position.map_or_else(String::new, |sign| format!(", perhaps at sign {sign}")))]
    CheckFailed {
        /// If a single symbol is wrong, it is this one in the form `HN1-XXXX-…`, dashes counted; the first is 1. Two wrong
        /// symbols can look like one elsewhere: a place to look at first, no more.
        position: Option<usize>,
    },
    /// It is a code, and without a typing error, but of another agency.
    #[error("the code is another agency's; ask there")]
    OtherAgency,
    /// The prefix is none.
    #[error("an agency's prefix is 1 to 8 of 0-9 and A-Z without I, L, O, U")]
    Prefix,
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers; try again")]
    Random,
}

/// The agency's part of its codes: 1 to 8 symbols. Not secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AgencyPrefix(Vec<u8>);

impl AgencyPrefix {
    /// Takes a prefix, such as `HN1`, as it is to be printed: upper case, no sign that another could be taken for.
    ///
    /// # Errors
    /// [`CodeError::Prefix`].
    pub fn new(text: &str) -> Result<Self, CodeError> {
        let values: Option<Vec<u8>> = text.bytes().map(value_of).collect();
        match values {
            Some(values) if (1..=PREFIX_SYMBOLS).contains(&values.len()) => Ok(Self(values)),
            _ => Err(CodeError::Prefix),
        }
    }
}

impl fmt::Display for AgencyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|value| write!(f, "{}", symbol(*value)))
    }
}

impl fmt::Debug for AgencyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A verification code whose check symbols fit.
#[derive(Clone)]
pub struct VerificationCode {
    /// Values of all symbols: prefix, random symbols, check symbols.
    values: Vec<u8>,
}

impl VerificationCode {
    /// Draws a new code.
    ///
    /// # Errors
    /// [`CodeError::Random`].
    pub fn draw(prefix: &AgencyPrefix) -> Result<Self, CodeError> {
        let mut random = [0; 10];
        getrandom::fill(&mut random).map_err(|_| CodeError::Random)?;
        Ok(Self::of(prefix, random))
    }

    fn of(prefix: &AgencyPrefix, random: [u8; 10]) -> Self {
        let bits = random.iter().fold(0u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let mut values = prefix.0.clone();
        for place in (0..RANDOM_SYMBOLS).rev() {
            values.push(((bits >> (5 * place)) & 31) as u8);
        }
        values.extend(check::symbols(&values));
        Self { values }
    }

    /// Reads what a person typed: any case, I and L as 1, O as 0, with or without blanks and dashes.
    ///
    /// # Errors
    /// [`CodeError`]: of the form, mistyped, or of another agency.
    pub fn read(typed: &str, prefix: &AgencyPrefix) -> Result<Self, CodeError> {
        let expected = prefix.0.len() + RANDOM_SYMBOLS + CHECK_SYMBOLS;
        if typed.len() > LONGEST_TYPED {
            return Err(CodeError::Length { found: typed.len(), expected });
        }
        let mut values = Vec::with_capacity(expected);
        for (place, sign) in typed.chars().enumerate() {
            // Hyphen-minus, the dashes that word processors make of it, and the minus sign.
            if sign.is_whitespace() || matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}') {
                continue;
            }
            let read = match sign.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            let value = u8::try_from(read).ok().and_then(value_of);
            values.push(value.ok_or(CodeError::Sign { position: place + 1 })?);
        }
        if values.len() != expected {
            return Err(CodeError::Length { found: values.len(), expected });
        }
        if let Err(wrong) = check::verify(&values) {
            return Err(CodeError::CheckFailed { position: wrong.map(|place| shown_at(place, prefix.0.len())) });
        }
        if values[..prefix.0.len()] != prefix.0 {
            return Err(CodeError::OtherAgency);
        }
        Ok(Self { values })
    }

    fn prefix_length(&self) -> usize {
        self.values.len() - RANDOM_SYMBOLS - CHECK_SYMBOLS
    }

    /// The code as it is printed, the one canonical form. Never hand it to a log, a metric, an error or a file name.
    pub fn expose(&self) -> String {
        let prefix = self.prefix_length();
        let mut text = String::with_capacity(self.values.len() + 5);
        for (place, value) in self.values.iter().enumerate() {
            if place >= prefix && (place - prefix).is_multiple_of(4) {
                text.push('-');
            }
            text.push(symbol(*value));
        }
        text
    }

    /// What the register finds the code by. A register that is stolen without the key gives no codes away.
    pub fn index(&self, key: &CodeKey) -> CodeIndex {
        // RFC 2104, section 2: a short key is filled up with zeros to a block.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&key.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(self.expose().as_bytes());
        CodeIndex(mac.finalize().into_bytes().into())
    }

    /// What a signed claim binds the code by; anybody who has the code can compute it.
    pub fn hash(&self) -> CodeHash {
        let whole = Sha256::digest(self.expose().as_bytes());
        let mut hash = [0; CodeHash::LENGTH];
        hash.copy_from_slice(&whole[..CodeHash::LENGTH]);
        CodeHash(hash)
    }
}

impl PartialEq for VerificationCode {
    fn eq(&self, other: &Self) -> bool {
        self.values.ct_eq(&other.values).into()
    }
}

impl Eq for VerificationCode {}

impl fmt::Debug for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code]")
    }
}

impl fmt::Display for VerificationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code]")
    }
}

/// The register's key for [`CodeIndex`]: 32 random bytes, kept apart from the register.
#[derive(Clone)]
pub struct CodeKey([u8; 32]);

impl CodeKey {
    /// Takes a key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

/// HMAC-SHA-256 (RFC 2104) of a code in its canonical form: all that a register keeps of it. Compared in constant time.
#[derive(Clone, Copy, Debug)]
pub struct CodeIndex([u8; 32]);

impl CodeIndex {
    /// Takes what a register kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the register.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for CodeIndex {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CodeIndex {}

/// The first 128 bits of SHA-256 of a code in its canonical form. More would say nothing more: a code has 80 random bits, and
/// each byte makes the QR code larger. Not for looking up: see [`CodeIndex`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeHash([u8; Self::LENGTH]);

impl CodeHash {
    /// In bytes.
    pub const LENGTH: usize = 16;

    /// Takes a hash from a claim.
    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// For a claim.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

fn value_of(symbol: u8) -> Option<u8> {
    (0u8..).zip(ALPHABET).find(|(_, known)| **known == symbol).map(|(value, _)| value)
}

fn symbol(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

/// Where a symbol stands in the canonical form; the first place is 1.
fn shown_at(place: usize, prefix: usize) -> usize {
    let dashes = if place < prefix { 0 } else { (place - prefix) / 4 + 1 };
    place + dashes + 1
}
