//! Judges the signatures of a file: whose they are, since when, whether they still hold, and what came behind them.
//!
//! ```text
//! found: what each covers ──► intact: hash and signature ──► changes: what came behind
//!                                   └──► trust, from the newest to the oldest: a time stamp proves when the older ones were there
//! ```
//!
//! What may come behind a signature:
//!
//! | change | told as | pyHanko's default policy |
//! |---|---|---|
//! | validation data, time stamps of the whole file that draw nothing, who wrote the file last and when | [`After::ValidationData`] | the same, and any other information too |
//! | another signature that draws nothing | [`After::AnotherSignature`] | the same; a field that was there may also be filled in |
//! | another signature with a picture | [`After::ShownSignature`], and where: [`Shown`] | form filling, without a place |
//! | the same behind a certification (`DocMDP`) | [`After::ContentChanged`] | the same |
//! | anything else: a form that is filled in, validation data that went or was replaced, bytes that no revision accounts for, an object that changes in one role and has another | [`After::ContentChanged`] | forms that are filled in are allowed, and the rest of these is not looked at |
//!
//! A picture may cover what others have signed: an amount, a name. That cannot be told from a seal that is meant to lie across
//! an officer's signature, so the judge does not guess by size or place. It asks that somebody who is trusted answers for the
//! picture: the earlier signature is [`Verdict::Valid`] only if the later one is, too, and whoever shows the verdict shows
//! where the picture lies and whose it is.
//!
//! A time stamp of the whole file proves its time for all that it covers: for signatures, for older time stamps, and for the
//! validation data, which may then outlive the keys that signed it.
//!
//! Document: ETSI EN 319 102-1, section 5 (in part); ETSI EN 319 142-1.

mod changes;
mod found;
mod report;
#[cfg(test)]
mod tests;
mod trust;

use std::ops::Range;
use std::time::SystemTime;

use changes::Change;
use found::Allows;
pub(crate) use found::{Found, find};
pub use report::{After, Kind, Level, Report, Shown, SignatureFault, SignatureReport, Step, TimeStampReport, Verdict};
pub(crate) use trust::{Ask, Known, Trusted, stamp_of};

use crate::certificate::CertificateError;
use crate::chain::{Pool, Roots};
use crate::cms::Message;
use crate::fetch::Fetch;
use crate::oid;
use crate::pdf::{Object, Pdf, PdfError};
use crate::timestamp::Token;

/// Why a file cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// It cannot be read.
    #[error("the file cannot be judged")]
    Pdf(#[from] PdfError),
    /// A trusted root cannot be read.
    #[error("a trusted root cannot be read")]
    Root(#[source] CertificateError),
}

/// Judges a file at a time, trusting these roots. Online it asks about each certificate, since what is in the file may be true
/// and yet not the last word. Without `online` it only looks at what is in the file: that an authority of time stamps was
/// revoked after the last time stamp cannot be known then, and its certificate counts as it did when the last one was made.
///
/// # Errors
/// [`JudgeError`], if the file or a root cannot be read. A signature that cannot be read is a part of the report.
pub fn judge<'r>(
    pdf: &[u8],
    roots: impl Into<Roots<'r>>,
    at: SystemTime,
    online: Option<&dyn Fetch>,
) -> Result<Report, JudgeError> {
    let pool = Pool::new(roots.into()).map_err(JudgeError::Root)?;
    let pdf = Pdf::read(pdf)?;
    let found = find(&pdf)?;
    let read: Vec<Result<Read<'_>, SignatureFault>> = found.iter().map(|found| read(&pdf, found)).collect();
    let with_result: Vec<(&Found, bool)> = found.iter().zip(&read).map(|(found, read)| (found, read.is_ok())).collect();
    let changes = changes::all(&pdf, &with_result);
    let ends =
        found.iter().filter_map(|found| found.covered.as_ref().ok()).map(|covered| (covered.section, covered.end));
    let oldest = ends.max();
    let parts = oldest.map(|(section, end)| pdf.parts_behind(section, end)).unwrap_or_default();

    let mut known = Known::new(&pdf, pool, at, online, Ask::Always)?;
    for read in read.iter().flatten() {
        known.pool.add(&read.message().certificates);
    }
    let mut signatures: Vec<SignatureReport> = Vec::new();
    for (found, read) in found.iter().zip(read).rev() {
        let mut report = blank(&pdf, found, &changes, &parts);
        for shown in &mut report.shown {
            let mut later = signatures.iter().filter(|later| later.field == shown.field).peekable();
            shown.is_valid = later.peek().is_some() && later.all(|later| later.verdict() == Verdict::Valid);
        }
        match read {
            Ok(read) => known.fill(found, &read, &mut report),
            Err(fault) => report.intact = Err(fault),
        }
        signatures.push(report);
    }
    signatures.reverse();
    let steps = pdf.sections.iter().zip(changes).map(|(section, change)| Step { at: section.at, change: change.after });
    let mut steps: Vec<Step> = steps.collect();
    steps.reverse();
    let pages = pdf.now().pages().ok().map(|pages| pages.len());
    pdf.budget.end().map_err(PdfError::from)?;
    Ok(Report { signatures, steps, pages })
}

/// A message that is intact.
pub(crate) enum Read<'a> {
    Signature(Message<'a>),
    TimeStamp(Token<'a>),
}

impl<'a> Read<'a> {
    pub(crate) fn message(&self) -> &Message<'a> {
        match self {
            Self::Signature(message) => message,
            Self::TimeStamp(token) => &token.message,
        }
    }
}

/// Reads what a signature says, if what it covers is what was signed.
pub(crate) fn read<'f>(pdf: &Pdf<'_>, found: &'f Found) -> Result<Read<'f>, SignatureFault> {
    let covered = found.covered.clone()?;
    if pdf.budget.hash(covered.end).is_err() {
        return Err(SignatureFault::Coverage);
    }
    match (found.kind, found.filter.as_str()) {
        (Kind::DocumentTimeStamp, _) => {
            let token = Token::read(&found.contents)?;
            token.check(|hash| covered.hash(pdf.bytes, hash))?;
            Ok(Read::TimeStamp(token))
        }
        (Kind::Signature, "ETSI.CAdES.detached" | "adbe.pkcs7.detached") => {
            let message = Message::read(&found.contents)?;
            message.check(oid::DATA, |hash| covered.hash(pdf.bytes, hash))?;
            if is_pades(found) {
                message.check_certificate()?;
            }
            Ok(Read::Signature(message))
        }
        (Kind::Signature, other) => Err(SignatureFault::Kind(other.chars().take(64).collect())),
    }
}

/// Signatures of the older kind are judged too, but have no level.
fn is_pades(found: &Found) -> bool {
    found.filter == "ETSI.CAdES.detached"
}

/// Whether nothing but white space stands behind.
fn is_blank(pdf: &Pdf<'_>, end: usize) -> bool {
    pdf.bytes.get(end..).is_some_and(|behind| behind.trim_ascii().is_empty())
}

/// Whether only these parts of the file, in their order, and white space stand behind.
fn is_accounted(pdf: &Pdf<'_>, end: usize, parts: &[Range<usize>]) -> bool {
    let mut at = end;
    for part in parts.iter().filter(|part| part.start >= end) {
        if !pdf.bytes.get(at..part.start.max(at)).is_some_and(|gap| gap.trim_ascii().is_empty()) {
            return false;
        }
        at = at.max(part.end);
    }
    is_blank(pdf, at)
}

/// A report with what is known before the message is read.
fn blank(pdf: &Pdf<'_>, found: &Found, changes: &[Change], parts: &[Range<usize>]) -> SignatureReport {
    let section = found.covered.as_ref().ok().map(|covered| covered.section);
    let behind = section.and_then(|section| changes.get(..section)).unwrap_or_default();
    let end = found.covered.as_ref().map(|covered| covered.end).unwrap_or_default();
    let later = behind.iter().map(|change| &change.after).max().cloned().unwrap_or(After::Nothing);
    let after = match (later, found.allows) {
        (After::AnotherSignature | After::ShownSignature, Allows::Nothing)
        | (After::ShownSignature, Allows::HiddenSignatures) => {
            After::ContentChanged("a signature, which this one does not allow".to_owned())
        }
        (changed @ After::ContentChanged(_), _) => changed,
        // No revision accounts for what stands there, and a reader may make something of it.
        _ if section.is_some() && !is_accounted(pdf, end, parts) => {
            After::ContentChanged("bytes behind the end of what is signed".to_owned())
        }
        (other, _) => other,
    };
    let claimed = found.dictionary.get("M").and_then(Object::string).and_then(crate::date::read);
    SignatureReport {
        field: found.field.clone(),
        kind: found.kind,
        signer: None,
        certificate: None,
        claimed,
        time_stamp: None,
        time_stamp_fault: None,
        proven: None,
        intact: Ok(()),
        trust: Err(crate::ChainError::NotLookedAt),
        revocation: crate::Revocation::Unknown { subject: String::new(), reason: None },
        level: None,
        covers_all: end > 0 && is_blank(pdf, end),
        end: section.map(|_| end),
        after,
        shown: behind.iter().flat_map(|change| change.shown.clone()).collect(),
    }
}
