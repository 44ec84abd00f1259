//! All that can go wrong between this driver and a network camera, and what it means for the client and the supervisor.

use std::time::Duration;

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};

use crate::multipart::PICTURE_MAX;

/// What went wrong.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Trouble {
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the request's time ran out before the camera had sent the picture")]
    OutOfTime,
    #[error("cannot reach the camera at {at}: {reason}; is it on and on the network?")]
    Absent { at: String, reason: String },
    #[error("the camera has sent no picture for {:.1} s", .0.as_secs_f32())]
    Stalled(Duration),
    #[error("the camera did not answer for {:.1} s", .0.as_secs_f32())]
    Silent(Duration),
    #[error("the camera ended the connection")]
    Cut,
    #[error("the camera's answer is not HTTP: {0}")]
    NotHttp(String),
    #[error("the camera answered HTTP {status}{}", hint(*status))]
    Refused { status: u16 },
    #[error(
        "the camera wants a login{}", if *.digest { " of the kind Digest, which this driver does not speak: allow Basic or no login in the camera's own settings" }
        else { ": set `config.user` and `config.password_file`" }
    )]
    Login { digest: bool },
    #[error(
        "the camera's answer is `{0}`, not a stream of pictures (multipart/x-mixed-replace): is the path in the address right?"
    )]
    NotAStream(String),
    #[error(
        "the address gives one picture, not a stream of them: write it as `config.snapshot`, and the address of the camera's stream as the address"
    )]
    OnePicture,
    #[error("the camera's stream names no boundary between its pictures")]
    NoBoundary,
    #[error("the camera's answer is `{0}`, not a picture (image/jpeg): is `config.snapshot` right?")]
    NotAPicture(String),
    #[error("the camera's picture is longer than {} MiB, the most that is taken", PICTURE_MAX >> 20)]
    LongPicture,
    #[error("the camera sent {dropped} damaged pictures and no whole one: {last}")]
    Damaged { dropped: u32, last: String },
    #[error("{0}")]
    Unsupported(String),
    #[error("{problem}")]
    Invalid { field: &'static str, problem: String },
    #[error("the thread of the camera does not answer")]
    Stuck,
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => ": it sends on to another address, which is not followed; write that one",
        404 => ": is the path right?",
        503 => ": it may have as many viewers as it can",
        _ => "",
    }
}

impl Trouble {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled => ErrorCode::Cancelled,
            Self::OutOfTime => ErrorCode::Timeout,
            Self::Absent { .. } => ErrorCode::DeviceAbsent,
            Self::Stalled(_) | Self::Silent(_) | Self::Stuck => ErrorCode::DeviceSilent,
            Self::Refused { status: 503 } => ErrorCode::Busy,
            Self::LongPicture => ErrorCode::TooLarge,
            Self::Unsupported(_) => ErrorCode::Unsupported,
            Self::Invalid { .. } => ErrorCode::InvalidRequest,
            Self::Cut
            | Self::NotHttp(_)
            | Self::Refused { .. }
            | Self::Login { .. }
            | Self::NotAStream(_)
            | Self::OnePicture
            | Self::NoBoundary
            | Self::NotAPicture(_)
            | Self::Damaged { .. } => ErrorCode::DeviceFault,
        }
    }

    /// For the client. `device_absent` also ends the driver.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Invalid { field, problem } => Failure::invalid(*field, problem.clone()),
            Self::Refused { status } => {
                Failure::new(self.code(), self.to_string()).device_code(format!("HTTP {status}"))
            }
            _ => Failure::new(self.code(), self.to_string()),
        }
    }

    /// For the supervisor when the camera is opened.
    pub(crate) fn open_error(&self) -> OpenError {
        match self {
            Self::Absent { .. } => OpenError::Absent(self.to_string()),
            Self::Login { .. } | Self::Refused { status: 401 | 403 } => OpenError::NoPermission(self.to_string()),
            Self::OnePicture
            | Self::NotAStream(_)
            | Self::NotAPicture(_)
            | Self::Refused { status: 300..=399 | 404 } => OpenError::BadConfig(self.to_string()),
            _ => OpenError::Fault(self.to_string()),
        }
    }
}
