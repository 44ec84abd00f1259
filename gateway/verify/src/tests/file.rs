//! The file alone.

use kiosk_pades::testing::{Fault, Kind, appended, file, picture, signed};
use kiosk_pades::{SignatureField, Signer, add_document_timestamp, add_validation_data, sign};

use super::*;

fn claims_key(file: &[u8]) -> Result<kiosk_proof::ClaimsKey, TrustError> {
    crate::claims_key(file)
}

/// Signed once more, on a day.
fn later(pdf: &[u8], signer: &mut dyn Signer, is_shown: bool, on: SystemTime) -> Vec<u8> {
    let mut field = SignatureField::invisible("Later", on);
    if is_shown {
        (field.rect, field.image) = (Some([10.0, 10.0, 50.0, 50.0]), Some(picture()));
    }
    let authorities = Authorities::at(on);
    sign(pdf, &field, signer, Some(&authorities)).unwrap()
}

#[test]
fn each_level_is_genuine_online_and_what_keeps_is_offline() {
    let online = Authorities::at(day(2));
    for level in [Level::BB, Level::BT, Level::BLT, Level::BLTA] {
        let pdf = copy(level);
        let evidence = Evidence { pdf: &pdf, ..Evidence::default() };
        let asked = verify(&evidence, &trust(), day(2), Some(&online));
        assert!(asked.verdict.is_genuine(), "{level:?} {asked:#?}");
        let offline = alone(&pdf, day(2)).verdict;
        let expected = match level {
            Level::BB | Level::BT => not_proven(&[Reason::TooFewSignatures, Reason::NoRevocationData]),
            Level::BLT => Verdict::GenuineUpdated { since: Since::Signing, updates: vec![Update::ValidationData] },
            Level::BLTA => Verdict::GenuineUpdated {
                since: Since::Signing,
                updates: vec![
                    Update::ValidationData,
                    Update::ArchiveTimeStamp { authority: "Time stamps".to_owned(), time: Some(day(1).into()) },
                ],
            },
        };
        assert_eq!(offline, expected, "{level:?}");
    }
    // Nothing behind the signatures.
    let bare = copy(Level::BT);
    let report = verify(&Evidence { pdf: &bare, ..Evidence::default() }, &trust(), day(2), Some(&online));
    assert_eq!(report.verdict, Verdict::Genuine);
    assert_eq!(report.findings.last(), Some(&Finding::NotAskedWithdrawn));
}

#[test]
fn an_officer_without_a_seal_is_not_enough_nor_is_one_who_signs_twice() {
    let once = signed(&file(Kind::Stream), "Officer", Level::BLTA, day(1));
    let twice = signed(&once, "Again", Level::BLTA, day(1));
    for pdf in [once, twice] {
        let report = alone(&pdf, day(2));
        assert_eq!(report.verdict, not_proven(&[Reason::TooFewSignatures]), "{report:#?}");
        assert!(report.findings.contains(&Finding::Signers { found: 1, expected: 2 }));
        let one = trust().with_signatures(1).unwrap();
        let report = verify(&Evidence { pdf: &pdf, ..Evidence::default() }, &one, day(2), None);
        assert!(report.verdict.is_genuine(), "{report:#?}");
    }
}

#[test]
fn what_comes_later_and_changes_nothing_is_told() {
    let issued = &world().pdf;
    let authorities = Authorities::at(day(100));
    let renewed = add_validation_data(issued, &pki().roots(), day(100), &authorities).unwrap();
    let renewed = add_document_timestamp(&renewed, &authorities).unwrap();
    let signed = later(&renewed, &mut pki().signer(&pki().officer), false, day(100));
    let entry = RegisterSays::Entry(entry(issued));
    let evidence = Evidence { pdf: &signed, proofs: &[&world().last], register: entry, ..Evidence::default() };
    let report = verify(&evidence, &trust(), day(101), Some(&Authorities::at(day(101))));
    let Verdict::GenuineUpdated { since: Since::Issue, updates } = &report.verdict else { panic!("{report:#?}") };
    let signature = Update::Signature { signer: "Nguyễn Văn A".to_owned(), draws: false };
    let stamp = Update::ArchiveTimeStamp { authority: "Time stamps".to_owned(), time: Some(day(100).into()) };
    assert_eq!(updates[..], [Update::ValidationData, stamp, signature], "{report:#?}");
    let states: Vec<_> =
        report.findings.iter().filter(|one| matches!(one, Finding::Log(_) | Finding::Register(_))).collect();
    assert!(matches!(states[0], Finding::Log(one) if one.state == LogState::ProvenEarlier), "{states:?}");
    assert!(matches!(states[1], Finding::Register(one) if one.state == RegisterFit::MatchesEarlier), "{states:?}");
}

#[test]
fn a_later_picture_is_told_with_its_place_and_one_by_a_stranger_leaves_a_doubt() {
    let issued = &world().pdf;
    let at = Authorities::at(day(4));
    let by_seal = later(issued, &mut pki().signer(&pki().seal), true, day(3));
    let report = verify(&Evidence { pdf: &by_seal, ..Evidence::default() }, &trust(), day(4), Some(&at));
    let Verdict::GenuineUpdated { updates, .. } = &report.verdict else { panic!("{report:#?}") };
    assert_eq!(updates.last(), Some(&Update::Signature { signer: "UBND phường".to_owned(), draws: true }));
    let drawing =
        Drawing { signer: "UBND phường".to_owned(), page: 1, rect: [10.0, 10.0, 50.0, 50.0], is_trusted: true };
    assert_eq!(report.findings.iter().filter(|one| **one == Finding::Drawing(drawing.clone())).count(), 1);
    assert!(report.words(Language::English).headline.contains("draws something"));

    let by_stranger = later(issued, &mut pki().signer(&pki().stranger), true, day(3));
    let report = verify(&Evidence { pdf: &by_stranger, ..Evidence::default() }, &trust(), day(4), Some(&at));
    let reasons = [Reason::TooFewSignatures, Reason::UntrustedSigner, Reason::DrawnOver];
    assert_eq!(report.verdict, not_proven(&reasons), "{report:#?}");
}

#[test]
fn a_file_that_was_changed_is_altered() {
    let issued = &world().pdf;
    let appended = appended(
        issued,
        &[(5, "<</Length 23>>\nstream\n1 0 0 rg 0 0 99 99 re f\nendstream")],
        "/Root 1 0 R /Info 7 0 R",
    );
    let at = issued.windows(9).position(|bytes| bytes == b"0 0 100 1").unwrap();
    let mut flipped = issued.clone();
    flipped[at] = b'1';
    for pdf in [appended, flipped] {
        let report = alone(&pdf, day(2));
        assert_eq!(report.verdict, Verdict::Altered, "{report:#?}");
    }
    // What has no end of a PDF file may be one that was cut off.
    let report = alone(&[issued.as_slice(), b"rubbish"].concat(), day(2));
    assert_eq!(report.verdict, not_proven(&[Reason::Unreadable]), "{report:#?}");
}

#[test]
fn who_is_not_trusted_and_what_nobody_knows_is_not_proven() {
    let pdf = &world().pdf;
    let stranger = Trust::new(vec![pki().stranger.certificate.clone()], pki().roots()).unwrap();
    let report = verify(&Evidence { pdf, ..Evidence::default() }, &stranger, day(2), None);
    assert_eq!(report.verdict, not_proven(&[Reason::TooFewSignatures, Reason::UntrustedSigner]), "{report:#?}");
    let silent = Authorities::at(day(2)).with(Fault::Silence);
    let bare = copy(Level::BT);
    let report = verify(&Evidence { pdf: &bare, ..Evidence::default() }, &trust(), day(2), Some(&silent));
    assert_eq!(report.verdict, not_proven(&[Reason::TooFewSignatures, Reason::NoRevocationData]), "{report:#?}");
}

#[test]
fn a_certificate_that_was_revoked_before_it_signed_revokes_the_copy() {
    let authorities = Authorities::at(day(3));
    authorities.revoked.set(Some((pki().officer.serial, day(0))));
    let pdf = copy(Level::BT);
    let report = verify(&Evidence { pdf: &pdf, ..Evidence::default() }, &trust(), day(3), Some(&authorities));
    assert_eq!(report.verdict, Verdict::Revoked { what: Withdrawn::Certificate }, "{report:#?}");
    // After it had signed, that changes nothing.
    authorities.revoked.set(Some((pki().officer.serial, day(2))));
    let report = verify(&Evidence { pdf: &pdf, ..Evidence::default() }, &trust(), day(3), Some(&authorities));
    assert_eq!(report.verdict, Verdict::Genuine, "{report:#?}");
}

#[test]
fn what_nobody_signed_is_no_certified_copy() {
    let stamped = add_document_timestamp(&file(Kind::Table), &Authorities::at(day(1))).unwrap();
    for pdf in [file(Kind::Table), stamped, Vec::new(), b"a text".to_vec(), b"\x89PNG\r\n".to_vec()] {
        let report = alone(&pdf, day(2));
        assert_eq!(report.verdict, Verdict::NoCertifiedCopy, "{report:#?}");
    }
    // A PDF file that cannot be read is not said to be anything.
    let half = &world().pdf[..world().pdf.len() / 2];
    assert_eq!(alone(half, day(2)).verdict, not_proven(&[Reason::Unreadable]));
}

#[test]
fn roots_that_are_none_are_refused() {
    assert_eq!(Trust::new(Vec::new(), pki().roots()).unwrap_err(), TrustError::NoRoots);
    assert!(matches!(Trust::new(vec![vec![1, 2, 3]], pki().roots()), Err(TrustError::Root(_))));
    assert!(matches!(Trust::new(pki().roots(), vec![vec![0x30, 0]]), Err(TrustError::Root(_))));
    assert_eq!(trust().with_signatures(0).unwrap_err(), TrustError::NoSignatures);

    let der = &pki().roots()[0];
    assert_eq!(certificates(der).unwrap(), std::slice::from_ref(der));
    let line = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    let pem = format!("text\n-----BEGIN CERTIFICATE-----\n{line}\n-----END CERTIFICATE-----\n");
    assert_eq!(certificates(pem.repeat(2).as_bytes()).unwrap(), [der.clone(), der.clone()]);
    for wrong in [
        &b""[..],
        b"text",
        b"-----BEGIN CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
        b"\xFF",
    ] {
        assert_eq!(certificates(wrong), Err(TrustError::NoCertificate));
        assert_eq!(claims_key(wrong), Err(TrustError::NoKey));
    }
    let point = world::point();
    let own = kiosk_proof::ClaimsKey::new(&point).unwrap();
    assert_eq!(claims_key(&point), Ok(own.clone()));
    let info: Vec<u8> = [
        &[
            0x30, 0x59, 0x30, 0x13, 6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1,
            7,
        ][..],
        &[3, 0x42, 0],
        &point,
    ]
    .concat();
    let line = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &info);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{line}\n-----END PUBLIC KEY-----\n");
    assert_eq!((claims_key(&info), claims_key(pem.as_bytes())), (Ok(own.clone()), Ok(own)));
}
