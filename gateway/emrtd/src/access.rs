//! What opens a chip: the data of the printed machine readable zone, or the card access number.
//!
//! Document: ICAO 9303-11 (8th edition), sections 4.3.2 and 9.7.2.

#[cfg(test)]
mod tests;
mod vietnam;

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::mrz::check_digit;

/// Why access data cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Of a document number: 1 to 22 letters and digits.
    #[error("a document number has 1 to 22 letters and digits")]
    Number,
    /// Of a date: six digits, YYMMDD.
    #[error("a date is written YYMMDD")]
    Date,
    /// Of a card access number: 6 to 12 digits.
    #[error("a card access number has 6 digits")]
    Can,
    /// Of a QR code: not one of a Vietnamese identity card.
    #[error("it is not the QR code of a Vietnamese identity card")]
    Code,
}

/// What opens a chip. Its text is personal: neither shown nor logged, and wiped when it is dropped.
#[derive(Clone)]
pub struct AccessKey(Secret);

#[derive(Clone)]
enum Secret {
    /// Number, birth and expiry with their check digits.
    Mrz(Zeroizing<String>),
    Can(Zeroizing<String>),
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Secret::Mrz(_) => "AccessKey(MRZ)",
            Secret::Can(_) => "AccessKey(CAN)",
        })
    }
}

impl AccessKey {
    /// From the document number, the date of birth and the date of expiry (YYMMDD).
    ///
    /// The number is the one in the machine readable zone: on a Vietnamese identity card the last nine of the twelve digits.
    ///
    /// # Errors
    /// [`AccessError`], if they cannot be in a machine readable zone.
    pub fn mrz(number: &str, birth: &str, expiry: &str) -> Result<Self, AccessError> {
        let number = Zeroizing::new(number.trim().trim_end_matches('<').to_ascii_uppercase());
        let in_zone = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<';
        if number.is_empty() || number.len() > 22 || !number.bytes().all(in_zone) {
            return Err(AccessError::Number);
        }
        // Of a birth, what is not known is `<`.
        for (date, filler) in [(birth, b'<'), (expiry, b'0')] {
            if date.len() != 6 || !date.bytes().all(|byte| byte.is_ascii_digit() || byte == filler) {
                return Err(AccessError::Date);
            }
        }
        let mut text = Zeroizing::new(String::with_capacity(48));
        let number = Zeroizing::new(format!("{:<<9}", number.as_str()));
        for part in [number.as_str(), birth, expiry] {
            text.push_str(part);
            text.push(check_digit(part.as_bytes()).map_or('<', char::from));
        }
        Ok(Self(Secret::Mrz(text)))
    }

    /// From the number printed on the card for this purpose.
    ///
    /// # Errors
    /// [`AccessError::Can`]
    pub fn can(number: &str) -> Result<Self, AccessError> {
        if !(6..=12).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AccessError::Can);
        }
        Ok(Self(Secret::Can(Zeroizing::new(number.to_owned()))))
    }

    /// The secret that the key of PACE's nonce is derived from, with the number of its kind in commands.
    pub(crate) fn password(&self) -> (u8, Zeroizing<Vec<u8>>) {
        match &self.0 {
            Secret::Mrz(text) => (1, Zeroizing::new(Sha1::digest(text.as_bytes()).to_vec())),
            Secret::Can(digits) => (2, Zeroizing::new(digits.as_bytes().to_vec())),
        }
    }

    /// The secret of basic access control, which only the machine readable zone opens.
    pub(crate) fn bac_seed(&self) -> Option<Zeroizing<Vec<u8>>> {
        match &self.0 {
            Secret::Mrz(text) => Some(Zeroizing::new(Sha1::digest(text.as_bytes())[..16].to_vec())),
            Secret::Can(_) => None,
        }
    }
}
