//! Proofs of the log, and the list of revocations.

use kiosk_pades::testing::{Kind, file, signed};
use kiosk_proof::{CodeHash, Event, NoteKey, NoteKind, NoteSigner, Opening};

use super::world::{content, opening, proofs, seconds};
use super::*;

fn with_proofs(pdf: &[u8], texts: &[&str], trust: &Trust) -> Report {
    verify(&Evidence { pdf, proofs: texts, ..Evidence::default() }, trust, day(2), None)
}

fn states(report: &Report) -> Vec<LogState> {
    let state = |one: &Finding| if let Finding::Log(one) = one { Some(one.state.clone()) } else { None };
    report.findings.iter().filter_map(state).collect()
}

#[test]
fn a_proof_is_about_this_file_or_it_leaves_a_doubt() {
    let World { pdf, code, issue, last, .. } = world();
    let report = with_proofs(pdf, &[issue, last], &trust());
    assert_eq!((states(&report), report.verdict), (vec![LogState::Proven; 2], Verdict::Genuine));
    // Whether it is about this file the first entry alone does not say.
    let report = with_proofs(pdf, &[issue], &trust());
    assert_eq!(states(&report), [LogState::NotTied]);
    assert!(report.verdict.is_genuine());

    let officer = sha256(&pki().seal.certificate);
    let stranger = [9; 32];
    let by = |event, content, officer, time| {
        Opening::new(event, NUMBER, BOOK, code.hash(), content, officer, seconds(time)).unwrap()
    };
    let of_other = CodeHash::from_bytes([1; 16]);
    let whole = sha256(pdf);
    for (openings, expected) in [
        (vec![opening(Event::Final, code.hash(), [1; 32], day(1))], vec![LogState::OtherCopy]),
        (vec![by(Event::Final, whole, stranger, day(1))], vec![LogState::OtherOfficer]),
        (vec![by(Event::Issue, content(), stranger, day(1))], vec![LogState::OtherOfficer]),
        (
            vec![opening(Event::Issue, of_other, content(), day(1)), opening(Event::Final, code.hash(), whole, day(1))],
            vec![LogState::Proven, LogState::OtherCopy],
        ),
        (
            vec![by(Event::Issue, content(), officer, day(1)), opening(Event::Final, code.hash(), whole, day(1))],
            vec![LogState::Proven, LogState::OtherCopy],
        ),
        // Five minutes are within what clocks may differ by; a day is not.
        (vec![opening(Event::Issue, code.hash(), content(), day(2))], vec![LogState::AfterSigning]),
        (
            vec![
                opening(Event::Final, code.hash(), whole, day(1)),
                opening(Event::Issue, code.hash(), content(), day(1)),
            ],
            vec![LogState::Proven, LogState::AfterSigning],
        ),
        // Nothing that is known of the file says that this is it.
        (vec![opening(Event::Revoke, code.hash(), [1; 32], day(1))], vec![LogState::OtherCopy]),
    ] {
        let texts = proofs(&openings);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let report = with_proofs(pdf, &texts, &trust());
        assert_eq!(states(&report), expected, "{openings:?}");
        assert!(!report.verdict.is_genuine(), "{openings:?} {report:#?}");
    }
}

#[test]
fn a_log_that_is_not_known_or_that_too_few_watch_proves_nothing() {
    let World { pdf, last, .. } = world();
    let mut none = trust();
    none.log = None;
    let report = with_proofs(pdf, &[last], &none);
    assert_eq!((states(&report), &report.verdict), (vec![LogState::NoKey], &not_proven(&[Reason::NotInLog])));
    let watcher = NoteKey::new("watcher.example.vn", NoteKind::Cosigner, &[6; 32]).unwrap();
    let other = NoteKey::new("log.example.vn/copies", NoteKind::Log, &[7; 32]).unwrap();
    let own = world().log_key.clone();
    for (key, cosigners) in [(own, vec![watcher.verifier().clone()]), (other.verifier().clone(), Vec::new())] {
        let mut trust = trust();
        trust.log = Some(LogTrust { key, quorum: cosigners.len(), cosigners });
        let report = with_proofs(pdf, &[last], &trust);
        assert!(matches!(states(&report)[..], [LogState::NotProven { .. }]), "{report:#?}");
        assert_eq!(report.verdict, not_proven(&[Reason::NotInLog]));
    }
    let many = vec![last.as_str(); MOST_PROOFS + 1];
    let report = with_proofs(pdf, &many, &trust());
    assert!(report.findings.contains(&Finding::TooManyProofs));
    assert_eq!(report.verdict, not_proven(&[Reason::NotInLog]));
}

#[test]
fn a_revocation_counts_whoever_tells_of_it() {
    let World { pdf, issue, last, revoke, qr, code, .. } = world();
    let revoked = Verdict::Revoked { what: Withdrawn::Copy };
    // The proof is tied by the log itself, by the code, or by the register's number.
    let code = code.expose();
    let register = RegisterSays::Entry(entry(pdf));
    for evidence in [
        Evidence { proofs: &[issue, last, revoke], ..Evidence::default() },
        Evidence { proofs: &[revoke], printed: Some(Printed::Qr(qr)), ..Evidence::default() },
        Evidence { proofs: &[revoke], printed: Some(Printed::Code(&code)), ..Evidence::default() },
        Evidence { proofs: &[revoke], register, ..Evidence::default() },
    ] {
        let report = verify(&Evidence { pdf, ..evidence }, &trust(), day(6), None);
        assert_eq!(report.verdict, revoked, "{report:#?}");
    }
    // A proof that somebody's copy was revoked is not said to be about this one, and not passed over either.
    let report = with_proofs(pdf, &[revoke], &trust());
    assert_eq!((states(&report), &report.verdict), (vec![LogState::OtherCopy], &not_proven(&[Reason::NotInLog])));

    let entry = RegisterEntry { state: RegisterState::Revoked(Some(day(5))), ..entry(pdf) };
    let evidence = Evidence { pdf, register: RegisterSays::Entry(entry), ..Evidence::default() };
    assert_eq!(verify(&evidence, &trust(), day(6), None).verdict, revoked);
    // What was changed is not the copy that was revoked.
    let mut changed = pdf.clone();
    let at = pdf.windows(9).position(|bytes| bytes == b"0 0 100 1").unwrap();
    changed[at] = b'1';
    let evidence = Evidence { pdf: &changed, ..evidence };
    assert_eq!(verify(&evidence, &trust(), day(6), None).verdict, Verdict::Altered);
}

fn with_list(list: &[u8], trust: &Trust) -> (WithdrawnState, Verdict) {
    let World { pdf, issue, last, .. } = world();
    let proofs: &[&str] = &[issue, last];
    let evidence = Evidence { pdf, proofs, revocations: Some(list), ..Evidence::default() };
    let report = verify(&evidence, trust, day(2), None);
    let state = report
        .findings
        .iter()
        .find_map(|one| if let Finding::Withdrawn(one) = one { Some(one.state.clone()) } else { None });
    (state.unwrap(), report.verdict)
}

#[test]
fn the_list_of_revocations_says_what_it_can() {
    let unknown = || not_proven(&[Reason::WithdrawalUnknown]);
    let revoked = Verdict::Revoked { what: Withdrawn::Copy };
    let old = WithdrawnState::TooOld { good_until: day(1).into() };
    for (list, state, verdict) in [
        (list(Status::Valid, 8, day(30)), WithdrawnState::Valid, Verdict::Genuine),
        (list(Status::Revoked, 8, day(30)), WithdrawnState::Revoked, revoked.clone()),
        (list(Status::Suspended, 8, day(30)), WithdrawnState::Suspended, unknown()),
        (list(Status::Other, 8, day(30)), WithdrawnState::Suspended, unknown()),
        (list(Status::Valid, 8, day(1)), old, unknown()),
        // A revocation is for ever.
        (list(Status::Revoked, 8, day(1)), WithdrawnState::Revoked, revoked),
        (list(Status::Valid, 0, day(30)), WithdrawnState::NoPlace, unknown()),
    ] {
        assert_eq!(with_list(&list, &trust()), (state, verdict));
    }
    let fresh = list(Status::Valid, 8, day(30));
    let mut other = trust();
    other.revocations_url = Some("https://elsewhere.example.vn/".to_owned());
    assert!(matches!(with_list(&fresh, &other), (WithdrawnState::NotBelieved { .. }, verdict) if verdict == unknown()));
    other.revocations_url = None;
    assert_eq!(with_list(&fresh, &other), (WithdrawnState::NoKey, unknown()));
    assert!(matches!(with_list(b"rubbish", &trust()), (WithdrawnState::NotBelieved { .. }, _)));

    // Nobody says which place is the copy's.
    let pdf = signed(&signed(&file(Kind::Table), "Officer", Level::BT, day(1)), "Seal", Level::BLTA, day(1));
    let evidence = Evidence { pdf: &pdf, revocations: Some(&fresh), ..Evidence::default() };
    let report = verify(&evidence, &trust(), day(2), None);
    assert!(report.verdict.is_genuine(), "{report:#?}");
    assert_eq!(report.findings.last(), Some(&Finding::NotAskedWithdrawn));
}
