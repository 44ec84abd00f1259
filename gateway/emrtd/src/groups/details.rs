//! Data groups 11, 12 and 16: what a state adds of the holder, of the document, and whom to notify.
//!
//! Document: ICAO 9303-10 (8th edition), sections 4.7.11, 4.7.12 and 4.7.16. Texts are UTF-8; `<` divides their parts. The
//! groups' pictures (proof of citizenship, both sides of the document) are not taken.

mod elements;
#[cfg(test)]
mod tests;

use elements::{Elements, whole};

use super::{GroupError, content};
use crate::mrz::Date;
use crate::tlv;

/// Names: the holder's, those of others in the document, that of one to notify.
const NAME: u32 = 0x5F0E;
const OTHER_PERSON: u32 = 0x5F1A;
const NAME_TO_NOTIFY: u32 = 0x5F51;
/// The templates of the persons to notify.
const TEMPLATES: std::ops::RangeInclusive<u32> = 0xA1..=0xAF;

/// What gives an element's value, and all tags of a type.
macro_rules! fields {
    ($of:ident, $also:expr; $($(#[$doc:meta])* $name:ident: $kind:ident -> $value:ty = $tag:literal;)*) => {
        impl $of {
            const TAGS: &'static [u32] = &[$also, $($tag),*];

            $($(#[$doc])* pub fn $name(&self) -> $value { self.0.$kind($tag) })*
        }
    };
}

/// What the state adds of the holder: data group 11. Personal: its `Debug` shows the elements' tags only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalDetails(Elements);

fields! {
    PersonalDetails, NAME;
    /// The holder's other names, the surname first: before a marriage, of an artist.
    other_names: names -> Vec<String> = 0x5F0F;
    /// The number that the state knows the holder by.
    personal_number: text -> Option<String> = 0x5F10;
    /// With its century, which the machine readable zone has not.
    date_of_birth: date -> Option<Date> = 0x5F2B;
    /// The place, and what it lies in.
    place_of_birth: parts -> Vec<String> = 0x5F11;
    /// The lines of the permanent address.
    address: parts -> Vec<String> = 0x5F42;
    /// The telephone number.
    telephone: text -> Option<String> = 0x5F12;
    /// The profession.
    profession: text -> Option<String> = 0x5F13;
    /// The title.
    title: text -> Option<String> = 0x5F14;
    /// What the state says of the holder.
    summary: text -> Option<String> = 0x5F15;
    /// The numbers of other valid travel documents.
    other_documents: parts -> Vec<String> = 0x5F17;
    /// Who has custody of the holder.
    custody: text -> Option<String> = 0x5F18;
}

impl PersonalDetails {
    /// Reads data group 11.
    ///
    /// # Errors
    /// If it is no data group 11, or has none of its elements.
    pub fn of_group(file: &[u8]) -> Result<Self, GroupError> {
        Ok(Self(Elements::read(content(11, file)?, Self::TAGS)?))
    }

    /// The whole name in the state's own letters, the surname first.
    pub fn full_name(&self) -> Option<String> {
        self.0.name(NAME).map(whole)
    }

    /// The surname in the state's own letters; `None` where the name is not divided.
    pub fn surname(&self) -> Option<String> {
        self.0.name(NAME).filter(|(_, given)| !given.is_empty()).map(|(surname, _)| surname)
    }

    /// The given names, likewise.
    pub fn given_names(&self) -> Option<String> {
        self.0.name(NAME).map(|(_, given)| given).filter(|given| !given.is_empty())
    }
}

/// What the state adds of the document: data group 12. Personal: its `Debug` shows the elements' tags only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDetails(Elements);

fields! {
    DocumentDetails, OTHER_PERSON;
    /// Who issued it.
    issuing_authority: text -> Option<String> = 0x5F19;
    /// When.
    date_of_issue: date -> Option<Date> = 0x5F26;
    /// Endorsements and observations.
    endorsements: text -> Option<String> = 0x5F1B;
    /// Of taxes, and of leaving the country.
    exit_requirements: text -> Option<String> = 0x5F1C;
    /// The day on which the holder's data was written to it.
    date_of_personalization: date -> Option<Date> = 0x5F55;
    /// The number of the machine that wrote them.
    personalization_system: text -> Option<String> = 0x5F56;
}

impl DocumentDetails {
    /// Reads data group 12.
    ///
    /// # Errors
    /// If it is no data group 12, or has none of its elements.
    pub fn of_group(file: &[u8]) -> Result<Self, GroupError> {
        Ok(Self(Elements::read(content(12, file)?, Self::TAGS)?))
    }

    /// The names of other persons in the document, the surname first.
    pub fn other_persons(&self) -> Vec<String> {
        self.0.names(OTHER_PERSON)
    }
}

/// Whom to notify if something happens to the holder: one of data group 16. Personal, of somebody who is not there: its
/// `Debug` shows the elements' tags only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonToNotify(Elements);

fields! {
    PersonToNotify, NAME_TO_NOTIFY;
    /// The day on which this was written down.
    recorded: date -> Option<Date> = 0x5F50;
    /// The telephone number.
    telephone: text -> Option<String> = 0x5F52;
    /// The lines of the address.
    address: parts -> Vec<String> = 0x5F53;
}

impl PersonToNotify {
    /// Reads data group 16: at least one person, at most 15.
    ///
    /// # Errors
    /// If it is no data group 16, or has no such person.
    pub fn of_group(file: &[u8]) -> Result<Vec<Self>, GroupError> {
        let mut persons = Vec::new();
        for template in tlv::each(content(16, file)?) {
            let template = template?;
            if TEMPLATES.contains(&template.tag) && persons.len() < TEMPLATES.count() {
                persons.push(Self(Elements::read(template.value, Self::TAGS)?));
            }
        }
        if persons.is_empty() { Err(tlv::TlvError::Missing(*TEMPLATES.start()).into()) } else { Ok(persons) }
    }

    /// The whole name, the surname first.
    pub fn name(&self) -> Option<String> {
        self.0.name(NAME_TO_NOTIFY).map(whole)
    }
}
