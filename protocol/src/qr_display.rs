//! Displays that show the citizen a QR code: a panel of its own, or a second screen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::device::{DeviceKind, Kind};
use crate::personal::PersonalText;
use crate::session::Empty;
use crate::ups::NoEvent;

/// The QR display kind.
pub struct QrDisplay;

impl DeviceKind for QrDisplay {
    const KIND: Kind = Kind::QrDisplay;
    type Request = QrDisplayRequest;
    type Reply = QrDisplayStatus;
    type Event = NoEvent;
    type Status = QrDisplayStatus;
    type Capabilities = QrDisplayCapabilities;
}

/// What a QR display may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum QrDisplayRequest {
    /// Show something.
    #[serde(rename = "qr_display.show")]
    Show(ShowRequest),
    /// Show nothing.
    #[serde(rename = "qr_display.clear")]
    Clear(Empty),
    /// Ask the device for its status now.
    #[serde(rename = "qr_display.status")]
    Status(Empty),
}

/// What is to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum QrContent {
    /// A QR code of a text: a link, a verification code.
    Text {
        /// The text, 1 to 1,000 bytes of UTF-8.
        text: PersonalText,
    },
    /// A QR code to pay by bank transfer (VietQR of NAPAS, on EMVCo's merchant-presented QR).
    Payment(Payment),
    /// A picture, fitted to the display.
    Image {
        /// JPEG or PNG, a blob of this session.
        blob: BlobId,
    },
}

/// A payment: where to, how much, what for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The bank's number at NAPAS (BIN), 6 digits.
    #[schemars(regex(pattern = r"^[0-9]{6}$"))]
    pub bank: String,
    /// The account, 1 to 19 letters and digits.
    #[schemars(regex(pattern = r"^[0-9A-Za-z]{1,19}$"))]
    pub account: String,
    /// Vietnamese dong, 1 to 9,999,999,999; absent: the payer types it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9_999_999_999_u64))]
    pub amount_vnd: Option<u64>,
    /// What for, 1 to 25 characters of ASCII (a file number); absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 25))]
    pub purpose: Option<String>,
}

/// `qr_display.show`: show something instead of what is shown now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowRequest {
    /// What.
    pub content: QrContent,
    /// A line of text below it, at most 80 characters, where the display can show one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 80))]
    pub caption: Option<PersonalText>,
    /// It disappears after this, seconds, 1 to 3,600; it disappears also when the session ends.
    #[serde(default = "two_minutes")]
    #[schemars(range(min = 1, max = 3_600))]
    pub expires_s: u16,
}

fn two_minutes() -> u16 {
    120
}

impl ShowRequest {
    /// The blobs that it names.
    pub fn blobs(&self) -> Vec<BlobId> {
        match &self.content {
            QrContent::Image { blob } => vec![blob.clone()],
            QrContent::Text { .. } | QrContent::Payment(_) => Vec::new(),
        }
    }
}

/// How a QR display is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QrDisplayStatus {
    /// Something is shown.
    pub showing: bool,
}

/// What a QR display can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QrDisplayCapabilities {
    /// Width, pixels; absent where the display does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
    /// Height, pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u16>,
    /// It shows pictures, not only QR codes.
    pub images: bool,
    /// It shows a line of text below.
    pub captions: bool,
}
