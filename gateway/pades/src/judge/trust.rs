//! Whether signers and authorities were to be trusted when it mattered.

use std::collections::HashSet;
use std::time::SystemTime;

use super::report::{Level, SignatureReport, TimeStampReport};
use super::{Found, Read, is_pades};
use crate::algorithm::Hash;
use crate::certificate::Certificate;
use crate::chain::{ChainError, Pool, Purpose};
use crate::cms::Message;
use crate::fetch::Fetch;
use crate::pdf::{Object, Pdf, PdfError, View};
use crate::revocation::{self, Evidence, Item, Moment, Revocation};
use crate::timestamp::{TimeStampError, Token};

/// Most certificates, responses or lists of the validation data.
pub(super) const ITEMS: usize = 256;

/// When authorities are asked, if they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// About each certificate once: what a file brings along may be true, and yet not the last word.
    Always,
    /// Only about what is not known yet.
    IfUnknown,
}

/// What is known while signatures are judged, from the newest to the oldest.
pub(crate) struct Known<'p> {
    pdf: &'p Pdf<'p>,
    pub(crate) pool: Pool,
    /// What the file has, and what came online.
    pub(crate) evidence: Evidence,
    fetched: Evidence,
    at: SystemTime,
    online: Option<&'p dyn Fetch>,
    ask: Ask,
    /// Certificates and their issuers that were asked about.
    asked: HashSet<(Vec<u8>, Vec<u8>)>,
    /// When all that is older is proven to have been there.
    proven: Option<SystemTime>,
}

/// What is said of one chain.
pub(crate) struct Trusted {
    pub(crate) path: Result<Vec<Certificate>, ChainError>,
    pub(crate) revocation: Revocation,
    /// The file alone is enough to say so.
    offline: bool,
    /// Also of that only what a time stamp covers.
    kept: bool,
}

impl<'p> Known<'p> {
    pub(crate) fn new(
        pdf: &'p Pdf<'p>,
        mut pool: Pool,
        at: SystemTime,
        online: Option<&'p dyn Fetch>,
        ask: Ask,
    ) -> Result<Self, PdfError> {
        let mut evidence = Evidence::default();
        let view = pdf.now();
        let data = view.catalog()?.1;
        if let Some(data) = view.dict(&data, "DSS")? {
            for (name, is_list) in [("OCSPs", false), ("CRLs", true)] {
                for der in streams(view, &view.array(&data, name)?)? {
                    evidence.add(Evidence(vec![Item { der: der.into(), is_list, kept: None }]));
                }
            }
            for der in streams(view, &view.array(&data, "Certs")?)? {
                pool.add(Certificate::read(&der).ok().as_ref());
            }
        }
        let (fetched, asked) = (Evidence::default(), HashSet::new());
        Ok(Self { pdf, pool, evidence, fetched, at, online, ask, asked, proven: None })
    }

    /// Fills in what is said of an intact signature.
    pub(super) fn fill(&mut self, found: &Found, read: &Read<'_>, report: &mut SignatureReport) {
        let message = read.message();
        self.pool.add(&message.certificates);
        report.signer = Some(message.signer.subject_text());
        report.certificate = Some(message.signer.der.clone());
        match read {
            Read::TimeStamp(token) => {
                let (stamp, _) = self.time_stamp(token);
                report.trust = stamp.trust.clone();
                report.revocation = stamp.revocation.clone();
                report.proven = self.proven;
                if stamp.is_sound() {
                    self.prove(found, stamp.time);
                    report.proven = Some(stamp.time);
                }
                report.time_stamp = Some(stamp);
            }
            Read::Signature(message) => self.fill_signature(found, message, report),
        }
    }

    fn fill_signature(&mut self, found: &Found, message: &Message<'_>, report: &mut SignatureReport) {
        report.proven = self.proven;
        let mut stamp_kept = None;
        match stamp_of(message) {
            Ok(None) => {}
            Ok(Some(token)) => {
                self.pool.add(&token.message.certificates);
                let (stamp, trusted) = self.time_stamp(&token);
                if stamp.is_sound() {
                    report.proven = Some(stamp.time);
                    stamp_kept = Some((trusted.offline, trusted.kept));
                }
                report.time_stamp = Some(stamp);
            }
            Err(error) => report.time_stamp_fault = Some(error),
        }
        let used = report.proven.unwrap_or(self.at);
        let moment = Moment { used, revoked_by: used, now: self.at };
        let mut trusted = self.trust(&message.signer, Purpose::Documents, moment);
        let may_sign = message.signer.key_usage.is_none_or(|usage| usage.signs()) && message.signer.authority.is_none();
        if trusted.path.is_ok() && !may_sign {
            let subject = message.signer.subject_text();
            trusted.path = Err(ChainError::Purpose { subject, purpose: "signing documents" });
        }
        let (stamp_offline, stamp_is_kept) = stamp_kept.unwrap_or((true, true));
        let is_trusted = trusted.path.is_ok();
        report.level = is_pades(found).then(|| {
            if report.proven.is_none() || !is_trusted {
                Level::BB
            } else if !(trusted.offline && stamp_offline) {
                Level::BT
            } else if self.proven.is_none() || !(trusted.kept && stamp_is_kept) {
                Level::BLT
            } else {
                Level::BLTA
            }
        });
        report.trust = trusted.path.map(|_| ());
        report.revocation = trusted.revocation;
    }

    /// What is said of a time stamp.
    fn time_stamp(&mut self, token: &Token<'_>) -> (TimeStampReport, Trusted) {
        let trusted = self.of_time_stamp(token);
        let report = TimeStampReport {
            time: token.time,
            authority: token.message.signer.subject_text(),
            trust: trusted.path.as_ref().map(|_| ()).map_err(Clone::clone),
            revocation: trusted.revocation.clone(),
        };
        (report, trusted)
    }

    /// What is said of the authority of a time stamp.
    pub(crate) fn of_time_stamp(&mut self, token: &Token<'_>) -> Trusted {
        // Its own time proves nothing about its own key: whoever has stolen that writes any time. What counts is what is said
        // of when the token is proven to have been there, which is now, if nothing else is. Offline nobody can know more of
        // now than what the file has of then.
        let kept = self.proven.unwrap_or(self.at);
        let used = if self.proven.is_none() && self.online.is_none() { token.time } else { kept };
        let signer = &token.message.signer;
        let moment = Moment { used, revoked_by: kept, now: self.at };
        let mut trusted = self.trust_at(signer, Purpose::TimeStamps, moment, kept);
        if trusted.path.is_ok() && !(signer.holds_at(token.time) && token.time <= kept + crate::fetch::CLOCKS) {
            trusted.path = Err(ChainError::OutOfTime { subject: signer.subject_text(), is_over: false });
        }
        trusted
    }

    /// When all that is older than what was looked at last is proven to have been there.
    pub(crate) fn proven(&self) -> Option<SystemTime> {
        self.proven
    }

    /// All that is known of a certificate, from the file and from elsewhere.
    pub(crate) fn about(&self, certificate: &Certificate, issuer: &Certificate) -> Vec<Item> {
        let all = self.evidence.0.iter().chain(&self.fetched.0);
        all.filter(|item| item.is_about(certificate, issuer, &self.pdf.budget)).cloned().collect()
    }

    /// What is said of a certificate that was used at a moment.
    pub(crate) fn trust(&mut self, certificate: &Certificate, purpose: Purpose, moment: Moment) -> Trusted {
        self.trust_at(certificate, purpose, moment, moment.used)
    }

    fn trust_at(&mut self, certificate: &Certificate, purpose: Purpose, moment: Moment, holds: SystemTime) -> Trusted {
        let budget = &self.pdf.budget;
        let path = match self.pool.path(certificate, purpose, holds, budget) {
            Ok(path) => path,
            Err(error) => {
                let revocation = Revocation::Unknown { subject: certificate.subject_text(), reason: None };
                return Trusted { path: Err(error), revocation, offline: false, kept: false };
            }
        };
        let is_good = |evidence: &Evidence| evidence.of_path(&path, moment, budget) == Revocation::Good;
        let offline = is_good(&self.evidence);
        let kept = offline && {
            let covered = self.evidence.0.iter().filter(|item| item.kept.is_some()).cloned().collect();
            is_good(&Evidence(covered))
        };
        let mut all = self.evidence.clone();
        all.add(self.fetched.clone());
        if let Some(online) = self.online {
            for pair in path.windows(2) {
                let (certificate, issuer) = (&pair[0], &pair[1]);
                let is_open = match self.ask {
                    Ask::Always => self.asked.insert((certificate.der.clone(), issuer.der.clone())),
                    Ask::IfUnknown => {
                        matches!(all.of(certificate, issuer, moment, budget), Revocation::Unknown { .. })
                    }
                };
                if is_open && budget.ask().is_ok() {
                    // What does not come leaves it as it is.
                    if let Ok(more) = revocation::fetch(certificate, issuer, moment, online, budget) {
                        all.add(more.clone());
                        self.fetched.add(more);
                    }
                }
            }
        }
        let revocation = all.of_path(&path, moment, budget);
        Trusted { path: Ok(path), revocation, offline, kept }
    }

    /// A time stamp of the whole file proves that what it covers was there.
    pub(crate) fn prove(&mut self, found: &Found, time: SystemTime) {
        self.proven = Some(time);
        let Ok(covered) = &found.covered else { return };
        let view = self.pdf.revision(covered.section, covered.end);
        let there = || -> Result<HashSet<Vec<u8>>, PdfError> {
            let data = view.dict(&view.catalog()?.1, "DSS")?.unwrap_or_default();
            let mut all = streams(view, &view.array(&data, "OCSPs")?)?;
            all.extend(streams(view, &view.array(&data, "CRLs")?)?);
            Ok(all.into_iter().collect())
        };
        let there = there().unwrap_or_default();
        for item in &mut self.evidence.0 {
            if there.contains(&*item.der) {
                item.kept = Some(time);
            }
        }
    }
}

/// The time stamp of a signature, if it has one.
pub(crate) fn stamp_of<'a>(message: &Message<'a>) -> Result<Option<Token<'a>>, TimeStampError> {
    let Some(token) = message.time_stamps.first() else { return Ok(None) };
    let token = Token::read(token)?;
    token.check(|hash: Hash| hash.of(&[message.signature]))?;
    Ok(Some(token))
}

/// What streams of validation data hold in a revision.
fn streams(view: View<'_>, list: &[Object]) -> Result<Vec<Vec<u8>>, PdfError> {
    if list.len() > ITEMS {
        return Err(PdfError::TooMuch("certificates, responses and lists"));
    }
    list.iter().map(|one| view.unpacked(&view.resolve(one)?)).collect()
}
