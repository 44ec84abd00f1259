//! A picture of what is shown: a code or a picture in the middle, a caption below, on white.

#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::path::Path;

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont, point};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, overlay, resize};
use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, Limits, Luma, Rgb, RgbImage};
use unicode_normalization::UnicodeNormalization;

use crate::code::{Code, QUIET_MODULES};

/// Where Debian keeps a font with all Vietnamese letters.
const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
/// Sides of pictures that are decoded, pixels, and the memory that may take, bytes.
const SIDE_MAX: u32 = 8_192;
const DECODED_MAX: u64 = 256 << 20;
/// The caption's part of the height.
const CAPTION_PART: u32 = 8;
/// Smallest module that cameras of telephones read well, pixels.
const MODULE_MIN: u32 = 2;

/// A picture that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The image that is to be shown cannot be decoded.
    #[error("the picture cannot be decoded: {0}")]
    Unreadable(String),
    /// The text does not fit into any code.
    #[error("the text is too long for a QR code")]
    TooLong,
    /// The display is too small for this code.
    #[error("the display is too small for a code of this text")]
    NoRoom,
}

/// The font of captions.
pub struct Font(FontVec);

impl Font {
    /// Loads it.
    ///
    /// # Errors
    /// A sentence that says which package to install.
    pub fn load() -> Result<Self, String> {
        let problem =
            |error: String| format!("cannot load the font `{FONT}`: {error}; install the package fonts-dejavu-core");
        let bytes = std::fs::read(Path::new(FONT)).map_err(|error| problem(error.to_string()))?;
        FontVec::try_from_vec(bytes).map(Self).map_err(|error| problem(error.to_string()))
    }
}

/// What is shown, drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(RgbImage);

impl Picture {
    /// A code of this text, as large as whole pixels for a module allow.
    ///
    /// # Errors
    /// If the text or the display is too large or too small.
    pub fn of_code(text: &str, caption: Option<&str>, size: (u32, u32), font: &Font) -> Result<Self, PictureError> {
        let code = Code::new(text).ok_or(PictureError::TooLong)?;
        let (mut canvas, room) = canvas(caption, size, font);
        let modules = u32::try_from(code.side() + 2 * QUIET_MODULES).map_err(|_| PictureError::TooLong)?;
        let module = size.0.min(room) / modules;
        if module < MODULE_MIN {
            return Err(PictureError::NoRoom);
        }
        let (left, top) = ((size.0 - modules * module) / 2, (room - modules * module) / 2);
        for y in 0..modules * module {
            for x in 0..modules * module {
                let at = |pixel: u32| (pixel / module) as usize;
                let inside = at(x).checked_sub(QUIET_MODULES).zip(at(y).checked_sub(QUIET_MODULES));
                if inside.is_some_and(|(column, row)| code.is_dark(column, row)) {
                    canvas.put_pixel(left + x, top + y, Rgb([0; 3]));
                }
            }
        }
        Ok(Self(canvas))
    }

    /// A JPEG or PNG, as large as fits.
    ///
    /// # Errors
    /// If it cannot be decoded.
    pub fn of_image(bytes: &[u8], caption: Option<&str>, size: (u32, u32), font: &Font) -> Result<Self, PictureError> {
        let image = decode(bytes)?;
        let (mut canvas, room) = canvas(caption, size, font);
        let scale = (f64::from(size.0) / f64::from(image.width())).min(f64::from(room) / f64::from(image.height()));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not larger than the canvas")]
        let fitted = |length: u32| ((f64::from(length) * scale) as u32).max(1);
        let image = resize(&image, fitted(image.width()), fitted(image.height()), FilterType::Triangle);
        let (left, top) = ((size.0 - image.width().min(size.0)) / 2, (room - image.height().min(room)) / 2);
        overlay(&mut canvas, &image, left.into(), top.into());
        Ok(Self(canvas))
    }

    /// As a PNG.
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        // Writing into memory cannot fail.
        let _ = self.0.write_to(&mut bytes, ImageFormat::Png);
        bytes.into_inner()
    }

    /// As a JPEG of good quality, for photographs.
    pub fn jpeg(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing into memory cannot fail.
        let _ = JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&self.0);
        bytes
    }

    /// The pixels.
    pub fn pixels(&self) -> &RgbImage {
        &self.0
    }
}

fn decode(bytes: &[u8]) -> Result<RgbImage, PictureError> {
    let unreadable = |error: String| PictureError::Unreadable(error);
    let mut reader = ImageReader::new(Cursor::new(bytes));
    reader.set_format(match bytes {
        [0xFF, 0xD8, ..] => ImageFormat::Jpeg,
        [0x89, b'P', b'N', b'G', ..] => ImageFormat::Png,
        _ => return Err(unreadable("it is neither JPEG nor PNG".into())),
    });
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) =
        (Some(SIDE_MAX), Some(SIDE_MAX), Some(DECODED_MAX));
    reader.limits(limits);
    reader.decode().map(DynamicImage::into_rgb8).map_err(|error| unreadable(error.to_string()))
}

/// A white canvas with the caption on it, and how much of its height is left above.
fn canvas(caption: Option<&str>, (width, height): (u32, u32), font: &Font) -> (RgbImage, u32) {
    let mut canvas = RgbImage::from_pixel(width, height, Rgb([0xFF; 3]));
    let Some(caption) = caption.filter(|caption| !caption.trim().is_empty()) else { return (canvas, height) };
    let band = height / CAPTION_PART;
    let line = caption_line(&caption.nfc().collect::<String>(), width, band, font);
    let top = height - band + (band - line.height().min(band)) / 2;
    let left = (width - line.width().min(width)) / 2;
    for (x, y, Luma([shade])) in line.enumerate_pixels() {
        if left + x < width && top + y < height {
            canvas.put_pixel(left + x, top + y, Rgb([*shade; 3]));
        }
    }
    (canvas, height - band)
}

/// A line of text, as high as the band or as wide as the canvas, whichever it meets first.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels of a screen"
)]
fn caption_line(text: &str, width: u32, band: u32, font: &Font) -> GrayImage {
    let advance = |scale: f32| {
        let face = font.0.as_scaled(PxScale::from(scale));
        text.chars().map(|c| face.h_advance(face.glyph_id(c))).sum::<f32>()
    };
    // Vietnamese capitals carry two accents: the letters get three quarters of the band.
    let full = band as f32 * 0.75;
    let widest = width as f32 * 0.95;
    let scale = (full * widest / advance(full).max(1.0)).min(full);
    let face = font.0.as_scaled(PxScale::from(scale));
    let size = (advance(scale).ceil() as u32 + 2, (face.height() * 1.25).ceil() as u32 + 2);
    let mut line = GrayImage::from_pixel(size.0, size.1, Luma([0xFF]));
    let (mut x, baseline) = (1.0, face.height() * 0.2 + face.ascent());
    for c in text.chars() {
        let mut glyph = face.scaled_glyph(c);
        glyph.position = point(x, baseline);
        x += face.h_advance(glyph.id);
        let Some(outline) = face.outline_glyph(glyph) else { continue };
        let corner = outline.px_bounds().min;
        outline.draw(|dx, dy, ink| {
            let (column, row) = (corner.x + dx as f32, corner.y + dy as f32);
            if column >= 0.0 && row >= 0.0 && (column as u32) < size.0 && (row as u32) < size.1 {
                let shade = (255.0 - ink.clamp(0.0, 1.0) * 255.0) as u8;
                let pixel = line.get_pixel_mut(column as u32, row as u32);
                pixel.0[0] = pixel.0[0].min(shade);
            }
        });
    }
    line
}
