//! Ids, codes and hashes: all that the journal and the register are made of.

#[cfg(test)]
mod tests;

use std::fmt;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

/// Most characters of a [`Code`].
const CODE_MOST: usize = 64;
/// So many digits in a row could be the number of an identity card (12, formerly 9).
const DIGITS_FORBIDDEN: usize = 9;

/// A case: 16 random bytes, so that nothing can be told from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId(pub(crate) [u8; 16]);

/// 32 bytes: SHA-256 or HMAC-SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

/// A name that may stay for ever: of an agency, an officer, a procedure, a reason. 1 to 64 ASCII letters, digits, `.`, `_`, `-`;
/// it begins with a letter, and has no nine digits in a row, so it cannot hold a person's name with its marks, an address or the
/// number of a card.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(String);

/// Why a text is no [`Code`]. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Its length or its characters.
    #[error("a code has 1 to 64 ASCII letters, digits, dots, underscores and hyphens, and begins with a letter")]
    Characters,
    /// It could hold the number of a card.
    #[error("a code has no nine digits in a row: these could be the number of an identity card")]
    Digits,
}

impl Code {
    /// Takes a code.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn new(text: &str) -> Result<Self, CodeError> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        if !begins || text.len() > CODE_MOST || !text.bytes().all(known) {
            return Err(CodeError::Characters);
        }
        if text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() >= DIGITS_FORBIDDEN) {
            return Err(CodeError::Digits);
        }
        Ok(Self(text.to_owned()))
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CaseId {
    /// The case of these 32 hexadecimal digits; `None` if they are not.
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl Hash {
    /// The hash of these 64 hexadecimal digits; `None` if they are not.
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

fn from_hex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != 2 * BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, place) in bytes.iter_mut().zip(0..) {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// For logs and error texts: the first eight digits, which tell cases apart. Who has all of them may ask for the copy.
impl fmt::Debug for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0[..4], f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

macro_rules! bytes {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_blob()?.try_into().map(Self).map_err(|_| FromSqlError::InvalidType)
            }
        }
    )*};
}

bytes!(CaseId, Hash);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for Code {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Code {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::new(value.as_str()?).map_err(|_| FromSqlError::InvalidType)
    }
}
