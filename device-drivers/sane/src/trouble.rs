//! All that can go wrong between this driver and a scanner, and what it means for the client and the supervisor.

use std::time::Duration;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::{GivenUp, OpenError};

use crate::options::OptionError;
use crate::status::Status;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the request's time ran out while {0}")]
    OutOfTime(&'static str),
    #[error("the scanner said nothing for {:.1} s while {what}", after.as_secs_f32())]
    Silent { what: &'static str, after: Duration },
    #[error("{status}")]
    Status { status: Status },
    #[error(
        "the scanner sent {got} bytes of page {page} where {expected} make it whole; the page was cut short on the way"
    )]
    Short { page: u16, got: u64, expected: u64 },
    #[error(
        "the scanner sent more of page {page} than the {expected} bytes that it had told; its backend cannot be trusted"
    )]
    Long { page: u16, expected: u64 },
    #[error(
        "the scanner's backend says that it has read {length} bytes where {max} fit; its memory cannot be trusted, so the driver is started anew"
    )]
    Length { length: i32, max: usize },
    #[error("the scanner's backend describes a page that cannot be: {0}")]
    Parameters(String),
    #[error(
        "page {page} is {what}, and the most that is taken is {limit}; ask for a lower resolution or a smaller area"
    )]
    TooLarge { page: u16, what: String, limit: String },
    #[error("{0}")]
    Unsupported(String),
    #[error("{problem}")]
    Invalid { field: &'static str, problem: String },
    #[error(transparent)]
    Option(#[from] OptionError),
    #[error("the scanner is still ending the scan before; try again in a moment")]
    StillEnding,
    #[error("the scanner was unplugged")]
    Gone,
    #[error("the driver's scanning thread has ended")]
    Ended,
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        Self::Status { status }
    }
}

/// A scanner that has said nothing for so long when the request's time ends is silent, not slow.
const SILENT_AFTER: Duration = Duration::from_secs(2);

impl From<GivenUp> for Trouble {
    fn from(why: GivenUp) -> Self {
        match why {
            GivenUp::Cancelled => Self::Cancelled,
            GivenUp::OutOfTime { what, after } if after < SILENT_AFTER => Self::OutOfTime(what),
            GivenUp::OutOfTime { what, after } | GivenUp::Silent { what, after } => Self::Silent { what, after },
        }
    }
}

impl Trouble {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled => ErrorCode::Cancelled,
            Self::OutOfTime(_) => ErrorCode::Timeout,
            Self::Silent { .. } => ErrorCode::DeviceSilent,
            Self::Status { status } | Self::Option(OptionError::Refused { status, .. }) => status.code(),
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::Unsupported(_) => ErrorCode::Unsupported,
            Self::Invalid { .. } => ErrorCode::InvalidRequest,
            Self::StillEnding => ErrorCode::Busy,
            Self::Gone => ErrorCode::DeviceAbsent,
            Self::Short { .. }
            | Self::Long { .. }
            | Self::Length { .. }
            | Self::Parameters(_)
            | Self::Option(_)
            | Self::Ended => ErrorCode::DeviceFault,
        }
    }

    /// For the client. `device_absent` also ends the driver.
    pub(crate) fn failure(&self) -> Failure {
        let failure = Failure::new(self.code(), self.to_string());
        match self {
            Self::Invalid { field, problem } => Failure::invalid(*field, problem.clone()),
            Self::Status { status } | Self::Option(OptionError::Refused { status, .. }) => {
                let failure = failure.device_code(status.word());
                match status.retry() {
                    Some(retry) => failure.retry(retry),
                    None => failure,
                }
            }
            _ => failure,
        }
    }

    /// For the supervisor when the scanner is opened.
    pub(crate) fn open_error(&self) -> OpenError {
        match self {
            Self::Gone => OpenError::Absent(self.to_string()),
            Self::Status { status: Status::AccessDenied } => OpenError::NoPermission(self.to_string()),
            _ => OpenError::Fault(self.to_string()),
        }
    }
}
