//! Barcode and QR code readers. What is scanned goes to the session that asked for it and to nobody else; what is
//! scanned while nobody asks is thrown away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{DeviceKind, Kind};
use crate::personal::PersonalText;
use crate::session::Empty;

/// The barcode reader kind.
pub struct BarcodeReader;

impl DeviceKind for BarcodeReader {
    const KIND: Kind = Kind::BarcodeReader;
    type Request = BarcodeRequest;
    type Reply = BarcodeReply;
    type Event = BarcodeEvent;
    type Status = BarcodeReaderStatus;
    type Capabilities = BarcodeReaderCapabilities;
}

/// What a barcode reader may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum BarcodeRequest {
    /// Wait for one code.
    #[serde(rename = "barcode_reader.read")]
    Read(Empty),
    /// Tell every code until cancelled.
    #[serde(rename = "barcode_reader.listen")]
    Listen(ListenRequest),
    /// Ask the device for its status now.
    #[serde(rename = "barcode_reader.status")]
    Status(Empty),
}

/// What a barcode reader answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum BarcodeReply {
    /// To a read.
    Code(ScannedCode),
    /// To a listen.
    Listen(ListenReport),
    /// To a status request.
    Status(BarcodeReaderStatus),
}

/// What a barcode reader says while it listens.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", content = "payload")]
pub enum BarcodeEvent {
    /// A code was scanned.
    #[serde(rename = "barcode_reader.scanned")]
    Scanned(ScannedCode),
}

/// `barcode_reader.listen`: tell every code that is scanned, until the command is cancelled, its time is over, or there
/// were enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenRequest {
    /// Stop after so many codes, 1 to 10,000.
    #[serde(default = "many")]
    #[schemars(range(min = 1, max = 10_000))]
    pub max_codes: u16,
}

fn many() -> u16 {
    10_000
}

/// The reply to `barcode_reader.listen`, when there were enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListenReport {
    /// How many codes were told.
    pub codes: u16,
}

/// The kinds of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Symbology {
    /// QR Code (ISO/IEC 18004).
    Qr,
    /// Data Matrix (ISO/IEC 16022).
    DataMatrix,
    /// PDF417 (ISO/IEC 15438).
    Pdf417,
    /// Aztec Code (ISO/IEC 24778).
    Aztec,
    /// Code 128 (ISO/IEC 15417), GS1-128 among it.
    Code128,
    /// Code 39 (ISO/IEC 16388).
    Code39,
    /// Code 93.
    Code93,
    /// Interleaved 2 of 5 (ISO/IEC 16390).
    Itf,
    /// EAN-8, EAN-13, UPC-A, UPC-E (ISO/IEC 15420).
    EanUpc,
    /// Codabar.
    Codabar,
    /// A kind that this list does not have.
    Other,
}

/// A code that was scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScannedCode {
    /// What it says: text without control characters (which could steer a program that it is pasted into), at most
    /// 8,192 characters. GS1's group separator becomes a line feed, the only control character that can be here.
    pub text: PersonalText,
    /// The kind of code, where the device tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbology: Option<Symbology>,
    /// How many control characters were taken out.
    pub removed: u16,
}

/// How a barcode reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BarcodeReaderStatus {
    /// Somebody waits for a code.
    pub listening: bool,
}

/// How a barcode reader is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BarcodeInterface {
    /// As a HID point-of-sale scanner.
    HidPos,
    /// As a keyboard, which the driver takes for itself so that no key reaches the browser.
    Keyboard,
    /// As a serial port.
    Serial,
}

/// What a barcode reader can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BarcodeReaderCapabilities {
    /// How it is connected.
    pub interface: BarcodeInterface,
    /// It tells the kind of code.
    pub symbology: bool,
}
