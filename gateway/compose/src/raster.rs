//! A page's picture: judged before memory is taken, looked through to its end, and put into the file as it is where that can
//! be done. A copy of half a page must not be certified.

mod jpeg;
mod pixels;
mod png;
#[cfg(test)]
mod tests;

use krilla::image::Image;
use sha2::{Digest, Sha256};

use crate::ink::Ink;
use crate::limits::{MAX_DPI, MAX_PAGE_BYTES, MAX_PIXELS, MAX_SIDE_PX, MIN_DPI, PAGE_MM};
use crate::request::PageImage;
use crate::units::PT_PER_MM;

/// Why a page's picture was not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PageFault {
    /// Not enough dots.
    #[error("it has {dpi} dots per inch, and the law asks for {MIN_DPI} or more; scan it again")]
    TooFewDots {
        /// Dots per inch that it has.
        dpi: f32,
    },
    /// No dots per inch that a scanner gives.
    #[error("{dpi} are no dots per inch of a scan (at most {MAX_DPI}); look at the scanner's settings")]
    Dots {
        /// Dots per inch that were given.
        dpi: f32,
    },
    /// More pixels or bytes than are taken.
    #[error(
        "it has {width} x {height} pixels and {bytes} bytes; at most {MAX_SIDE_PX} each way, {MAX_PIXELS} pixels and \
             {MAX_PAGE_BYTES} bytes are taken: scan with fewer dots per inch"
    )]
    TooLarge {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
        /// Bytes of the file.
        bytes: usize,
    },
    /// A page that is smaller or larger than any paper.
    #[error("it would be {width_mm} x {height_mm} mm; sides of {} to {} mm are taken: look at the dots per inch",
            PAGE_MM[0], PAGE_MM[1])]
    Paper {
        /// Width, millimetres.
        width_mm: f32,
        /// Height, millimetres.
        height_mm: f32,
    },
    /// The file says another size than the caller.
    #[error("its file has {} x {} pixels where {} x {} were read from it; scan it again", found[0], found[1], said[0], said[1])]
    OtherSize {
        /// What the caller says.
        said: [u32; 2],
        /// What the file says.
        found: [u32; 2],
    },
    /// Grey where the law asks for colour.
    #[error("it is grey, and the law asks for colour; set the scanner to colour and scan it again")]
    Grey,
    /// Colours of print.
    #[error("it has the four colours of print (CMYK); set the scanner to RGB and scan it again")]
    Cmyk,
    /// Other than 8 bits for each colour.
    #[error("it has {0} bits for each colour; set the scanner to 8 and scan it again")]
    Bits(u8),
    /// A kind of JPEG that scanners do not make, and of which it cannot be told whether it is whole.
    #[error(
        "it is no baseline JPEG (but progressive, lossless, arithmetic or in several scans); scan it again as \
             baseline JPEG"
    )]
    JpegKind,
    /// A picture that viewers of photographs turn, and PDF readers do not.
    #[error("its EXIF data turns it (orientation {0}); make it upright before it is read")]
    Turned(u16),
    /// There is no paper behind a part of it.
    #[error("it is transparent; scan it again, or put it on white")]
    Transparent,
    /// The bytes end before the picture does.
    #[error("it ends before its last row; the transfer was cut off: scan it again")]
    Cut,
    /// The decoder does not understand the bytes.
    #[error("it is damaged ({0}); scan it again")]
    Damaged(String),
}

/// A page's picture, ready to be drawn.
pub(crate) struct Raster {
    pub(crate) image: Image,
    /// Width and height, points.
    pub(crate) size_pt: [f32; 2],
    /// SHA-256 of the bytes as they came.
    pub(crate) digest: [u8; 32],
    /// Where something is on it.
    pub(crate) ink: Option<Ink>,
    /// Bytes that are kept for it until the file is written.
    pub(crate) bytes: usize,
}

/// What a decoder gives.
struct Decoded {
    /// Three bytes for each pixel, if they are needed.
    rgb: Option<Vec<u8>>,
    /// The file itself, if it can go into the copy.
    file: Option<Vec<u8>>,
}

/// Judges and decodes a page's picture; `with_ink` if it is asked where something is on it.
pub(crate) fn read(image: PageImage, size_px: [u32; 2], dpi: f32, with_ink: bool) -> Result<Raster, PageFault> {
    let [width, height] = size_px;
    if !dpi.is_finite() || dpi <= 0.0 || dpi > MAX_DPI {
        return Err(PageFault::Dots { dpi });
    }
    if dpi < MIN_DPI {
        return Err(PageFault::TooFewDots { dpi });
    }
    let bytes = match &image {
        PageImage::Jpeg(bytes) | PageImage::Png(bytes) => bytes.len(),
        // Counted as pixels.
        PageImage::Rgb(_) => 0,
    };
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE_PX || height > MAX_SIDE_PX || pixels > MAX_PIXELS || bytes > MAX_PAGE_BYTES {
        return Err(PageFault::TooLarge { width, height, bytes });
    }
    let size_pt = size_px.map(|side| points(side, dpi));
    let fits = |side: &f32| (PAGE_MM[0]..=PAGE_MM[1]).contains(&(side / PT_PER_MM));
    if !size_pt.iter().all(fits) {
        return Err(PageFault::Paper { width_mm: size_pt[0] / PT_PER_MM, height_mm: size_pt[1] / PT_PER_MM });
    }
    let digest = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
    let (digest, decoded) = match image {
        PageImage::Jpeg(file) => (digest(&file), jpeg::decode(file, size_px, with_ink)?),
        PageImage::Png(file) => (digest(&file), png::decode(&file, size_px)?),
        PageImage::Rgb(rgb) => (digest(&rgb), Decoded { rgb: Some(rgb), file: None }),
    };
    let Decoded { rgb, file } = decoded;
    if rgb.as_ref().is_some_and(|rgb| u64::try_from(rgb.len()) != Ok(pixels * 3)) {
        return Err(PageFault::Damaged("its pixels do not fill it".to_owned()));
    }
    let ink = rgb.as_ref().filter(|_| with_ink).map(|rgb| Ink::of(rgb, size_px, dpi));
    let bytes = file.as_ref().or(rgb.as_ref()).map_or(0, Vec::len);
    let image = match (file, rgb) {
        (Some(file), _) => Image::from_jpeg(file.into(), false),
        (None, rgb) => Image::from_custom(pixels::Pixels::new(rgb.unwrap_or_default(), size_px), false),
    };
    let image = image.map_err(PageFault::Damaged)?;
    if image.size() != size_px.into() {
        return Err(PageFault::Damaged("two readers see two sizes".to_owned()));
    }
    Ok(Raster { image, size_pt, digest, ink, bytes })
}

/// Pixels as points.
pub(crate) fn points(pixels: u32, dpi: f32) -> f32 {
    // At most 12,000: exact.
    let pixels = f32::from(u16::try_from(pixels).unwrap_or(u16::MAX));
    pixels * 72.0 / dpi
}

/// Whether a caller's page and its file have one size.
fn same_size(said: [u32; 2], found: [u32; 2]) -> Result<(), PageFault> {
    if said == found { Ok(()) } else { Err(PageFault::OtherSize { said, found }) }
}
