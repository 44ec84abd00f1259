//! Watches a JPEG go by: is it one, how large is the picture, did all of it come? The bytes are not changed or kept.
//!
//! Document: ITU-T T.81, Annex B ("Compressed data formats").

#[cfg(test)]
mod tests;

/// Bytes that are no complete JPEG.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum JpegError {
    #[error("the page is not a JPEG")]
    NotJpeg,
    #[error("the page is a broken JPEG: byte {at} begins no segment")]
    NoMarker {
        /// Where, from the beginning of the page.
        at: u64,
    },
    #[error("the page is a broken JPEG: the segment at byte {at} has an impossible length")]
    BadLength {
        /// Where, from the beginning of the page.
        at: u64,
    },
    #[error("the page was cut short: its JPEG has no end after {bytes} bytes")]
    CutShort {
        /// How many came.
        bytes: u64,
    },
    #[error("the page's JPEG does not tell its size")]
    NoSize,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Where in the JPEG the next byte is. Markers are B.1.1.3, their assignment Table B.1.
#[derive(Clone, Copy, Debug)]
enum At {
    /// The two bytes of SOI; this many were there.
    Start(u8),
    /// The 0xFF before a marker.
    Fill,
    /// The marker itself.
    Marker,
    /// The first byte of a segment's length.
    LengthHigh(u8),
    /// Its second byte.
    LengthLow(u8, u8),
    /// The segment: its marker, its bytes left, those already seen.
    Segment(u8, u16, u16),
    /// Compressed data after SOS.
    Data,
    /// A 0xFF in compressed data.
    DataMarker,
    /// Behind EOI. Some scanners pad their pages.
    End,
}

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DNL: u8 = 0xDC;
const TEM: u8 = 0x01;

/// A JPEG that goes by.
#[derive(Debug)]
pub(crate) struct JpegWatch {
    at: At,
    seen: u64,
    /// The first bytes of the frame header: precision, height, width (B.2.2).
    frame: Option<[u8; 5]>,
    /// The lines of a picture whose frame header left them open (B.2.5).
    lines: [u8; 2],
}

impl JpegWatch {
    pub(crate) fn new() -> Self {
        Self { at: At::Start(0), seen: 0, frame: None, lines: [0; 2] }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// As soon as they cannot belong to a JPEG.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), JpegError> {
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            let skip = match self.at {
                At::Data => memchr::memchr(0xFF, rest).unwrap_or(rest.len()),
                At::Segment(marker, left, done) if !wanted(marker, done) => {
                    let skip = rest.len().min(left.into());
                    let skipped = u16::try_from(skip).expect("not more than `left`, which is a u16");
                    self.at = after(marker, left - skipped, done.saturating_add(skipped));
                    skip
                }
                At::End => rest.len(),
                _ => 0,
            };
            if skip > 0 {
                self.seen += skip as u64;
                rest = &rest[skip..];
                continue;
            }
            self.at = self.step(byte)?;
            self.seen += 1;
            rest = &rest[1..];
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<At, JpegError> {
        let at = self.seen;
        Ok(match (self.at, byte) {
            (At::Start(0), 0xFF) => At::Start(1),
            (At::Start(1), SOI) => At::Fill,
            (At::Start(_), _) => return Err(JpegError::NotJpeg),
            (At::Fill, 0xFF) | (At::Marker, 0xFF) => At::Marker,
            (At::Fill, _) | (At::Marker, 0x00 | SOI) => return Err(JpegError::NoMarker { at }),
            (At::Marker | At::DataMarker, EOI) => At::End,
            (At::Marker, TEM | 0xD0..=0xD7) => At::Fill,
            (At::Marker, marker) => At::LengthHigh(marker),
            (At::Data, 0xFF) | (At::DataMarker, 0xFF) => At::DataMarker,
            // 0xFF00 is a stuffed data byte, the others are restart markers (B.1.1.5, B.2.1).
            (At::Data, _) | (At::DataMarker, 0x00 | TEM | 0xD0..=0xD7) => At::Data,
            (At::DataMarker, SOI) => return Err(JpegError::NoMarker { at }),
            (At::DataMarker, marker) => At::LengthHigh(marker),
            (At::LengthHigh(marker), high) => At::LengthLow(marker, high),
            (At::LengthLow(marker, high), low) => {
                let left = u16::from_be_bytes([high, low]).checked_sub(2).ok_or(JpegError::BadLength { at })?;
                let least = if is_frame(marker) { 6 } else { 0 };
                if left < least {
                    return Err(JpegError::BadLength { at });
                }
                after(marker, left, 0)
            }
            (At::Segment(marker, left, done), byte) => {
                let index = usize::from(done);
                if is_frame(marker) {
                    self.frame.get_or_insert_default()[index] = byte;
                } else {
                    self.lines[index] = byte;
                }
                after(marker, left - 1, done + 1)
            }
            (At::End, _) => At::End,
        })
    }

    /// After the last byte: how large the picture is.
    ///
    /// # Errors
    /// If its end did not come, or it has no size.
    pub(crate) fn finish(&self) -> Result<Size, JpegError> {
        if !matches!(self.at, At::End) {
            return Err(JpegError::CutShort { bytes: self.seen });
        }
        let [_, h1, h0, w1, w0] = self.frame.ok_or(JpegError::NoSize)?;
        let height = match u16::from_be_bytes([h1, h0]) {
            0 => u16::from_be_bytes(self.lines),
            height => height,
        };
        let width = u16::from_be_bytes([w1, w0]);
        if width == 0 || height == 0 {
            return Err(JpegError::NoSize);
        }
        Ok(Size { width: width.into(), height: height.into() })
    }
}

/// SOF0 to SOF15 without DHT, JPG and DAC, which lie among them (Table B.1).
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

/// Is this byte of the segment one to be looked at?
fn wanted(marker: u8, done: u16) -> bool {
    is_frame(marker) && done < 5 || marker == DNL && done < 2
}

fn after(marker: u8, left: u16, done: u16) -> At {
    match (left, marker) {
        (0, SOS) => At::Data,
        (0, _) => At::Fill,
        (left, marker) => At::Segment(marker, left, done),
    }
}
