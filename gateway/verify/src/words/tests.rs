use super::*;
use crate::*;

/// One of each finding that there is, as far as their words differ.
fn all() -> Vec<Finding> {
    let time = Time::of_seconds(1_780_272_000);
    let detail = || "why".to_owned();
    let name = || "Nguyễn Văn A".to_owned();
    let holds = [
        Holds::Intact,
        Holds::Altered { detail: detail() },
        Holds::CertificateRevoked { subject: name(), since: time },
        Holds::Untrusted { detail: detail() },
        Holds::RevocationUnknown { subject: name(), detail: Some(detail()) },
        Holds::Unsupported { detail: detail() },
        Holds::DrawnOver,
    ];
    let mut all = vec![
        Finding::Unreadable { is_pdf: true, detail: detail() },
        Finding::Unreadable { is_pdf: false, detail: detail() },
        Finding::Drawing(Drawing { signer: name(), page: 1, rect: [0.0; 4], is_trusted: true }),
        Finding::Drawing(Drawing { signer: name(), page: 1, rect: [0.0; 4], is_trusted: false }),
        Finding::Signers { found: 1, expected: 2 },
        Finding::TooManyProofs,
        Finding::NotAskedWithdrawn,
    ];
    for holds in holds {
        for (claimed, proven) in [(None, None), (Some(time), None), (None, Some(time)), (Some(time), Some(time))] {
            all.push(Finding::Signature(SignatureFinding {
                signer: if claimed.is_some() { name() } else { String::new() },
                subject: name(),
                is_certifying_officer: proven.is_some(),
                claimed,
                proven,
                level: None,
                holds: holds.clone(),
            }));
        }
        all.push(Finding::TimeStamp(TimeStampFinding { authority: name(), time: Some(time), holds }));
    }
    for state in [
        LogState::Proven,
        LogState::ProvenEarlier,
        LogState::NotTied,
        LogState::OtherCopy,
        LogState::OtherOfficer,
        LogState::AfterSigning,
        LogState::Revoked,
        LogState::NotProven { detail: detail() },
        LogState::NoKey,
    ] {
        for event in [None, Some(LogEvent::Issue), Some(LogEvent::Final)] {
            let (number, book) = (event.map(|_| 7), event.map(|_| "01".to_owned()));
            all.push(Finding::Log(LogFinding {
                event,
                number,
                book,
                time: Some(time),
                index: None,
                state: state.clone(),
            }));
        }
    }
    for state in [
        WithdrawnState::Valid,
        WithdrawnState::Revoked,
        WithdrawnState::Suspended,
        WithdrawnState::TooOld { good_until: time },
        WithdrawnState::NoPlace,
        WithdrawnState::PlaceUnknown,
        WithdrawnState::NotBelieved { detail: detail() },
        WithdrawnState::NoKey,
    ] {
        all.push(Finding::Withdrawn(WithdrawnFinding { issued_at: Some(time), index: None, state }));
    }
    for state in [
        RegisterFit::Matches,
        RegisterFit::MatchesEarlier,
        RegisterFit::Revoked { since: Some(time) },
        RegisterFit::OtherFile,
        RegisterFit::OtherNumber,
        RegisterFit::NoFile,
        RegisterFit::NotFound,
    ] {
        all.push(Finding::Register(RegisterFinding {
            number: Some(7),
            book: Some("01".to_owned()),
            certified_at: Some(time),
            agency: Some("UBND phường Thử".to_owned()),
            pages: Some(1),
            masked_name: Some("N***".to_owned()),
            state,
        }));
    }
    for state in [
        CodeState::Matches,
        CodeState::NotTied,
        CodeState::Signed,
        CodeState::OtherCopy,
        CodeState::OtherPages { found: 3 },
        CodeState::Mistyped { position: Some(4) },
        CodeState::Mistyped { position: None },
        CodeState::Elsewhere,
        CodeState::NoCode,
        CodeState::NotBelieved { detail: detail() },
        CodeState::NoKey,
    ] {
        for is_qr in [true, false] {
            let (number, book) = (is_qr.then_some(7), is_qr.then(|| "01".to_owned()));
            let (pages, issued_at) = (is_qr.then_some(2), None);
            all.push(Finding::Printed(CodeFinding { is_qr, number, book, pages, issued_at, state: state.clone() }));
        }
    }
    all
}

#[test]
fn everything_is_said_in_both_languages_in_whole_sentences_without_jargon() {
    for (language, say) in
        [("vi", vietnamese::sentence as fn(&Finding) -> String), ("en", english::sentence as fn(&Finding) -> String)]
    {
        for finding in all() {
            let said = say(&finding);
            assert!(said.ends_with('.') && said.len() > 15, "{language} {finding:?}: {said}");
            for odd in ["  ", " .", " ,", "{", "None", "PAdES", "OCSP", "CRL", "X.509", "hash", "Merkle", "COSE"] {
                assert!(!said.contains(odd), "{language} {finding:?}: {said}");
            }
        }
    }
}

#[test]
fn every_verdict_has_its_words() {
    let updates = vec![
        Update::ValidationData,
        Update::ArchiveTimeStamp { authority: "TSA".to_owned(), time: Some(Time::of_seconds(0)) },
        Update::ArchiveTimeStamp { authority: "TSA".to_owned(), time: None },
        Update::Signature { signer: "A".to_owned(), draws: true },
    ];
    let mut headlines = Vec::new();
    for verdict in [
        Verdict::Genuine,
        Verdict::GenuineUpdated { since: Since::Issue, updates: updates.clone() },
        Verdict::GenuineUpdated { since: Since::Signing, updates: updates[..1].to_vec() },
        Verdict::Altered,
        Verdict::Revoked { what: Withdrawn::Copy },
        Verdict::Revoked { what: Withdrawn::Certificate },
        Verdict::NotProven { reasons: vec![Reason::Unreadable] },
        Verdict::NoCertifiedCopy,
    ] {
        for (headline, advice) in [
            (vietnamese::headline(&verdict), vietnamese::advice(&verdict)),
            (english::headline(&verdict), english::advice(&verdict)),
        ] {
            assert!(headline.ends_with('.') && advice.ends_with('.'), "{headline} {advice}");
            headlines.push(headline);
        }
    }
    let count = headlines.len();
    headlines.sort();
    headlines.dedup();
    assert_eq!(headlines.len(), count, "each says something else");
}
