//! Signs PDF files by PAdES, and judges signatures of PDF files.
//!
//! Values in, values out: nothing here opens a file or a connection; who calls gives the bytes, the time and the transport
//! ([`TimeStamper`], [`Fetch`]). Keys are behind [`Signer`]: on a token ([`Token`]), or in memory ([`SoftwareSigner`]).
//!
//! ```text
//! check_certificate ─► sign ─► add_validation_data ─► add_document_timestamp ─► again, before its authority runs out
//!                       B-B, B-T        B-LT                   B-LTA
//!                        └────────────────┴──────────────┬───────┘
//!                                                      judge
//! sign, judge, … ─► cms, timestamp, revocation, chain ─► certificate, algorithm ─► der
//!               └─► pdf
//! ```
//!
//! What a file or an authority says is read as if an enemy had written it: bounded, and strict where two readers could see two
//! things. Not here: encrypted files, XAdES and CAdES, trusted lists (who calls gives the roots), policies and name
//! constraints of certificates.
//!
//! Documents: ETSI EN 319 142-1 (PAdES), EN 319 122-1 (CAdES); ISO 32000-1 (PDF); RFC 5652, 5035, 3161, 6960, 5280.

mod algorithm;
mod budget;
mod certificate;
mod chain;
mod check;
mod cms;
mod date;
mod der;
mod document_timestamp;
mod fetch;
mod judge;
mod oid;
mod pdf;
mod revocation;
mod sign;
mod signer;
mod software;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
#[allow(clippy::unwrap_used, reason = "for tests, ours and those of crates that use this one")]
pub mod testing;
mod timestamp;
mod token;
mod validation_data;

pub use algorithm::{Algorithm, AlgorithmError};
pub use certificate::CertificateError;
pub use chain::{ChainError, Roots};
pub use check::{CheckError, check_certificate};
pub use cms::CmsError;
pub use der::DerError;
pub use document_timestamp::add_document_timestamp;
pub use fetch::{Fetch, FetchError, TimeStamper};
pub use judge::{
    After, JudgeError, Kind, Level, Report, Shown, SignatureFault, SignatureReport, Step, TimeStampReport, Verdict,
    judge,
};
pub use pdf::PdfError;
pub use revocation::{Revocation, RevocationError};
pub use sign::{ImageError, SignError, SignatureField, sign};
pub use signer::{Signer, SignerError};
pub use software::SoftwareSigner;
pub use timestamp::TimeStampError;
pub use token::{KeyName, Token, TokenPlace};
pub use validation_data::{ValidationDataError, add_validation_data};
