//! A JPEG that is made while the page's rows come: strips of rows are compressed each on its own, on as many threads as
//! there are processors, and put together with a restart marker between them (ITU-T T.81, sections E.1.3 and F.1.1.5.2:
//! at a restart marker the prediction begins anew, so strips do not need each other).
//!
//! What is not here: the compression itself, which is the crate `jpeg-encoder`'s.

mod strips;
#[cfg(test)]
mod tests;

use jpeg_encoder::{ColorType, Encoder, PixelDensity, SamplingFactor};
use strips::Strips;

/// Rows of a strip: whole units of compression (16 rows with halved colours), and their number fits into the 16 bits of
/// the restart interval at the widest page.
const STRIP_ROWS: usize = 64;

/// Markers (T.81, table B.1).
const EOI: [u8; 2] = [0xFF, 0xD9];
const SOF0: u8 = 0xC0;
const RST0: u8 = 0xD0;
const SOS: u8 = 0xDA;

/// What a strip is compressed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Pixels.
    pub(crate) width: u16,
    /// 1: grey, 3: colour.
    pub(crate) channels: usize,
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Dots per inch, for the head of the file.
    pub(crate) dpi: u16,
}

/// A picture that could not be made: a fault of this driver, not of the scanner.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JpegError {
    #[error("cannot compress rows {from} and following: {reason}")]
    Encode { from: u32, reason: String },
    #[error("the compressed rows have no head")]
    NoHead,
}

/// A JPEG in the making.
pub(crate) struct Jpeg {
    strips: Strips,
    shape: Shape,
    /// Rows that make no strip yet.
    rows: Vec<u8>,
    /// Rows of which strips were made.
    height: u32,
    /// Strips that are put together.
    done: u32,
}

impl Jpeg {
    pub(crate) fn new(shape: Shape) -> Self {
        Self { strips: Strips::new(shape), shape, rows: Vec::new(), height: 0, done: 0 }
    }

    fn row_bytes(&self) -> usize {
        usize::from(self.shape.width) * self.shape.channels
    }

    /// Takes whole rows; appends what is ready of the file to `file`. `height` goes into its head if this is its
    /// beginning; 0 if it is not known (see [`set_height`]).
    ///
    /// # Errors
    /// See [`JpegError`].
    pub(crate) fn push(&mut self, rows: &[u8], height: u16, file: &mut Vec<u8>) -> Result<(), JpegError> {
        self.rows.extend_from_slice(rows);
        let strip = STRIP_ROWS * self.row_bytes();
        while self.rows.len() >= strip {
            let rest = self.rows.split_off(strip);
            let rows = std::mem::replace(&mut self.rows, rest);
            self.begin(rows);
            while let Some(strip) = self.strips.ready(false) {
                self.append(&strip?, height, file)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, rows: Vec<u8>) {
        let from = self.height;
        self.height += u32::try_from(rows.len() / self.row_bytes()).unwrap_or(u32::MAX);
        self.strips.begin(from, rows);
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
        let data = data_of(strip).ok_or(JpegError::NoHead)?;
        if self.done == 0 {
            let start = file.len();
            file.extend_from_slice(&strip[..data.start]);
            set_height(&mut file[start..], height);
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

/// Compresses one strip to a whole file whose head names the restart interval.
fn compress(shape: Shape, from: u32, rows: &[u8]) -> Result<Vec<u8>, JpegError> {
    let failed = |reason: String| JpegError::Encode { from, reason };
    let width = usize::from(shape.width);
    let height = rows.len() / (width * shape.channels);
    let height = u16::try_from(height).map_err(|_| failed(format!("{height} rows in one strip")))?;
    let (color, unit) = if shape.channels == 1 { (ColorType::Luma, 8) } else { (ColorType::Rgb, 16) };
    let mut file = Vec::with_capacity(rows.len() / 4 + 1024);
    let mut encoder = Encoder::new(&mut file, shape.quality);
    if shape.channels != 1 {
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
    }
    encoder.set_density(PixelDensity::dpi(shape.dpi));
    let units = width.div_ceil(unit) * (STRIP_ROWS / unit);
    encoder.set_restart_interval(u16::try_from(units).map_err(|_| failed(format!("{width} pixels wide")))?);
    encoder.encode(rows, shape.width, height, color).map_err(|error| failed(error.to_string()))?;
    Ok(file)
}

/// Where the entropy-coded data of a file is: behind the segment SOS, before EOI. The file is our encoder's own.
fn data_of(file: &[u8]) -> Option<std::ops::Range<usize>> {
    let (_, end) = segment(file, SOS)?;
    let data = end..file.len().checked_sub(EOI.len())?;
    (data.start <= data.end && file.ends_with(&EOI)).then_some(data)
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
