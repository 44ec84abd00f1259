//! All that can go wrong between this driver and a camera, and what it means for the client and the supervisor.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use rustix::io::Errno;

/// What went wrong.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Trouble {
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the request's time ran out before the camera had taken the picture")]
    OutOfTime,
    #[error("{0}")]
    NotAttached(String),
    #[error("the camera at {} is gone", .0.display())]
    Gone(PathBuf),
    #[error(
        "not permitted to open {}: install the project's udev rules and run the gateway in the group `kiosk`, or add its user to the group `video`",
        .0.display()
    )]
    NotPermitted(PathBuf),
    #[error(
        "another program is using the camera at {}: end it (`fuser -v {}` names it) and try again",
        .0.display(), .0.display()
    )]
    InUse(PathBuf),
    #[error(
        "the camera at {} does not get enough of its USB bus: choose a smaller `preview` or a lower `fps` in its configuration, or plug it in at another port",
        .0.display()
    )]
    NoBandwidth(PathBuf),
    #[error("{} is no camera: {why}", .path.display())]
    NotACamera { path: PathBuf, why: String },
    #[error("the camera refused {what}: {error}")]
    Refused { what: &'static str, error: Errno },
    #[error("the camera was asked for {asked} and set {set}")]
    OtherFormat { asked: String, set: String },
    #[error("the camera has sent no picture for {:.1} s", .0.as_secs_f32())]
    Stalled(Duration),
    #[error("the camera has sent only damaged pictures for {:.1} s, {pictures} of them; the last one: {last}", after.as_secs_f32())]
    Damaged { after: Duration, pictures: u32, last: String },
    #[error("the kernel has not answered for {:.1} s what the camera does: unplug it and plug it in again", .0.as_secs_f32())]
    Stuck(Duration),
    #[error("{0}")]
    Unsupported(String),
    #[error("{problem}")]
    Invalid { field: &'static str, problem: String },
    #[error("{0}")]
    Config(String),
    #[error("the picture cannot be packed as JPEG: {0}")]
    Packing(String),
}

impl Trouble {
    /// What it means that a call failed.
    pub(crate) fn of(error: Errno, what: &'static str, path: &Path) -> Self {
        match error {
            // A camera that is unplugged while it is open says the first, its node afterwards one of the others.
            Errno::NODEV | Errno::NOENT | Errno::NXIO | Errno::SHUTDOWN => Self::Gone(path.into()),
            Errno::ACCESS | Errno::PERM => Self::NotPermitted(path.into()),
            Errno::BUSY => Self::InUse(path.into()),
            // What the USB core says where an isochronous camera wants more of the bus than is left.
            Errno::NOSPC => Self::NoBandwidth(path.into()),
            error => Self::Refused { what, error },
        }
    }

    /// Nothing helps until the camera is plugged in again.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Gone(_) | Self::NotAttached(_))
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled => ErrorCode::Cancelled,
            Self::OutOfTime => ErrorCode::Timeout,
            Self::NotAttached(_) | Self::Gone(_) => ErrorCode::DeviceAbsent,
            Self::InUse(_) | Self::NoBandwidth(_) => ErrorCode::Busy,
            Self::Stalled(_) | Self::Stuck(_) => ErrorCode::DeviceSilent,
            Self::Unsupported(_) => ErrorCode::Unsupported,
            Self::Invalid { .. } => ErrorCode::InvalidRequest,
            // At a request these are no matter of the client's: somebody changed the node under the driver.
            Self::NotPermitted(_)
            | Self::NotACamera { .. }
            | Self::Config(_)
            | Self::Refused { .. }
            | Self::OtherFormat { .. }
            | Self::Damaged { .. }
            | Self::Packing(_) => ErrorCode::DeviceFault,
        }
    }

    /// For the client. `device_absent` also ends the driver.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Invalid { field, problem } => Failure::invalid(*field, problem.clone()),
            Self::Refused { error, .. } => {
                Failure::new(self.code(), self.to_string()).device_code(format!("errno {}", error.raw_os_error()))
            }
            _ => Failure::new(self.code(), self.to_string()),
        }
    }

    /// For the supervisor when the camera is opened.
    pub(crate) fn open_error(&self) -> OpenError {
        match self {
            Self::NotAttached(_) | Self::Gone(_) => OpenError::Absent(self.to_string()),
            Self::NotPermitted(_) => OpenError::NoPermission(self.to_string()),
            Self::NotACamera { .. } | Self::Config(_) | Self::Unsupported(_) | Self::Invalid { .. } => {
                OpenError::BadConfig(self.to_string())
            }
            _ => OpenError::Fault(self.to_string()),
        }
    }
}
