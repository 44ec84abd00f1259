//! The values that a PDF file is made of (ISO 32000-1, section 7.3), and how they are written.

use std::ops::Range;

/// The number and the generation of an indirect object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id {
    pub(crate) number: u32,
    pub(crate) generation: u16,
}

impl Id {
    pub(crate) const fn new(number: u32) -> Self {
        Self { number, generation: 0 }
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    Null,
    Bool(bool),
    Int(i64),
    /// As it is written, without zeros that say nothing.
    Real(Vec<u8>),
    String(Vec<u8>),
    /// Without its slash, and with `#` taken out.
    Name(Vec<u8>),
    Array(Vec<Object>),
    Dict(Dict),
    /// A dictionary, and where in the file its bytes are.
    Stream(Dict, Range<usize>),
    Ref(Id),
}

/// A dictionary, in the order in which it is written, which says nothing. No name stands in it twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dict(pub(crate) Vec<(Vec<u8>, Object)>);

impl Dict {
    pub(crate) fn get(&self, name: &str) -> Option<&Object> {
        self.0.iter().find(|(own, _)| own == name.as_bytes()).map(|(_, value)| value)
    }

    /// Puts a value in the place of the one with that name, or behind all others.
    pub(crate) fn set(&mut self, name: &str, value: Object) {
        match self.0.iter_mut().find(|(own, _)| own == name.as_bytes()) {
            Some((_, own)) => *own = value,
            None => self.0.push((name.as_bytes().to_vec(), value)),
        }
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Object::int)
    }

    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|own| own.is_name(value))
    }

    /// The same entries but for these names.
    pub(crate) fn same_but(&self, other: &Self, names: &[&str]) -> bool {
        self.sorted_but(names) == other.sorted_but(names)
    }

    fn sorted_but(&self, names: &[&str]) -> Vec<&(Vec<u8>, Object)> {
        let is_other = |entry: &&(Vec<u8>, Object)| !names.iter().any(|name| name.as_bytes() == entry.0);
        let mut rest: Vec<_> = self.0.iter().filter(is_other).collect();
        rest.sort_by(|one, two| one.0.cmp(&two.0));
        rest
    }

    /// It has no entries but these.
    pub(crate) fn only(&self, names: &[&str]) -> bool {
        self.0.iter().all(|(own, _)| names.iter().any(|name| name.as_bytes() == own))
    }
}

impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        self.same_but(other, &[])
    }
}

impl Eq for Dict {}

impl<const N: usize> From<[(&str, Object); N]> for Dict {
    fn from(entries: [(&str, Object); N]) -> Self {
        Self(entries.into_iter().map(|(name, value)| (name.as_bytes().to_vec(), value)).collect())
    }
}

impl Object {
    pub(crate) fn name(name: &str) -> Self {
        Self::Name(name.as_bytes().to_vec())
    }

    /// A text string (section 7.9.2.2): as it is in ASCII, else UTF-16.
    pub(crate) fn text(text: &str) -> Self {
        if text.is_ascii() {
            return Self::String(text.as_bytes().to_vec());
        }
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        Self::String(units.flat_map(u16::to_be_bytes).collect())
    }

    /// A number with at most three digits behind the point.
    pub(crate) fn real(number: f32) -> Self {
        let text = format!("{number:.3}");
        Self::Real(text.trim_end_matches('0').trim_end_matches('.').as_bytes().to_vec())
    }

    pub(crate) fn is_name(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if own == name.as_bytes())
    }

    pub(crate) fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// A number of any kind.
    pub(crate) fn float(&self) -> Option<f32> {
        match self {
            Self::Int(number) => number.to_string().parse().ok(),
            Self::Real(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            _ => None,
        }
        .filter(|number: &f32| number.is_finite())
    }

    pub(crate) fn array(&self) -> Option<&[Self]> {
        if let Self::Array(array) = self { Some(array) } else { None }
    }

    pub(crate) fn dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    pub(crate) fn string(&self) -> Option<&[u8]> {
        if let Self::String(string) = self { Some(string) } else { None }
    }

    pub(crate) fn reference(&self) -> Option<Id> {
        if let Self::Ref(id) = self { Some(*id) } else { None }
    }

    /// The text of a text string, as far as it can be read.
    pub(crate) fn shown(&self) -> Option<String> {
        let bytes = self.string()?;
        Some(match bytes.strip_prefix(&[0xFE, 0xFF]) {
            Some(units) => {
                let units: Vec<u16> = units.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
                String::from_utf16_lossy(&units)
            }
            None => String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).into_owned(),
        })
    }

    /// Writes the value. Of a stream only the dictionary: its bytes are where they are.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Null => to.extend_from_slice(b"null"),
            Self::Bool(value) => to.extend_from_slice(value.to_string().as_bytes()),
            Self::Int(number) => to.extend_from_slice(number.to_string().as_bytes()),
            Self::Real(text) => to.extend_from_slice(text),
            Self::String(bytes) => write_string(bytes, to),
            Self::Name(name) => write_name(name, to),
            Self::Array(array) => {
                to.push(b'[');
                for (place, value) in array.iter().enumerate() {
                    if place > 0 {
                        to.push(b' ');
                    }
                    value.write(to);
                }
                to.push(b']');
            }
            Self::Dict(dict) | Self::Stream(dict, _) => dict.write(to),
            Self::Ref(id) => to.extend_from_slice(format!("{} {} R", id.number, id.generation).as_bytes()),
        }
    }
}

impl Dict {
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(b"<<");
        for (name, value) in &self.0 {
            write_name(name, to);
            to.push(b' ');
            value.write(to);
            to.push(b'\n');
        }
        to.extend_from_slice(b">>");
    }
}

fn write_name(name: &[u8], to: &mut Vec<u8>) {
    to.push(b'/');
    for byte in name {
        if byte.is_ascii_graphic() && !b"#()<>[]{}/%".contains(byte) {
            to.push(*byte);
        } else {
            to.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

fn write_string(bytes: &[u8], to: &mut Vec<u8>) {
    if bytes.iter().all(|byte| (0x20..0x7F).contains(byte)) {
        to.push(b'(');
        for byte in bytes {
            if b"()\\".contains(byte) {
                to.push(b'\\');
            }
            to.push(*byte);
        }
        to.push(b')');
    } else {
        to.push(b'<');
        to.extend_from_slice(&hex(bytes));
        to.push(b'>');
    }
}

/// Hexadecimal digits, two for a byte.
pub(crate) fn hex(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}
