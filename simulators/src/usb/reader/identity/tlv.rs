//! Data objects of tag, length and value: DER (ITU-T X.690) and BER-TLV of cards (ISO/IEC 7816-4:2020, section 6.3).

/// INTEGER, BIT STRING, OCTET STRING, NULL (X.690, section 8).
const INTEGER: u32 = 0x02;
const BIT_STRING: u32 = 0x03;
const OCTET_STRING: u32 = 0x04;
const OID: u32 = 0x06;
const UTF8_STRING: u32 = 0x0c;
const SEQUENCE: u32 = 0x30;
const SET: u32 = 0x31;

/// One object; the tag as it stands on the wire, such as 0x7f61.
pub(super) fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = tag.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    out.extend(length(value.len()));
    out.extend(value);
    out
}

fn length(length: usize) -> Vec<u8> {
    let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    match (bytes.as_slice(), u8::try_from(bytes.len())) {
        ([], _) => vec![0],
        ([short @ ..=0x7f], _) => vec![*short],
        (_, count) => [&[0x80 | count.unwrap_or(0x7f)][..], &bytes].concat(),
    }
}

/// An object of several others.
pub(super) fn of(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    of(SEQUENCE, parts)
}

/// A SET OF, in the order that DER wants (X.690, section 11.6).
pub(super) fn set(parts: &[&[u8]]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    of(SET, &parts)
}

/// A number that is not negative, from its bytes, the highest first.
pub(super) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let bytes = &bytes[from..];
    let sign: &[u8] = if bytes.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    of(INTEGER, &[sign, bytes])
}

pub(super) fn integer(number: u8) -> Vec<u8> {
    unsigned(&[number])
}

pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(OCTET_STRING, bytes)
}

/// Whole bytes of bits.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    of(BIT_STRING, &[&[0], bytes])
}

pub(super) fn utf8(text: &str) -> Vec<u8> {
    tlv(UTF8_STRING, text.as_bytes())
}

/// An object identifier, from its numbers.
pub(super) fn oid(arcs: &[u32]) -> Vec<u8> {
    tlv(OID, &oid_value(arcs))
}

/// The same without tag and length.
pub(super) fn oid_value(arcs: &[u32]) -> Vec<u8> {
    let [first, second, rest @ ..] = arcs else { return Vec::new() };
    let mut out = Vec::new();
    for arc in std::iter::once(&(first * 40 + second)).chain(rest) {
        let groups = (1..5).rev().filter(|group| arc >> (7 * group) != 0);
        out.extend(groups.map(|group| 0x80 | low_seven(arc >> (7 * group))));
        out.push(low_seven(*arc));
    }
    out
}

fn low_seven(number: u32) -> u8 {
    number.to_be_bytes()[3] & 0x7f
}

/// An object as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Object<'a> {
    pub(super) tag: u32,
    pub(super) value: &'a [u8],
    /// Tag, length and value.
    pub(super) whole: &'a [u8],
}

/// The first object of these bytes, and what follows it.
pub(super) fn read(bytes: &[u8]) -> Option<(Object<'_>, &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    let mut tag = u32::from(first);
    if first & 0x1f == 0x1f {
        let (&second, after) = rest.split_first()?;
        // Tags of three bytes are in no command of ours.
        if second & 0x80 != 0 {
            return None;
        }
        (tag, rest) = (tag << 8 | u32::from(second), after);
    }
    let (&short, after) = rest.split_first()?;
    let (length, after) = match short {
        0..=0x7f => (usize::from(short), after),
        0x81..=0x83 => {
            let (bytes, after) = after.split_at_checked(usize::from(short & 0x0f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), after)
        }
        _ => return None,
    };
    let (value, rest) = after.split_at_checked(length)?;
    Some((Object { tag, value, whole: &bytes[..bytes.len() - rest.len()] }, rest))
}

/// All objects of these bytes; none when they are not objects to the end.
pub(super) fn read_all(mut bytes: &[u8]) -> Option<Vec<Object<'_>>> {
    let mut objects = Vec::new();
    while !bytes.is_empty() {
        let (object, rest) = read(bytes)?;
        objects.push(object);
        bytes = rest;
    }
    Some(objects)
}

/// The value of the first object with this tag.
pub(super) fn find<'a>(objects: &[Object<'a>], tag: u32) -> Option<&'a [u8]> {
    objects.iter().find(|object| object.tag == tag).map(|object| object.value)
}
