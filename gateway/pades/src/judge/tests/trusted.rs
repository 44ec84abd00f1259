use std::time::Duration;

use super::*;
use crate::testing::Fault;
use crate::{ChainError, Revocation, Roots};

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

fn online(pdf: &[u8], at: SystemTime, authorities: &Authorities) -> SignatureReport {
    judge(pdf, &pki().roots(), at, Some(authorities)).unwrap().signatures.remove(0)
}

#[test]
fn what_a_file_brings_along_is_not_the_last_word() {
    // The response that is kept says for a day that nothing was revoked.
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BB, day(1));
    let pdf = add_validation_data(&pdf, &pki().roots(), day(1), &Authorities::at(day(1))).unwrap();
    let at = day(1) + hours(12);
    assert_eq!(first(&pdf, at).verdict(), Verdict::Valid, "offline nobody can know more");
    let later = Authorities::at(at);
    assert_eq!(online(&pdf, at, &later).verdict(), Verdict::Valid);
    assert!(later.asked.get() > 0);
    later.revoked.set(Some((pki().officer.serial, day(1) + hours(6))));
    let report = online(&pdf, at, &later);
    assert!(matches!(report.revocation, Revocation::Revoked { .. }), "{report:#?}");
    assert_eq!(report.verdict(), Verdict::Invalid);
}

#[test]
fn nobody_is_asked_at_an_address_that_a_certificate_without_a_trusted_root_names() {
    // Whoever hands in a file would choose whom the judge asks.
    for level in [Level::BB, Level::BLTA] {
        let pdf = signed(&file(FileKind::Table), "Officer", level, day(1));
        let (trusted, others) = (Authorities::at(day(1)), Authorities::at(day(1)));
        judge(&pdf, &pki().roots(), day(1), Some(&trusted)).unwrap();
        assert!(trusted.asked.get() > 0);
        let report = judge(&pdf, &[], day(1), Some(&others)).unwrap();
        assert_ne!(report.verdict(), Some(Verdict::Valid));
        assert_eq!(others.asked.get(), 0, "{level:?}");
    }
}

#[test]
fn an_authority_of_time_stamps_is_judged_by_now_and_not_by_the_time_that_it_says() {
    // Whoever has its key writes any time, and has the statements of that time.
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLT, day(5));
    let later = Authorities::at(day(20));
    let report = online(&pdf, day(20), &later);
    assert_eq!((report.verdict(), report.proven), (Verdict::Valid, Some(day(5))));
    later.revoked.set(Some((pki().authority.serial, day(10))));
    let report = online(&pdf, day(20), &later);
    assert!(!report.time_stamp.as_ref().unwrap().is_sound(), "{report:#?}");
    assert_eq!((report.proven, report.level), (None, Some(Level::BB)));
    // Who asks, and is told nothing, does not know either.
    let silent = Authorities::at(day(20)).with(Fault::Silence);
    let report = online(&pdf, day(20), &silent);
    assert_eq!((report.proven, report.verdict()), (None, Verdict::Unproven));
}

#[test]
fn a_time_stamp_of_an_authority_of_which_nothing_is_known_proves_nothing() {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BT, day(1));
    assert_eq!(first(&pdf, day(1)).proven, None);
    // The last time stamp is ten days younger than all that is known of its authority.
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLT, day(1));
    let bare = add_document_timestamp(&pdf, &Authorities::at(day(11))).unwrap();
    let report = judged(&bare, day(12));
    assert_eq!(report.signatures[1].verdict(), Verdict::Unproven, "{report:#?}");
    assert_eq!(report.signatures[1].time_stamp.as_ref().unwrap().trust, Ok(()));
    assert_ne!(report.signatures[0].level, Some(Level::BLTA));
    let fresh = add_validation_data(&pdf, &pki().roots(), day(11), &Authorities::at(day(11))).unwrap();
    let kept = add_document_timestamp(&fresh, &Authorities::at(day(11))).unwrap();
    assert_eq!(judged(&kept, day(12)).verdict(), Some(Verdict::Valid));
}

#[test]
fn each_purpose_has_its_own_roots_and_certificates() {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLTA, day(1));
    let roots = pki().roots();
    for (signers, time_stamps, proven) in [(&roots[..], &roots[..], true), (&roots, &[], false)] {
        let report = judge(&pdf, Roots { signers, time_stamps }, day(1), None).unwrap();
        assert_eq!(report.signatures[0].proven.is_some(), proven);
        assert_eq!(report.signatures[0].trust, Ok(()));
    }
    let report = judge(&pdf, Roots { signers: &[], time_stamps: &roots }, day(1), None).unwrap();
    assert!(matches!(report.signatures[0].trust, Err(ChainError::Untrusted(_))));
    assert_eq!(report.signatures[0].proven, Some(day(1)));
    // One whose certificate is for programs.
    let field = SignatureField::invisible("Officer", day(1));
    let pdf = sign(&file(FileKind::Table), &field, &mut pki().signer(&pki().coder), None).unwrap();
    let report = first(&pdf, day(1));
    assert!(matches!(report.trust, Err(ChainError::Purpose { .. })), "{report:#?}");
}

#[test]
fn a_time_stamp_proves_what_was_there_and_not_what_took_its_place() {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLTA, day(1));
    assert_eq!(first(&pdf, day(1)).level, Some(Level::BLTA));
    // Other responses in the same objects: as good, but of later.
    let read = Pdf::read(&pdf).unwrap();
    let data = read.now().dict(&read.now().catalog().unwrap().1, "DSS").unwrap().unwrap();
    let ids: Vec<_> = read.now().array(&data, "OCSPs").unwrap().iter().filter_map(Object::reference).collect();
    let other = signed(&file(FileKind::Table), "Officer", Level::BLTA, day(1) + hours(1));
    let there = Pdf::read(&other).unwrap();
    let mut update = crate::pdf::update::Update::new(&read).unwrap();
    for id in ids {
        let der = there.now().unpacked(&there.now().get(id).unwrap()).unwrap();
        let mut stream = format!("<</Length {}>>\nstream\n", der.len()).into_bytes();
        stream.extend(der);
        stream.extend(b"\nendstream");
        update.put_bytes(id, stream);
    }
    let report = first(&update.finish().bytes, day(1) + hours(2));
    assert_eq!(report.level, Some(Level::BLT), "{report:#?}");
    assert_eq!(report.after, After::ContentChanged("validation data was changed".to_owned()));
}
