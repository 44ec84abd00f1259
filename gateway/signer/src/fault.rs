//! Why something was not done: for the caller as a [`Failure`], for the clerk as what a case waits for.

use kiosk_compose::ComposerError;
use kiosk_pades::{CheckError, SignError, SignerError, ValidationDataError};
use kiosk_proof::{ClaimsError, CodeError, LogError, OpeningError, QrError, StatusError};
use kiosk_protocol::case::WaitsFor;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_register::{CaseId, StoreError};

use crate::officers::OfficerError;
use crate::vault::VaultError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// What was asked for is not possible or not allowed.
    #[error("{0}")]
    Refused(Failure),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Officer(#[from] OfficerError),
    /// The code.
    #[error(transparent)]
    Code(#[from] CodeError),
    #[error("the transparency log cannot be written")]
    Log(#[from] LogError),
    #[error("an entry of the log cannot be made")]
    Opening(#[from] OpeningError),
    #[error("the QR code cannot be made")]
    Qr(#[from] QrError),
    #[error("the claims cannot be signed")]
    Claims(#[from] ClaimsError),
    #[error("the status list cannot be made")]
    Status(#[from] StatusError),
    #[error(transparent)]
    Compose(#[from] ComposerError),
    #[error("the token cannot be used")]
    Token(#[from] SignerError),
    #[error("the copy is not signed")]
    Sign(#[from] SignError),
    #[error("the certificate of `{key}` cannot be used")]
    Certificate {
        /// Which key.
        key: String,
        source: CheckError,
    },
    #[error("the validation data is not complete")]
    ValidationData(#[from] ValidationDataError),
    #[error("cannot {what}")]
    Disk { what: &'static str, source: std::io::Error },
    /// What was kept of a case is not what was written.
    #[error("the {what} of case {case:?} are damaged")]
    Damaged { case: CaseId, what: &'static str },
    /// A signed copy lacks what the policy asks for.
    #[error("the copy is signed, and lacks time stamps or revocation data still")]
    NotComplete,
    /// The configuration and a case do not fit.
    #[error("{0}")]
    Setup(String),
}

impl Fault {
    /// A refusal because of the state of things.
    pub(crate) fn not_now(detail: impl Into<String>) -> Self {
        Self::Refused(Failure::new(ErrorCode::NotPermitted, detail))
    }

    /// A refusal because of a field of the request.
    pub(crate) fn field(field: &str, detail: impl Into<String>) -> Self {
        Self::Refused(Failure::invalid(format!("payload.{field}"), detail))
    }

    /// What a case waits for that has this fault on its way.
    pub(crate) fn waits_for(&self) -> WaitsFor {
        match self {
            Self::Store(StoreError::Clock(_)) => WaitsFor::Clock,
            Self::Store(
                StoreError::Full | StoreError::Disk { .. } | StoreError::Stopped { .. } | StoreError::Io { .. },
            )
            | Self::Vault(VaultError::Full | VaultError::Disk { .. })
            | Self::Log(_)
            | Self::Disk { .. } => WaitsFor::Disk,
            Self::Token(_) | Self::Sign(SignError::Signer(_)) => WaitsFor::Token,
            Self::Sign(SignError::TimeStamp(_)) | Self::NotComplete => WaitsFor::TimeStamp,
            Self::Certificate { source: CheckError::Unknown { .. }, .. } => WaitsFor::RevocationData,
            Self::ValidationData(ValidationDataError::Unknown { .. }) => WaitsFor::RevocationData,
            Self::Certificate { .. } | Self::ValidationData(_) | Self::Sign(_) => WaitsFor::Certificate,
            _ => WaitsFor::Person,
        }
    }

    /// What of it may be told to everybody: no names of cases, since who has one may ask for the copy.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Token(_)
            | Self::Sign(_)
            | Self::Certificate { .. }
            | Self::ValidationData(_)
            | Self::NotComplete
            | Self::Store(StoreError::Clock(_)) => with_causes(self),
            _ => "the signer's log says more".to_owned(),
        }
    }

    /// For the caller.
    pub(crate) fn failure(self) -> Failure {
        let detail = with_causes(&self);
        let code = match self {
            Self::Refused(failure) => return failure,
            Self::Store(
                StoreError::UnknownCase(_)
                | StoreError::Purged(_)
                | StoreError::UnknownDelivery(_)
                | StoreError::NotNumbered { .. },
            ) => ErrorCode::NotFound,
            Self::Store(
                StoreError::Unlawful { .. }
                | StoreError::IntentOpen { .. }
                | StoreError::NoIntent { .. }
                | StoreError::NotSigned { .. }
                | StoreError::WouldPrintTwice { .. }
                | StoreError::NotStartable { .. }
                | StoreError::NotStarted { .. }
                | StoreError::KeyReused(_)
                | StoreError::NotConfirmed { .. }
                | StoreError::TooEarly { .. }
                | StoreError::Parked { .. }
                | StoreError::Clock(_),
            )
            | Self::Officer(
                OfficerError::Unknown
                | OfficerError::NotEnrolled
                | OfficerError::Invitation
                | OfficerError::Challenge
                | OfficerError::Signature
                | OfficerError::Anothers
                | OfficerError::Pass,
            ) => ErrorCode::NotPermitted,
            Self::Officer(OfficerError::TooMany) | Self::Store(StoreError::Full) | Self::Vault(VaultError::Full) => {
                ErrorCode::Busy
            }
            Self::Disk { source, .. } if is_full(&source) => ErrorCode::Busy,
            Self::Officer(OfficerError::Key) => return Failure::invalid("payload.public_key", detail),
            Self::Code(_) => return Failure::invalid("payload.code", detail),
            Self::Compose(ComposerError::Refused(_)) => ErrorCode::Unsupported,
            _ => ErrorCode::DeviceFault,
        };
        Failure::new(code, detail)
    }
}

/// Whether the disk has no room.
pub(crate) fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

/// An error with all its causes, as one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
