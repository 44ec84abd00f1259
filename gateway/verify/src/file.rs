//! The file alone: its signatures and time stamps, and what came behind them.

use std::collections::BTreeSet;

use kiosk_pades::{
    After, CmsError, Kind, Level, Report, Revocation, SignatureFault, SignatureReport, TimeStampError, Verdict,
};
use sha2::{Digest, Sha256};

use crate::finding::{Drawing, Finding, Holds, SignatureFinding, SignatureLevel, TimeStampFinding};
use crate::name::{chain, detail, of_subject};
use crate::report::Update;
use crate::time::Time;

/// A signature's certificate, and the time that counts for it.
pub(crate) struct Signed {
    /// SHA-256 of the certificate.
    pub(crate) certificate: [u8; 32],
    /// As proven, or else as claimed.
    pub(crate) time: Option<Time>,
}

/// Those who have signed, in their order, as far as it can be read.
pub(crate) fn signed(report: &Report) -> Vec<Signed> {
    let signatures = report.signatures.iter().filter(|one| one.kind == Kind::Signature && one.intact.is_ok());
    let signed = signatures.filter_map(|one| {
        let certificate = Sha256::digest(one.certificate.as_deref()?).into();
        Some(Signed { certificate, time: one.proven.or(one.claimed).map(Time::from) })
    });
    signed.collect()
}

/// What is found in a file in which somebody has signed. `officer`: SHA-256 of the certificate that the log names.
pub(crate) fn findings(report: &Report, expected: usize, officer: Option<&[u8; 32]>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = report.signatures.iter().map(|one| finding(one, officer)).collect();
    // Each drawing once, whatever number of signatures lies below it.
    for one in &report.signatures {
        for shown in &one.shown {
            let drawing = Finding::Drawing(Drawing {
                signer: signer_of_field(report, &shown.field),
                page: shown.page + 1,
                rect: shown.rect,
                is_trusted: shown.is_valid,
            });
            if !findings.contains(&drawing) {
                findings.push(drawing);
            }
        }
    }
    let holding = report.signatures.iter().filter(|one| one.kind == Kind::Signature);
    let holding = holding.filter(|one| one.verdict() == Verdict::Valid);
    let found = holding.filter_map(|one| one.certificate.as_deref()).collect::<BTreeSet<_>>().len();
    if found < expected {
        findings.push(Finding::Signers { found, expected });
    }
    findings
}

fn finding(one: &SignatureReport, officer: Option<&[u8; 32]>) -> Finding {
    let subject = one.signer.as_deref().unwrap_or_default();
    let holds = holds(one);
    if one.kind == Kind::DocumentTimeStamp {
        let time = one.time_stamp.as_ref().map(|stamp| stamp.time.into());
        return Finding::TimeStamp(TimeStampFinding { authority: of_subject(subject), time, holds });
    }
    let certificate: Option<[u8; 32]> = one.certificate.as_deref().map(|der| Sha256::digest(der).into());
    Finding::Signature(SignatureFinding {
        signer: of_subject(subject),
        subject: detail(subject),
        is_certifying_officer: officer.is_some() && officer == certificate.as_ref(),
        claimed: one.claimed.map(Time::from),
        proven: one.proven.map(Time::from),
        level: one.level.map(|level| match level {
            Level::BB => SignatureLevel::B,
            Level::BT => SignatureLevel::T,
            Level::BLT => SignatureLevel::LT,
            Level::BLTA => SignatureLevel::LTA,
        }),
        holds,
    })
}

/// In the order of [`SignatureReport::verdict`], which it never contradicts.
fn holds(one: &SignatureReport) -> Holds {
    if let Err(fault) = &one.intact {
        let detail = chain(fault);
        return if is_unsupported(fault) { Holds::Unsupported { detail } } else { Holds::Altered { detail } };
    }
    match (&one.after, &one.revocation, &one.trust) {
        (After::ContentChanged(what), _, _) => Holds::Altered { detail: detail(what) },
        (_, Revocation::Revoked { subject, since }, _) => {
            Holds::CertificateRevoked { subject: of_subject(subject), since: (*since).into() }
        }
        (_, _, Err(fault)) => Holds::Untrusted { detail: chain(fault) },
        (_, Revocation::Unknown { subject, reason }, _) => Holds::RevocationUnknown {
            subject: of_subject(subject),
            detail: reason.as_ref().map(|reason| chain(reason)),
        },
        _ if one.shown.iter().any(|shown| !shown.is_valid) => Holds::DrawnOver,
        _ => Holds::Intact,
    }
}

/// What is not known here says nothing against the file.
fn is_unsupported(fault: &SignatureFault) -> bool {
    use kiosk_pades::AlgorithmError::Unknown;
    use kiosk_pades::CertificateError::Algorithm;
    let message = match fault {
        SignatureFault::Kind(_) | SignatureFault::TimeStamp(TimeStampError::Algorithm(Unknown(_))) => return true,
        SignatureFault::Message(message) | SignatureFault::TimeStamp(TimeStampError::Message(message)) => message,
        _ => return false,
    };
    matches!(message, CmsError::Algorithm(Unknown(_)) | CmsError::Certificate(Algorithm(Unknown(_))))
}

fn signer_of_field(report: &Report, field: &str) -> String {
    let signer = report.signatures.iter().rev().find(|one| one.field == field).and_then(|one| one.signer.as_deref());
    of_subject(signer.unwrap_or_default())
}

/// Where the last of the signatures that are expected ends; of fewer, the last that there is.
pub(crate) fn end_of_signatures(report: &Report, expected: usize) -> Option<usize> {
    let ends = report.signatures.iter().filter(|one| one.kind == Kind::Signature).filter_map(|one| one.end);
    ends.take(expected).last()
}

/// What came behind a place, in its order. Only of a file whose signatures all hold.
pub(crate) fn updates(report: &Report, behind: usize) -> Vec<Update> {
    let mut updates = Vec::new();
    let mut from = behind;
    let later = report.signatures.iter().filter_map(|one| one.end.filter(|end| *end > behind).map(|end| (end, one)));
    for (end, one) in later {
        // The last step before its end is the signature's own.
        let own = report.steps.iter().rposition(|step| step.at < end).unwrap_or_default();
        let others = report.steps[..own.min(report.steps.len())]
            .iter()
            .any(|step| step.at >= from && step.change != After::Nothing);
        updates.extend(others.then_some(Update::ValidationData));
        let name = of_subject(one.signer.as_deref().unwrap_or_default());
        updates.push(match one.kind {
            Kind::DocumentTimeStamp => Update::ArchiveTimeStamp {
                authority: name,
                time: one.time_stamp.as_ref().map(|stamp| stamp.time.into()),
            },
            Kind::Signature => {
                let draws = report.signatures.iter().flat_map(|one| &one.shown).any(|shown| shown.field == one.field);
                Update::Signature { signer: name, draws }
            }
        });
        from = end;
    }
    let rest = report.steps.iter().any(|step| step.at >= from && step.change != After::Nothing);
    updates.extend(rest.then_some(Update::ValidationData));
    updates
}
