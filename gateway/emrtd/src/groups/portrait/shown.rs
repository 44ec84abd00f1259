//! The portrait as a JPEG that browsers show, whatever the chip has. The picture is bytes from a card: its size is looked
//! at before its pixels are, and what decodes it may not take more than the limits.

use std::io::Cursor;
use std::panic::catch_unwind;

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageFormat, ImageReader, Limits};

use super::{GroupError, Portrait, PortraitFormat, codestream};

/// Longest side, pixels. A portrait of full size has 480 x 640 (ISO/IEC 19794-5, 8.4.1).
const SIDE_MAX: u32 = 4_096;
/// Most pixels.
const PIXELS_MAX: u32 = 4 << 20;
/// Most memory for decoding a JPEG, bytes.
const MEMORY_MAX: u64 = 64 << 20;
/// Of the JPEG made from a JPEG 2000: what it loses is far below what the chip's picture has lost.
const QUALITY: u8 = 95;

const NOT_DECODED: GroupError = GroupError::Portrait("has a picture that cannot be decoded");
const NOT_BOUNDED: GroupError =
    GroupError::Portrait("has a picture that is broken, too large, or would take too much memory to decode");
const TOO_LARGE: GroupError =
    GroupError::Portrait("has a picture of more than 4,096 pixels a side or 4 megapixels, or one that costs as much");

/// A portrait that browsers show. Personal: no `Debug`.
pub struct ShownPortrait {
    /// A JPEG.
    pub jpeg: Vec<u8>,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
}

impl Portrait {
    /// The portrait as a JPEG: as it is, if it is one and can be decoded.
    ///
    /// What decodes JPEG 2000 takes memory as the file's heads say, so these are looked at first: one that is decoded takes
    /// less than 256 MiB, whatever is in it. The decoder is young: of files that nobody has vouched for, decode only in a
    /// process whose memory is limited.
    ///
    /// # Errors
    /// [`GroupError::Portrait`], if it cannot be decoded or is too large.
    pub fn shown(&self) -> Result<ShownPortrait, GroupError> {
        match self.format {
            PortraitFormat::Jpeg => self.checked(),
            // The crate is young; a fault of it costs the portrait, not the reading.
            PortraitFormat::Jpeg2000 => catch_unwind(|| from_jpeg2000(&self.picture)).unwrap_or(Err(NOT_DECODED)),
        }
    }

    fn checked(&self) -> Result<ShownPortrait, GroupError> {
        let mut reader = ImageReader::with_format(Cursor::new(&self.picture), ImageFormat::Jpeg);
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(SIDE_MAX), Some(SIDE_MAX));
        limits.max_alloc = Some(MEMORY_MAX);
        reader.limits(limits);
        let picture = reader.decode().map_err(|error| match error {
            image::ImageError::Limits(_) => TOO_LARGE,
            _ => NOT_DECODED,
        })?;
        if picture.width().saturating_mul(picture.height()) > PIXELS_MAX {
            return Err(TOO_LARGE);
        }
        Ok(ShownPortrait { jpeg: self.picture.clone(), width: picture.width(), height: picture.height() })
    }
}

fn from_jpeg2000(picture: &[u8]) -> Result<ShownPortrait, GroupError> {
    if !codestream::is_bounded(picture, SIDE_MAX, PIXELS_MAX) {
        return Err(NOT_BOUNDED);
    }
    let settings = DecodeSettings { strict: false, ..DecodeSettings::default() };
    let image = Image::new(picture, &settings).map_err(|_| NOT_DECODED)?;
    let (width, height) = (image.width(), image.height());
    if width > SIDE_MAX || height > SIDE_MAX || width.saturating_mul(height) > PIXELS_MAX {
        return Err(TOO_LARGE);
    }
    let alpha = usize::from(image.has_alpha());
    let (colours, kind) = match image.color_space().num_channels() {
        1 => (1, ExtendedColorType::L8),
        3 if !matches!(image.color_space(), ColorSpace::Unknown { .. }) => (3, ExtendedColorType::Rgb8),
        _ => return Err(NOT_DECODED),
    };
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| NOT_DECODED)?;
    let pixels: Vec<u8> =
        decoded.data_u8().chunks_exact(colours + alpha).flat_map(|pixel| &pixel[..colours]).copied().collect();
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    let expected = usize::try_from(width * height).is_ok_and(|count| pixels.len() == count * colours);
    if !expected {
        return Err(NOT_DECODED);
    }
    { encoder }.encode(&pixels, width, height, kind).map_err(|_| NOT_DECODED)?;
    Ok(ShownPortrait { jpeg, width, height })
}
