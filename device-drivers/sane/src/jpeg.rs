//! A JPEG that is made while the page's rows come: strips of rows are compressed each on its own, on as many threads as
//! there are processors, and put together with a restart marker between them (ITU-T T.81, sections E.1.3 and F.1.1.5.2:
//! at a restart marker the prediction begins anew, so strips do not need each other).
//!
//! What is not here: the compression itself, which is libturbojpeg's (`kiosk_jpeg::turbo`).

mod strips;
#[cfg(test)]
mod tests;

use kiosk_jpeg::turbo::{Compressor, Samples, TurboError};
pub(crate) use strips::Compressors;
use strips::Strips;

/// Rows of a strip: whole units of compression (16 rows with halved colours), and their number fits into the 16 bits of
/// the restart interval at the widest page.
const STRIP_ROWS: usize = 64;

/// Markers (T.81, table B.1).
const EOI: [u8; 2] = [0xFF, 0xD9];
const SOF0: u8 = 0xC0;
const RST0: u8 = 0xD0;
const SOS: u8 = 0xDA;
const DRI: u8 = 0xDD;
/// Where a JFIF file has its density, from its beginning: unit, width, height (JFIF 1.02, behind SOI, APP0, length, `JFIF`
/// and version).
const DENSITY: std::ops::Range<usize> = 13..18;
const JFIF: &[u8] = b"JFIF\0";

/// What a strip is compressed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Pixels.
    pub(crate) width: u16,
    pub(crate) samples: Samples,
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Dots per inch, for the head of the file.
    pub(crate) dpi: u16,
}

impl Shape {
    fn row_bytes(self) -> usize {
        usize::from(self.width) * self.samples.bytes()
    }
}

/// A picture that could not be made: a fault of this driver, not of the scanner.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JpegError {
    #[error(transparent)]
    Pack(#[from] TurboError),
    #[error("libturbojpeg made a file that has no head")]
    NoHead,
    #[error("a thread that compresses has ended")]
    NoThread,
}

/// A JPEG in the making.
pub(crate) struct Jpeg<'a> {
    strips: Strips<'a>,
    shape: Shape,
    /// Rows that make no strip yet.
    rows: Vec<u8>,
    /// Rows of which strips were made.
    height: u32,
    /// Strips that are put together.
    done: u32,
}

impl<'a> Jpeg<'a> {
    pub(crate) fn new(compressors: &'a Compressors, shape: Shape) -> Self {
        let strips = Strips::new(compressors, shape);
        let rows = strips.room();
        Self { strips, shape, rows, height: 0, done: 0 }
    }

    /// Where whole rows are appended; [`Self::advance`] takes them.
    pub(crate) fn rows(&mut self) -> &mut Vec<u8> {
        &mut self.rows
    }

    /// Takes the rows that are there; appends what is ready of the file to `file`. `height` goes into its head if this
    /// is its beginning; 0 if it is not known (see [`set_height`]).
    ///
    /// # Errors
    /// See [`JpegError`].
    pub(crate) fn advance(&mut self, height: u16, file: &mut Vec<u8>) -> Result<(), JpegError> {
        let strip = STRIP_ROWS * self.shape.row_bytes();
        let whole = self.rows.len() - self.rows.len() % strip;
        if whole > 0 {
            let mut rest = self.strips.room();
            rest.extend_from_slice(&self.rows[whole..]);
            self.rows.truncate(whole);
            let rows = std::mem::replace(&mut self.rows, rest);
            if whole == strip {
                self.begin(rows);
            } else {
                // Of narrow pages many come at once.
                rows.chunks_exact(strip).for_each(|strip| self.begin(strip.to_vec()));
            }
        }
        while let Some(strip) = self.strips.ready(false) {
            self.append(&strip?, height, file)?;
        }
        Ok(())
    }

    fn begin(&mut self, rows: Vec<u8>) {
        self.height += u32::try_from(rows.len() / self.shape.row_bytes()).unwrap_or(u32::MAX);
        self.strips.begin(rows);
    }

    /// Appends the rest of the file; returns how many rows it has.
    ///
    /// # Errors
    /// See [`JpegError`].
    pub(crate) fn finish(&mut self, height: u16, file: &mut Vec<u8>) -> Result<u32, JpegError> {
        if !self.rows.is_empty() {
            let rows = std::mem::take(&mut self.rows);
            self.begin(rows);
        }
        while let Some(strip) = self.strips.ready(true) {
            self.append(&strip?, height, file)?;
        }
        file.extend_from_slice(&EOI);
        Ok(self.height)
    }

    /// Appends a strip: its head if it is the first, and its data with a marker before it if not.
    fn append(&mut self, strip: &[u8], height: u16, file: &mut Vec<u8>) -> Result<(), JpegError> {
        let (head, data) = parts_of(strip).ok_or(JpegError::NoHead)?;
        if self.done == 0 {
            let start = file.len();
            file.extend_from_slice(&strip[..head]);
            file.extend_from_slice(&restart_interval(self.shape));
            file.extend_from_slice(&strip[head..data.start]);
            set_height(&mut file[start..], height);
            set_density(&mut file[start..], self.shape.dpi);
        } else {
            // RST0 to RST7 in turn.
            let turn = u8::try_from((self.done - 1) % 8).unwrap_or_default();
            file.extend_from_slice(&[0xFF, RST0 + turn]);
        }
        file.extend_from_slice(&strip[data]);
        self.done += 1;
        Ok(())
    }
}

/// Compresses one strip to a whole file.
fn compress(compressor: &mut Compressor, shape: Shape, rows: &[u8]) -> Result<Vec<u8>, JpegError> {
    Ok(compressor.pack(rows, shape.width, shape.samples, shape.quality)?.to_vec())
}

/// The segment that says after how many units of compression a restart marker comes (T.81, B.2.4.4): a strip's.
fn restart_interval(shape: Shape) -> [u8; 6] {
    let unit = if shape.samples == Samples::Gray { 8 } else { 16 };
    let units = usize::from(shape.width).div_ceil(unit) * (STRIP_ROWS / unit);
    let [high, low] = u16::try_from(units).expect("65,535 pixels wide and 64 rows high are 32,768 units").to_be_bytes();
    [0xFF, DRI, 0, 4, high, low]
}

/// Where the last segment of a file's head (SOS) begins, and where the compressed data behind it is, up to EOI. The file is
/// our compressor's own.
fn parts_of(file: &[u8]) -> Option<(usize, std::ops::Range<usize>)> {
    let (head, end) = segment(file, SOS)?;
    let data = end..file.len().checked_sub(EOI.len())?;
    (data.start <= data.end && file.ends_with(&EOI)).then_some((head, data))
}

/// Beginning (of its marker) and end of the first segment of this kind.
fn segment(file: &[u8], wanted: u8) -> Option<(usize, usize)> {
    let mut at = 2;
    loop {
        let head: [u8; 4] = file.get(at..at + 4)?.try_into().ok()?;
        let [0xFF, marker, high, low] = head else { return None };
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
        if marker == wanted {
            return Some((at, end));
        }
        at = end;
    }
}

/// Writes the number of rows into a file's head (T.81, B.2.2: behind marker, length and precision).
pub(crate) fn set_height(file: &mut [u8], height: u16) {
    if let Some((at, _)) = segment(file, SOF0)
        && let Some(place) = file.get_mut(at + 5..at + 7)
    {
        place.copy_from_slice(&height.to_be_bytes());
    }
}

/// Writes the resolution into a file's head, in dots per inch.
fn set_density(file: &mut [u8], dpi: u16) {
    if file.get(6..11) == Some(JFIF)
        && let Some(place) = file.get_mut(DENSITY)
    {
        let [high, low] = dpi.to_be_bytes();
        place.copy_from_slice(&[1, high, low, high, low]);
    }
}
