//! Data group 13 of a Vietnamese identity card: what is printed on it, as numbered fields.
//!
//! No standard is published. The fields' numbers are those that readers of others agree on: an element `6D` with
//! `SEQUENCE { INTEGER number, text }`, the text of some being several. So the elements are searched for that form, however
//! they are nested.

use std::collections::BTreeMap;

use super::{GroupError, content};
use crate::tlv::{self, Tlv, TlvError};

const INTEGER: u32 = 0x02;
const SEQUENCE: u32 = 0x30;
const SET: u32 = 0x31;
/// UTF8String, NumericString, PrintableString, IA5String, and the dates.
const TEXTS: [u32; 6] = [0x0C, 0x12, 0x13, 0x16, 0x17, 0x18];
/// How deep elements are searched.
const DEPTH_MAX: usize = 8;
/// Most fields, and most texts of one.
const FIELDS_MAX: usize = 64;

/// The numbered fields. Personal: its `Debug` shows the numbers only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct VietnameseFields(BTreeMap<u32, Vec<String>>);

impl std::fmt::Debug for VietnameseFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("VietnameseFields").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}

/// A field that holds one text.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
        impl VietnameseFields {
            $($(#[$doc])* pub fn $name(&self) -> Option<&str> { self.text($number) })*
        }
    };
}

fields! {
    /// The citizen's number, twelve digits.
    citizen_number = 1;
    /// The whole name, with its marks.
    full_name = 2;
    /// As written on the card: DD/MM/YYYY.
    date_of_birth = 3;
    /// `Nam` or `Nữ`.
    sex = 4;
    /// The nationality.
    nationality = 5;
    /// The people.
    ethnicity = 6;
    /// The religion.
    religion = 7;
    /// Where the family comes from.
    place_of_origin = 8;
    /// Where the holder lives.
    place_of_residence = 9;
    /// What the holder is known by.
    personal_identification = 10;
    /// As written on the card.
    date_of_issue = 11;
    /// As written on the card; a word where it never expires.
    date_of_expiry = 12;
    /// The number of the identity card before this kind.
    previous_number = 16;
}

impl VietnameseFields {
    /// Reads data group 13.
    ///
    /// # Errors
    /// If it is no data group 13, or has no such field.
    pub fn of_group(file: &[u8]) -> Result<Self, GroupError> {
        let mut fields = Self::default();
        fields.search(content(13, file)?, DEPTH_MAX)?;
        if fields.0.is_empty() { Err(TlvError::Missing(SEQUENCE).into()) } else { Ok(fields) }
    }

    /// The names of father and mother, and others of the family if the card has them.
    pub fn family(&self) -> &[String] {
        self.0.get(&13).map_or(&[], Vec::as_slice)
    }

    fn text(&self, number: u32) -> Option<&str> {
        self.0.get(&number)?.first().map(String::as_str)
    }

    fn search(&mut self, elements: &[u8], depth: usize) -> Result<(), TlvError> {
        for element in tlv::each(elements) {
            let Tlv { tag: SEQUENCE | SET, value } = element? else { continue };
            if let Some((number, rest)) = numbered(value)? {
                let mut texts = Vec::new();
                collect(rest, depth, &mut texts)?;
                if self.0.len() < FIELDS_MAX && !texts.is_empty() {
                    self.0.entry(number).or_insert(texts);
                }
            } else if depth > 0 {
                self.search(value, depth - 1)?;
            }
        }
        Ok(())
    }
}

/// The number that a sequence begins with, and what comes behind it; `None` if that is no text and no list of such.
fn numbered(sequence: &[u8]) -> Result<Option<(u32, &[u8])>, TlvError> {
    if sequence.is_empty() {
        return Ok(None);
    }
    let (first, rest) = tlv::split(sequence)?;
    let (INTEGER, [number]) = (first.tag, first.value) else { return Ok(None) };
    let first_of = |elements| tlv::each(elements).next().transpose();
    let is_text = |element: Option<Tlv<'_>>| element.is_some_and(|element| TEXTS.contains(&element.tag));
    let holds_text = match first_of(rest)? {
        // A list of texts. A list of fields may begin with a number as well, its version; its fields do not begin with texts.
        Some(Tlv { tag: SEQUENCE | SET, value }) => match first_of(value)? {
            Some(Tlv { tag: SEQUENCE | SET, value }) => is_text(first_of(value)?),
            inner => is_text(inner),
        },
        first => is_text(first),
    };
    Ok(holds_text.then_some((u32::from(*number), rest)))
}

/// All texts, in order.
fn collect(elements: &[u8], depth: usize, texts: &mut Vec<String>) -> Result<(), TlvError> {
    for element in tlv::each(elements) {
        match element? {
            Tlv { tag, value } if TEXTS.contains(&tag) && texts.len() < FIELDS_MAX => {
                texts.push(String::from_utf8_lossy(value).trim().to_owned());
            }
            Tlv { tag: SEQUENCE | SET, value } if depth > 0 => collect(value, depth - 1, texts)?,
            _ => {}
        }
    }
    Ok(())
}
