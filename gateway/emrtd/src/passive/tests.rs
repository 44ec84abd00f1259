use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../../testdata/", $name)).as_slice()
    };
}

const GROUP_1: &[u8] = data!("dg1.bin");
const GROUP_2: &[u8] = data!("dg2.bin");
const EC: &[u8] = data!("ec-ds.sod");

/// The first of January of a year; leap days are near enough.
fn year(year: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs((year - 1970) * 31_556_952)
}

fn groups() -> BTreeMap<u8, &'static [u8]> {
    BTreeMap::from([(1, GROUP_1), (2, GROUP_2)])
}

fn trusted() -> TrustList {
    let mut list = TrustList::new();
    list.add_authority(data!("ec.crt")).unwrap();
    list.add_authority(data!("pss.crt")).unwrap();
    list
}

fn checked(sod: &[u8]) -> Result<(), PassiveError> {
    check(sod, &groups(), &trusted(), year(2030)).map(|signed| assert_eq!(signed.groups, [1, 2]))
}

/// What OpenSSL has signed with each kind of key.
#[test]
fn files_that_were_signed_are_taken_whatever_they_were_signed_with() {
    for sod in [EC, data!("p384-ds.sod"), data!("pss-ds.sod"), data!("rsa-ds.sod"), data!("revoked-ds.sod")] {
        assert_eq!(checked(sod), Ok(()));
    }
}

#[test]
fn each_reason_not_to_trust_them_is_told() {
    let now = year(2030);
    let changed = [GROUP_1, &[]].concat();
    let mut other = changed;
    *other.last_mut().unwrap() ^= 1;
    let mut files = groups();
    files.insert(1, &other);
    assert_eq!(check(EC, &files, &trusted(), now), Err(PassiveError::Changed(1)));
    // The right bytes in the wrong place, and a group that nobody signed.
    let swapped = BTreeMap::from([(2, GROUP_1)]);
    assert!(matches!(check(EC, &swapped, &trusted(), now), Err(PassiveError::Malformed(_))));
    let more = BTreeMap::from([(13, [0x6D, 0].as_slice())]);
    assert_eq!(check(EC, &more, &trusted(), now), Err(PassiveError::NotSigned(13)));

    assert_eq!(check(EC, &groups(), &TrustList::new(), now), Err(PassiveError::Untrusted));
    let mut only_pss = TrustList::new();
    only_pss.add_authority(data!("pss.crt")).unwrap();
    assert_eq!(check(EC, &groups(), &only_pss, now), Err(PassiveError::Untrusted));
    for when in [2019, 2041] {
        assert!(matches!(check(EC, &groups(), &trusted(), year(when)), Err(PassiveError::OutOfTime { .. })));
    }
    let mut revoking = trusted();
    revoking.add_revoked(data!("ec.crl")).unwrap();
    assert_eq!(check(data!("revoked-ds.sod"), &groups(), &revoking, now), Err(PassiveError::Revoked));
    assert!(check(EC, &groups(), &revoking, now).is_ok());
}

#[test]
fn a_list_that_is_out_of_date_is_told_and_still_counts() {
    let mut list = trusted();
    list.add_authority(data!("old.crt")).unwrap();
    let checked = |list: &TrustList, year_now| {
        check(data!("old-ds.sod"), &groups(), list, year(year_now)).map(|signed| signed.revocations)
    };
    // Another authority's list is no news.
    list.add_revoked(data!("ec.crl")).unwrap();
    assert_eq!(checked(&list, 2024), Ok(Revocations::NoList));
    list.add_revoked(data!("old.crl")).unwrap();
    assert_eq!((checked(&list, 2024), list.outdated(year(2024))), (Ok(Revocations::Current), vec![]));
    assert_eq!(checked(&list, 2030), Ok(Revocations::Outdated));
    assert_eq!(list.outdated(year(2030)), ["CN=CSCA old,C=UT"]);
    // It does not hold for ever, and what it names stays revoked.
    assert_eq!(list.outdated(year(2041)).len(), 2);
    let revoked = check(data!("revoked-ds.sod"), &groups(), &list, year(2030));
    assert_eq!(revoked, Err(PassiveError::Revoked));
}

#[test]
fn keys_that_others_may_have_broken_vouch_for_nothing() {
    let weak = TrustList::new().add_authority(data!("weak.crt"));
    assert_eq!(weak, Err(CertificateError::Key(KeyError::Weak(1024))));
    assert!(PassiveError::from(CertificateError::Key(KeyError::Weak(1024))).is_unknown());
}

#[test]
fn only_authorities_and_their_own_lists_are_taken() {
    let mut list = TrustList::new();
    assert!(matches!(list.add_authority(data!("ec-ds.crt")), Err(CertificateError::NoAuthority(_))));
    assert!(matches!(list.add_authority(&data!("ec.crt")[..300]), Err(CertificateError::Malformed(_))));
    assert_eq!(list.add_revoked(data!("ec.crl")), Err(CertificateError::UntrustedList));
    // A certificate that says it is an authority's and was changed afterwards.
    let mut forged = data!("ec.crt").to_vec();
    *forged.last_mut().unwrap() ^= 1;
    assert!(matches!(list.add_authority(&forged), Err(CertificateError::NoAuthority(_))));
    assert!(list.is_empty());
}

#[test]
fn no_byte_of_what_is_signed_can_be_changed() {
    let sod = EC;
    let right: Vec<usize> = (0..sod.len())
        .filter(|at| {
            let mut changed = sod.to_vec();
            changed[*at] ^= 1;
            checked(&changed).is_ok()
        })
        .collect();
    // The message's version, the list of hash algorithms, the signer's name and versions: nobody signed these.
    assert!(right.len() < 60, "{} bytes: {right:?}", right.len());
}

proptest! {
    #[test]
    fn no_file_makes_it_fall(at in 0..1_100_usize, value: u8, length in 0..1_100_usize) {
        for sod in [EC, data!("pss-ds.sod")] {
            let mut changed = sod[..length.min(sod.len())].to_vec();
            if let Some(byte) = changed.get_mut(at) {
                *byte = value;
            }
            let _ = checked(&changed);
            let _ = TrustList::new().add_authority(&changed);
        }
    }
}
