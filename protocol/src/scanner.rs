//! Document scanners.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::device::{DeviceKind, Kind};
use crate::session::Empty;

/// The scanner kind.
pub struct Scanner;

impl DeviceKind for Scanner {
    const KIND: Kind = Kind::Scanner;
    type Request = ScannerRequest;
    type Reply = ScannerReply;
    type Event = ScannerEvent;
    type Status = ScannerStatus;
    type Capabilities = ScannerCapabilities;
}

/// What a scanner may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum ScannerRequest {
    /// Scan one or more pages.
    #[serde(rename = "scanner.scan")]
    Scan(ScanRequest),
    /// Ask the device for its status now.
    #[serde(rename = "scanner.status")]
    Status(Empty),
}

/// What a scanner answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ScannerReply {
    /// To a scan.
    Scan(ScanReport),
    /// To a status request.
    Status(ScannerStatus),
}

/// What a scanner says while it scans.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", content = "payload")]
pub enum ScannerEvent {
    /// The first bytes of a page are there.
    #[serde(rename = "scanner.page_started")]
    PageStarted(PageStarted),
    /// A page is complete.
    #[serde(rename = "scanner.page")]
    Page(ScannedPage),
}

/// Where the paper lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanSource {
    /// On the glass: one page.
    #[default]
    Flatbed,
    /// In the automatic document feeder, front sides.
    Adf,
    /// In the automatic document feeder, both sides.
    AdfDuplex,
}

/// How colours are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColorMode {
    /// 8 bits each of red, green, blue.
    #[default]
    Color,
    /// 8 bits of grey.
    Gray,
}

/// A rectangle on the glass or page, from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanArea {
    /// Left edge, millimetres.
    #[serde(default)]
    pub x_mm: f32,
    /// Top edge, millimetres.
    #[serde(default)]
    pub y_mm: f32,
    /// Width, millimetres.
    pub width_mm: f32,
    /// Height, millimetres.
    pub height_mm: f32,
}

/// `scanner.scan`: scan one or more pages; each arrives as a JPEG blob.
///
/// A scanner that makes JPEG itself (`escl`) has it passed on byte for byte; plain pixels (`sane`) are packed once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanRequest {
    /// Where the paper lies.
    #[serde(default)]
    pub source: ScanSource,
    /// Dots per inch, both ways; one of the resolutions in the capabilities.
    #[serde(default = "default_resolution")]
    #[schemars(range(min = 50, max = 1200))]
    pub resolution_dpi: u16,
    /// How colours are kept.
    #[serde(default)]
    pub color: ColorMode,
    /// The part to scan; absent: the whole of what the source can take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<ScanArea>,
    /// Stop after so many pages; absent: until the feeder is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 500))]
    pub max_pages: Option<u16>,
}

fn default_resolution() -> u16 {
    300
}

impl Default for ScanRequest {
    fn default() -> Self {
        Self {
            source: ScanSource::Flatbed,
            resolution_dpi: default_resolution(),
            color: ColorMode::Color,
            area: None,
            max_pages: None,
        }
    }
}

/// `scanner.page_started`: the page's blob can be fetched already; it grows while the scanner sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageStarted {
    /// Page number in this scan, from 1.
    pub page: u16,
    /// The blob that is being filled.
    pub blob: BlobId,
    /// Its media type.
    pub media_type: String,
}

/// `scanner.page`: one page, complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScannedPage {
    /// Page number in this scan, from 1.
    pub page: u16,
    /// The image.
    pub blob: BlobId,
    /// Its media type.
    pub media_type: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Width in pixels, as the image's own header says.
    pub width_px: u32,
    /// Height in pixels, as the image's own header says.
    pub height_px: u32,
    /// Dots per inch that were asked for.
    pub resolution_dpi: u16,
}

/// The reply to `scanner.scan`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScanReport {
    /// The pages, in order.
    pub pages: Vec<ScannedPage>,
    /// Why it ended.
    pub ended: ScanEnd,
}

/// Why a scan ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanEnd {
    /// The feeder is empty, or the one page of the flatbed is done.
    SourceEmpty,
    /// The page limit of the request was reached.
    PageLimit,
}

/// What the scanner is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScannerActivity {
    /// Ready to scan.
    Idle,
    /// Scanning, for us or for somebody else.
    Scanning,
    /// Stopped by a condition that a person must clear.
    Stopped,
}

/// The state of the document feeder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdfState {
    /// Paper is in.
    Loaded,
    /// No paper.
    Empty,
    /// Jammed.
    Jam,
    /// Its cover is open.
    CoverOpen,
    /// Some other fault of the feeder (multi-pick, hatch, tray).
    Fault,
}

/// How a scanner is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScannerStatus {
    /// What it is doing.
    pub activity: ScannerActivity,
    /// The feeder; absent if there is none or it does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adf: Option<AdfState>,
}

/// What one source of a scanner can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceCapabilities {
    /// Which source.
    pub source: ScanSource,
    /// The resolutions, dots per inch, ascending.
    pub resolutions_dpi: Vec<u16>,
    /// The colour modes.
    pub colors: Vec<ColorMode>,
    /// Greatest width, millimetres.
    pub max_width_mm: f32,
    /// Greatest height, millimetres.
    pub max_height_mm: f32,
}

/// What a scanner can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScannerCapabilities {
    /// Its sources.
    pub sources: Vec<SourceCapabilities>,
}
