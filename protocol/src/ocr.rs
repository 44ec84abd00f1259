//! Reading the text of a scanned page. Done by a worker process, which the gateway supervises like a device.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::device::{DeviceKind, Kind};
use crate::identity::CardAccess;
use crate::personal::PersonalText;

/// The kind of the worker.
pub struct DocumentReader;

impl DeviceKind for DocumentReader {
    const KIND: Kind = Kind::DocumentReader;
    type Request = ReaderRequest;
    type Reply = ReaderReply;
    type Event = ReaderEvent;
    type Status = ReaderStatus;
    type Capabilities = ReaderCapabilities;
}

/// What the worker may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum ReaderRequest {
    /// Read one page.
    #[serde(rename = "ocr.read")]
    Read(ReadRequest),
    /// Read what opens an identity card.
    #[serde(rename = "ocr.card_access")]
    CardAccess(ReadCardAccess),
}

/// What the worker answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ReaderReply {
    /// To a reading.
    Text(DocumentText),
    /// To a reading of an identity card.
    CardAccess(FoundCardAccess),
}

/// What the worker says while it reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", content = "payload")]
pub enum ReaderEvent {
    /// How far it is.
    #[serde(rename = "ocr.progress")]
    Progress(ReadProgress),
}

/// A language that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

/// `ocr.read`: read the text of one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadRequest {
    /// The page, a JPEG or PNG blob of this session, at most 12,000 × 17,000 pixels and 150 megapixels.
    pub blob: BlobId,
    /// The languages to expect; absent: Vietnamese and English.
    #[serde(default = "both")]
    #[schemars(length(min = 1, max = 2))]
    pub languages: Vec<Language>,
}

fn both() -> Vec<Language> {
    vec![Language::Vi, Language::En]
}

/// `ocr.card_access`: read off a picture of an identity card or passport what opens its chip: its QR code or its machine
/// readable zone, whichever way up it lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadCardAccess {
    /// The picture, a JPEG or PNG blob of this session, from a camera or a scanner: the machine readable zone needs about
    /// 700 pixels along its lines.
    pub blob: BlobId,
}

/// The reply to `ocr.card_access`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundCardAccess {
    /// For `identity.read`. A machine readable zone only if all its check digits are right, a QR code only if it is one of
    /// a Vietnamese identity card. Absent if the picture shows neither: ask for another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<CardAccess>,
}

/// The steps of reading a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadStage {
    /// The image is being decoded.
    Decoding,
    /// Lines are being found.
    Detecting,
    /// Lines are being read.
    Recognising,
}

/// `ocr.progress`: how far the reading is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadProgress {
    /// The step.
    pub stage: ReadStage,
    /// Lines read so far.
    pub done: u32,
    /// Lines in all; 0 until they were found.
    pub total: u32,
}

/// A point on the page, pixels from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// Four corners, clockwise from the top left one as the text is read.
pub type Quad = [Point; 4];

/// One word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextWord {
    /// What it says (Unicode NFC).
    pub text: PersonalText,
    /// How sure the reader is, 0 to 1.
    pub confidence: f32,
    /// Where it stands.
    pub quad: Quad,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TextLine {
    /// What it says (Unicode NFC).
    pub text: PersonalText,
    /// How sure the reader is, 0 to 1: the mean of its words, weighted by length.
    pub confidence: f32,
    /// Where it stands.
    pub quad: Quad,
    /// Its words.
    pub words: Vec<TextWord>,
}

/// The reply to `ocr.read`: the text of a page in reading order. A blank page has no lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentText {
    /// Width of the page, pixels.
    pub width_px: u32,
    /// Height of the page, pixels.
    pub height_px: u32,
    /// The lines, top to bottom; what stands side by side goes from left to right.
    pub lines: Vec<TextLine>,
}

/// What the worker can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReaderCapabilities {
    /// The languages.
    pub languages: Vec<Language>,
    /// The engines with their versions, for the record.
    pub engine: String,
}

/// How the worker is locked in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReaderStatus {
    /// What its sandbox denies, for example `landlock` and `seccomp`.
    pub sandbox: Vec<String>,
}
