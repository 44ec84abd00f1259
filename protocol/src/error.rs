//! What can go wrong: a closed list that a kiosk screen can act on, an open detail beside it, and the words for people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of failure. A front end decides by this alone what to show and what to offer next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message or one of its fields is wrong; `field` names it.
    InvalidRequest,
    /// No call has this name.
    UnknownCall,
    /// No device has this name, or none of this kind is configured.
    UnknownDevice,
    /// The named thing (a blob, a command to cancel) does not exist in this session.
    NotFound,
    /// This session may not do that: no session yet, or the device is leased to another one.
    NotPermitted,
    /// The device or a queue is full or in use; the same command may succeed later.
    Busy,
    /// The device is not there (unplugged, switched off, address does not answer).
    DeviceAbsent,
    /// The device is there but does not answer.
    DeviceSilent,
    /// The device answered something that its protocol does not allow.
    DeviceFault,
    /// The driver or worker process crashed, hung or broke its own protocol; it is being restarted.
    DriverFault,
    /// The driver is held until somebody changes its configuration or permissions.
    DriverHeld,
    /// The device cannot do what was asked (resolution, source, paper width).
    Unsupported,
    /// No document in the feeder.
    NoDocument,
    /// Paper or document jam.
    Jam,
    /// A cover is open.
    CoverOpen,
    /// No paper.
    PaperOut,
    /// The cutter is blocked or broken.
    CutterFault,
    /// No toner or ink.
    TonerOut,
    /// No card in the reader.
    NoCard,
    /// The card was taken out on the way.
    CardRemoved,
    /// The card does not answer, or not as a card should.
    CardFault,
    /// The card does not open with these access data (card access number, machine readable zone, QR code).
    WrongAccessData,
    /// The image cannot be decoded, or is larger than the limits.
    Unreadable,
    /// A limit of size was passed.
    TooLarge,
    /// The deadline passed.
    Timeout,
    /// The client cancelled, or its session ended.
    Cancelled,
    /// The gateway is stopping.
    ShuttingDown,
    /// A fault of the gateway itself.
    Internal,
}

/// Whether the same command may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Nothing happened; sending it again does no harm.
    Safe,
    /// It will fail again, or do something twice: change something first.
    Unsafe,
    /// Nobody can tell whether it happened: ask a person before sending it again.
    Unknown,
}

/// What became of a print, as far as anybody can tell. A success is only claimed when the printer confirmed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrintOutcome {
    /// The printer confirmed after the last byte that all of it is on paper.
    Printed,
    /// Nothing was printed.
    NotPrinted,
    /// Some or all of it may be on paper: the printer stopped answering, ran out of paper or was opened on the way.
    Unknown,
}

impl PrintOutcome {
    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::NotPrinted => "not_printed",
            Self::Unknown => "unknown",
        }
    }
}

/// A failure as a driver reports it on the seam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The kind of failure.
    pub code: ErrorCode,
    /// Whether the command may be sent again.
    pub retry: Retry,
    /// The device's own code, for the service technician.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_code: Option<String>,
    /// Of a print only: what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<PrintOutcome>,
    /// Of an invalid request only: the path of the field, for example `payload.resolution_dpi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What happened, with the limit and the next step, in English, for the developer or technician. No personal data.
    pub detail: String,
}

impl Failure {
    /// A failure with this code and detail; `retry` is what is usual for the code.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, retry: code.usual_retry(), device_code: None, outcome: None, field: None, detail: detail.into() }
    }

    /// An invalid request, naming the field.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(ErrorCode::InvalidRequest, detail) }
    }

    /// The same failure with another judgement on sending it again.
    pub fn retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// The same failure with the device's own code.
    pub fn device_code(self, code: impl Into<String>) -> Self {
        Self { device_code: Some(code.into()), ..self }
    }

    /// The same failure of a print, with its outcome; `retry` follows from the outcome.
    pub fn outcome(self, outcome: PrintOutcome) -> Self {
        let retry = match outcome {
            PrintOutcome::NotPrinted => Retry::Safe,
            PrintOutcome::Printed => Retry::Unsafe,
            PrintOutcome::Unknown => Retry::Unknown,
        };
        Self { outcome: Some(outcome), retry, ..self }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Failure {}

/// The same sentence in the languages of the kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Localized {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// A failure as the front end gets it: the driver's report plus words that can be shown to a citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The failure itself.
    #[serde(flatten)]
    pub failure: Failure,
    /// For the citizen.
    pub message: Localized,
}

impl From<Failure> for ErrorBody {
    fn from(failure: Failure) -> Self {
        Self { message: failure.code.message(), failure }
    }
}

impl ErrorCode {
    /// The code as it stands on the wire, for example `paper_out`.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The words for a citizen.
    pub fn message(self) -> Localized {
        let (_, vi, en) = self.row();
        Localized { vi: vi.into(), en: en.into() }
    }

    /// What is usually true of sending the same command again after this failure.
    pub fn usual_retry(self) -> Retry {
        use ErrorCode as E;
        match self {
            E::InvalidRequest | E::UnknownCall | E::UnknownDevice | E::NotFound | E::NotPermitted => Retry::Unsafe,
            E::Unsupported | E::Unreadable | E::TooLarge | E::DriverHeld | E::WrongAccessData => Retry::Unsafe,
            E::DeviceSilent | E::DeviceFault | E::DriverFault | E::Timeout | E::Internal => Retry::Unknown,
            _ => Retry::Safe,
        }
    }

    /// Wire name, Vietnamese, English.
    fn row(self) -> (&'static str, &'static str, &'static str) {
        use ErrorCode as E;
        match self {
            E::InvalidRequest => ("invalid_request", "Yêu cầu không hợp lệ.", "The request is not valid."),
            E::UnknownCall => ("unknown_call", "Máy không hiểu yêu cầu này.", "The kiosk does not know this request."),
            E::UnknownDevice => {
                ("unknown_device", "Ki-ốt không có thiết bị này.", "The kiosk does not have this device.")
            }
            E::NotFound => ("not_found", "Không tìm thấy dữ liệu này.", "This was not found."),
            E::NotPermitted => ("not_permitted", "Thao tác này chưa được phép.", "This is not permitted now."),
            E::Busy => ("busy", "Thiết bị đang bận. Vui lòng đợi.", "The device is busy. Please wait."),
            E::DeviceAbsent => ("device_absent", "Thiết bị chưa được kết nối.", "The device is not connected."),
            E::DeviceSilent => ("device_silent", "Thiết bị không phản hồi.", "The device does not answer."),
            E::DeviceFault => ("device_fault", "Thiết bị gặp lỗi.", "The device has a fault."),
            E::DriverFault => (
                "driver_fault",
                "Thiết bị đang được khởi động lại. Vui lòng thử lại sau giây lát.",
                "The device is being restarted. Please try again in a moment.",
            ),
            E::DriverHeld => (
                "driver_held",
                "Thiết bị cần được kỹ thuật viên cấu hình.",
                "The device needs to be set up by a technician.",
            ),
            E::Unsupported => ("unsupported", "Thiết bị không hỗ trợ yêu cầu này.", "The device cannot do this."),
            E::NoDocument => (
                "no_document",
                "Chưa có giấy tờ trong khay. Vui lòng đặt giấy tờ vào.",
                "There is no document in the feeder. Please insert it.",
            ),
            E::Jam => ("jam", "Giấy bị kẹt. Vui lòng gọi nhân viên.", "Paper is jammed. Please call the staff."),
            E::CoverOpen => ("cover_open", "Nắp thiết bị đang mở.", "A cover is open."),
            E::PaperOut => {
                ("paper_out", "Máy in hết giấy. Vui lòng gọi nhân viên.", "Out of paper. Please call the staff.")
            }
            E::CutterFault => ("cutter_fault", "Dao cắt giấy bị lỗi.", "The paper cutter has a fault."),
            E::TonerOut => {
                ("toner_out", "Máy in hết mực. Vui lòng gọi nhân viên.", "Out of toner. Please call the staff.")
            }
            E::NoCard => {
                ("no_card", "Chưa có thẻ. Vui lòng đặt thẻ vào đầu đọc.", "Please put your card on the reader.")
            }
            E::CardRemoved => (
                "card_removed",
                "Thẻ đã bị lấy ra. Vui lòng đặt lại thẻ.",
                "The card was taken away. Please put it back.",
            ),
            E::CardFault => ("card_fault", "Không đọc được thẻ này.", "This card cannot be read."),
            E::WrongAccessData => (
                "wrong_access_data",
                "Số hoặc mã này không phải của thẻ trong đầu đọc. Vui lòng kiểm tra lại.",
                "This number or code is not of the card in the reader. Please compare it with the card.",
            ),
            E::Unreadable => (
                "unreadable",
                "Không đọc được hình ảnh. Vui lòng quét lại.",
                "The image cannot be read. Please scan again.",
            ),
            E::TooLarge => ("too_large", "Dữ liệu quá lớn.", "This is too large."),
            E::Timeout => ("timeout", "Quá thời gian chờ. Vui lòng thử lại.", "It took too long. Please try again."),
            E::Cancelled => ("cancelled", "Đã hủy.", "Cancelled."),
            E::ShuttingDown => ("shutting_down", "Ki-ốt đang dừng hoạt động.", "The kiosk is shutting down."),
            E::Internal => {
                ("internal", "Ki-ốt gặp lỗi. Vui lòng gọi nhân viên.", "The kiosk has a fault. Please call the staff.")
            }
        }
    }
}
