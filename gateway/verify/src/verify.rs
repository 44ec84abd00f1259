//! From evidence to a report.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::SystemTime;

use kiosk_pades::{Fetch, JudgeError, Kind, PdfError, judge};

use crate::evidence::{Evidence, Printed, RegisterSays};
use crate::finding::{Finding, Holds, SignatureFinding, TimeStampFinding, Weight, WithdrawnState};
use crate::logged::Context;
use crate::name::chain;
use crate::report::{Reason, Report, Since, Verdict, Withdrawn};
use crate::revisions::Revisions;
use crate::trust::Trust;
use crate::{file, logged, printed, register, withdrawn};

/// Largest file that is looked at, bytes: 256 MiB, a copy of hundreds of pages. Judging takes about three times as much memory.
pub const LARGEST: usize = 256 << 20;

/// Judges the QR code of a paper alone, also without a network: has the agency signed it, and is the copy on its list of
/// revocations? It says nothing of the text on the paper, which people hold against the file.
pub fn verify_qr(qr: &str, revocations: Option<&[u8]>, trust: &Trust, at: SystemTime) -> Report {
    let (paper, index) = match printed::read(Printed::Qr(qr), trust) {
        Ok(known) => (printed::alone(&known), known.claims.map(|claims| claims.log_index)),
        Err(finding) => (finding, None),
    };
    let list = revocations.map(|list| withdrawn::judge(list, index, at.into(), trust));
    let knows_withdrawal = list.as_ref().is_some_and(|list| list.state == WithdrawnState::Valid);
    let mut findings = vec![Finding::Printed(paper)];
    findings.extend(list.map(Finding::Withdrawn));
    let verdict = verdict(&findings, true).unwrap_or(Verdict::Issued);
    if verdict == Verdict::Issued && !knows_withdrawal {
        findings.push(Finding::NotAskedWithdrawn);
    }
    Report { verdict, judged_at: at.into(), asked_online: false, file_sha256: None, pages: None, findings }
}

/// SHA-256 of each state that a file was in, the oldest first and the whole file last: by these a register knows it, also when it
/// was updated since.
pub fn states(pdf: &[u8]) -> Vec<[u8; 32]> {
    Revisions::of(pdf).hashes().collect()
}

/// Judges a copy for a time. `online`: asks authorities whether certificates were revoked since; without it what the file has
/// counts, as `kiosk-pades` judges it. How long it waits is the transport's: at most 64 questions are asked.
pub fn verify(evidence: &Evidence<'_>, trust: &Trust, at: SystemTime, online: Option<&dyn Fetch>) -> Report {
    if evidence.pdf.len() > LARGEST {
        let detail = format!("it has more than {LARGEST} bytes");
        return Report {
            verdict: Verdict::NotProven { reasons: vec![Reason::Unreadable] },
            judged_at: at.into(),
            asked_online: online.is_some(),
            file_sha256: None,
            pages: None,
            findings: vec![Finding::Unreadable { is_pdf: true, detail }],
        };
    }
    let revisions = Revisions::of(evidence.pdf);
    let judged = judge(evidence.pdf, trust.roots(), at, online);
    let signed = judged.as_ref().map(file::signed).unwrap_or_default();

    let (known, mut on_paper) = match evidence.printed.map(|printed| printed::read(printed, trust)) {
        None => (None, None),
        Some(Ok(known)) => (Some(known), None),
        Some(Err(finding)) => (None, Some(finding)),
    };
    let context = Context { evidence, trust, revisions: &revisions, signed: &signed, printed: known.as_ref() };
    let logged = logged::judge(&context);
    let pages = judged.as_ref().ok().and_then(|judged| judged.pages);
    let register_end = register::end(&evidence.register, &revisions);
    let in_register = register::judge(&evidence.register, &revisions, &logged, known.as_ref());
    if let Some(known) = &known {
        on_paper = Some(printed::compare(known, &logged, &evidence.register, register_end.is_some(), pages));
    }
    let by_paper = known.as_ref().and_then(|known| Some(known.claims.as_ref()?.log_index));
    let tied = logged.first.as_ref().filter(|_| logged.is_tied).map(|(_, index)| *index);
    let index = tied.or(by_paper).or(logged.first.as_ref().map(|(_, index)| *index));
    let list = evidence.revocations.map(|list| withdrawn::judge(list, index, at.into(), trust));

    let last = logged.last.as_ref().map(|(own, _)| own.officer());
    let officer = last.or(logged.first.as_ref().map(|(own, _)| own.officer()));
    let mut findings = match &judged {
        Ok(judged) => file::findings(judged, trust.signatures(), officer),
        Err(error) => vec![unreadable(error)],
    };
    let knows_withdrawal = list.as_ref().is_some_and(|list| list.state == WithdrawnState::Valid)
        || matches!(evidence.register, RegisterSays::Entry(_));
    findings.extend(logged.findings.iter().cloned());
    findings.extend(in_register.map(Finding::Register));
    findings.extend(list.map(Finding::Withdrawn));
    findings.extend(on_paper.map(Finding::Printed));

    let is_signed = match &judged {
        Ok(judged) => judged.signatures.iter().any(|one| one.kind == Kind::Signature),
        Err(JudgeError::Pdf(PdfError::NoPdf)) => false,
        Err(_) => true,
    };
    let issued = [logged.last.as_ref().map(|(_, end)| *end), register_end].into_iter().flatten().max();
    let verdict = verdict(&findings, is_signed).unwrap_or_else(|| {
        let Ok(judged) = &judged else { return Verdict::NotProven { reasons: vec![Reason::Unreadable] } };
        let since = if issued.is_some() { Since::Issue } else { Since::Signing };
        let behind = issued.or(file::end_of_signatures(judged, trust.signatures()));
        let updates = behind.map(|behind| file::updates(judged, behind)).unwrap_or_default();
        if updates.is_empty() { Verdict::Genuine } else { Verdict::GenuineUpdated { since, updates } }
    });
    if verdict.is_genuine() && !knows_withdrawal {
        findings.push(Finding::NotAskedWithdrawn);
    }
    Report {
        verdict,
        judged_at: at.into(),
        asked_online: online.is_some(),
        file_sha256: Some(hex(&revisions.whole())),
        pages,
        findings,
    }
}

/// The verdict, if it is not that the copy is genuine.
fn verdict(findings: &[Finding], is_signed: bool) -> Option<Verdict> {
    if !is_signed {
        return Some(Verdict::NoCertifiedCopy);
    }
    let bad = || findings.iter().filter(|finding| finding.weight() == Weight::Bad);
    let holds = |finding: &Finding| match finding {
        Finding::Signature(SignatureFinding { holds, .. }) | Finding::TimeStamp(TimeStampFinding { holds, .. }) => {
            Some(holds.clone())
        }
        _ => None,
    };
    if bad().any(|finding| matches!(holds(finding), Some(Holds::Altered { .. }))) {
        return Some(Verdict::Altered);
    }
    if bad().next().is_some() {
        let is_copy = bad().any(|finding| holds(finding).is_none());
        return Some(Verdict::Revoked { what: if is_copy { Withdrawn::Copy } else { Withdrawn::Certificate } });
    }
    let reasons: BTreeSet<Reason> = findings.iter().filter_map(Finding::reason).collect();
    (!reasons.is_empty()).then(|| Verdict::NotProven { reasons: reasons.into_iter().collect() })
}

fn unreadable(error: &JudgeError) -> Finding {
    let is_pdf = !matches!(error, JudgeError::Pdf(PdfError::NoPdf));
    Finding::Unreadable { is_pdf, detail: chain(error) }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // To memory: this cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
