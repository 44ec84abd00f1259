//! What goes wrong in here, as the gateway's closed list of failures: the one edge between the two.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, PrintOutcome};

use crate::layout::LayoutError;
use crate::printer::{Stopped, Trouble};
use crate::wire::condition::Obstacle;

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let (code, device_code) = match &trouble {
            Trouble::Silent => (ErrorCode::DeviceSilent, None),
            Trouble::Garbled | Trouble::HungUp(_) => (ErrorCode::DeviceFault, None),
            Trouble::Refused => (ErrorCode::DeviceFault, Some("endpoint_stalled")),
            Trouble::Unconfirmed => (ErrorCode::DeviceSilent, Some("no_back_channel")),
            Trouble::Gone(error) => (error.code(), None),
            Trouble::Cancelled => (ErrorCode::Cancelled, None),
            Trouble::Late => (ErrorCode::Timeout, None),
            Trouble::Hot => (ErrorCode::Busy, Some("auto_recoverable_error")),
            Trouble::OffLine => (ErrorCode::Busy, Some("offline")),
            Trouble::Obstacle(Obstacle::CoverOpen) => (ErrorCode::CoverOpen, None),
            Trouble::Obstacle(Obstacle::PaperOut) => (ErrorCode::PaperOut, None),
            Trouble::Obstacle(Obstacle::Cutter) => (ErrorCode::CutterFault, Some("autocutter_error")),
            Trouble::Obstacle(Obstacle::Mechanical) => (ErrorCode::DeviceFault, Some("recoverable_error")),
            Trouble::Obstacle(Obstacle::Unnamed) => (ErrorCode::DeviceFault, Some("port_status_error")),
            Trouble::Obstacle(Obstacle::Unrecoverable) => (ErrorCode::DeviceFault, Some("unrecoverable_error")),
        };
        let failure = Self::new(code, trouble.to_string());
        match device_code {
            Some(device_code) => failure.device_code(device_code),
            None => failure,
        }
    }
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        let outcome = if stopped.begun { PrintOutcome::Unknown } else { PrintOutcome::NotPrinted };
        Self::from(stopped.trouble).outcome(outcome)
    }
}

impl From<LayoutError> for Failure {
    fn from(error: LayoutError) -> Self {
        use LayoutError as E;
        let (code, field) = match &error {
            E::Elements { .. } => (ErrorCode::InvalidRequest, "elements"),
            E::TextTooLong { field, .. }
            | E::Control { field, .. }
            | E::OutOfRange { field, .. }
            | E::QrData { field, .. }
            | E::QrTooSmall { field, .. } => (ErrorCode::InvalidRequest, field.as_str()),
            E::TooWide { field, .. } => (ErrorCode::Unsupported, field.as_str()),
            E::TooMuchPaper { field } | E::PictureTooLarge { field, .. } => (ErrorCode::TooLarge, field.as_str()),
            E::BlobMissing { field } => (ErrorCode::NotFound, field.as_str()),
            E::PictureUnreadable { field, .. } => (ErrorCode::Unreadable, field.as_str()),
        };
        let field = format!("payload.{field}");
        let detail = format!("{field}: {error}");
        // Sending it again without a change will not help, so `retry` stays what is usual for the code.
        Self { field: Some(field), outcome: Some(PrintOutcome::NotPrinted), ..Self::new(code, detail) }
    }
}

impl From<Trouble> for OpenError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Gone(error) => error.into(),
            Trouble::Silent => Self::Fault(format!(
                "{trouble}; for a printer that cannot answer at all write `config.answers = \"none\"`"
            )),
            other => Self::Fault(other.to_string()),
        }
    }
}
