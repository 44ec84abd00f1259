//! Checks a certificate before something is signed with it, as Circular 15/2025/TT-BKHCN asks of software that signs.

#[cfg(test)]
mod tests;

use std::time::SystemTime;

use crate::budget::Budget;
use crate::certificate::{Certificate, CertificateError};
use crate::chain::{ChainError, Pool, Purpose};
use crate::fetch::Fetch;
use crate::revocation::{self, Evidence, Moment, Revocation, RevocationError};

/// Why nothing should be signed with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// There is none.
    #[error("the signer has no certificate")]
    NoCertificate,
    /// It, another of its chain, or a root cannot be read, or has a key that is not taken.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// It does not hold yet.
    #[error("the certificate of `{0}` does not hold yet; check the clock")]
    Early(String),
    /// It has run out.
    #[error("the certificate of `{0}` has run out; its issuer can renew it")]
    Expired(String),
    /// It is not one for signing documents.
    #[error("the certificate of `{0}` is not one for signing documents")]
    Purpose(String),
    /// It comes from no trusted root, or a certificate between does not hold.
    #[error("the certificate is not trusted")]
    Chain(#[source] ChainError),
    /// It, or one of its authorities', was revoked.
    #[error("the certificate of `{subject}` was revoked")]
    Revoked {
        /// Whose.
        subject: String,
        /// Since when.
        since: SystemTime,
    },
    /// Nothing says whether it was revoked: whether to sign nevertheless is for who calls to decide.
    #[error("nothing says whether the certificate of `{subject}` was revoked")]
    Unknown {
        /// Whose.
        subject: String,
        /// Why not.
        source: RevocationError,
    },
}

/// Checks the first certificate of a chain (as in [`crate::Signer::chain`]): its time, what it may be used for, that it
/// comes from one of the roots (DER), and that its authorities have not revoked it.
///
/// # Errors
/// [`CheckError`], the first reason that is found, in this order.
pub fn check_certificate(
    chain: &[Vec<u8>],
    roots: &[Vec<u8>],
    at: SystemTime,
    online: &dyn Fetch,
) -> Result<(), CheckError> {
    let certificates: Vec<Certificate> = chain.iter().map(|der| Certificate::read(der)).collect::<Result<_, _>>()?;
    let (own, others) = certificates.split_first().ok_or(CheckError::NoCertificate)?;
    let subject = || own.subject_text();
    if at < own.not_before {
        return Err(CheckError::Early(subject()));
    }
    if at > own.not_after {
        return Err(CheckError::Expired(subject()));
    }
    let may_sign = own.key_usage.is_none_or(|usage| usage.signs()) && own.authority.is_none();
    if !may_sign || !Purpose::Documents.is_allowed_by(own) || own.key.signs().is_none() {
        return Err(CheckError::Purpose(subject()));
    }
    // With more than it allows nothing is known, which is an error here.
    let budget = Budget::default();
    let mut pool = Pool::new(roots.into())?;
    pool.add(others);
    let path = pool.path(own, Purpose::Documents, at, &budget).map_err(CheckError::Chain)?;
    let mut evidence = Evidence::default();
    let moment = Moment::now(at);
    for pair in path.windows(2) {
        let fetched = revocation::fetch(&pair[0], &pair[1], moment, online, &budget);
        let subject = || pair[0].subject_text();
        evidence.add(fetched.map_err(|source| CheckError::Unknown { subject: subject(), source })?);
    }
    match evidence.of_path(&path, moment, &budget) {
        Revocation::Good => Ok(()),
        Revocation::Revoked { subject, since } => Err(CheckError::Revoked { subject, since }),
        Revocation::Unknown { subject, reason } => {
            Err(CheckError::Unknown { subject, source: reason.unwrap_or(RevocationError::Time) })
        }
    }
}
