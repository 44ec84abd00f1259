//! All that can go wrong between this driver and a printer, and what it means for the client and the supervisor.

use std::time::Duration;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, PrintOutcome};
use kiosk_driver_sdk::protocol::page_printer::PagePrinterCondition as Condition;
use kiosk_driver_sdk::{GivenUp, OpenError};

use crate::wire::{ANSWER_MAX, WireError};

/// What went wrong. `what` names the step.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the request's time ran out while {0}")]
    OutOfTime(&'static str),
    #[error("cannot reach the printer at {at}: {reason}; is it on and on the network?")]
    Absent { at: String, reason: String },
    #[error("the printer did not answer for {:.1} s when asked for {what}", after.as_secs_f32())]
    Silent { what: &'static str, after: Duration },
    #[error("the printer closed the connection before its answer for {what} was complete")]
    Cut { what: &'static str },
    #[error("{0}")]
    Certificate(String),
    #[error("no encrypted connection to the printer comes about: {0}; does it speak TLS at this port?")]
    NotTls(String),
    #[error("the printer's answer for {what} is not HTTP: {reason}")]
    NotHttp { what: &'static str, reason: String },
    #[error("the printer answered HTTP {status} when asked for {what}{}", hint(*status))]
    Http { what: &'static str, status: u16 },
    #[error("the printer's answer for {what} is longer than {} KiB", ANSWER_MAX >> 10)]
    LongAnswer { what: &'static str },
    #[error("the printer refused {what}: {word}{}", said(message))]
    Refused { what: &'static str, status: u16, word: String, message: String },
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("{0}")]
    Unsupported(String),
    #[error("{problem}")]
    Invalid { field: &'static str, problem: String },
    #[error("{0}")]
    Document(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("the printer takes no jobs now; somebody must allow it at the printer")]
    NotAccepting,
    #[error("the printer stopped: {}", words(conditions))]
    Stopped { conditions: Vec<Condition>, reasons: String },
    #[error("the job was cancelled at the printer")]
    CancelledThere { reasons: String },
    #[error("the printer broke the job off ({reasons})")]
    Aborted { reasons: String },
    #[error("the printer finished the job with errors ({reasons})")]
    WithErrors { reasons: String },
    #[error("the printer does not know the job any more; it was probably switched off on the way")]
    Forgotten,
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => "; allow printing without a login in the printer's own settings",
        404 => "; is the path in the address right? It is usually `/ipp/print`",
        426 => "; it wants encryption: write `ipps://`, with config.tls_sha256 or config.tls_ca",
        _ => "",
    }
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" (it says: {message})") }
}

fn words(conditions: &[Condition]) -> String {
    let word = |condition: &Condition| match condition {
        Condition::PaperOut => "no paper",
        Condition::PaperLow => "little paper",
        Condition::Jam => "a paper jam",
        Condition::CoverOpen => "a cover is open",
        Condition::TonerOut => "no toner or ink",
        Condition::TonerLow => "little toner or ink",
        Condition::TrayMissing => "a tray is missing",
        Condition::OutputFull => "its output is full",
        Condition::Paused => "somebody paused it",
        Condition::Other => "something that it has no word for",
    };
    conditions.iter().map(word).collect::<Vec<_>>().join(", ")
}

impl From<GivenUp> for Trouble {
    fn from(why: GivenUp) -> Self {
        match why {
            GivenUp::Cancelled => Self::Cancelled,
            GivenUp::OutOfTime { what, .. } => Self::OutOfTime(what),
            GivenUp::Silent { what, after } => Self::Silent { what, after },
        }
    }
}

impl Trouble {
    /// The kind of failure.
    fn code(&self) -> ErrorCode {
        match self {
            Self::Cancelled | Self::CancelledThere { .. } => ErrorCode::Cancelled,
            Self::OutOfTime(_) => ErrorCode::Timeout,
            Self::Absent { .. } => ErrorCode::DeviceAbsent,
            Self::Silent { .. } => ErrorCode::DeviceSilent,
            Self::Unsupported(_) => ErrorCode::Unsupported,
            Self::Invalid { .. } => ErrorCode::InvalidRequest,
            Self::Document(_) => ErrorCode::Unreadable,
            Self::TooLarge(_) => ErrorCode::TooLarge,
            Self::NotAccepting => ErrorCode::Busy,
            Self::Stopped { conditions, .. } => code_of(conditions),
            // RFC 8011, appendix B.1: server-error-busy, -job-canceled, -not-accepting-jobs, -temporary-error.
            Self::Refused { status: 0x0505..=0x0508, .. } => ErrorCode::Busy,
            // client-error-not-authenticated, -not-authorized, -forbidden.
            Self::Certificate(_) | Self::Refused { status: 0x0401..=0x0403, .. } => ErrorCode::DriverHeld,
            // client-error-document-format-not-supported, -attributes-or-values-not-supported, -conflicting-attributes.
            Self::Refused { status: 0x040A | 0x040B | 0x040E, .. } => ErrorCode::Unsupported,
            // client-error-request-entity-too-large.
            Self::Refused { status: 0x0408, .. } => ErrorCode::TooLarge,
            // client-error-document-format-error.
            Self::Refused { status: 0x0411, .. } => ErrorCode::Unreadable,
            Self::Aborted { reasons } if reasons.contains("document-format-error") => ErrorCode::Unreadable,
            Self::Cut { .. }
            | Self::NotTls(_)
            | Self::NotHttp { .. }
            | Self::Http { .. }
            | Self::LongAnswer { .. }
            | Self::Refused { .. }
            | Self::Wire(_)
            | Self::Aborted { .. }
            | Self::WithErrors { .. }
            | Self::Forgotten => ErrorCode::DeviceFault,
        }
    }

    /// For the client, without an outcome.
    pub(crate) fn failure(&self) -> Failure {
        let failure = Failure::new(self.code(), self.to_string());
        match self {
            Self::Invalid { field, problem } => Failure::invalid(*field, problem.clone()),
            Self::Http { status, .. } => failure.device_code(format!("HTTP {status}")),
            Self::Refused { word, .. } => failure.device_code(word.clone()),
            Self::Stopped { reasons, .. }
            | Self::CancelledThere { reasons }
            | Self::Aborted { reasons }
            | Self::WithErrors { reasons } => failure.device_code(reasons.clone()),
            _ => failure,
        }
    }

    /// For the client of a print.
    pub(crate) fn of_print(&self, outcome: PrintOutcome) -> Failure {
        self.failure().outcome(outcome)
    }

    /// For the supervisor when the printer is opened.
    pub(crate) fn open_error(&self) -> OpenError {
        match self {
            Self::Absent { .. } => OpenError::Absent(self.to_string()),
            Self::Http { status: 401 | 403, .. } | Self::Refused { status: 0x0401..=0x0403, .. } => {
                OpenError::NoPermission(self.to_string())
            }
            Self::Certificate(_) | Self::Http { status: 404 | 426, .. } => OpenError::BadConfig(self.to_string()),
            _ => OpenError::Fault(self.to_string()),
        }
    }
}

/// What a person must do first, of all that is wrong.
fn code_of(conditions: &[Condition]) -> ErrorCode {
    let first = [
        (Condition::Jam, ErrorCode::Jam),
        (Condition::CoverOpen, ErrorCode::CoverOpen),
        (Condition::PaperOut, ErrorCode::PaperOut),
        (Condition::TonerOut, ErrorCode::TonerOut),
    ];
    first
        .into_iter()
        .find(|(condition, _)| conditions.contains(condition))
        .map_or(ErrorCode::DeviceFault, |(_, code)| code)
}
