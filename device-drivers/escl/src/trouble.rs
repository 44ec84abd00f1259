//! All that can go wrong between this driver and a scanner, and what it means for the client and the supervisor.

use std::time::Duration;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::scanner::AdfState;
use kiosk_driver_sdk::{GivenUp, OpenError};

use crate::page::PAGE_MAX;
use crate::wire::WireError;
use crate::wire::jpeg::JpegError;
use crate::wire::settings::SettingsError;
use crate::wire::status::Feeder;
use crate::wire::xml::XML_MAX;

/// What went wrong. `what` names the step, for example `the job`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the request's time ran out while the scanner was sending {what}")]
    OutOfTime { what: &'static str },
    #[error("cannot reach the scanner at {at}: {reason}; is it on and on the network?")]
    Absent { at: String, reason: String },
    #[error("the scanner did not answer for {:.1} s when asked for {what}", after.as_secs_f32())]
    Silent { what: &'static str, after: Duration },
    #[error("the scanner closed the connection before {what} was complete")]
    Cut { what: &'static str },
    #[error("the scanner's answer for {what} is not HTTP: {reason}")]
    NotHttp { what: &'static str, reason: String },
    #[error("the scanner answered HTTP {status} when asked for {what}")]
    Refused { what: &'static str, status: u16 },
    #[error("the scanner took the job but did not say where it is")]
    NoLocation,
    #[error("the scanner's answer for {what} is longer than {XML_MAX} bytes")]
    LongAnswer { what: &'static str },
    #[error("page {page} is longer than {} MiB, the most that is taken; ask for a lower resolution", PAGE_MAX >> 20)]
    LongPage { page: u16 },
    #[error("the scanner is busy and asks to be tried again in {} s", retry_after.as_secs())]
    Busy { retry_after: Duration },
    #[error("there is no document in the feeder")]
    NoDocument,
    #[error("the feeder stopped: {0}")]
    Jam(String),
    #[error("the cover of the feeder is open")]
    CoverOpen(String),
    #[error("the scanner broke the job off: {0}")]
    BrokenOff(String),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error(transparent)]
    Jpeg(#[from] JpegError),
}

/// A scanner that has said nothing for so long when the request's time ends is silent, not slow.
const SILENT_AFTER: Duration = Duration::from_secs(2);

impl From<GivenUp> for Trouble {
    fn from(why: GivenUp) -> Self {
        match why {
            GivenUp::Cancelled => Self::Cancelled,
            GivenUp::OutOfTime { what, after } if after < SILENT_AFTER => Self::OutOfTime { what },
            GivenUp::OutOfTime { what, after } | GivenUp::Silent { what, after } => Self::Silent { what, after },
        }
    }
}

impl Trouble {
    /// What a feeder's state says against a scan; nothing if it is loaded or empty.
    pub(crate) fn of_feeder(feeder: &Feeder) -> Option<Self> {
        match feeder.state {
            AdfState::Jam | AdfState::Fault => Some(Self::Jam(feeder.word.clone())),
            AdfState::CoverOpen => Some(Self::CoverOpen(feeder.word.clone())),
            AdfState::Loaded | AdfState::Empty => None,
        }
    }

    /// Could the scanner's status tell why?
    pub(crate) fn asks_why(&self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Cut { .. } | Self::Refused { .. } | Self::Jpeg(_))
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled => ErrorCode::Cancelled,
            Self::OutOfTime { .. } => ErrorCode::Timeout,
            Self::Absent { .. } => ErrorCode::DeviceAbsent,
            Self::Silent { .. } => ErrorCode::DeviceSilent,
            Self::LongPage { .. } => ErrorCode::TooLarge,
            Self::Busy { .. } => ErrorCode::Busy,
            Self::NoDocument => ErrorCode::NoDocument,
            Self::Jam(_) => ErrorCode::Jam,
            Self::CoverOpen(_) => ErrorCode::CoverOpen,
            Self::Settings(SettingsError::Unsupported(_)) => ErrorCode::Unsupported,
            Self::Settings(SettingsError::Invalid { .. }) => ErrorCode::InvalidRequest,
            Self::Cut { .. }
            | Self::NotHttp { .. }
            | Self::Refused { .. }
            | Self::NoLocation
            | Self::LongAnswer { .. }
            | Self::BrokenOff(_)
            | Self::Wire(_)
            | Self::Jpeg(_) => ErrorCode::DeviceFault,
        }
    }

    /// For the client. `device_absent` also ends the driver.
    pub(crate) fn failure(&self) -> Failure {
        let failure = Failure::new(self.code(), self.to_string());
        match self {
            Self::Settings(SettingsError::Invalid { field, problem }) => Failure::invalid(*field, problem.clone()),
            Self::Refused { status, .. } => failure.device_code(format!("HTTP {status}")),
            Self::Jam(word) | Self::CoverOpen(word) | Self::BrokenOff(word) => failure.device_code(word.clone()),
            _ => failure,
        }
    }

    /// For the supervisor when the scanner is opened.
    pub(crate) fn open_error(&self) -> OpenError {
        match self {
            Self::Absent { .. } => OpenError::Absent(self.to_string()),
            Self::Refused { status: 404, .. } => {
                OpenError::Fault(format!("{self}; is the path in the address right? It is usually `/eSCL`"))
            }
            Self::Refused { status: 401 | 403, .. } => {
                OpenError::NoPermission(format!("{self}; allow scanning without a login in the scanner's own settings"))
            }
            _ => OpenError::Fault(self.to_string()),
        }
    }
}
