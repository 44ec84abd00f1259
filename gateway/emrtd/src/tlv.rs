//! BER-TLV elements as chips use them (ISO/IEC 7816-4, 5.2.2; ASN.1 DER): tags of up to three bytes, definite lengths.
//!
//! Nothing is allocated as a length says, and nothing is read past the bytes that are there.

#[cfg(test)]
mod tests;

/// What is wrong with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    /// The bytes end before the element does.
    #[error("it ends in the middle of an element")]
    Truncated,
    /// A tag of more than three bytes.
    #[error("it has a tag of more than three bytes")]
    Tag,
    /// A length without end, or of more than four bytes.
    #[error("it has a length that is not definite, or of more than four bytes")]
    Length,
    /// Something comes behind the last element.
    #[error("something comes behind its end")]
    Trailing,
    /// An element is not there.
    #[error("it has no element {0:02X}")]
    Missing(u32),
    /// An element's value is not what its tag says.
    #[error("its element {0:02X} cannot be read")]
    Value(u32),
}

/// An element: its tag as one number (`0x7F49`) and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    pub(crate) tag: u32,
    pub(crate) value: &'a [u8],
}

/// The beginning of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) tag: u32,
    /// Bytes of tag and length.
    pub(crate) bytes: usize,
    /// Bytes of the value, as the head says.
    pub(crate) length: usize,
}

/// Reads tag and length; the value need not be there.
pub(crate) fn head(bytes: &[u8]) -> Result<Head, TlvError> {
    let mut at = 0;
    let mut next = || {
        let byte = *bytes.get(at).ok_or(TlvError::Truncated)?;
        at += 1;
        Ok::<u8, TlvError>(byte)
    };
    let first = next()?;
    let mut tag = u32::from(first);
    if first & 0x1F == 0x1F {
        for more in [true, false] {
            let byte = next()?;
            tag = tag << 8 | u32::from(byte);
            if byte & 0x80 == 0 {
                break;
            } else if !more {
                return Err(TlvError::Tag);
            }
        }
    }
    let length = match next()? {
        short @ 0..=0x7F => u32::from(short),
        count @ 0x81..=0x84 => (0x80..count).try_fold(0, |length, _| Ok(length << 8 | u32::from(next()?)))?,
        _ => return Err(TlvError::Length),
    };
    let length = usize::try_from(length).map_err(|_| TlvError::Length)?;
    Ok(Head { tag, bytes: at, length })
}

/// The first element and what comes behind it.
pub(crate) fn split(bytes: &[u8]) -> Result<(Tlv<'_>, &[u8]), TlvError> {
    let head = head(bytes)?;
    let (value, rest) = bytes[head.bytes..].split_at_checked(head.length).ok_or(TlvError::Truncated)?;
    Ok((Tlv { tag: head.tag, value }, rest))
}

/// All elements, one after the other.
pub(crate) fn each(bytes: &[u8]) -> impl Iterator<Item = Result<Tlv<'_>, TlvError>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let found = split(rest);
        // What cannot be read is told once.
        rest = found.map_or(&[], |(_, rest)| rest);
        Some(found.map(|(tlv, _)| tlv))
    })
}

/// The value of the first element with this tag, among elements one after the other.
pub(crate) fn find(bytes: &[u8], tag: u32) -> Result<Option<&[u8]>, TlvError> {
    for tlv in each(bytes) {
        let tlv = tlv?;
        if tlv.tag == tag {
            return Ok(Some(tlv.value));
        }
    }
    Ok(None)
}

/// The same, where it must be there.
pub(crate) fn get(bytes: &[u8], tag: u32) -> Result<&[u8], TlvError> {
    find(bytes, tag)?.ok_or(TlvError::Missing(tag))
}

/// The value of the only element that there is, which must have this tag.
pub(crate) fn only(bytes: &[u8], tag: u32) -> Result<&[u8], TlvError> {
    let (tlv, rest) = split(bytes)?;
    match (tlv.tag == tag, rest.is_empty()) {
        (false, _) => Err(TlvError::Missing(tag)),
        (true, false) => Err(TlvError::Trailing),
        (true, true) => Ok(tlv.value),
    }
}

/// An INTEGER's value, a number of at most four bytes that is not negative.
pub(crate) fn small(bytes: &[u8]) -> Option<u32> {
    let positive = bytes.first().is_some_and(|first| first & 0x80 == 0) && bytes.len() <= 4;
    positive.then(|| bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// Writes an element.
pub(crate) fn write(tag: u32, value: &[u8]) -> Vec<u8> {
    let significant = |number: u32| {
        let bytes = number.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(3);
        bytes[zeros..].to_vec()
    };
    let mut element = significant(tag);
    let length = significant(u32::try_from(value.len()).expect("what is written to a chip is short"));
    if value.len() >= 0x80 {
        element.push(0x80 + u8::try_from(length.len()).unwrap_or(4));
    }
    element.extend_from_slice(&length);
    element.extend_from_slice(value);
    element
}
