use super::*;
use crate::testing::{Authorities, Fault, Holder, day, pki};

fn checked(holder: &Holder, at: SystemTime, authorities: &Authorities) -> Result<(), CheckError> {
    let pki = pki();
    let chain = [holder.certificate.clone(), pki.issuing.certificate.clone(), pki.officer.certificate.clone()];
    check_certificate(&chain, &pki.roots(), at, authorities)
}

#[test]
fn each_reason_not_to_sign_with_a_certificate_is_told() {
    let pki = pki();
    let now = Authorities::at(day(10));
    assert_eq!(checked(&pki.officer, day(10), &now), Ok(()));
    assert_eq!(checked(&pki.seal, day(10), &now), Ok(()));
    assert!(matches!(checked(&pki.expired, day(10), &now), Err(CheckError::Expired(_))));
    assert!(matches!(checked(&pki.early, day(10), &now), Err(CheckError::Early(_))));
    assert!(matches!(checked(&pki.other_usage, day(10), &now), Err(CheckError::Purpose(_))));
    assert!(matches!(checked(&pki.issuing, day(10), &now), Err(CheckError::Purpose(_))));
    let untrusted = checked(&pki.stranger, day(10), &now);
    assert!(matches!(untrusted, Err(CheckError::Chain(ChainError::Untrusted(_)))), "{untrusted:?}");
    let underling = checked(&pki.underling, day(10), &now);
    assert!(matches!(underling, Err(CheckError::Chain(ChainError::Purpose { .. }))), "{underling:?}");
    assert!(matches!(checked(&pki.coder, day(10), &now), Err(CheckError::Purpose(_))));
    let chain = [pki.narrowed.certificate.clone(), pki.narrow.certificate.clone()];
    let narrowed = check_certificate(&chain, &pki.roots(), day(10), &now);
    assert!(matches!(narrowed, Err(CheckError::Chain(ChainError::Purpose { .. }))), "{narrowed:?}");
    let odd = checked(&pki.odd, day(10), &now);
    assert!(matches!(odd, Err(CheckError::Chain(ChainError::UnknownExtension(_)))), "{odd:?}");
    assert_eq!(check_certificate(&[], &pki.roots(), day(10), &now), Err(CheckError::NoCertificate));
    assert!(matches!(check_certificate(&[vec![1]], &[], day(10), &now), Err(CheckError::Certificate(_))));
}

#[test]
fn a_certificate_that_was_revoked_is_told_from_one_of_which_nothing_is_known() {
    let pki = pki();
    let revoked = Authorities::at(day(10));
    revoked.revoked.set(Some((pki.officer.serial, day(9))));
    assert!(
        matches!(checked(&pki.officer, day(10), &revoked), Err(CheckError::Revoked { since, .. }) if since == day(9))
    );
    revoked.fault.set(Fault::ListsOnly);
    assert!(matches!(checked(&pki.officer, day(10), &revoked), Err(CheckError::Revoked { .. })));
    // An authority between.
    revoked.revoked.set(Some((pki.issuing.serial, day(9))));
    assert!(
        matches!(checked(&pki.officer, day(10), &revoked), Err(CheckError::Revoked { subject, .. }) if subject == "CN=Issuing")
    );

    let lists = Authorities::at(day(10)).with(Fault::ListsOnly);
    assert_eq!(checked(&pki.officer, day(10), &lists), Ok(()));
    for fault in [Fault::Silence, Fault::Stale] {
        let unknown = checked(&pki.officer, day(10), &Authorities::at(day(10)).with(fault));
        assert!(matches!(unknown, Err(CheckError::Unknown { .. })), "{fault:?} {unknown:?}");
    }
    // A responder that nobody named, or whose signature is wrong, is as good as none: the list says the rest.
    for fault in [Fault::OtherSigner, Fault::BrokenSignature, Fault::Refusal] {
        let authorities = Authorities::at(day(10)).with(fault);
        assert_eq!(checked(&pki.officer, day(10), &authorities), Ok(()), "{fault:?}");
        assert_eq!(authorities.asked.get(), 3, "{fault:?}");
    }
}

#[test]
fn a_list_of_a_part_counts_only_for_what_lies_in_that_part() {
    let pki = pki();
    let ask = |lies_at| {
        let authorities = Authorities::at(day(10)).with(Fault::ListsOnly);
        authorities.lies_at.set(Some(lies_at));
        let chain = [pki.officer.certificate.clone(), pki.issuing.certificate.clone()];
        check_certificate(&chain, std::slice::from_ref(&pki.issuing.certificate), day(10), &authorities)
    };
    assert_eq!(ask("http://pki.test/issuing.crl"), Ok(()));
    let other = ask("http://pki.test/issuing-2.crl");
    let partial = RevocationError::Partial;
    assert!(matches!(&other, Err(CheckError::Unknown { source, .. }) if *source == partial), "{other:?}");
}
