//! What the QR code on a copy says: `https://HOST/c/CODE#CLAIMS`.
//!
//! A browser asks the agency about the code; an app that knows the agency's keys believes the claims without any network. What
//! stands after `#` never reaches the server.
//!
//! CLAIMS is a COSE_Sign1 (ES256; protected header: algorithm and key id) in base 41 (`base41`). Its payload is a CBOR map
//! in the deterministic form, all keys present, in this order:
//!
//! | key | claim | CBOR |
//! |---|---|---|
//! | 1 | issuer, as in CWT (RFC 8392) | text, 1 to 16 bytes |
//! | 6 | issued at, as in CWT: seconds since 1970 | unsigned |
//! | -1 | hash of the verification code ([`CodeHash`]) | 16 bytes |
//! | -2 | number in the register | unsigned |
//! | -3 | book of the register | text, 1 to 24 bytes |
//! | -4 | type of copy ([`CopyType`]) | unsigned |
//! | -5 | pages | unsigned, 1 to 65,535 |
//! | -6 | SHA-256 of the content | 32 bytes |
//! | -7 | index of the entry in the transparency log | unsigned |
//!
//! A typical copy makes a QR code of version 11 (61 modules) at error correction M, if it is drawn from [`qr_segments`]; 12 if
//! its encoder guesses. See the tests before making any of this longer.

mod base41;
#[cfg(test)]
mod tests;

use crate::cbor::{Reader, Writer};
use crate::code::{AgencyPrefix, CodeError, CodeHash, VerificationCode};
use crate::cose::{self, ClaimsError, ClaimsKey, SignHash};

const LONGEST_ISSUER: usize = 16;
const LONGEST_BOOK: usize = 24;
/// Longer than any that can be made: host 64, code 32, claims 300.
const LONGEST: usize = 512;
const LONGEST_HOST: usize = 64;

/// Why a QR code is not made, or not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// Not of the form `https://HOST/c/CODE#CLAIMS`.
    #[error("this is no QR code of a certified copy, or only a part of one; scan it again")]
    Form,
    /// It leads elsewhere.
    #[error("the QR code leads to another host than the agency's; do not open it")]
    OtherHost,
    /// The host cannot be in a QR code.
    #[error("a host has 1 to {LONGEST_HOST} of a-z, 0-9, dots, dashes, and a colon before its port")]
    Host,
    /// About its code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// About its claims.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// The code and the claims are of two copies.
    #[error("the code and the signed claims are of two copies: the QR code was put together from parts")]
    OtherCode,
}

/// What kind of copy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyType {
    /// A certified electronic copy of a paper original.
    OfOriginal = 1,
    /// A copy issued from the agency's own register.
    OfRegister = 2,
}

/// What the agency says of a copy. No personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it, short: 1 to 16 bytes.
    pub issuer: String,
    /// Seconds since 1970.
    pub issued_at: u64,
    /// Hash of its verification code.
    pub code: CodeHash,
    /// Number in the register.
    pub number: u64,
    /// Book of the register, 1 to 24 bytes.
    pub book: String,
    /// What kind of copy.
    pub copy_type: CopyType,
    /// How many pages; at least 1.
    pub pages: u16,
    /// SHA-256 over what is certified. Not of the final file: that has this in it.
    pub content: [u8; 32],
    /// Place of its entry in the transparency log.
    pub log_index: u64,
}

impl Claims {
    fn check(&self) -> Result<(), ClaimsError> {
        let fits = |text: &str, longest| (1..=longest).contains(&text.len()) && !text.contains(char::is_control);
        match self {
            _ if !fits(&self.issuer, LONGEST_ISSUER) => Err(ClaimsError::Fact("the issuer")),
            _ if !fits(&self.book, LONGEST_BOOK) => Err(ClaimsError::Fact("the book")),
            _ if self.pages == 0 => Err(ClaimsError::Fact("the number of pages")),
            _ => Ok(()),
        }
    }

    fn to_cbor(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.map(9);
        writer.int(1).text(&self.issuer);
        writer.int(6).unsigned(self.issued_at);
        writer.int(-1).bytes(self.code.as_bytes());
        writer.int(-2).unsigned(self.number);
        writer.int(-3).text(&self.book);
        writer.int(-4).unsigned(self.copy_type as u64);
        writer.int(-5).unsigned(self.pages.into());
        writer.int(-6).bytes(&self.content);
        writer.int(-7).unsigned(self.log_index);
        writer.finish()
    }

    fn from_cbor(bytes: &[u8]) -> Result<Self, ClaimsError> {
        let mut reader = Reader::new(bytes);
        reader.map(9)?;
        let claims = Self {
            issuer: reader.key(1)?.text()?.to_owned(),
            issued_at: reader.key(6)?.unsigned()?,
            code: CodeHash::from_bytes(reader.key(-1)?.exactly()?),
            number: reader.key(-2)?.unsigned()?,
            book: reader.key(-3)?.text()?.to_owned(),
            copy_type: match reader.key(-4)?.unsigned()? {
                1 => CopyType::OfOriginal,
                2 => CopyType::OfRegister,
                _ => return Err(ClaimsError::Form),
            },
            pages: u16::try_from(reader.key(-5)?.unsigned()?).map_err(|_| ClaimsError::Form)?,
            content: reader.key(-6)?.exactly()?,
            log_index: reader.key(-7)?.unsigned()?,
        };
        reader.end()?;
        claims.check().map_err(|_| ClaimsError::Form)?;
        Ok(claims)
    }

    /// Signs the claims: a COSE_Sign1.
    ///
    /// # Errors
    /// [`ClaimsError`]: a claim that is too long, or a key that does not sign.
    pub fn sign(&self, key: &ClaimsKey, sign_hash: SignHash<'_>) -> Result<Vec<u8>, ClaimsError> {
        self.check()?;
        cose::sign(&self.to_cbor(), None, key, sign_hash)
    }

    /// Reads signed claims, and believes them if one of these keys signed them.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn open(signed: &[u8], keys: &[ClaimsKey]) -> Result<Self, ClaimsError> {
        if signed.len() > LONGEST {
            return Err(ClaimsError::Form);
        }
        Self::from_cbor(cose::open(signed, None, keys)?)
    }
}

/// The text of the QR code for a copy. `host`: lower case, with its port if that is not 443. The claims' `code` must be of this
/// code.
///
/// # Errors
/// [`QrError`].
pub fn qr_text(
    host: &str,
    code: &VerificationCode,
    claims: &Claims,
    key: &ClaimsKey,
    sign_hash: SignHash<'_>,
) -> Result<String, QrError> {
    let sign = |sign: u8| matches!(sign, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':');
    if host.is_empty() || host.len() > LONGEST_HOST || !host.bytes().all(sign) {
        return Err(QrError::Host);
    }
    if claims.code != code.hash() {
        return Err(QrError::OtherCode);
    }
    let signed = claims.sign(key, sign_hash)?;
    Ok(format!("https://{host}/c/{}#{}", code.expose(), base41::encode(&signed)))
}

/// The text of a QR code in four parts, by turns for byte mode and for alphanumeric mode (ISO/IEC 18004): which is shorter than
/// what encoders that go from left to right find. Nothing if it is no such text.
pub fn qr_segments(text: &str) -> Option<[&str; 4]> {
    let (head, claims) = text.split_once('#')?;
    let path = head.find("/c/")? + "/c/".len();
    Some([&head[..path], &head[path..], &text[head.len()..=head.len()], claims])
}

/// Reads the text of a QR code, without any network. `host`, `prefix` and `keys` are the agency's. That the copy was not revoked
/// since, this cannot say.
///
/// # Errors
/// [`QrError`].
pub fn open_qr(
    text: &str,
    host: &str,
    prefix: &AgencyPrefix,
    keys: &[ClaimsKey],
) -> Result<(VerificationCode, Claims), QrError> {
    if text.len() > LONGEST {
        return Err(QrError::Form);
    }
    let (found, rest) = text.strip_prefix("https://").and_then(|rest| rest.split_once("/c/")).ok_or(QrError::Form)?;
    let (typed, claims) = rest.split_once('#').ok_or(QrError::Form)?;
    if found != host {
        return Err(QrError::OtherHost);
    }
    let code = VerificationCode::read(typed, prefix)?;
    // A machine wrote it, so there is one form.
    if code.expose() != typed {
        return Err(QrError::Form);
    }
    let signed = base41::decode(claims).ok_or(QrError::Form)?;
    let claims = Claims::open(&signed, keys)?;
    if claims.code == code.hash() { Ok((code, claims)) } else { Err(QrError::OtherCode) }
}
