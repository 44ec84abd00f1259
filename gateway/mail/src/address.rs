//! The address that a letter goes to.

#[cfg(test)]
mod tests;

use std::fmt;

use lettre::Address;
use lettre::message::Mailbox;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest address, bytes, as it stands between `<` and `>`: RFC 5321 section 4.5.3.1.3 (256 with these two).
const LONGEST: usize = 254;
/// Longest part before the `@`, bytes: RFC 5321 section 4.5.3.1.1.
const LONGEST_LOCAL: usize = 64;

/// A citizen's address. Personal: its `Debug` shows nothing of it, and it has no `Display`.
///
/// A domain in letters beyond ASCII is kept in its ASCII form (IDNA), which every server takes. Such letters before the `@` are
/// brought into normal form C; they need a server that takes them (RFC 6531).
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(Address);

/// Why a text is no address that a letter can go to. It does not tell the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `@`.
    #[error("an address has the form name@domain: ask for it again")]
    NoAt,
    /// The part before the `@`.
    #[error("the part before the @ is empty, too long (64 bytes) or has signs that no address has: ask for it again")]
    Local,
    /// The part after the `@`.
    #[error("the part after the @ is no name of a mail domain: ask for it again")]
    Domain,
    /// All of it.
    #[error("the address has more than {LONGEST} bytes: ask for another one")]
    TooLong,
}

impl Recipient {
    /// Reads an address as a person types it, without a name and brackets. Quoted local parts (`"a b"@domain`) and addresses of
    /// machines (`name@[192.0.2.1]`) are not taken.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        // Longer ones are not even brought into normal form.
        if text.len() > 4 * LONGEST {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        let local: String = local.nfc().collect();
        if local.len() > LONGEST_LOCAL || !local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(in_atom)) {
            return Err(AddressError::Local);
        }
        let domain = domain_to_ascii(domain).ok_or(AddressError::Domain)?;
        if local.len() + 1 + domain.len() > LONGEST {
            return Err(AddressError::TooLong);
        }
        // It knows more rules than those above, and is what the message is made with.
        Address::new(&local, &domain).map(Self).map_err(|error| match error {
            lettre::address::AddressError::InvalidUser => AddressError::Local,
            _ => AddressError::Domain,
        })
    }

    /// Whether a server must take letters beyond ASCII in addresses.
    pub(crate) fn needs_utf8(&self) -> bool {
        !self.0.user().is_ascii()
    }

    /// As it stands in a command.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(crate) fn domain(&self) -> &str {
        self.0.domain()
    }

    pub(crate) fn mailbox(&self, name: Option<&str>) -> Mailbox {
        Mailbox::new(name.map(str::to_owned), self.0.clone())
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

/// `atext` of RFC 5322 section 3.2.3, and the letters and digits of all scripts (RFC 6531 section 3.3 would take more: invisible
/// signs, too, by which two addresses would look the same).
pub(crate) fn in_atom(sign: char) -> bool {
    if sign.is_ascii() {
        sign.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(sign)
    } else {
        sign.is_alphanumeric() || is_combining_mark(sign)
    }
}

/// The ASCII form of a domain with at least two parts, of which the last is no number.
pub(crate) fn domain_to_ascii(domain: &str) -> Option<String> {
    if domain.len() > 4 * LONGEST {
        return None;
    }
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let (_, last) = ascii.rsplit_once('.')?;
    (!last.is_empty() && !last.bytes().all(|byte| byte.is_ascii_digit())).then_some(ascii)
}
