//! Pictures, and how a picture of any size comes onto a sheet.

#[cfg(test)]
mod tests;

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{ImageReader, Limits, Rgb, RgbImage};

use super::child::Refusal;
use crate::raster::Sheet;

/// Memory for one decoded picture, bytes.
pub(super) const PICTURE_MAX: u64 = 512 << 20;

/// A JPEG as the dots of a sheet: as large as that allows, in its own proportions.
///
/// # Errors
/// [`Refusal::Unreadable`] if it is no whole JPEG.
pub(super) fn jpeg(document: &[u8], sheet: &Sheet) -> Result<Vec<u8>, Refusal> {
    let unreadable = |why: &dyn std::fmt::Display| Refusal::Unreadable(format!("the JPEG cannot be read: {why}"));
    // The decoder fills up what was cut off.
    kiosk_jpeg::check(document).map_err(|error| unreadable(&error))?;
    let mut reader = ImageReader::with_format(Cursor::new(document), image::ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_alloc = Some(PICTURE_MAX);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| unreadable(&error))?.into_rgb8();
    let (across, along) =
        if picture.width() > picture.height() { (sheet.height, sheet.width) } else { (sheet.width, sheet.height) };
    let (width, height) = (u64::from(picture.width()), u64::from(picture.height()));
    let (across, along) = (u64::from(across), u64::from(along));
    let (new_width, new_height) = if width * along > height * across {
        (across, height * across / width)
    } else {
        (width * along / height, along)
    };
    let size = |length: u64| u32::try_from(length.max(1)).unwrap_or(u32::MAX);
    let picture = imageops::resize(&picture, size(new_width), size(new_height), FilterType::Triangle);
    Ok(laid(picture, sheet))
}

/// A picture in the middle of a white sheet, turned if it lies across.
pub(super) fn laid(picture: RgbImage, sheet: &Sheet) -> Vec<u8> {
    let picture = if picture.width() > picture.height() && sheet.width < sheet.height {
        imageops::rotate90(&picture)
    } else {
        picture
    };
    if (picture.width(), picture.height()) == (sheet.width, sheet.height) {
        return picture.into_raw();
    }
    let mut page = RgbImage::from_pixel(sheet.width, sheet.height, Rgb([255; 3]));
    let middle = |sheet: u32, picture: u32| (i64::from(sheet) - i64::from(picture)) / 2;
    imageops::replace(
        &mut page,
        &picture,
        middle(sheet.width, picture.width()),
        middle(sheet.height, picture.height()),
    );
    page.into_raw()
}
