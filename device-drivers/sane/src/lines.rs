//! Scan lines as backends send them, in pieces that end anywhere, made into rows of 8-bit samples without padding.
//!
//! Document: "SANE Standard" 1.06, section 3.2 ("Image Data Format"): 16-bit samples are in the machine's byte order; of
//! 1-bit grey the first pixel is the highest bit, and 1 is black.

#[cfg(test)]
mod tests;

use crate::ffi::Parameters;
use crate::trouble::Trouble;

/// `SANE_Frame` (section 4.3.8).
const FRAME_GRAY: i32 = 0;
const FRAME_RGB: i32 = 1;
/// Widest line that is taken, pixels: a JPEG has at most 65,535, and 60,000 are 50 inches at 1200 dpi.
const WIDTH_MAX: u32 = 60_000;
/// Most lines, as a JPEG can count them.
pub(crate) const LINES_MAX: u32 = 65_535;
/// How much longer a line may be than its pixels need (some backends pad or cut off), bytes.
const PADDING_MAX: usize = 1 << 20;

/// The bits of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    One,
    Eight,
    Sixteen,
}

/// What a page's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// Pixels in a line.
    pub(crate) width: u32,
    /// Lines; `None` if they are not known before the end.
    pub(crate) lines: Option<u32>,
    /// 1: grey, 3: red, green, blue.
    pub(crate) channels: usize,
    depth: Depth,
    /// Bytes of a line, with what is behind its pixels.
    pub(crate) line_bytes: usize,
}

impl Format {
    /// Reads what the backend says of the page that comes.
    ///
    /// # Errors
    /// [`Trouble::Unsupported`] for frames that this driver does not take, [`Trouble::Parameters`] for what cannot be.
    pub(crate) fn of(parameters: &Parameters, page: u16) -> Result<Self, Trouble> {
        let Parameters { format, last_frame, bytes_per_line, pixels_per_line, lines, depth } = *parameters;
        let channels = match format {
            FRAME_GRAY => 1,
            FRAME_RGB => 3,
            2..=4 => {
                return Err(Trouble::Unsupported(
                    "the scanner sends each colour in a pass of its own, which is not supported; scan in grey".into(),
                ));
            }
            other => {
                return Err(Trouble::Unsupported(format!(
                    "the scanner sends frames of the kind {other}, which are no plain picture; switch its compression off in `config.options`"
                )));
            }
        };
        if last_frame == 0 {
            return Err(Trouble::Unsupported(
                "the scanner sends a page in several frames, which is not supported".into(),
            ));
        }
        let depth = match depth {
            1 if channels == 1 => Depth::One,
            8 => Depth::Eight,
            16 => Depth::Sixteen,
            other => {
                return Err(Trouble::Unsupported(format!(
                    "the scanner sends {other} bits a sample; 8 and 16 are supported, and 1 in grey"
                )));
            }
        };
        let width = u32::try_from(pixels_per_line).ok().filter(|width| *width > 0);
        let width = width.ok_or_else(|| Trouble::Parameters(format!("{pixels_per_line} pixels a line")))?;
        if width > WIDTH_MAX {
            let (what, limit) = (format!("{width} pixels wide"), WIDTH_MAX.to_string());
            return Err(Trouble::TooLarge { page, what, limit });
        }
        let lines = match lines {
            -1 => None,
            lines => match u32::try_from(lines).ok().filter(|lines| *lines > 0) {
                Some(lines) if lines > LINES_MAX => {
                    let (what, limit) = (format!("{lines} lines high"), LINES_MAX.to_string());
                    return Err(Trouble::TooLarge { page, what, limit });
                }
                Some(lines) => Some(lines),
                None => return Err(Trouble::Parameters(format!("{lines} lines"))),
            },
        };
        let mut format = Self { width, lines, channels, depth, line_bytes: 0 };
        let needed = format.pixel_bytes();
        let line_bytes = usize::try_from(bytes_per_line).ok();
        let fits = line_bytes.filter(|bytes| (needed..=needed + PADDING_MAX).contains(bytes));
        format.line_bytes = fits.ok_or_else(|| {
            Trouble::Parameters(format!("{bytes_per_line} bytes a line where its pixels need {needed}"))
        })?;
        Ok(format)
    }

    /// Bytes of a line that are pixels.
    fn pixel_bytes(&self) -> usize {
        let samples = self.width as usize * self.channels;
        match self.depth {
            Depth::One => samples.div_ceil(8),
            Depth::Eight => samples,
            Depth::Sixteen => samples * 2,
        }
    }

    /// Bytes of the whole page as the backend sends it, if it told.
    pub(crate) fn total(&self) -> Option<u64> {
        self.lines.map(|lines| u64::from(lines) * self.line_bytes as u64)
    }
}

/// Puts lines together.
pub(crate) struct Lines {
    format: Format,
    /// The beginning of a line whose rest has not come.
    part: Vec<u8>,
}

impl Lines {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, part: Vec::new() }
    }

    /// Takes bytes; appends the rows that are whole to `rows`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], rows: &mut Vec<u8>) {
        let line_bytes = self.format.line_bytes;
        if !self.part.is_empty() {
            let missing = (line_bytes - self.part.len()).min(bytes.len());
            self.part.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
            if self.part.len() < line_bytes {
                return;
            }
            let line = std::mem::take(&mut self.part);
            self.convert(&line, rows);
        }
        let (lines, rest) = bytes.split_at(bytes.len() - bytes.len() % line_bytes);
        if self.format.depth == Depth::Eight && self.format.pixel_bytes() == line_bytes {
            rows.extend_from_slice(lines);
        } else {
            for line in lines.chunks_exact(line_bytes) {
                self.convert(line, rows);
            }
        }
        self.part.extend_from_slice(rest);
    }

    /// No line is cut.
    pub(crate) fn is_whole(&self) -> bool {
        self.part.is_empty()
    }

    fn convert(&self, line: &[u8], rows: &mut Vec<u8>) {
        let pixels = &line[..self.format.pixel_bytes()];
        match self.format.depth {
            Depth::Eight => rows.extend_from_slice(pixels),
            Depth::Sixteen => rows.extend(pixels.chunks_exact(2).map(|pair| {
                let [high, _] = u16::from_ne_bytes([pair[0], pair[1]]).to_be_bytes();
                high
            })),
            Depth::One => {
                let bit = |at: usize| if pixels[at / 8] >> (7 - at % 8) & 1 == 1 { 0 } else { 255 };
                rows.extend((0..self.format.width as usize).map(bit));
            }
        }
    }
}
