use super::*;
use crate::{ChainError, Revocation};

#[test]
fn each_level_is_reached_with_one_and_two_signatures_in_files_of_both_kinds() {
    for kind in [FileKind::Table, FileKind::Stream] {
        let plain = file(kind);
        for level in [Level::BB, Level::BT, Level::BLT, Level::BLTA] {
            let once = signed(&plain, "Officer", level, day(1));
            let twice = signed(&once, "Seal", level, day(2));
            for (pdf, names) in [(&once, &["Officer"][..]), (&twice, &["Officer", "Seal"])] {
                let online = Authorities::at(day(2));
                let report = judge(pdf, &pki().roots(), day(2), Some(&online)).unwrap();
                assert_eq!(report.verdict(), Some(Verdict::Valid), "{kind:?} {level:?} {report:#?}");
                let own: Vec<_> = report.signatures.iter().filter(|one| one.kind == Kind::Signature).collect();
                assert_eq!(own.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), names);
                for one in own {
                    assert_eq!(one.level, Some(level), "{kind:?} {report:#?}");
                    assert_eq!(one.intact, Ok(()));
                }
                assert!(report.signatures.last().unwrap().covers_all || level == Level::BLT);
            }
        }
    }
}

#[test]
fn what_is_said_of_a_signature_is_what_was_signed() {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BT, day(1));
    let online = Authorities::at(day(2));
    let report = judge(&pdf, &pki().roots(), day(2), Some(&online)).unwrap().signatures.remove(0);
    assert_eq!(report.signer.as_deref(), Some("CN=Nguyễn Văn A"));
    assert_eq!(report.claimed, Some(day(1)));
    assert_eq!(report.proven, Some(day(1)));
    assert_eq!(report.time_stamp.unwrap().authority, "CN=Time stamps");
    assert_eq!((report.after, report.covers_all), (After::Nothing, true));
}

#[test]
fn offline_only_what_has_its_proofs_with_it_is_valid() {
    let plain = file(FileKind::Table);
    for (level, verdict) in [
        (Level::BB, Verdict::Unproven),
        (Level::BT, Verdict::Unproven),
        (Level::BLT, Verdict::Valid),
        (Level::BLTA, Verdict::Valid),
    ] {
        let report = first(&signed(&plain, "Officer", level, day(1)), day(4));
        assert_eq!(report.verdict(), verdict, "{level:?} {report:#?}");
    }
}

#[test]
fn a_certificate_that_is_revoked_later_has_signed_before() {
    let plain = file(FileKind::Table);
    let later = Authorities::at(day(20));
    later.revoked.set(Some((pki().officer.serial, day(10))));
    for (level, verdict) in [
        (Level::BB, Verdict::Invalid),
        (Level::BT, Verdict::Valid),
        (Level::BLT, Verdict::Valid),
        (Level::BLTA, Verdict::Valid),
    ] {
        let before = signed(&plain, "Officer", level, day(1));
        let report = judge(&before, &pki().roots(), day(20), Some(&later)).unwrap().signatures.remove(0);
        assert_eq!(report.verdict(), verdict, "{level:?} {report:#?}");
    }
    // Signed after that.
    let after = signed(&plain, "Officer", Level::BT, day(15));
    let report = judge(&after, &pki().roots(), day(20), Some(&later)).unwrap().signatures.remove(0);
    assert!(matches!(report.revocation, Revocation::Revoked { since, .. } if since == day(10)));
    assert_eq!(report.verdict(), Verdict::Invalid);
}

#[test]
fn a_time_stamp_outlives_the_signer_and_a_renewed_one_its_authority() {
    let plain = file(FileKind::Table);
    // The signer's certificate holds 730 days, the authority's 3650, the root's 7300.
    let kept = signed(&plain, "Officer", Level::BLTA, day(1));
    assert_eq!(first(&kept, day(1000)).verdict(), Verdict::Valid);
    let bare = first(&signed(&plain, "Officer", Level::BB, day(1)), day(1000));
    assert!(matches!(bare.trust, Err(ChainError::OutOfTime { is_over: true, .. })), "{bare:#?}");
    let late = first(&kept, day(4000));
    assert_eq!(late.verdict(), Verdict::Unproven, "{late:#?}");

    let authorities = Authorities::at(day(3000));
    let renewed = add_validation_data(&kept, &pki().roots(), day(3000), &authorities).unwrap();
    let renewed = add_document_timestamp(&renewed, &authorities).unwrap();
    let report = judged(&renewed, day(3001));
    assert_eq!(report.signatures[0].level, Some(Level::BLTA), "{report:#?}");
    assert_eq!(report.verdict(), Some(Verdict::Valid));
    assert_eq!(report.signatures[0].after, After::ValidationData);
}

#[test]
fn a_root_that_is_not_trusted_proves_nothing() {
    let kept = signed(&file(FileKind::Table), "Officer", Level::BLTA, day(1));
    let report = judge(&kept, &[pki().stranger.certificate.clone()], day(2), None).unwrap();
    assert_eq!(report.verdict(), Some(Verdict::Unproven));
    assert!(matches!(report.signatures[0].trust, Err(ChainError::Untrusted(_))));
    assert_eq!(report.signatures[0].intact, Ok(()));
}

#[test]
fn validation_data_with_gaps_is_not_added() {
    use crate::ValidationDataError;
    use crate::testing::Fault;
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BT, day(1));
    let add = |authorities: &Authorities| add_validation_data(&pdf, &pki().roots(), day(1), authorities).map(|_| ());
    let silent = add(&Authorities::at(day(1)).with(Fault::Silence));
    assert!(matches!(silent, Err(ValidationDataError::Unknown { .. })));
    let revoked = Authorities::at(day(1));
    revoked.revoked.set(Some((pki().officer.serial, day(0))));
    assert!(matches!(add(&revoked), Err(ValidationDataError::Revoked { .. })));
    let plain = add_validation_data(&file(FileKind::Table), &pki().roots(), day(1), &revoked);
    assert_eq!(plain, Err(ValidationDataError::NoSignature));
}
