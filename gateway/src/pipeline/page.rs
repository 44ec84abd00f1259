//! The first step: the bytes of a scanned page become pixels. Sizes are checked before memory is taken.
//!
//! The decoders run on bytes from outside, so this belongs in the sandboxed worker. Not here: turning, cropping or
//! cleaning the page.

pub(crate) mod reduce;

use std::io::Cursor;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;

/// The largest page that is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Width, pixels.
    pub width_px: u32,
    /// Height, pixels.
    pub height_px: u32,
    /// Width times height.
    pub pixels: u64,
}

impl Default for Limits {
    /// What `ocr.read` allows: A3 at 1,000 dpi by its sides, and 150 megapixels.
    fn default() -> Self {
        Self { width_px: 12_000, height_px: 17_000, pixels: 150_000_000 }
    }
}

/// How far before the end of the file a JPEG may end, bytes.
const JPEG_PADDING: usize = 4096;

/// Why bytes are no page.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PageError {
    /// No bytes at all.
    #[error("the image is empty; scan the page again")]
    Empty,
    /// Neither JPEG nor PNG.
    #[error("the image is neither JPEG nor PNG; have the scanner deliver one of these")]
    UnknownFormat,
    /// Larger than the limits.
    #[error(
        "the image has {width} x {height} pixels; at most {} x {} and {} in all are read: scan with fewer dpi",
        limits.width_px, limits.height_px, limits.pixels
    )]
    TooLarge {
        /// Width that the image's head gives, pixels.
        width: u64,
        /// Height that the image's head gives, pixels.
        height: u64,
        /// What is allowed.
        limits: Limits,
    },
    /// The bytes end before the picture does.
    #[error("the image ends before its last row; the transfer was cut off: scan the page again")]
    Truncated,
    /// The decoder does not understand the bytes.
    #[error("the image is damaged ({detail}); scan the page again")]
    Malformed {
        /// The decoder's words.
        detail: String,
    },
}

/// A scanned page as pixels: 8-bit red, green, blue, row after row without padding.
pub struct CapturedPage {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl CapturedPage {
    /// Decodes a JPEG or PNG file. Grey and CMYK become RGB; what is transparent becomes white paper.
    pub fn decode(bytes: &[u8], limits: Limits) -> Result<Self, PageError> {
        match bytes {
            [] => Err(PageError::Empty),
            [0xFF, 0xD8, 0xFF, ..] => decode_jpeg(bytes, limits),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => decode_png(bytes, limits),
            _ => Err(PageError::UnknownFormat),
        }
    }

    /// Width, pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height, pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green, blue of one pixel.
    pub(crate) fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// The pixels of one row.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.rgb[y * self.width * 3..(y + 1) * self.width * 3]
    }

    /// The page turned by a quarter, clockwise.
    pub(crate) fn quarter_turned(&self) -> Self {
        let (width, height) = (self.height, self.width);
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for y in 0..height {
            for x in 0..width {
                rgb.extend(self.pixel(y, self.height - 1 - x));
            }
        }
        Self { width, height, rgb }
    }

    /// A page of `rgb`, which must hold 3 bytes for each pixel.
    fn of(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, PageError> {
        if width == 0 || height == 0 || rgb.len() != width * height * 3 {
            return Err(malformed("its pixels do not fill it"));
        }
        Ok(Self { width, height, rgb })
    }
}

fn malformed(detail: impl Into<String>) -> PageError {
    PageError::Malformed { detail: detail.into() }
}

fn check(width: u64, height: u64, limits: Limits) -> Result<(), PageError> {
    let fits = width <= limits.width_px.into() && height <= limits.height_px.into() && width * height <= limits.pixels;
    fits.then_some(()).ok_or(PageError::TooLarge { width, height, limits })
}

fn decode_jpeg(bytes: &[u8], limits: Limits) -> Result<CapturedPage, PageError> {
    // Strict: the lenient mode paints what is missing grey and calls a page that was cut off a success.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    // Even so it makes up the last few blocks if only those are missing; the end marker (ITU-T T.81, table B.1) tells.
    // Some scanners pad the file after it.
    let tail = &bytes[bytes.len().saturating_sub(JPEG_PADDING)..];
    if !tail.windows(2).any(|marker| marker == [0xFF, 0xD9]) {
        return Err(PageError::Truncated);
    }
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(jpeg_error)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| malformed("no size in its head"))?;
    check(width as u64, height as u64, limits)?;
    let rgb = decoder.decode().map_err(jpeg_error)?;
    CapturedPage::of(width, height, rgb)
}

fn jpeg_error(error: DecodeErrors) -> PageError {
    match error {
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => PageError::Truncated,
        DecodeErrors::FormatStatic(text) if text.starts_with("Premature end") => PageError::Truncated,
        other => malformed(other.to_string()),
    }
}

fn decode_png(bytes: &[u8], limits: Limits) -> Result<CapturedPage, PageError> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let head = decoder.read_header_info().map_err(png_error)?;
    let (width, height) = head.size();
    check(width.into(), height.into(), limits)?;
    let mut reader = decoder.read_info().map_err(png_error)?;
    let size = reader.output_buffer_size().ok_or_else(|| malformed("its size cannot be addressed"))?;
    let mut samples = vec![0; size];
    let frame = reader.next_frame(&mut samples).map_err(png_error)?;
    samples.truncate(frame.buffer_size());
    let on_paper = |value: u8, alpha: u8| {
        let (value, alpha) = (u16::from(value), u16::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).expect("a mean of two bytes is a byte")
    };
    let rgb = match frame.color_type {
        png::ColorType::Rgb => samples,
        png::ColorType::Grayscale => samples.iter().flat_map(|&v| [v; 3]).collect(),
        png::ColorType::GrayscaleAlpha => samples.chunks_exact(2).flat_map(|p| [on_paper(p[0], p[1]); 3]).collect(),
        png::ColorType::Rgba => {
            samples.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|v| on_paper(v, p[3]))).collect()
        }
        png::ColorType::Indexed => return Err(malformed("its palette was not applied")),
    };
    CapturedPage::of(width as usize, height as usize, rgb)
}

fn png_error(error: png::DecodingError) -> PageError {
    match error {
        png::DecodingError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => PageError::Truncated,
        other => malformed(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
