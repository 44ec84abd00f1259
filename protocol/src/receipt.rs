//! Receipt printers. A front end sends a template (text, columns, rules, QR, image), never raw printer commands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::device::{DeviceKind, Kind};
use crate::session::Empty;

/// The receipt printer kind.
pub struct ReceiptPrinter;

impl DeviceKind for ReceiptPrinter {
    const KIND: Kind = Kind::ReceiptPrinter;
    type Request = PrinterRequest;
    type Reply = PrinterReply;
    type Event = PrinterEvent;
    type Status = PrinterStatus;
    type Capabilities = PrinterCapabilities;
}

/// What a receipt printer may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum PrinterRequest {
    /// Print one receipt.
    #[serde(rename = "receipt_printer.print")]
    Print(PrintRequest),
    /// Ask the device for its status now.
    #[serde(rename = "receipt_printer.status")]
    Status(Empty),
}

/// What a receipt printer answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PrinterReply {
    /// To a print.
    Print(PrintReport),
    /// To a status request.
    Status(PrinterStatus),
}

/// What a receipt printer says while it prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", content = "payload")]
pub enum PrinterEvent {
    /// How far it is.
    #[serde(rename = "receipt_printer.progress")]
    Progress(PrintProgress),
}

/// Where a line or picture stands on the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// How large text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    /// About 2.5 mm small print.
    Small,
    /// About 3 mm, some 48 characters on 80 mm paper.
    #[default]
    Normal,
    /// Half as large again: headings.
    Large,
    /// Twice as large: queue numbers.
    Huge,
}

/// Normal or bold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Normal strokes.
    #[default]
    Normal,
    /// Thick strokes.
    Bold,
}

/// How a picture's greys become black dots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dither {
    /// Error diffusion (Floyd–Steinberg): photographs.
    #[default]
    Diffusion,
    /// Dark becomes black, light becomes white: logos and line art.
    Threshold,
}

/// What a rule looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleStyle {
    /// One thin line.
    #[default]
    Solid,
    /// Dashes.
    Dashed,
    /// Two thin lines.
    Double,
}

/// One element of a receipt, from top to bottom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Element {
    /// A paragraph; long lines wrap at word boundaries. Line breaks are kept, other control characters are refused.
    Text {
        /// The text, any language that the font has (Vietnamese in full). At most 4,000 characters.
        text: String,
        /// Where it stands.
        #[serde(default)]
        align: Align,
        /// How large.
        #[serde(default)]
        size: TextSize,
        /// How thick.
        #[serde(default)]
        weight: Weight,
    },
    /// A label at the left and a value at the right of one row; each wraps in its own half if it must.
    Columns {
        /// At the left edge.
        left: String,
        /// At the right edge.
        right: String,
        /// How large.
        #[serde(default)]
        size: TextSize,
        /// How thick.
        #[serde(default)]
        weight: Weight,
    },
    /// A line across the paper.
    Rule {
        /// What it looks like.
        #[serde(default)]
        style: RuleStyle,
    },
    /// A QR code.
    Qr {
        /// What it says: at most 1,000 bytes of UTF-8.
        data: String,
        /// Width of the code, millimetres, rounded down to whole dots per module.
        #[serde(default = "default_qr_mm")]
        #[schemars(range(min = 15, max = 70))]
        width_mm: u16,
        /// Where it stands.
        #[serde(default = "center")]
        align: Align,
    },
    /// A picture (PNG or JPEG), scaled down to the given width.
    Image {
        /// The picture, a blob of this session.
        blob: BlobId,
        /// Width on paper, millimetres; absent: its own size, at most the paper's width.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 5, max = 100))]
        width_mm: Option<u16>,
        /// Where it stands.
        #[serde(default = "center")]
        align: Align,
        /// How greys become dots.
        #[serde(default)]
        dither: Dither,
    },
    /// White space.
    Space {
        /// Height, millimetres.
        #[schemars(range(min = 1, max = 50))]
        height_mm: u16,
    },
}

fn default_qr_mm() -> u16 {
    35
}

fn center() -> Align {
    Align::Center
}

/// What happens at the end of a receipt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Cut but for one point, so that the receipt does not fall.
    #[default]
    Partial,
    /// Cut through.
    Full,
    /// No cut; the paper is fed to the tear bar.
    None,
}

/// `receipt_printer.print`: one receipt. Needs an idempotency key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintRequest {
    /// From top to bottom; 1 to 200 elements.
    #[schemars(length(min = 1, max = 200))]
    pub elements: Vec<Element>,
    /// What happens at the end.
    #[serde(default)]
    pub cut: Cut,
}

impl PrintRequest {
    /// The blobs that it shows.
    pub fn blobs(&self) -> Vec<BlobId> {
        let blob = |element: &Element| match element {
            Element::Image { blob, .. } => Some(blob.clone()),
            _ => None,
        };
        self.elements.iter().filter_map(blob).collect()
    }
}

/// `receipt_printer.progress`: how much of the receipt the printer has taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrintProgress {
    /// Bytes that the printer has taken.
    pub sent_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

/// The one outcome of a print that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confirmed {
    /// The printer confirmed after the last byte that all of it is on paper.
    Printed,
}

/// The reply to `receipt_printer.print`. A print that was not confirmed is an error whose `outcome` tells what is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrintReport {
    /// Always `printed`: a reply that says anything else is a fault of the driver.
    pub outcome: Confirmed,
    /// Length of the receipt, millimetres.
    pub length_mm: u32,
    /// How the printer is afterwards.
    pub status: PrinterStatus,
}

/// The paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// Enough.
    Ok,
    /// Near its end.
    Low,
    /// None.
    Out,
    /// The printer does not say: it answers nothing.
    Unknown,
}

/// The cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// Closed.
    Closed,
    /// Open.
    Open,
    /// The printer does not say: it answers nothing.
    Unknown,
}

/// A fault that the printer reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrinterFault {
    /// The cutter is blocked.
    Cutter,
    /// A fault that goes by itself (head too hot).
    Recoverable,
    /// A fault that needs a technician.
    Unrecoverable,
}

/// How a receipt printer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrinterStatus {
    /// It takes data, as far as it says; a printer that answers nothing is taken to.
    pub online: bool,
    /// The paper.
    pub paper: Paper,
    /// The cover.
    pub cover: Cover,
    /// A fault, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<PrinterFault>,
}

/// What a receipt printer can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrinterCapabilities {
    /// Printable width, dots.
    pub width_dots: u16,
    /// Dots per inch, both ways.
    pub resolution_dpi: u16,
    /// The ways it can end a receipt.
    pub cuts: Vec<Cut>,
}
