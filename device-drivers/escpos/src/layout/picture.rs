//! Pictures as dots: decoded with limits, scaled by area, greys by error diffusion or threshold.

use std::io::Cursor;

use image::error::ImageError;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits};
use kiosk_driver_sdk::protocol::receipt::Dither;

use super::{LayoutError, Raster};

/// Most pixels of a picture.
const MEGAPIXELS_MAX: u32 = 20;
/// Most pixels of all pictures of a receipt together: decoding them cannot be interrupted.
pub(super) const PIXELS_OF_ALL: u64 = 2 * MEGAPIXELS_MAX as u64 * 1_000_000;
/// Most memory that a decoder may take: 20 megapixels with four channels of 8 bits, and some work space.
const DECODE_BYTES_MAX: u64 = 96 << 20;

/// A decoded picture: greys on white.
pub(super) struct Picture(GrayImage);

impl Picture {
    /// Decodes a PNG or JPEG. Its size is looked at before anything is decoded, and taken from the pixels that are `left`.
    pub(super) fn decode(bytes: &[u8], field: &str, left: &mut u64) -> Result<Self, LayoutError> {
        let failed = |error: ImageError| match error {
            ImageError::Limits(error) => too_large(field, error.to_string()),
            error => LayoutError::PictureUnreadable { field: field.to_owned(), reason: error.to_string() },
        };
        let mut reader =
            ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| failed(error.into()))?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(DECODE_BYTES_MAX);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(failed)?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels > u64::from(MEGAPIXELS_MAX) * 1_000_000 {
            return Err(too_large(field, format!("{width} × {height} pixels")));
        }
        *left = left.checked_sub(pixels).ok_or_else(|| {
            too_large(
                field,
                format!("the pictures of the receipt have more than {} megapixels together", PIXELS_OF_ALL / 1_000_000),
            )
        })?;
        if width == 0 || height == 0 {
            return Err(LayoutError::PictureUnreadable { field: field.to_owned(), reason: "it is empty".into() });
        }
        if decoder.total_bytes() > DECODE_BYTES_MAX {
            return Err(too_large(field, format!("{} MiB decoded", decoder.total_bytes() >> 20)));
        }
        let orientation = decoder.orientation().map_err(failed)?;
        let decoded = DynamicImage::from_decoder(decoder).map_err(failed)?;
        let mut grey = DynamicImage::ImageLuma8(on_white(decoded));
        grey.apply_orientation(orientation);
        Ok(Self(grey.into_luma8()))
    }

    /// Width and height on paper, dots, if it shall be `width` wide; without that its own, at most the paper's.
    pub(super) fn fit(&self, width: Option<usize>, paper: usize) -> (usize, usize) {
        let (own_width, own_height) = (self.0.width() as usize, self.0.height() as usize);
        let width = width.unwrap_or_else(|| own_width.min(paper)).max(1);
        (width, (own_height * width).div_ceil(own_width))
    }

    /// Draws it with its upper left corner at `x`, `y`.
    pub(super) fn draw(&self, raster: &mut Raster, x: usize, y: usize, size: (usize, usize), dither: Dither) {
        let (width, height) = size;
        // What the dots drawn so far were too dark (or light) by, for this row and the next, with one dot of margin.
        let (mut errors, mut below) = (vec![0_i32; width + 2], vec![0_i32; width + 2]);
        for row in 0..height {
            for column in 0..width {
                let wanted = i32::from(self.area(column, row, size)) + errors[column + 1] / 16;
                let black = wanted < 128;
                if black {
                    raster.set(x + column, y + row);
                }
                if dither == Dither::Diffusion {
                    let error = wanted - if black { 0 } else { 255 };
                    errors[column + 2] += error * 7;
                    below[column] += error * 3;
                    below[column + 1] += error * 5;
                    below[column + 2] += error;
                }
            }
            errors = std::mem::replace(&mut below, vec![0; width + 2]);
        }
    }

    /// The mean grey of the pixels that lie under one dot.
    fn area(&self, column: usize, row: usize, (width, height): (usize, usize)) -> u8 {
        let (own_width, own_height) = (self.0.width() as usize, self.0.height() as usize);
        let span = |at: usize, dots: usize, own: usize| {
            let from = at * own / dots;
            from..((at + 1) * own / dots).clamp(from + 1, own)
        };
        let columns = span(column, width, own_width);
        let (mut sum, mut count) = (0_usize, 0_usize);
        for y in span(row, height, own_height) {
            let start = y * own_width;
            let pixels = &self.0.as_raw()[start + columns.start..start + columns.end];
            sum += pixels.iter().map(|grey| usize::from(*grey)).sum::<usize>();
            count += pixels.len();
        }
        u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX)
    }
}

fn too_large(field: &str, reason: String) -> LayoutError {
    LayoutError::PictureTooLarge { field: field.to_owned(), reason, max_megapixels: MEGAPIXELS_MAX }
}

/// Greys, with white where the picture is transparent: paper is white.
fn on_white(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let (width, height) = (picture.width(), picture.height());
    let pixels = picture.into_luma_alpha8();
    let greys = pixels.as_raw().chunks_exact(2).map(|pixel| {
        let (grey, alpha) = (u32::from(pixel[0]), u32::from(pixel[1]));
        u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    });
    GrayImage::from_raw(width, height, greys.collect()).expect("one grey for each pixel")
}
