//! Passive authentication: the data groups are those that the state signed.
//!
//! ```text
//! data group ── hash ──► EF.SOD ── signature ──► document signer ── signature ──► CSCA, from the operator's list
//! ```
//!
//! It says nothing about the chip: a copy of all files passes. That the chip is not a copy, active or chip authentication
//! says.
//!
//! Document: ICAO 9303-11 (8th edition), section 5.1; 9303-10, section 4.6.2 and appendix D (EF.SOD); 9303-12, section 7
//! (certificates); RFC 5652 (CMS).

mod certificate;
mod folder;
mod security_object;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::SystemTime;

use certificate::Certificate;
pub use certificate::{CertificateError, Revocations, TrustList};
pub use folder::{FolderError, TrustFolder};
use security_object::SecurityObject;

use crate::groups;
use crate::keys::KeyError;
use crate::tlv::TlvError;

/// Why the files are not taken for what the state signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassiveError {
    /// EF.SOD cannot be read.
    #[error("EF.SOD cannot be read: {0}")]
    Malformed(#[from] TlvError),
    /// Something of it is not known here.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate in it.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// It has no certificate of its signer.
    #[error("EF.SOD has no certificate of its signer")]
    NoSigner,
    /// Its signature is wrong.
    #[error("the signature of EF.SOD is wrong")]
    Signature,
    /// The signer's certificate is signed by nobody who is trusted.
    #[error("the signer's certificate comes from no signing authority in the list")]
    Untrusted,
    /// The signer's certificate, or its authority's, did not hold at this time.
    #[error("{whose} certificate does not hold at this time")]
    OutOfTime {
        /// Whose.
        whose: &'static str,
    },
    /// The certificate is one of the state's, but not one that signs documents.
    #[error("the signer's certificate is not one for signing documents")]
    NotASigner,
    /// The signer's certificate was revoked.
    #[error("the signer's certificate was revoked")]
    Revoked,
    /// A data group is not the one that was signed.
    #[error("data group {0} is not the one that was signed")]
    Changed(u8),
    /// A data group is none of those that were signed.
    #[error("data group {0} was not signed")]
    NotSigned(u8),
    /// EF.CardAccess did not offer a way of PACE that the state has signed in data group 14: somebody between the chip and
    /// the reader has taken it away, or a copy has it not. The files are those that were signed.
    #[error("the chip did not offer PACE as the state has signed it: somebody may listen, or it is a copy")]
    HiddenPace,
}

impl PassiveError {
    /// It shows that the files are not what the state has signed. Others only fail to show that they are.
    pub fn is_forgery(&self) -> bool {
        matches!(self, Self::Signature | Self::Changed(_) | Self::NotSigned(_) | Self::Revoked | Self::NotASigner)
    }

    /// Something is not known here, or too weak to prove anything, so nothing can be said of the files.
    pub fn is_unknown(&self) -> bool {
        let (Self::Key(error) | Self::Certificate(CertificateError::Key(error))) = self else { return false };
        matches!(error, KeyError::Unknown(_) | KeyError::Weak(_))
    }
}

/// What the state has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The numbers of all data groups that it has signed.
    pub groups: Vec<u8>,
    /// What is known of the revocation of its signer. A list that is out of date is no reason not to trust the files, but one
    /// to tell the operator.
    pub revocations: Revocations,
}

/// Checks data groups, by their numbers, against EF.SOD and the list of trusted authorities, as of `now`.
///
/// # Errors
/// The first reason not to trust them.
pub fn check(
    sod: &[u8],
    groups: &BTreeMap<u8, &[u8]>,
    trusted: &TrustList,
    now: SystemTime,
) -> Result<Signed, PassiveError> {
    let object = SecurityObject::read(sod)?;
    let signer = object.signer()?;
    let revocations = trusted.check(&signer, now)?;
    for (number, file) in groups {
        // Its content must also be that group's.
        groups::content(*number, file)?;
        let signed = object.hashes.get(number).ok_or(PassiveError::NotSigned(*number))?;
        if object.hash.of(file) != *signed {
            return Err(PassiveError::Changed(*number));
        }
    }
    Ok(Signed { groups: object.hashes.keys().copied().collect(), revocations })
}
