//! What the data groups hold.
//!
//! Document: ICAO 9303-10 (8th edition), section 4.7; the portrait's record is that of ISO/IEC 19794-5:2005.

mod details;
mod portrait;
#[cfg(test)]
mod tests;
mod vietnam;

pub use details::{DocumentDetails, PersonToNotify, PersonalDetails};
pub use portrait::{Portrait, PortraitFormat, ShownPortrait};
pub use vietnam::VietnameseFields;

use crate::error::ChipError;
use crate::files::File;
use crate::mrz::{Mrz, MrzError};
use crate::tlv::{self, TlvError};

/// The tags of the data groups' files, 1 to 16.
const TAGS: [u32; 16] =
    [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70];
/// The machine readable zone in data group 1.
const ZONE: u32 = 0x5F1F;
/// The list of tags in EF.COM.
const TAG_LIST: u32 = 0x5C;
const COM: u32 = 0x60;

/// Why a data group cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// Its elements.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// The machine readable zone in it.
    #[error(transparent)]
    Mrz(#[from] MrzError),
    /// The portrait's record.
    #[error("the portrait's record {0}")]
    Portrait(&'static str),
}

/// The content of a data group's file.
///
/// # Errors
/// If it is another file's, or none.
pub(crate) fn content(number: u8, file: &[u8]) -> Result<&[u8], TlvError> {
    let tag = usize::from(number).checked_sub(1).and_then(|at| TAGS.get(at)).copied();
    tlv::only(file, tag.ok_or(TlvError::Tag)?)
}

/// Data group 1: the machine readable zone.
///
/// # Errors
/// [`GroupError`]
pub fn zone(file: &[u8]) -> Result<Mrz, GroupError> {
    let zone = tlv::get(content(1, file)?, ZONE)?;
    let text = std::str::from_utf8(zone).map_err(|_| MrzError::Characters)?;
    Ok(Mrz::read(text)?)
}

/// The data groups that EF.COM lists.
///
/// # Errors
/// If it is no EF.COM.
pub(crate) fn listed(com: &[u8]) -> Result<Vec<File>, ChipError> {
    let tags = tlv::only(com, COM).and_then(|com| tlv::get(com, TAG_LIST)).map_err(ChipError::malformed("EF.COM"))?;
    let group = |tag: &u8| {
        let at = TAGS.iter().position(|known| *known == u32::from(*tag))?;
        u8::try_from(at + 1).ok().map(File::Group)
    };
    Ok(tags.iter().filter_map(group).collect())
}
