//! The pictures of signatures and seals: transparent PNG files of the colour that the rules ask for.

use std::io::Cursor;

use png::{ColorType, Decoder, Transformations};

use crate::limits::{MARK_MM, MAX_MARK_BYTES};

/// The largest picture of a mark: 70 mm at 1,200 dpi.
const MAX_SIDE_PX: u32 = 3400;
/// Fewer dots than this and a seal's letters cannot be read.
const MIN_DPI: f32 = 150.0;
/// How much the picture's sides may differ from its true size.
const MOST_STRETCH: f32 = 1.03;

/// What a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// An officer's signature by hand, blue.
    Signature,
    /// An agency's seal, red.
    Seal,
}

impl std::fmt::Display for MarkKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Signature => "signature",
            Self::Seal => "seal",
        })
    }
}

/// Why the picture of a signature or seal was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MarkError {
    /// No size of a mark.
    #[error("the {kind} is {width_mm} x {height_mm} mm; give its true size, {} to {} mm", MARK_MM[0], MARK_MM[1])]
    Size {
        /// Which mark.
        kind: MarkKind,
        /// Width, millimetres.
        width_mm: f32,
        /// Height, millimetres.
        height_mm: f32,
    },
    /// The file is larger than is taken.
    #[error("the picture of the {kind} is larger than {MAX_MARK_BYTES} bytes or {MAX_SIDE_PX} pixels; make it smaller")]
    TooLarge {
        /// Which mark.
        kind: MarkKind,
    },
    /// No PNG file.
    #[error("the picture of the {kind} is no PNG file ({detail}); save it as PNG")]
    NoPng {
        /// Which mark.
        kind: MarkKind,
        /// The decoder's words.
        detail: String,
    },
    /// What is under it would be covered.
    #[error("the picture of the {kind} is not transparent; take its background away")]
    NotTransparent {
        /// Which mark.
        kind: MarkKind,
    },
    /// Nothing can be seen.
    #[error("the picture of the {kind} is empty; take it anew")]
    Empty {
        /// Which mark.
        kind: MarkKind,
    },
    /// Another colour.
    #[error("the picture of the {kind} is not {colour}, as the rules ask; take it anew")]
    Colour {
        /// Which mark.
        kind: MarkKind,
        /// Which colour it must have.
        colour: &'static str,
    },
    /// Its sides are not those of its true size.
    #[error(
        "the picture of the {kind} has other proportions than its true size; cut it to the mark, or correct the size"
    )]
    Proportions {
        /// Which mark.
        kind: MarkKind,
    },
    /// Too few dots.
    #[error("the picture of the {kind} has {dpi} dots per inch at its true size; take it with {MIN_DPI} or more")]
    TooFewDots {
        /// Which mark.
        kind: MarkKind,
        /// How many it has.
        dpi: f32,
    },
}

/// Judges the true size of a mark.
pub(crate) fn check_size(kind: MarkKind, size_mm: [f32; 2]) -> Result<(), MarkError> {
    let fits = |side: &f32| (MARK_MM[0]..=MARK_MM[1]).contains(side);
    let [width_mm, height_mm] = size_mm;
    if size_mm.iter().all(fits) { Ok(()) } else { Err(MarkError::Size { kind, width_mm, height_mm }) }
}

/// Judges the picture of a signature or seal of this true size, millimetres.
///
/// # Errors
/// [`MarkError`].
pub fn check_mark(kind: MarkKind, file: &[u8], size_mm: [f32; 2]) -> Result<(), MarkError> {
    check_size(kind, size_mm)?;
    let no_png = |error: png::DecodingError| MarkError::NoPng { kind, detail: error.to_string() };
    if file.len() > MAX_MARK_BYTES {
        return Err(MarkError::TooLarge { kind });
    }
    let mut decoder = Decoder::new(Cursor::new(file));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let (width, height) = decoder.read_header_info().map_err(no_png)?.size();
    if width > MAX_SIDE_PX || height > MAX_SIDE_PX {
        return Err(MarkError::TooLarge { kind });
    }
    let mut reader = decoder.read_info().map_err(no_png)?;
    if reader.output_color_type().0 != ColorType::Rgba {
        return Err(MarkError::NotTransparent { kind });
    }
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(MarkError::TooLarge { kind })?];
    let frame = reader.next_frame(&mut pixels).map_err(no_png)?;
    pixels.truncate(frame.buffer_size());
    reader.finish().map_err(no_png)?;

    let side = |pixels: u32| f32::from(u16::try_from(pixels).unwrap_or(u16::MAX));
    let (across, down) = (side(width) / size_mm[0], side(height) / size_mm[1]);
    if across > down * MOST_STRETCH || down > across * MOST_STRETCH {
        return Err(MarkError::Proportions { kind });
    }
    let dpi = (across.min(down) * 25.4).round();
    if dpi < MIN_DPI {
        return Err(MarkError::TooFewDots { kind, dpi });
    }
    colours(kind, &pixels)
}

/// What can be seen must have the mark's colour, and enough must be left to see through.
fn colours(kind: MarkKind, rgba: &[u8]) -> Result<(), MarkError> {
    let (mut seen, mut all, mut sums) = (0_u64, 0_u64, [0_u64; 3]);
    for pixel in rgba.chunks_exact(4) {
        all += 1;
        if pixel[3] >= 128 {
            seen += 1;
            for (sum, &value) in sums.iter_mut().zip(pixel) {
                *sum += u64::from(value);
            }
        }
    }
    if seen == 0 {
        return Err(MarkError::Empty { kind });
    }
    // A seal's ring and letters cover less than half of it; a sheet of paper covers all.
    if seen * 10 > all * 9 {
        return Err(MarkError::NotTransparent { kind });
    }
    let [red, green, blue] = sums.map(|sum| sum / seen);
    let (is_right, colour) = match kind {
        MarkKind::Signature => (blue > red + 30 && blue > green, "blue"),
        MarkKind::Seal => (red > green + 60 && red > blue + 60, "red"),
    };
    if is_right { Ok(()) } else { Err(MarkError::Colour { kind, colour }) }
}

#[cfg(test)]
mod tests;
