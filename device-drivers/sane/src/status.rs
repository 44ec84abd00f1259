//! `SANE_Status` as a type ("SANE Standard" 1.06, section 4.2.7), and what each means for a client.

use std::ffi::c_int;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Retry};

/// What a call of libsane said, when it was not "good".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Status {
    #[error("the scanner's backend cannot do this")]
    Unsupported,
    #[error("the scan was cancelled")]
    Cancelled,
    #[error("the scanner is busy, or another program has it open; close that program or wait")]
    Busy,
    #[error("the scanner's backend refuses this value")]
    Invalid,
    #[error("the page is at its end")]
    Eof,
    #[error("paper is jammed in the feeder")]
    Jammed,
    #[error("there is no document in the feeder")]
    NoDocs,
    #[error("a cover of the scanner is open")]
    CoverOpen,
    #[error("the exchange with the scanner failed; look at its cable and power")]
    IoError,
    #[error("the scanner's backend has no memory left")]
    NoMemory,
    #[error(
        "this user may not use the scanner; install the project's udev rules, let the gateway's user be in the group that they name, and plug the scanner in again"
    )]
    AccessDenied,
    #[error("the scanner is warming up")]
    WarmingUp,
    #[error("the scanner's transport lock is on; unlock it, and switch the scanner off and on")]
    Locked,
    #[error("the scanner's backend said {0}, which SANE does not know")]
    Unknown(c_int),
}

impl Status {
    /// Reads the number; good is `Ok`. 12 and 13 came after version 1.0 (`sane.h` of sane-backends, "for later SANE
    /// version"); backends send them all the same.
    pub(crate) fn good(status: c_int) -> Result<(), Self> {
        Err(match status {
            0 => return Ok(()),
            1 => Self::Unsupported,
            2 => Self::Cancelled,
            3 => Self::Busy,
            4 => Self::Invalid,
            5 => Self::Eof,
            6 => Self::Jammed,
            7 => Self::NoDocs,
            8 => Self::CoverOpen,
            9 => Self::IoError,
            10 => Self::NoMemory,
            11 => Self::AccessDenied,
            12 => Self::WarmingUp,
            13 => Self::Locked,
            other => Self::Unknown(other),
        })
    }

    /// The kind of failure.
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Self::Unsupported => ErrorCode::Unsupported,
            // Not by the client, or it would not be asked for: somebody pressed the scanner's own button.
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Busy | Self::WarmingUp => ErrorCode::Busy,
            Self::Jammed => ErrorCode::Jam,
            Self::NoDocs => ErrorCode::NoDocument,
            Self::CoverOpen => ErrorCode::CoverOpen,
            Self::AccessDenied => ErrorCode::DriverHeld,
            Self::Invalid | Self::Eof | Self::IoError | Self::NoMemory | Self::Locked | Self::Unknown(_) => {
                ErrorCode::DeviceFault
            }
        }
    }

    /// May the same be asked again? `None`: what is usual for the code.
    pub(crate) fn retry(self) -> Option<Retry> {
        // Scanning changes nothing, and a person must do something first.
        matches!(self, Self::Locked).then_some(Retry::Unsafe)
    }

    /// SANE's own word, for the technician.
    pub(crate) fn word(self) -> String {
        let word = match self {
            Self::Unsupported => "UNSUPPORTED",
            Self::Cancelled => "CANCELLED",
            Self::Busy => "DEVICE_BUSY",
            Self::Invalid => "INVAL",
            Self::Eof => "EOF",
            Self::Jammed => "JAMMED",
            Self::NoDocs => "NO_DOCS",
            Self::CoverOpen => "COVER_OPEN",
            Self::IoError => "IO_ERROR",
            Self::NoMemory => "NO_MEM",
            Self::AccessDenied => "ACCESS_DENIED",
            Self::WarmingUp => "WARMING_UP",
            Self::Locked => "HW_LOCKED",
            Self::Unknown(number) => return format!("SANE_STATUS {number}"),
        };
        format!("SANE_STATUS_{word}")
    }

    /// Is it worth asking again a little later?
    pub(crate) fn passes(self) -> bool {
        matches!(self, Self::Busy | Self::WarmingUp)
    }
}
