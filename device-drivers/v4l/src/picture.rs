//! One picture as JPEG: the camera's own goes on as it is, a raw one is packed once, straight from its planes.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use jpeg_encoder::{ChromaSubsamplingMethod, Encoder, ImageBuffer, JpegColorType, SamplingFactor};

use crate::config::Size;
use crate::mode::Pixels;
use crate::stream::Frame;

/// Why a picture is dropped.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Damage {
    #[error("the camera's own mark")]
    Marked,
    #[error("{0}")]
    Jpeg(#[from] kiosk_jpeg::JpegError),
    #[error("it is {0}x{1}")]
    Size(u32, u32),
    #[error("{got} of {expected} bytes came")]
    Short { got: usize, expected: usize },
    #[error("it cannot be packed: {0}")]
    Packing(String),
}

/// Is the picture a whole one? Cheap, so that pictures that nobody will see are not packed.
pub(crate) fn check(frame: &Frame<'_>) -> Result<(), Damage> {
    if frame.damaged {
        return Err(Damage::Marked);
    }
    if frame.layout.mode.pixels == Pixels::Jpeg { own(frame).map(drop) } else { Raw::of(frame).map(drop) }
}

/// The picture as JPEG.
pub(crate) fn jpeg<'a>(frame: &Frame<'a>, quality: u8) -> Result<Cow<'a, [u8]>, Damage> {
    if frame.damaged {
        return Err(Damage::Marked);
    }
    if frame.layout.mode.pixels == Pixels::Jpeg {
        return own(frame).map(|picture| picture.complete());
    }
    let raw = Raw::of(frame)?;
    let mut jpeg = Vec::with_capacity(frame.bytes.len() / 4);
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(raw.sampling());
    // The planes repeat what the camera has once: any of the repeated values is the right one.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Nearest);
    encoder.encode_image(raw).map_err(|error| Damage::Packing(error.to_string()))?;
    Ok(Cow::Owned(jpeg))
}

/// The camera's own JPEG, if it is whole and of the size that was asked for.
fn own<'a>(frame: &Frame<'a>) -> Result<kiosk_jpeg::Picture<'a>, Damage> {
    let picture = kiosk_jpeg::check(frame.bytes)?;
    let Size { width, height } = frame.layout.mode.size;
    if (picture.width, picture.height) != (width, height) {
        return Err(Damage::Size(picture.width, picture.height));
    }
    Ok(picture)
}

/// Planes of a raw picture.
#[derive(Clone, Copy)]
struct Raw<'a> {
    bytes: &'a [u8],
    pixels: Pixels,
    width: u16,
    height: u16,
    stride: usize,
    levels: &'static Levels,
}

/// What the values of luma and of colour become.
struct Levels {
    luma: [u8; 256],
    chroma: [u8; 256],
}

/// JPEG's own range (ITU-T T.871, 7): nothing to do.
static FULL: Levels = Levels { luma: stretched(0, 255, 0), chroma: stretched(0, 255, 0) };
/// Television's range, which most cameras use: luma from 16 to 235, colour from 16 to 240 (ITU-R BT.601, 2.5.3).
static LIMITED: Levels = Levels { luma: stretched(16, 219, 0), chroma: stretched(128, 224, 128) };

/// Values around `zero`, of which `span` is the whole range, as values around `centre` with a range of 255.
#[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "clipped to the range of u8 just above")]
const fn stretched(zero: i32, span: i32, centre: i32) -> [u8; 256] {
    let mut table = [0; 256];
    let mut value = 0;
    while value < 256 {
        let scaled = (value - zero) * 255;
        let rounded = if scaled < 0 { (scaled - span / 2) / span } else { (scaled + span / 2) / span } + centre;
        let clipped = if rounded < 0 {
            0
        } else if rounded > 255 {
            255
        } else {
            rounded
        };
        table[value as usize] = clipped as u8;
        value += 1;
    }
    table
}

impl<'a> Raw<'a> {
    /// With all bytes there that the size needs.
    fn of(frame: &Frame<'a>) -> Result<Self, Damage> {
        let (Size { width, height }, pixels) = (frame.layout.mode.size, frame.layout.mode.pixels);
        let size = |side| u16::try_from(side).map_err(|_| Damage::Size(width, height));
        let (width, height) = (size(width)?, size(height)?);
        // Odd sides: the last pixel shares its colour with nobody, and the bytes are there nevertheless.
        let line = match pixels {
            Pixels::Jpeg => return Err(kiosk_jpeg::JpegError::NotJpeg.into()),
            Pixels::Yuyv | Pixels::Uyvy => usize::from(width).next_multiple_of(2) * 2,
            Pixels::Nv12 => usize::from(width).next_multiple_of(2),
            Pixels::Grey => usize::from(width),
        };
        let stride = line.max(frame.layout.bytes_per_line as usize);
        let lines = usize::from(height) + if pixels == Pixels::Nv12 { usize::from(height).div_ceil(2) } else { 0 };
        // What follows the last line until a next one would begin need not be there.
        let expected = stride * lines.saturating_sub(1) + line;
        if frame.bytes.len() < expected {
            return Err(Damage::Short { got: frame.bytes.len(), expected });
        }
        let levels = if frame.layout.full_range { &FULL } else { &LIMITED };
        Ok(Self { bytes: frame.bytes, pixels, width, height, stride, levels })
    }

    fn sampling(self) -> SamplingFactor {
        match self.pixels {
            Pixels::Nv12 => SamplingFactor::R_4_2_0,
            Pixels::Grey => SamplingFactor::R_4_4_4,
            Pixels::Yuyv | Pixels::Uyvy | Pixels::Jpeg => SamplingFactor::R_4_2_2,
        }
    }

    fn line(self, number: usize) -> &'a [u8] {
        &self.bytes[number * self.stride..]
    }
}

impl ImageBuffer for Raw<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        if self.pixels == Pixels::Grey { JpegColorType::Luma } else { JpegColorType::Ycbcr }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, [luma, blue, red, _]: &mut [Vec<u8>; 4]) {
        let (line, width, levels) = (self.line(y.into()), usize::from(self.width), self.levels);
        match self.pixels {
            Pixels::Yuyv => packed(line, width, [0, 2, 1, 3], levels, [luma, blue, red]),
            Pixels::Uyvy => packed(line, width, [1, 3, 0, 2], levels, [luma, blue, red]),
            Pixels::Nv12 => {
                luma.extend(line[..width].iter().map(|value| levels.luma[usize::from(*value)]));
                let chroma = self.line(usize::from(self.height) + usize::from(y) / 2);
                for pair in chroma.chunks_exact(2).take(width.div_ceil(2)) {
                    blue.extend_from_slice(&[levels.chroma[usize::from(pair[0])]; 2]);
                    red.extend_from_slice(&[levels.chroma[usize::from(pair[1])]; 2]);
                }
                blue.truncate(blue.len() - width % 2);
                red.truncate(red.len() - width % 2);
            }
            Pixels::Grey | Pixels::Jpeg => {
                luma.extend(line[..width].iter().map(|value| levels.luma[usize::from(*value)]))
            }
        }
    }
}

/// A line with four bytes for two pixels; `order` says where in them Y, Y, Cb and Cr are.
#[inline(always)]
fn packed(line: &[u8], width: usize, order: [usize; 4], levels: &Levels, planes: [&mut Vec<u8>; 3]) {
    let [luma, blue, red] = planes;
    for pair in line.chunks_exact(4).take(width.div_ceil(2)) {
        let value = |at: usize| usize::from(pair[order[at]]);
        luma.extend_from_slice(&[levels.luma[value(0)], levels.luma[value(1)]]);
        blue.extend_from_slice(&[levels.chroma[value(2)]; 2]);
        red.extend_from_slice(&[levels.chroma[value(3)]; 2]);
    }
    for plane in [luma, blue, red] {
        plane.truncate(plane.len() - width % 2);
    }
}
