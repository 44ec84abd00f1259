//! Devices as a front end sees them: name, kind, state, identity, and the kind's own capabilities and status.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ErrorBody;
use crate::{barcode, camera, card, face, ocr, page_printer, qr_display, receipt, scanner, signer, ups};

/// The name that the kiosk's configuration gives a device, for example `scanner` or `printer-left`.
/// Lower-case letters, digits, `-` and `_`, at most 32 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct DeviceId(pub String);

impl std::fmt::Display for DeviceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of device (and of worker: a worker is supervised and called like a device).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Document scanner.
    Scanner,
    /// Camera.
    Camera,
    /// Reader of chip cards.
    CardReader,
    /// Reader of barcodes and QR codes.
    BarcodeReader,
    /// Receipt printer.
    ReceiptPrinter,
    /// Page printer.
    PagePrinter,
    /// Display for QR codes.
    QrDisplay,
    /// Uninterruptible power supply.
    Ups,
    /// The worker process that reads scanned pages (OCR).
    DocumentReader,
    /// The worker process that looks at faces.
    FaceMatcher,
    /// The process that owns cases, the register and the keys.
    Signer,
}

impl Kind {
    /// Its devices have live pictures.
    pub fn has_pictures(self) -> bool {
        matches!(self, Self::Camera | Self::QrDisplay)
    }
}

/// One device kind with all its types, for code that is written once for every kind (the driver SDK).
pub trait DeviceKind {
    /// Which kind.
    const KIND: Kind;
    /// What the gateway may ask; an enum tagged with the call's full name.
    type Request: for<'de> Deserialize<'de> + Send + 'static;
    /// What a request is answered with.
    type Reply: Serialize;
    /// What may be said while a request runs.
    type Event: Serialize;
    /// The state of the device, published whenever it changes.
    type Status: Serialize + PartialEq + Clone;
    /// What this device can do; fixed while it is connected.
    type Capabilities: Serialize;
}

/// What the device says it is. Fields it does not tell are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    /// Which model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Its firmware version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
}

/// The states of a device, as its supervisor sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Not connected; picked up when it appears.
    Absent,
    /// Its driver is starting.
    Starting,
    /// Ready for commands.
    Ready,
    /// Executing a command; further commands queue.
    Busy,
    /// Its driver runs but the device does not answer; what is known of it may be old.
    Stale,
    /// Its driver failed and is started again in a moment.
    Backoff,
    /// Its driver needs a person: wrong configuration or missing permission. `problem` says what to do.
    Held,
    /// The gateway is stopping it.
    Stopping,
}

/// Writes [`Facts`] from one line a kind, so that no kind can be forgotten in one of its functions.
macro_rules! facts {
    ($($(#[$doc:meta])* $kind:ident: $capabilities:ty, $status:ty;)*) => {
        /// Capabilities and status, by kind. Both are absent until the device was ready once.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum Facts {
            $($(#[$doc])* $kind {
                /// What it can do.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                capabilities: Option<$capabilities>,
                /// How it is.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                status: Option<$status>,
            },)*
        }

        impl Facts {
            /// Nothing known yet.
            pub fn unknown(kind: Kind) -> Self {
                match kind {
                    $(Kind::$kind => Self::$kind { capabilities: None, status: None },)*
                }
            }

            /// Which kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind { .. } => Kind::$kind,)*
                }
            }

            /// Takes what a child said it can do; an error names the field that is wrong.
            pub fn set_capabilities(&mut self, value: Value) -> Result<(), FieldError> {
                match self {
                    $(Self::$kind { capabilities, .. } => put(capabilities, value),)*
                }
            }

            /// Takes what a child said of the device's state; an error names the field that is wrong.
            pub fn set_status(&mut self, value: Value) -> Result<(), FieldError> {
                match self {
                    $(Self::$kind { status, .. } => put(status, value),)*
                }
            }

            /// Forgets the status: a device that does not answer has no known state.
            pub fn forget_status(&mut self) {
                match self {
                    $(Self::$kind { status, .. } => *status = None,)*
                }
            }
        }
    };
}

facts! {
    /// A document scanner.
    Scanner: scanner::ScannerCapabilities, scanner::ScannerStatus;
    /// A camera.
    Camera: camera::CameraCapabilities, camera::CameraStatus;
    /// A reader of chip cards.
    CardReader: card::CardReaderCapabilities, card::CardReaderStatus;
    /// A reader of barcodes and QR codes.
    BarcodeReader: barcode::BarcodeReaderCapabilities, barcode::BarcodeReaderStatus;
    /// A receipt printer.
    ReceiptPrinter: receipt::PrinterCapabilities, receipt::PrinterStatus;
    /// A page printer.
    PagePrinter: page_printer::PagePrinterCapabilities, page_printer::PagePrinterStatus;
    /// A display for QR codes.
    QrDisplay: qr_display::QrDisplayCapabilities, qr_display::QrDisplayStatus;
    /// A UPS.
    Ups: ups::UpsCapabilities, ups::UpsStatus;
    /// The worker that reads pages.
    DocumentReader: ocr::ReaderCapabilities, ocr::ReaderStatus;
    /// The worker that looks at faces.
    FaceMatcher: face::FaceMatcherCapabilities, face::FaceMatcherStatus;
    /// The process that owns cases, the register and the keys.
    Signer: signer::SignerCapabilities, signer::SignerStatus;
}

fn put<T: for<'de> Deserialize<'de>>(slot: &mut Option<T>, value: Value) -> Result<(), FieldError> {
    *slot = Some(serde_path_to_error::deserialize(value).map_err(FieldError::from_path)?);
    Ok(())
}

/// A value that does not have the shape it should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The path of the field; empty for the value as a whole.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl FieldError {
    pub(crate) fn from_path(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = error.path().to_string();
        let problem = without_values(&error.into_inner().to_string());
        Self { field: if path == "." { String::new() } else { path }, problem }
    }
}

/// serde's message without the value that it quotes, which may be personal, secret or long, and without the position,
/// which is that of our own copy of the text.
fn without_values(message: &str) -> String {
    // The last one: a quoted value may hold these words too.
    let message = message.rsplit_once(" at line ").map_or(message, |(before, _)| before);
    let expected = message.rfind(", expected ").map(|at| &message[at..]);
    for kind in ["invalid type: ", "invalid value: ", "unknown variant "] {
        if let (Some(rest), Some(expected)) = (message.strip_prefix(kind), expected) {
            let what = rest.split(['"', '`']).next().unwrap_or_default().trim_end();
            let what = what.split(", expected ").next().unwrap_or_default();
            return format!("{}{expected}", format!("{kind}{what}").trim_end().trim_end_matches(':'));
        }
    }
    // Names of fields are quoted: they say what to mend. All of it is bounded.
    message.chars().take(300).collect()
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() { f.write_str(&self.problem) } else { write!(f, "{}: {}", self.field, self.problem) }
    }
}

impl std::error::Error for FieldError {}

/// One device as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeviceView {
    /// Its name.
    pub device: DeviceId,
    /// The driver that serves it.
    pub driver: String,
    /// The state of device and driver.
    pub state: DeviceState,
    /// What it says it is; absent until it was ready once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Why it is not ready, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ErrorBody>,
    /// Kind, capabilities and status.
    #[serde(flatten)]
    pub facts: Facts,
}
