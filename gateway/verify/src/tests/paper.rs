//! What is printed on the copy, and the register.

use kiosk_proof::{AgencyPrefix, Claims, VerificationCode};

use super::world::qr;
use super::*;

fn judged(printed: Printed<'_>, proofs: &[&str], register: RegisterSays<'_>, trust: &Trust) -> (CodeState, Verdict) {
    let evidence = Evidence { pdf: &world().pdf, proofs, printed: Some(printed), register, ..Evidence::default() };
    let report = verify(&evidence, trust, day(2), None);
    let state = report
        .findings
        .iter()
        .find_map(|one| if let Finding::Printed(one) = one { Some(one.state.clone()) } else { None });
    (state.unwrap(), report.verdict)
}

#[test]
fn a_code_is_tied_to_the_file_by_log_or_register() {
    let World { pdf, code, qr, issue, last, .. } = world();
    let typed = code.expose().to_lowercase().replace('-', " ");
    let register = RegisterSays::Entry(entry(pdf));
    for printed in [Printed::Qr(qr), Printed::Code(&typed)] {
        let genuine = (CodeState::Matches, Verdict::Genuine);
        assert_eq!(judged(printed, &[issue, last], RegisterSays::NotAsked, &trust()), genuine);
        assert_eq!(judged(printed, &[], register, &trust()), genuine);
        let (state, verdict) = judged(printed, &[], RegisterSays::NotAsked, &trust());
        assert_eq!((state, verdict.is_genuine()), (CodeState::NotTied, true));
    }
}

#[test]
fn a_code_that_is_wrong_or_another_copys_leaves_a_doubt() {
    let World { code, claims, issue, last, qr: own, pdf, .. } = world();
    let differs = not_proven(&[Reason::CodeDiffers]);
    let text = code.expose();
    let mistyped = text.replacen(&text[4..5], if &text[4..5] == "Z" { "Y" } else { "Z" }, 1);
    let other = VerificationCode::draw(&prefix()).unwrap();
    let elsewhere = VerificationCode::draw(&AgencyPrefix::new("HN2").unwrap()).unwrap().expose();
    let other_text = other.expose();
    let of_other = qr(&other, &Claims { code: other.hash(), ..claims.clone() });
    let make = |claims: Claims| qr(code, &claims);
    let number = make(Claims { number: 1, ..claims.clone() });
    let content = make(Claims { content: [0; 32], ..claims.clone() });
    let index = make(Claims { log_index: 1, ..claims.clone() });
    let pages = make(Claims { pages: 5, ..claims.clone() });
    let host = own.replace("chungthuc", "chungthvc");
    let proofs: &[&str] = &[issue, last];
    for (printed, expected) in [
        (Printed::Code(&other_text), CodeState::OtherCopy),
        (Printed::Code(&elsewhere), CodeState::Elsewhere),
        (Printed::Code("HN1-1234"), CodeState::NoCode),
        (Printed::Code(""), CodeState::NoCode),
        (Printed::Code("HN1!"), CodeState::Mistyped { position: Some(4) }),
        (Printed::Qr(&of_other), CodeState::OtherCopy),
        (Printed::Qr(&number), CodeState::OtherCopy),
        (Printed::Qr(&content), CodeState::OtherCopy),
        (Printed::Qr(&index), CodeState::OtherCopy),
        (Printed::Qr(&pages), CodeState::OtherPages { found: 2 }),
        (Printed::Qr(&host), CodeState::Elsewhere),
        (Printed::Qr("https://example.vn"), CodeState::NoCode),
    ] {
        assert_eq!(judged(printed, proofs, RegisterSays::NotAsked, &trust()), (expected, differs.clone()));
    }
    let (state, verdict) = judged(Printed::Code(&mistyped), proofs, RegisterSays::NotAsked, &trust());
    assert!(matches!(state, CodeState::Mistyped { .. }), "{state:?}");
    assert_eq!(verdict, differs);
    // An attestation may have a page of its own.
    let one = make(Claims { pages: 1, ..claims.clone() });
    assert_eq!(judged(Printed::Qr(&one), proofs, RegisterSays::NotAsked, &trust()).0, CodeState::Matches);
    // The register knows better.
    let register = RegisterSays::Entry(entry(pdf));
    assert_eq!(judged(Printed::Qr(&one), &[], register, &trust()).0, CodeState::OtherCopy);

    let mut none = trust();
    (none.prefix, none.claims_keys) = (None, Vec::new());
    for printed in [Printed::Qr(own), Printed::Code(&text)] {
        assert_eq!(judged(printed, &[], RegisterSays::NotAsked, &none), (CodeState::NoKey, differs.clone()));
    }
    let mut unknown = trust();
    let key = p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap();
    let key = kiosk_proof::ClaimsKey::new(key.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
    unknown.claims_keys = vec![key];
    let (state, verdict) = judged(Printed::Qr(own), &[], RegisterSays::NotAsked, &unknown);
    assert!(matches!(state, CodeState::NotBelieved { .. }), "{state:?}");
    assert_eq!(verdict, differs);
}

#[test]
fn the_register_has_this_file_or_it_leaves_a_doubt() {
    let World { pdf, qr, .. } = world();
    let entry = entry(pdf);
    let says = |register, printed| {
        let evidence = Evidence { pdf, register, printed, ..Evidence::default() };
        let report = verify(&evidence, &trust(), day(2), None);
        let state = report
            .findings
            .iter()
            .find_map(|one| if let Finding::Register(one) = one { Some(one.state.clone()) } else { None });
        (state.unwrap(), report.verdict)
    };
    let doubt = not_proven(&[Reason::NotInRegister]);
    let of = RegisterSays::Entry;
    assert_eq!(says(of(entry), None), (RegisterFit::Matches, Verdict::Genuine));
    assert_eq!(says(RegisterSays::NotFound, None), (RegisterFit::NotFound, doubt.clone()));
    let other = RegisterEntry { file_sha256: Some([1; 32]), ..entry };
    assert_eq!(says(of(other), None), (RegisterFit::OtherFile, doubt.clone()));
    assert_eq!(says(of(RegisterEntry { file_sha256: None, ..entry }), None), (RegisterFit::NoFile, doubt));
    let (state, verdict) = says(of(RegisterEntry { number: 1, ..entry }), Some(Printed::Qr(qr)));
    assert_eq!(state, RegisterFit::OtherNumber);
    assert_eq!(verdict, not_proven(&[Reason::NotInRegister, Reason::CodeDiffers]));
}

#[test]
fn a_qr_code_is_judged_without_its_file() {
    let World { qr: own, claims, .. } = world();
    let entries = claims.log_index + 1;
    let judged = |text: &str, list: Option<&[u8]>, trust: &Trust| verify_qr(text, list, trust, day(2));
    let mut paper = Trust::in_nobody();
    (paper.claims_keys, paper.host) = (trust().claims_keys, trust().host);
    (paper.prefix, paper.revocations_url) = (trust().prefix, trust().revocations_url);
    let report = judged(own, None, &paper);
    assert_eq!(report.verdict, Verdict::Issued);
    assert!(report.findings.contains(&Finding::NotAskedWithdrawn) && !report.verdict.is_genuine());
    let valid = list(Status::Valid, entries, day(9));
    let report = judged(own, Some(&valid), &paper);
    assert!(report.verdict == Verdict::Issued && !report.findings.contains(&Finding::NotAskedWithdrawn), "{report:?}");
    let revoked = list(Status::Revoked, entries, day(9));
    assert_eq!(judged(own, Some(&revoked), &paper).verdict, Verdict::Revoked { what: Withdrawn::Copy });
    // A changed sign anywhere behind the code, nothing at all, and keys of nobody.
    let place = own.len() - 20;
    let sign = if own.as_bytes()[place] == b'A' { "B" } else { "A" };
    let changed = format!("{}{sign}{}", &own[..place], &own[place + 1..]);
    for text in [changed.as_str(), "", "https://example.vn"] {
        assert_eq!(judged(text, Some(&valid), &paper).verdict, not_proven(&[Reason::CodeDiffers]), "{text}");
    }
    assert_eq!(judged(own, None, &Trust::in_nobody()).verdict, not_proven(&[Reason::CodeDiffers]));
}
