//! Whether a certificate was revoked: what OCSP responders and lists of revoked certificates say, and when that counts.

mod list;
mod ocsp;

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use crate::algorithm::AlgorithmError;
use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::der::DerError;
use crate::fetch::{CLOCKS, Fetch, FetchError};

/// How long a statement is fresh that does not say so.
const FRESH: Duration = Duration::from_secs(3600);

/// Why a statement about a certificate counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// Nothing came.
    #[error("the authority of `{subject}` gave nothing")]
    Fetch {
        /// Whose certificate is asked about.
        subject: String,
        /// Why.
        source: FetchError,
    },
    /// The certificate does not say whom to ask.
    #[error("the certificate of `{0}` names neither an OCSP responder nor a list")]
    NoAddress(String),
    /// What came cannot be read.
    #[error("what an authority says of revocation cannot be read: {0}")]
    Malformed(#[from] DerError),
    /// Its algorithms are none that are taken.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// The responder refused, with this status (RFC 6960, section 4.2.1).
    #[error("the OCSP responder refused with status {0}")]
    Refused(u32),
    /// It is about another certificate, or another issuer's.
    #[error("what came is about other certificates")]
    Other,
    /// It was signed by nobody who may say so.
    #[error("what came was signed by nobody who may say so")]
    Signature,
    /// It is a list with less than all certificates, or with something that is not known here.
    #[error("a list of revoked certificates is not a whole one")]
    Partial,
    /// It is about the time before or after the one that is asked for.
    #[error("what came is not about the time in question")]
    Time,
    /// The responder does not know the certificate.
    #[error("the OCSP responder does not know the certificate")]
    NotKnown,
}

/// Whether a certificate was revoked at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// It was not.
    Good,
    /// It was.
    Revoked {
        /// Whose certificate: that of the signer, or of one of its authorities.
        subject: String,
        /// Since when.
        since: SystemTime,
    },
    /// Nothing that counts says so.
    Unknown {
        /// Whose certificate.
        subject: String,
        /// Why the last statement that was looked at does not count; `None`, if there is none.
        reason: Option<RevocationError>,
    },
}

/// What an authority says of one certificate.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) revoked: Option<SystemTime>,
    this_update: SystemTime,
    next_update: Option<SystemTime>,
    /// Who signed it.
    pub(crate) by: Certificate,
}

/// A response or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Shared, as all that is known is put together anew for each certificate.
    pub(crate) der: Rc<[u8]>,
    pub(crate) is_list: bool,
    /// When it is proven to have been there, if it is. The key that signed it must hold then, or else now.
    pub(crate) kept: Option<SystemTime>,
}

impl Item {
    fn read(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        budget: &Budget,
    ) -> Result<Statement, RevocationError> {
        // Who went over the budget gets an error in the end: here nothing is known.
        budget.hash(self.der.len()).map_err(|_| RevocationError::Other)?;
        let read = if self.is_list { list::read } else { ocsp::read };
        read(&self.der, certificate, issuer, budget)
    }

    /// Whether it says something of a certificate, or of who answers for it.
    pub(crate) fn is_about(&self, certificate: &Certificate, issuer: &Certificate, budget: &Budget) -> bool {
        self.read(certificate, issuer, budget).is_ok()
    }
}

/// Responses and lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence(pub(crate) Vec<Item>);

/// The moment that is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// When the certificate was used: proven by a time stamp, or else now.
    pub(crate) used: SystemTime,
    /// A certificate that was revoked by then counts as revoked: when it was used, or for time stamps, whose own time proves
    /// nothing about them, when they are proven to have been there.
    pub(crate) revoked_by: SystemTime,
    /// No statement may be younger.
    pub(crate) now: SystemTime,
}

impl Moment {
    pub(crate) fn now(now: SystemTime) -> Self {
        Self { used: now, revoked_by: now, now }
    }
}

impl Statement {
    /// Whether it says something of this moment.
    fn covers(&self, certificate: &Certificate, moment: Moment, kept: SystemTime) -> bool {
        let until = self.next_update.unwrap_or(self.this_update + FRESH);
        let was_then = self.this_update <= moment.used + CLOCKS && moment.used <= until + CLOCKS;
        // One that was made later also knows of before, while the certificate has not run out.
        let is_later = self.this_update >= moment.used && self.this_update <= certificate.not_after;
        let counts = self.this_update <= moment.now + CLOCKS && self.by.holds_at(self.this_update);
        counts && self.by.holds_at(kept) && (was_then || is_later)
    }
}

impl Evidence {
    /// What all this says of a certificate.
    pub(crate) fn of(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        moment: Moment,
        budget: &Budget,
    ) -> Revocation {
        self.find(certificate, issuer, moment, true, budget)
    }

    /// What all this says of the certificates of a chain, but for the root: the first that was revoked, or of which nothing is
    /// known.
    pub(crate) fn of_path(&self, path: &[Certificate], moment: Moment, budget: &Budget) -> Revocation {
        let each = path.windows(2).map(|pair| self.of(&pair[0], &pair[1], moment, budget)).collect::<Vec<_>>();
        let first = |kind: fn(&Revocation) -> bool| each.iter().find(|one| kind(one)).cloned();
        first(|one| matches!(one, Revocation::Revoked { .. }))
            .or_else(|| first(|one| matches!(one, Revocation::Unknown { .. })))
            .unwrap_or(Revocation::Good)
    }

    fn find(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        moment: Moment,
        responders: bool,
        budget: &Budget,
    ) -> Revocation {
        let subject = || certificate.subject_text();
        let mut reason = None;
        let mut is_good = false;
        for item in &self.0 {
            let statement = match item.read(certificate, issuer, budget) {
                Ok(statement) => statement,
                // Most are about others.
                Err(RevocationError::Other) => continue,
                Err(error) => {
                    reason = Some(error);
                    continue;
                }
            };
            if !self.may_say(&statement, issuer, moment, responders, budget) {
                reason = Some(RevocationError::Signature);
            } else if let Some(since) = statement.revoked.filter(|since| *since <= moment.revoked_by) {
                return Revocation::Revoked { subject: subject(), since };
            } else if statement.covers(certificate, moment, item.kept.unwrap_or(moment.now)) {
                is_good = true;
            } else {
                reason = Some(RevocationError::Time);
            }
        }
        if is_good { Revocation::Good } else { Revocation::Unknown { subject: subject(), reason } }
    }

    /// The issuer itself, or a responder that it has not revoked (RFC 6960, section 4.2.2.2.1).
    fn may_say(
        &self,
        statement: &Statement,
        issuer: &Certificate,
        moment: Moment,
        responders: bool,
        budget: &Budget,
    ) -> bool {
        statement.by == *issuer
            || statement.by.no_check
            || responders && self.find(&statement.by, issuer, moment, false, budget) == Revocation::Good
    }

    pub(crate) fn add(&mut self, other: Self) {
        for item in other.0 {
            if !self.0.iter().any(|own| own.der == item.der) {
                self.0.push(item);
            }
        }
    }
}

/// Asks about a certificate: the responders first, then the lists. What comes is checked, but may say that it is revoked.
pub(crate) fn fetch(
    certificate: &Certificate,
    issuer: &Certificate,
    moment: Moment,
    from: &dyn Fetch,
    budget: &Budget,
) -> Result<Evidence, RevocationError> {
    ask(certificate, issuer, moment, from, &certificate.ocsp, budget)
}

fn ask(
    certificate: &Certificate,
    issuer: &Certificate,
    moment: Moment,
    from: &dyn Fetch,
    responders: &[String],
    budget: &Budget,
) -> Result<Evidence, RevocationError> {
    let subject = certificate.subject_text();
    let mut reason = RevocationError::NoAddress(subject.clone());
    let lists = certificate.lists();
    let addresses =
        responders.iter().map(|address| (address, false)).chain(lists.iter().map(|address| (address, true)));
    for (address, is_list) in addresses {
        let got = if is_list { from.list(address) } else { from.ocsp(address, &ocsp::request(certificate, issuer)) };
        let got = got.map_err(|source| RevocationError::Fetch { subject: subject.clone(), source });
        let got = got.and_then(|der| {
            let item = Item { der: der.into(), is_list, kept: None };
            let statement = item.read(certificate, issuer, budget)?;
            if statement.revoked.is_none() && !statement.covers(certificate, moment, moment.now) {
                return Err(RevocationError::Time);
            }
            let mut evidence = Evidence(vec![item]);
            // A responder that must be asked about too; not itself.
            if statement.by != *issuer && !statement.by.no_check {
                evidence.add(ask(&statement.by, issuer, moment, from, &[], budget)?);
            }
            Ok(evidence)
        });
        match got {
            Ok(evidence) => return Ok(evidence),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}
