//! `scan:ScanSettings`, what a client asks of a job (Mopria eSCL Technical Specification 2.97, chapter 7).
//! Reads XML by local names, as scanners do; judges what this scanner can do. No I/O.

use roxmltree::{Document, Node};
use serde::Serialize;

/// Width of the glass in 1/300 inch: A4.
pub const MAX_WIDTH: u32 = 2480;
/// Height of the glass in 1/300 inch: A4.
pub const MAX_HEIGHT: u32 = 3508;
/// Smallest region side in 1/300 inch.
pub const MIN_SIDE: u32 = 16;
/// Resolutions offered.
pub const RESOLUTIONS: [u32; 6] = [75, 100, 150, 200, 300, 600];
/// A ScanSettings document is a few hundred bytes; more is refused unread.
pub const MAX_SETTINGS_BYTES: usize = 64 * 1024;

/// Where the paper lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// On the glass.
    Platen,
    /// In the feeder, front sides only.
    Feeder,
    /// In the feeder, both sides.
    FeederDuplex,
    /// Not said: the feeder if there is paper in it, else the glass.
    Automatic,
}

/// Colours of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ColorMode {
    /// 24 bits a pixel.
    RGB24,
    /// 8 bits a pixel.
    Grayscale8,
}

/// File format of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `application/pdf`: a JPEG picture on a sheet
    Pdf,
}

impl Format {
    /// The media type on the wire.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::Pdf => "application/pdf",
        }
    }
}

/// A rectangle on the glass in 1/300 inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Region {
    /// From the left edge.
    pub x: u32,
    /// From the top edge.
    pub y: u32,
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

/// The whole glass.
pub const WHOLE: Region = Region { x: 0, y: 0, width: MAX_WIDTH, height: MAX_HEIGHT };

/// A job's settings, all within what this scanner can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Where the paper lies.
    pub source: Source,
    /// Dots an inch across.
    pub x_dpi: u32,
    /// Dots an inch down.
    pub y_dpi: u32,
    /// Colours.
    pub color: ColorMode,
    /// Part of the glass.
    pub region: Region,
    /// File format.
    pub format: Format,
}

/// Why settings were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not a ScanSettings document: 400 Bad Request.
    #[error("the body is not a ScanSettings document: {0}")]
    Malformed(String),
    /// Well formed, but this scanner cannot do it: 409 Conflict (chapter 8.2).
    #[error("{name} {given:?} is not supported; this scanner offers {offered}")]
    Unsupported {
        /// Which setting.
        name: &'static str,
        /// The value given.
        given: String,
        /// What would be right.
        offered: String,
    },
}

impl Settings {
    /// Reads a request's body.
    ///
    /// # Errors
    /// When it is not a ScanSettings document or asks for what the scanner does not offer.
    pub fn read(body: &[u8]) -> Result<Self, SettingsError> {
        let malformed = |problem: String| SettingsError::Malformed(problem);
        let text = std::str::from_utf8(body).map_err(|error| malformed(error.to_string()))?;
        let document = Document::parse(text.trim_start_matches('\u{feff}').trim())
            .map_err(|error| malformed(error.to_string()))?;
        let root = document.root_element();
        if root.tag_name().name() != "ScanSettings" {
            return Err(malformed(format!("its root is {:?}", root.tag_name().name())));
        }
        let x_dpi = resolution("XResolution", text_of(root, "XResolution"))?;
        let y_dpi = match text_of(root, "YResolution") {
            None => x_dpi,
            given => resolution("YResolution", given)?,
        };
        Ok(Self {
            source: source(root)?,
            x_dpi,
            y_dpi,
            color: color(root)?,
            region: region(root)?,
            format: format(root)?,
        })
    }
}

fn text_of<'a>(parent: Node<'a, '_>, name: &str) -> Option<&'a str> {
    parent.children().find(|node| node.tag_name().name() == name).and_then(|node| node.text()).map(str::trim)
}

fn unsupported(name: &'static str, given: &str, offered: impl Into<String>) -> SettingsError {
    SettingsError::Unsupported { name, given: given.chars().take(80).collect(), offered: offered.into() }
}

fn source(root: Node<'_, '_>) -> Result<Source, SettingsError> {
    let duplex = match text_of(root, "Duplex") {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(other) => return Err(unsupported("Duplex", other, "true, false")),
    };
    match text_of(root, "InputSource") {
        None => Ok(Source::Automatic),
        Some("Platen") => Ok(Source::Platen),
        Some("Feeder") if duplex => Ok(Source::FeederDuplex),
        Some("Feeder") => Ok(Source::Feeder),
        Some(other) => Err(unsupported("InputSource", other, "Platen, Feeder")),
    }
}

fn resolution(name: &'static str, given: Option<&str>) -> Result<u32, SettingsError> {
    let Some(given) = given else { return Ok(300) };
    let dpi = given.parse().ok().filter(|dpi| RESOLUTIONS.contains(dpi));
    dpi.ok_or_else(|| unsupported(name, given, RESOLUTIONS.map(|dpi| dpi.to_string()).join(", ")))
}

fn color(root: Node<'_, '_>) -> Result<ColorMode, SettingsError> {
    match text_of(root, "ColorMode") {
        None | Some("RGB24") => Ok(ColorMode::RGB24),
        Some("Grayscale8") => Ok(ColorMode::Grayscale8),
        Some(other) => Err(unsupported("ColorMode", other, "RGB24, Grayscale8")),
    }
}

/// `DocumentFormatExt` (eSCL 2.1 and later) wins over `pwg:DocumentFormat`.
fn format(root: Node<'_, '_>) -> Result<Format, SettingsError> {
    match text_of(root, "DocumentFormatExt").or_else(|| text_of(root, "DocumentFormat")) {
        None | Some("" | "image/jpeg" | "image/jpg") => Ok(Format::Jpeg),
        Some("image/png") => Ok(Format::Png),
        Some("application/pdf") => Ok(Format::Pdf),
        Some(other) => Err(unsupported("DocumentFormatExt", other, "image/jpeg, image/png, application/pdf")),
    }
}

fn region(root: Node<'_, '_>) -> Result<Region, SettingsError> {
    let mut regions = root.descendants().filter(|node| node.is_element() && node.tag_name().name() == "ScanRegion");
    let Some(node) = regions.next() else { return Ok(WHOLE) };
    if regions.next().is_some() {
        return Err(unsupported("ScanRegions", "more than one region", "one region"));
    }
    if let Some(units) = text_of(node, "ContentRegionUnits").filter(|units| !units.ends_with("ThreeHundredthsOfInches"))
    {
        return Err(unsupported("ContentRegionUnits", units, "escl:ThreeHundredthsOfInches"));
    }
    let number = |name: &'static str, default: u32, range: std::ops::RangeInclusive<u32>| {
        let Some(given) = text_of(node, name) else { return Ok(default) };
        let number = given.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| unsupported(name, given, format!("{} to {}", range.start(), range.end())))
    };
    let x = number("XOffset", 0, 0..=MAX_WIDTH - MIN_SIDE)?;
    let y = number("YOffset", 0, 0..=MAX_HEIGHT - MIN_SIDE)?;
    Ok(Region {
        x,
        y,
        width: number("Width", MAX_WIDTH - x, MIN_SIDE..=MAX_WIDTH - x)?,
        height: number("Height", MAX_HEIGHT - y, MIN_SIDE..=MAX_HEIGHT - y)?,
    })
}
