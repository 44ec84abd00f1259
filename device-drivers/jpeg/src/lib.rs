//! JPEG for the drivers of cameras and scanners. Is what a camera sent a whole picture, and how large is it? Nothing is
//! decoded, and a good picture goes on as it came; only tables that a camera leaves out are put back. What comes raw from a
//! device is packed by [`turbo`].
//!
//! Document: ITU-T T.81, Annex B ("Compressed data formats") and Annex K.3 (the usual Huffman tables).
//!
//! ```
//! match kiosk_jpeg::check(b"no picture") {
//!     Ok(picture) => println!("{} x {}", picture.width, picture.height),
//!     Err(error) => println!("dropped: {error}"),
//! }
//! ```

mod tables;
pub mod turbo;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// Bytes that are no whole JPEG.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum JpegError {
    /// It does not begin as one.
    #[error("the picture is not a JPEG")]
    NotJpeg,
    /// No segment begins where one must.
    #[error("the picture is a broken JPEG: byte {at} begins no segment")]
    NoMarker {
        /// Where, from the beginning.
        at: usize,
    },
    /// A segment says a length that it cannot have.
    #[error("the picture is a broken JPEG: the segment at byte {at} has an impossible length")]
    BadLength {
        /// Where, from the beginning.
        at: usize,
    },
    /// Its end did not come.
    #[error("the picture was cut short: its JPEG has no end after {bytes} bytes")]
    CutShort {
        /// How many came.
        bytes: usize,
    },
    /// It has no size, or none that a picture can have.
    #[error("the picture's JPEG does not tell its size")]
    NoSize,
}

/// A JPEG that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// As it came, with whatever the camera put behind its end.
    pub bytes: &'a [u8],
    /// Where its last marker (EOI) ends; what is behind that is no picture.
    pub end: usize,
    /// Where Huffman tables belong that it does not have.
    tables_missing_at: Option<usize>,
}

/// Markers, Table B.1.
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DHT: u8 = 0xC4;
const TEM: u8 = 0x01;
/// Conditional arithmetic coding: such a picture needs no Huffman tables.
const DAC: u8 = 0xCC;

/// Looks at a picture from its first byte to its last marker.
///
/// # Errors
/// [`JpegError`] if it is no JPEG, or not a whole one.
pub fn check(bytes: &[u8]) -> Result<Picture<'_>, JpegError> {
    if !bytes.starts_with(&[0xFF, SOI]) {
        return Err(JpegError::NotJpeg);
    }
    let cut = JpegError::CutShort { bytes: bytes.len() };
    let (mut at, mut size, mut tables) = (2, None, false);
    loop {
        let segment = at;
        let (marker, behind) = marker(bytes, at)?;
        at = behind;
        match marker {
            TEM | 0xD0..=0xD7 => continue,
            EOI => return Err(JpegError::NoSize),
            0x00 | SOI => return Err(JpegError::NoMarker { at: segment }),
            _ => {}
        }
        let length = bytes.get(at..at + 2).ok_or(cut)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let body = bytes.get(at + 2..at + length.max(2)).ok_or(cut)?;
        let least = if is_frame(marker) { 8 } else { 2 };
        if length < least {
            return Err(JpegError::BadLength { at });
        }
        if is_frame(marker) {
            // Precision, lines, samples a line (B.2.2).
            size = Some((u16::from_be_bytes([body[3], body[4]]), u16::from_be_bytes([body[1], body[2]])));
        }
        tables |= matches!(marker, DHT | DAC);
        at += length;
        if marker == SOS {
            let (width, height) = size.filter(|(width, height)| *width > 0 && *height > 0).ok_or(JpegError::NoSize)?;
            // In compressed data 0xFF is followed by 0x00 or a restart marker (B.1.1.5): this is the end and nothing else.
            let end = memchr::memmem::find(&bytes[at..], &[0xFF, EOI]).ok_or(cut)?;
            return Ok(Picture {
                width: width.into(),
                height: height.into(),
                bytes,
                end: at + end + 2,
                tables_missing_at: (!tables).then_some(segment),
            });
        }
    }
}

/// The marker at this place, behind any number of fill bytes, and where it ends (B.1.1.2).
fn marker(bytes: &[u8], from: usize) -> Result<(u8, usize), JpegError> {
    let cut = JpegError::CutShort { bytes: bytes.len() };
    let rest = bytes.get(from..).filter(|rest| !rest.is_empty()).ok_or(cut)?;
    let fill = rest.iter().take_while(|byte| **byte == 0xFF).count();
    if fill == 0 {
        return Err(JpegError::NoMarker { at: from });
    }
    Ok((*rest.get(fill).ok_or(cut)?, from + fill + 1))
}

/// SOF0 to SOF15 without DHT, JPG and DAC, which lie among them (Table B.1).
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, DHT | 0xC8 | DAC)
}

impl<'a> Picture<'a> {
    /// The bytes for a client: as they came. Where the camera leaves the Huffman tables out, as Motion JPEG does, the
    /// usual ones are put where they belong, because not every program that shows pictures knows them.
    pub fn complete(&self) -> Cow<'a, [u8]> {
        let Some(at) = self.tables_missing_at else { return Cow::Borrowed(self.bytes) };
        let (head, rest) = self.bytes.split_at(at);
        Cow::Owned([head, &tables::SEGMENT, rest].concat())
    }
}
