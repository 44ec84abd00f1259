//! What lies under the lamp: picture files of 300 dots an inch, and the picture that a job's settings make of one.
//! A file that already is what was asked for is served byte for byte. No protocol here.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ExtendedColorType, ImageFormat, ImageReader, Rgb, RgbImage};

use super::pdf;
use super::settings::{ColorMode, Format, Region, Settings};

/// Dots an inch of the sample files.
const SAMPLE_DPI: u32 = 300;
/// Largest file read.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// JPEG quality of pages that had to be made anew.
const QUALITY: u8 = 85;
/// A client that turns inches into millimetres and back may be this many 1/300 inch off the whole page.
const SLACK: u32 = 8;

/// One side of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A picture file.
    File(PathBuf),
    /// White.
    Blank,
}

/// A sheet of paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The printed side.
    pub front: Side,
    /// The other side: the file `NAME.back.EXT` if there is one.
    pub back: Side,
}

/// A page as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The file.
    pub bytes: Bytes,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Uncompressed bytes of one row.
    pub bytes_per_line: u32,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The file cannot be read.
    #[error("cannot read the page {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too large.
    #[error("the page {path} is larger than {MAX_FILE_BYTES} bytes; give a smaller one")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is no picture.
    #[error("the page {path} is no JPEG or PNG picture")]
    NoPicture {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// The folder has no pages.
    #[error("the folder {path} holds no .jpg, .jpeg or .png file; name one with sample documents")]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The page could not be made.
    #[error("cannot make the page")]
    Encode(#[source] image::ImageError),
}

impl Sheet {
    /// The sheet whose front is this picture file.
    ///
    /// # Errors
    /// When the file is no picture.
    pub fn open(path: &Path) -> Result<Self, PageError> {
        dimensions(&read(path)?, path)?;
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let back = path.with_extension(format!("back.{extension}"));
        let back = if back.is_file() { Side::File(back) } else { Side::Blank };
        Ok(Self { front: Side::File(path.to_owned()), back })
    }

    /// The front's file name.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.front {
            Side::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Side::Blank => "blank".into(),
        }
    }
}

/// All sheets of a folder, in the order of their names.
///
/// # Errors
/// When the folder cannot be read or holds no picture.
pub fn folder(path: &Path) -> Result<Vec<Sheet>, PageError> {
    let failed = |source| PageError::Read { path: path.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let picture = [".jpg", ".jpeg", ".png"].iter().any(|extension| name.ends_with(extension));
        if picture && !name.contains(".back.") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(PageError::EmptyFolder { path: path.to_owned() });
    }
    files.iter().map(|file| Sheet::open(file)).collect()
}

/// Makes the page that these settings ask for.
///
/// # Errors
/// When the file cannot be read or made into a page.
pub fn render(side: &Side, settings: &Settings) -> Result<Rendered, PageError> {
    let picture = match side {
        Side::Blank => None,
        Side::File(path) => {
            let bytes = read(path)?;
            let (width, height) = dimensions(&bytes, path)?;
            if is_unchanged(&bytes, (width, height), settings) {
                return Ok(finished(bytes, (width, height), 3, settings));
            }
            let decoded = image::load_from_memory(&bytes);
            Some(decoded.map_err(|source| PageError::NoPicture { path: path.clone(), source })?.into_rgb8())
        }
    };
    let region = settings.region;
    let mut page = RgbImage::from_pixel(region.width, region.height, Rgb([255; 3]));
    if let Some(picture) = picture {
        imageops::replace(&mut page, &picture, -i64::from(region.x), -i64::from(region.y));
    }
    encode(scaled(page, region, settings), settings)
}

/// True when the file is already what was asked for: JPEG, colour, 300 dpi, the whole page.
fn is_unchanged(bytes: &[u8], size: (u32, u32), settings: &Settings) -> bool {
    let Region { x, y, width, height } = settings.region;
    let near = |asked: u32, has: u32| asked.abs_diff(has) <= SLACK;
    settings.format != Format::Png
        && bytes.starts_with(&[0xff, 0xd8])
        && settings.color == ColorMode::RGB24
        && (settings.x_dpi, settings.y_dpi) == (SAMPLE_DPI, SAMPLE_DPI)
        && (x, y) == (0, 0)
        && near(width, size.0)
        && near(height, size.1)
}

fn scaled(page: RgbImage, region: Region, settings: &Settings) -> DynamicImage {
    let width = (region.width * settings.x_dpi / SAMPLE_DPI).max(1);
    let height = (region.height * settings.y_dpi / SAMPLE_DPI).max(1);
    let page = DynamicImage::from(page);
    let page = match settings.color {
        ColorMode::RGB24 => page,
        ColorMode::Grayscale8 => page.grayscale(),
    };
    if (width, height) == (region.width, region.height) {
        page
    } else {
        page.resize_exact(width, height, FilterType::Triangle)
    }
}

fn encode(page: DynamicImage, settings: &Settings) -> Result<Rendered, PageError> {
    let (width, height) = (page.width(), page.height());
    let (color, samples) = match settings.color {
        ColorMode::RGB24 => (ExtendedColorType::Rgb8, 3),
        ColorMode::Grayscale8 => (ExtendedColorType::L8, 1),
    };
    let mut bytes = Cursor::new(Vec::new());
    match settings.format {
        Format::Png => page.write_to(&mut bytes, ImageFormat::Png),
        Format::Jpeg | Format::Pdf => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
            // Both resolutions are at most 600, so they fit; JFIF 1.02 has one unit for both.
            let dpi = u16::try_from(settings.x_dpi).unwrap_or(u16::MAX);
            encoder.set_pixel_density(PixelDensity::dpi(dpi));
            encoder.encode(page.as_bytes(), width, height, color)
        }
    }
    .map_err(PageError::Encode)?;
    Ok(finished(bytes.into_inner(), (width, height), samples, settings))
}

fn finished(picture: Vec<u8>, (width, height): (u32, u32), samples: u32, settings: &Settings) -> Rendered {
    let bytes = match settings.format {
        Format::Jpeg | Format::Png => picture,
        Format::Pdf => pdf::wrap(&picture, (width, height), (settings.x_dpi, settings.y_dpi), samples),
    };
    Rendered { bytes: bytes.into(), width, height, bytes_per_line: width * samples }
}

fn read(path: &Path) -> Result<Vec<u8>, PageError> {
    let failed = |source| PageError::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_FILE_BYTES {
        return Err(PageError::TooLarge { path: path.to_owned() });
    }
    std::fs::read(path).map_err(failed)
}

fn dimensions(bytes: &[u8], path: &Path) -> Result<(u32, u32), PageError> {
    let reader = ImageReader::new(Cursor::new(bytes));
    let size = reader.with_guessed_format().map_err(image::ImageError::IoError).and_then(ImageReader::into_dimensions);
    size.map_err(|source| PageError::NoPicture { path: path.to_owned(), source })
}
