//! DER (ITU-T X.690): elements read one after the other, and written.
//!
//! Tags of one byte and definite lengths in their shortest form, which is all that certificates, CMS messages, time stamps
//! and what tells of revocation are made of. Nothing is allocated as a length says.

#[cfg(test)]
mod tests;

use std::time::SystemTime;

use x509_cert::der::DateTime;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BITS: u8 = 0x03;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0A;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, `[1]`, … with elements inside; add the number.
pub(crate) const CONTEXT: u8 = 0xA0;
/// The same with a plain value inside.
pub(crate) const CONTEXT_PLAIN: u8 = 0x80;

/// What is wrong with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// The bytes end before the element does.
    #[error("it ends in the middle of an element")]
    Truncated,
    /// A tag of more than one byte, or a length that is not definite or not in its shortest form.
    #[error("it is not in DER")]
    NotDer,
    /// Something comes behind the last element.
    #[error("something comes behind its end")]
    Trailing,
    /// An element is not there.
    #[error("it has no element {0:02X} where one must be")]
    Missing(u8),
    /// An element's value is not what its tag says.
    #[error("its element {0:02X} cannot be read")]
    Value(u8),
}

/// An element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    /// With tag and length.
    pub(crate) whole: &'a [u8],
}

/// Elements, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The next element; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Element<'a>>, DerError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let (element, rest) = split(self.0)?;
        self.0 = rest;
        Ok(Some(element))
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, DerError> {
        self.optional(tag)?.ok_or(DerError::Missing(tag))
    }

    /// The value of the next element, which must have this tag.
    pub(crate) fn value(&mut self, tag: u8) -> Result<&'a [u8], DerError> {
        self.expect(tag).map(|element| element.value)
    }

    /// What is inside the next element, which must have this tag.
    pub(crate) fn inside(&mut self, tag: u8) -> Result<Self, DerError> {
        self.value(tag).map(Self)
    }

    /// The next element, if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, DerError> {
        if self.0.first() == Some(&tag) { self.next() } else { Ok(None) }
    }

    /// There must be nothing more.
    pub(crate) fn end(&self) -> Result<(), DerError> {
        if self.0.is_empty() { Ok(()) } else { Err(DerError::Trailing) }
    }

    /// A time of either kind.
    pub(crate) fn time(&mut self) -> Result<SystemTime, DerError> {
        let element = self.next()?.ok_or(DerError::Missing(GENERALIZED_TIME))?;
        time(element).ok_or(DerError::Value(element.tag))
    }
}

/// The first element and what comes behind it.
pub(crate) fn split(bytes: &[u8]) -> Result<(Element<'_>, &[u8]), DerError> {
    let (tag, behind) = bytes.split_first().ok_or(DerError::Truncated)?;
    let (first, behind) = behind.split_first().ok_or(DerError::Truncated)?;
    if tag & 0x1F == 0x1F {
        return Err(DerError::NotDer);
    }
    let (length, behind) = match first {
        0..=0x7F => (usize::from(*first), behind),
        0x81..=0x84 => {
            let (digits, behind) = behind.split_at_checked(usize::from(first & 0x0F)).ok_or(DerError::Truncated)?;
            let length = digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
            let is_shortest = digits[0] != 0 && length >= 0x80;
            if is_shortest { (length, behind) } else { return Err(DerError::NotDer) }
        }
        _ => return Err(DerError::NotDer),
    };
    let (value, rest) = behind.split_at_checked(length).ok_or(DerError::Truncated)?;
    Ok((Element { tag: *tag, value, whole: &bytes[..bytes.len() - rest.len()] }, rest))
}

/// What is inside the only element that there is, which must have this tag.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Result<Reader<'_>, DerError> {
    let mut reader = Reader(bytes);
    let inside = reader.inside(tag)?;
    reader.end()?;
    Ok(inside)
}

/// The bytes of a BIT STRING of whole bytes.
pub(crate) fn bits(value: &[u8]) -> Result<&[u8], DerError> {
    value.strip_prefix(&[0]).ok_or(DerError::Value(BITS))
}

/// An INTEGER that is not negative and has at most four bytes.
pub(crate) fn small(value: &[u8]) -> Option<u32> {
    let positive = value.first().is_some_and(|first| first & 0x80 == 0) && value.len() <= 4;
    positive.then(|| value.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// A UTCTime or GeneralizedTime in UTC; parts of seconds are cut off.
fn time(element: Element<'_>) -> Option<SystemTime> {
    let text = std::str::from_utf8(element.value).ok()?.strip_suffix('Z')?;
    let (text, parts) = text.split_once('.').unwrap_or((text, "0"));
    if !parts.bytes().chain(text.bytes()).all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| text.get(at..at + 2)?.parse::<u8>().ok();
    let (year, at) = match (element.tag, text.len()) {
        // RFC 5280, section 4.1.2.5.1
        (UTC_TIME, 12) => {
            let year = u16::from(two(0)?);
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        (GENERALIZED_TIME, 14) => (text.get(..4)?.parse().ok()?, 4),
        _ => return None,
    };
    let time = DateTime::new(year, two(at)?, two(at + 2)?, two(at + 4)?, two(at + 6)?, two(at + 8)?).ok()?;
    Some(time.to_system_time())
}

/// Writes an element with these parts inside.
pub(crate) fn write(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut element = Vec::with_capacity(length + 6);
    element.push(tag);
    match u8::try_from(length) {
        Ok(short @ 0..=0x7F) => element.push(short),
        _ => {
            let digits = length.to_be_bytes();
            let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
            element.push(0x80 + u8::try_from(digits.len()).unwrap_or_default());
            element.extend_from_slice(digits);
        }
    }
    parts.iter().for_each(|part| element.extend_from_slice(part));
    element
}

/// Writes a number that is not negative, from its bytes.
pub(crate) fn write_number(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len().saturating_sub(1));
    let bytes = &bytes[zeros..];
    let sign: &[u8] = if bytes.first().is_some_and(|first| first & 0x80 != 0) { &[0] } else { &[] };
    write(INTEGER, &[sign, bytes])
}

/// Writes a SET OF, in the order that DER asks for (X.690, section 11.6).
pub(crate) fn write_set(tag: u8, mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    let parts: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
    write(tag, &parts)
}
