//! The elements of a data group of texts and dates, by their tags.

use std::collections::BTreeMap;

use crate::mrz::Date;
use crate::tlv::{self, Tlv, TlvError};

/// The list of the tags that the group has. It is passed over: what counts is what is there.
const TAG_LIST: u32 = 0x5C;
/// Several elements of one kind, with their number before them.
const SEVERAL: u32 = 0xA0;
const INTEGER: u32 = 0x02;
/// Most elements with one tag; of a group's file, whose length is bounded, the rest is passed over.
const MANY: usize = 32;
/// Longest value that is kept, bytes. Longer ones are no texts.
const VALUE_MAX: usize = 4 << 10;

/// Elements, by their tags. Personal: its `Debug` shows the tags only.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Elements(BTreeMap<u32, Vec<Vec<u8>>>);

impl std::fmt::Debug for Elements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[")?;
        for (at, tag) in self.0.keys().enumerate() {
            write!(f, "{}{tag:X}", if at > 0 { ", " } else { "" })?;
        }
        f.write_str("]")
    }
}

impl Elements {
    /// Those with a known tag.
    ///
    /// # Errors
    /// If they cannot be read, none of them is there, or a value is too long.
    pub(super) fn read(content: &[u8], known: &[u32]) -> Result<Self, TlvError> {
        let mut elements = Self::default();
        for element in tlv::each(content) {
            match element? {
                Tlv { tag: TAG_LIST | INTEGER, .. } => {}
                Tlv { tag: SEVERAL, value } => {
                    for element in tlv::each(value) {
                        elements.keep(element?, known)?;
                    }
                }
                element => elements.keep(element, known)?,
            }
        }
        let first = known.first().copied().unwrap_or(TAG_LIST);
        if elements.0.is_empty() { Err(TlvError::Missing(first)) } else { Ok(elements) }
    }

    fn keep(&mut self, Tlv { tag, value }: Tlv<'_>, known: &[u32]) -> Result<(), TlvError> {
        if !known.contains(&tag) {
            return Ok(());
        }
        if value.len() > VALUE_MAX {
            return Err(TlvError::Value(tag));
        }
        let values = self.0.entry(tag).or_default();
        if values.len() < MANY && !value.is_empty() {
            values.push(value.to_vec());
        }
        Ok(())
    }

    fn first(&self, tag: u32) -> Option<&[u8]> {
        self.0.get(&tag)?.first().map(Vec::as_slice)
    }

    /// A text; fillers stand for spaces.
    pub(super) fn text(&self, tag: u32) -> Option<String> {
        self.first(tag).map(text)
    }

    /// A text of several parts, which fillers divide: a place, its state and its country; the lines of an address.
    pub(super) fn parts(&self, tag: u32) -> Vec<String> {
        let whole = String::from_utf8_lossy(self.first(tag).unwrap_or_default()).into_owned();
        whole.split('<').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A name's two parts, which two fillers divide, the surname first. Where nothing divides it, all is in the first.
    pub(super) fn name(&self, tag: u32) -> Option<(String, String)> {
        self.first(tag).map(name)
    }

    /// All names with this tag, each whole.
    pub(super) fn names(&self, tag: u32) -> Vec<String> {
        self.0.get(&tag).into_iter().flatten().map(|value| whole(name(value))).collect()
    }

    /// A date, from the eight digits YYYYMMDD that a value begins with: as text, or two in a byte (BCD), as chips of the
    /// first years write them. `None` also if it is no date.
    pub(super) fn date(&self, tag: u32) -> Option<Date> {
        let value = self.first(tag)?;
        let digits = match value.len() {
            // Of a date, and of a date with hour, minute and second.
            4 | 7 => value.iter().flat_map(|byte| [b'0' + (byte >> 4), b'0' + (byte & 0x0F)]).collect(),
            8 | 14 => value.to_vec(),
            _ => return None,
        };
        Date::of_digits(std::str::from_utf8(digits.get(..8)?).ok()?)
    }
}

/// A name's parts as one.
pub(super) fn whole((surname, given): (String, String)) -> String {
    format!("{surname} {given}").trim().to_owned()
}

fn name(value: &[u8]) -> (String, String) {
    let value = String::from_utf8_lossy(value);
    let (surname, given) = value.split_once("<<").unwrap_or((&value, ""));
    (text(surname.as_bytes()), text(given.as_bytes()))
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).trim_matches(['<', ' ', '\0']).replace('<', " ")
}
