//! eSCL as values: what the scanner says of itself and how it is, what it is asked, and what a page looks like.
//! No I/O here; HTTP is in `http`, the order of things in `job`.
//!
//! Document: Mopria Alliance, "eSCL Technical Specification", version 2.97. The names of elements and of their values
//! are its own; the sections are named where they are used.

pub(crate) mod capabilities;
pub(crate) mod jpeg;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod xml;

/// Resource names ("RESTful interface").
pub(crate) const CAPABILITIES: &str = "ScannerCapabilities";
/// How the scanner is.
pub(crate) const STATUS: &str = "ScannerStatus";
/// Where jobs are made.
pub(crate) const JOBS: &str = "ScanJobs";
/// Below a job: its next page.
pub(crate) const NEXT_DOCUMENT: &str = "NextDocument";

/// The media type of the pages that are asked for.
pub(crate) const JPEG: &str = "image/jpeg";

/// Lengths are counted in this many parts of an inch ("ScanRegion", `escl:ThreeHundredthsOfInches`).
pub(crate) const UNITS_PER_INCH: f32 = 300.0;
const MM_PER_INCH: f32 = 25.4;

/// A document that does not say what it must.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum WireError {
    #[error("the scanner's answer is not XML: {0}")]
    NotXml(String),
    #[error("the scanner's answer is XML with more than {limit} {what}")]
    TooMuch { limit: usize, what: &'static str },
    #[error("the scanner's answer is a `{got}` where a `{expected}` belongs")]
    Root { expected: &'static str, got: String },
    #[error("the scanner's answer has no `{0}`")]
    Missing(&'static str),
    #[error("the scanner says that its {field} is `{value}`, which eSCL does not know")]
    Value { field: &'static str, value: String },
    #[error("the scanner offers no source with JPEG, a resolution of 50 to 1200 dpi and RGB24 or Grayscale8")]
    NothingUsable,
}

/// Text from the wire as it may stand in a message: short, without control characters.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Millimetres of a length on the wire.
pub(crate) fn millimetres(units: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^24 units")]
    let units = units as f32;
    units * MM_PER_INCH / UNITS_PER_INCH
}

/// The length on the wire that is nearest to these millimetres, which are finite and not negative.
pub(crate) fn units(mm: f32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` clamps to the range of u32")]
    let units = (mm * UNITS_PER_INCH / MM_PER_INCH).round() as u32;
    units
}
