//! Page printers: documents on sheets of paper.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::device::{DeviceKind, Kind};
use crate::error::PrintOutcome;
use crate::session::Empty;

/// The page printer kind.
pub struct PagePrinter;

impl DeviceKind for PagePrinter {
    const KIND: Kind = Kind::PagePrinter;
    type Request = PagePrinterRequest;
    type Reply = PagePrinterReply;
    type Event = PagePrinterEvent;
    type Status = PagePrinterStatus;
    type Capabilities = PagePrinterCapabilities;
}

/// What a page printer may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum PagePrinterRequest {
    /// Print one document.
    #[serde(rename = "page_printer.print")]
    Print(PrintDocument),
    /// Ask the device for its status now.
    #[serde(rename = "page_printer.status")]
    Status(Empty),
}

/// What a page printer answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PagePrinterReply {
    /// To a print.
    Print(DocumentReport),
    /// To a status request.
    Status(PagePrinterStatus),
}

/// What a page printer says while it prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", content = "payload")]
pub enum PagePrinterEvent {
    /// How far it is.
    #[serde(rename = "page_printer.progress")]
    Progress(DocumentProgress),
}

/// On which sides of the sheets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// The front only.
    #[default]
    OneSided,
    /// Both, to be turned like a book.
    TwoSidedLongEdge,
    /// Both, to be turned like a calendar.
    TwoSidedShortEdge,
}

/// `page_printer.print`: print one document; completes when the printer says that the job is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintDocument {
    /// The document, a blob of this session: PDF, or one page as JPEG. At most 64 MiB.
    pub document: BlobId,
    /// How many times, 1 to 99.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 99))]
    pub copies: u8,
    /// On which sides.
    #[serde(default)]
    pub sides: Sides,
    /// In colour, where the printer has it.
    #[serde(default = "yes")]
    pub color: bool,
    /// The tray, one of the capabilities' `trays`; absent: the printer chooses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub tray: Option<String>,
}

fn one() -> u8 {
    1
}

fn yes() -> bool {
    true
}

impl PrintDocument {
    /// The blobs that it names.
    pub fn blobs(&self) -> Vec<BlobId> {
        vec![self.document.clone()]
    }
}

/// The steps of a print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentPhase {
    /// The document is made ready for this printer.
    Preparing,
    /// It goes to the printer.
    Sending,
    /// The printer has it and has not begun.
    Waiting,
    /// It is being printed.
    Printing,
    /// The printer stopped on the way; `conditions` says why. It goes on when a person has mended that.
    Stopped,
}

/// `page_printer.progress`: how far a print is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentProgress {
    /// The step.
    pub phase: DocumentPhase,
    /// Sides of paper done so far, all copies together, where the printer counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impressions: Option<u32>,
    /// Why the printer stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<PagePrinterCondition>,
}

/// The reply to `page_printer.print`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentReport {
    /// Always `printed`: everything else is an error, whose `outcome` tells.
    pub outcome: PrintOutcome,
    /// Sides of paper, all copies together, where the printer counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impressions: Option<u32>,
}

/// What a page printer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PagePrinterActivity {
    /// Ready to print.
    Idle,
    /// Printing, for us or for somebody else.
    Printing,
    /// Stopped by a condition that a person must clear.
    Stopped,
}

/// What is wrong with a page printer, or will be soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PagePrinterCondition {
    /// No paper.
    PaperOut,
    /// Little paper.
    PaperLow,
    /// A paper jam.
    Jam,
    /// A cover or door is open.
    CoverOpen,
    /// No toner or ink.
    TonerOut,
    /// Little toner or ink.
    TonerLow,
    /// The tray is missing.
    TrayMissing,
    /// The place where sheets come out is full.
    OutputFull,
    /// Somebody paused it.
    Paused,
    /// Something else; the status has no word for it.
    Other,
}

/// Toner, ink, drum: how much is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Supply {
    /// What the printer calls it, at most 64 characters.
    pub name: String,
    /// What is left, 0 to 100 %; absent where the printer does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
}

/// How a page printer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PagePrinterStatus {
    /// What it is doing.
    pub activity: PagePrinterActivity,
    /// What is wrong, each once.
    pub conditions: Vec<PagePrinterCondition>,
    /// What it uses up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supplies: Vec<Supply>,
}

/// What a page printer can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PagePrinterCapabilities {
    /// It takes PDF as it is; otherwise the driver draws the pages.
    pub pdf: bool,
    /// It prints in colour.
    pub color: bool,
    /// The ways to use the sides of a sheet.
    pub sides: Vec<Sides>,
    /// Its trays.
    pub trays: Vec<String>,
    /// Most copies of one job.
    pub max_copies: u8,
}
