//! Whether a certificate comes from a trusted root.
//!
//! Document: RFC 5280, section 6.1, without policies and name constraints: a certificate that makes these critical is not
//! taken.

use std::time::SystemTime;

use crate::budget::Budget;
use crate::certificate::{Certificate, CertificateError};
use crate::oid;

/// Most certificates of a chain, and most signatures that are checked to find one.
const LONGEST: usize = 8;
const SIGNATURES: usize = 64;

/// Why a certificate is not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Nobody looked: the signature itself is not right.
    #[error("the signature is not right, so nobody looked at its certificate")]
    NotLookedAt,
    /// It comes from no root in the list.
    #[error("the certificate of `{0}` comes from no trusted root")]
    Untrusted(String),
    /// A certificate of the chain did not hold at the time.
    #[error("the certificate of `{subject}` {}", if *.is_over { "had run out" } else { "did not hold yet" })]
    OutOfTime {
        /// Whose.
        subject: String,
        /// It held before; else it holds later.
        is_over: bool,
    },
    /// A certificate may not be used for what it is used for here.
    #[error("the certificate of `{subject}` is not one for {purpose}")]
    Purpose {
        /// Whose.
        subject: String,
        /// For what.
        purpose: &'static str,
    },
    /// A certificate asks for something to be known that is not known here.
    #[error("the certificate of `{0}` has a critical extension that is not known")]
    UnknownExtension(String),
}

/// Roots that are trusted, DER. A list alone is one of both.
#[derive(Clone, Copy, Debug)]
pub struct Roots<'r> {
    /// For those who sign documents.
    pub signers: &'r [Vec<u8>],
    /// For time stamp authorities.
    pub time_stamps: &'r [Vec<u8>],
}

impl Roots<'_> {
    /// Whether all of them can be read.
    ///
    /// # Errors
    /// [`CertificateError`], of the first one that cannot.
    pub fn check(self) -> Result<(), CertificateError> {
        Pool::new(self).map(|_| ())
    }
}

impl<'r> From<&'r [Vec<u8>]> for Roots<'r> {
    fn from(both: &'r [Vec<u8>]) -> Self {
        Self { signers: both, time_stamps: both }
    }
}

impl<'r> From<&'r Vec<Vec<u8>>> for Roots<'r> {
    fn from(both: &'r Vec<Vec<u8>>) -> Self {
        both.as_slice().into()
    }
}

impl<'r, const N: usize> From<&'r [Vec<u8>; N]> for Roots<'r> {
    fn from(both: &'r [Vec<u8>; N]) -> Self {
        both.as_slice().into()
    }
}

/// What a chain is for. Its own certificate, and those of authorities below the root that name purposes at all, must name a
/// fitting one (RFC 5280, section 4.2.1.12; of authorities as the CA/Browser Forum and all large programs read it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Documents,
    TimeStamps,
}

impl Purpose {
    fn text(self) -> &'static str {
        match self {
            Self::Documents => "signing documents",
            Self::TimeStamps => "time stamps",
        }
    }

    pub(crate) fn is_allowed_by(self, certificate: &Certificate) -> bool {
        let fitting: &[&[u8]] = match self {
            Self::Documents => &[
                oid::DOCUMENT_SIGNING,
                oid::EMAIL_PROTECTION,
                oid::ANY_PURPOSE,
                oid::MICROSOFT_DOCUMENTS,
                oid::ADOBE_DOCUMENTS,
            ],
            Self::TimeStamps => &[oid::TIME_STAMPING, oid::ANY_PURPOSE],
        };
        certificate.purposes.is_none() || fitting.iter().any(|one| certificate.has_purpose(one))
    }
}

/// Certificates that are trusted, and others that may lie between.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    signers: Vec<Certificate>,
    time_stamps: Vec<Certificate>,
    others: Vec<Certificate>,
}

impl Pool {
    /// Reads trusted roots.
    pub(crate) fn new(roots: Roots<'_>) -> Result<Self, CertificateError> {
        let read = |roots: &[Vec<u8>]| roots.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>();
        Ok(Self { signers: read(roots.signers)?, time_stamps: read(roots.time_stamps)?, others: Vec::new() })
    }

    /// Adds certificates that may lie between, as far as they can be read.
    pub(crate) fn add<'c>(&mut self, certificates: impl IntoIterator<Item = &'c Certificate>) {
        for certificate in certificates {
            if !self.others.contains(certificate) {
                self.others.push(certificate.clone());
            }
        }
    }

    /// A chain from a certificate to a root, both included, that holds at a time.
    pub(crate) fn path(
        &self,
        leaf: &Certificate,
        purpose: Purpose,
        at: SystemTime,
        budget: &Budget,
    ) -> Result<Vec<Certificate>, ChainError> {
        let roots = match purpose {
            Purpose::Documents => &self.signers,
            Purpose::TimeStamps => &self.time_stamps,
        };
        let mut search = Search { roots, others: &self.others, purpose, at, budget, signatures: 0, reason: None };
        let mut path = vec![leaf.clone()];
        if search.extend(&mut path) {
            return Ok(path);
        }
        Err(search.reason.unwrap_or_else(|| ChainError::Untrusted(leaf.subject_text())))
    }
}

struct Search<'p> {
    roots: &'p [Certificate],
    others: &'p [Certificate],
    purpose: Purpose,
    at: SystemTime,
    budget: &'p Budget,
    signatures: usize,
    /// Why a chain to a root was not taken.
    reason: Option<ChainError>,
}

impl Search<'_> {
    /// Makes a chain longer until it ends at a root.
    fn extend(&mut self, path: &mut Vec<Certificate>) -> bool {
        let last = path[path.len() - 1].clone();
        if self.roots.contains(&last) {
            return match check(path, self.purpose, self.at) {
                Ok(()) => true,
                Err(reason) => {
                    self.reason.get_or_insert(reason);
                    false
                }
            };
        }
        if path.len() == LONGEST {
            return false;
        }
        for next in self.roots.iter().chain(self.others) {
            if next.subject() != last.issuer() || path.contains(next) || self.signatures == SIGNATURES {
                continue;
            }
            self.signatures += 1;
            if !last.is_by(next, self.budget) {
                continue;
            }
            path.push(next.clone());
            if self.extend(path) {
                return true;
            }
            path.pop();
        }
        false
    }
}

fn check(path: &[Certificate], purpose: Purpose, at: SystemTime) -> Result<(), ChainError> {
    for (below, certificate) in path.iter().enumerate() {
        let subject = || certificate.subject_text();
        if !certificate.holds_at(at) {
            return Err(ChainError::OutOfTime { subject: subject(), is_over: certificate.not_after < at });
        }
        if certificate.unknown_critical {
            return Err(ChainError::UnknownExtension(subject()));
        }
        let is_authority = match certificate.authority {
            None => false,
            // Of those between it and the end of the chain, those that it issued to itself do not count.
            Some(most) => {
                let between = path.get(1..below).unwrap_or_default();
                let others = between.iter().filter(|one| !one.is_self_issued()).count();
                most.is_none_or(|most| others <= most as usize)
            }
        };
        let signs = certificate.key_usage.is_none_or(|usage| usage.signs_certificates());
        if below > 0 && !(is_authority && signs) {
            return Err(ChainError::Purpose { subject: subject(), purpose: "certifying others" });
        }
        if below + 1 < path.len() && !purpose.is_allowed_by(certificate) {
            return Err(ChainError::Purpose { subject: subject(), purpose: purpose.text() });
        }
    }
    Ok(())
}
