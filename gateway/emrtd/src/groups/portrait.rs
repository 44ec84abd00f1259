//! Data group 2: the picture of the face.

mod codestream;
mod shown;
#[cfg(test)]
mod tests;

use super::{GroupError, content};
use crate::tlv::{self, TlvError};
pub use shown::ShownPortrait;

/// The group of templates, and a template in it (9303-10, section 4.7.2).
const TEMPLATES: u32 = 0x7F61;
const TEMPLATE: u32 = 0x7F60;
/// The record; the second one stands for an encrypted or constructed one, which some chips write all the same.
const RECORDS: [u32; 2] = [0x5F2E, 0x7F2E];
/// ISO/IEC 19794-5, 5.4: format, version, length, number of pictures.
const FORMAT: &[u8] = b"FAC\0";
const HEADER: usize = 14;
/// 5.5: length, number of feature points and what describes the face; each feature point; what describes the picture.
const FACE: usize = 20;
const FEATURE_POINT: usize = 8;
const PICTURE: usize = 12;
/// How pictures begin: JPEG (ITU-T T.81), JPEG 2000's file (ISO/IEC 15444-1, I.5.1) and its bare codestream (A.4.1).
const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF];
const JP2: &[u8] = &[0, 0, 0, 12, b'j', b'P', b' ', b' '];
const CODESTREAM: &[u8] = &[0xFF, 0x4F, 0xFF, 0x51];

/// How a portrait is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortraitFormat {
    /// `image/jpeg`
    Jpeg,
    /// `image/jp2`, or its codestream without a file around it.
    Jpeg2000,
}

/// The picture of the holder's face, as the chip has it. Personal: its `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    /// How it is packed: as its first bytes say, whatever the record says.
    pub format: PortraitFormat,
    /// The picture's file.
    pub picture: Vec<u8>,
}

impl std::fmt::Debug for Portrait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Portrait({:?}, {} bytes)", self.format, self.picture.len())
    }
}

impl Portrait {
    /// Reads the first picture of data group 2.
    ///
    /// # Errors
    /// [`GroupError`], also for records that are encrypted or not of this standard.
    pub fn of_group(file: &[u8]) -> Result<Self, GroupError> {
        let template = tlv::get(tlv::get(content(2, file)?, TEMPLATES)?, TEMPLATE)?;
        let mut record = None;
        for tag in RECORDS {
            record = record.or(tlv::find(template, tag)?);
        }
        Self::of_record(record.ok_or(TlvError::Missing(RECORDS[0]))?)
    }

    fn of_record(record: &[u8]) -> Result<Self, GroupError> {
        if !record.starts_with(FORMAT) {
            return Err(GroupError::Portrait("is not one of ISO/IEC 19794-5"));
        }
        let short = GroupError::Portrait("ends before its picture does");
        let faces = record.get(HEADER..).ok_or(short)?;
        let length = faces.first_chunk::<4>().map(|length| u32::from_be_bytes(*length)).ok_or(short)?;
        let points = faces.get(4..6).map(|points| usize::from(points[0]) << 8 | usize::from(points[1])).ok_or(short)?;
        let face = usize::try_from(length).ok().and_then(|length| faces.get(..length)).ok_or(short)?;
        let picture = face.get(FACE + points * FEATURE_POINT + PICTURE..).ok_or(short)?;
        let format = if picture.starts_with(JPEG) {
            PortraitFormat::Jpeg
        } else if picture.starts_with(JP2) || picture.starts_with(CODESTREAM) {
            PortraitFormat::Jpeg2000
        } else {
            return Err(GroupError::Portrait("has a picture that is neither JPEG nor JPEG 2000"));
        };
        Ok(Self { format, picture: picture.to_vec() })
    }
}
