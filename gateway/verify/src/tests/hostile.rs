//! Whatever is given, there is a report, and what was changed is not genuine.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;

fn verdict(pdf: &[u8], proofs: &[&str], list: &[u8], qr: &str) -> Verdict {
    let evidence = Evidence {
        pdf,
        proofs,
        revocations: Some(list),
        printed: Some(Printed::Qr(qr)),
        register: RegisterSays::NotAsked,
    };
    let report = verify(&evidence, &trust(), day(2), None);
    // Its words must be there, too.
    let answer = serde_json::to_string(&report.answer()).unwrap();
    assert!(answer.len() < 100_000, "{answer}");
    report.verdict
}

/// What changed, beside what was not.
fn changed(pdf: Option<&[u8]>, proof: Option<&str>, own: Option<&[u8]>, qr: Option<&str>) -> Verdict {
    let World { pdf: copy, issue, last, qr: own_qr, .. } = world();
    let last = proof.unwrap_or(last);
    verdict(pdf.unwrap_or(copy), &[issue, last], own.unwrap_or(fresh()), qr.unwrap_or(own_qr))
}

fn fresh() -> &'static [u8] {
    static FRESH: OnceLock<Vec<u8>> = OnceLock::new();
    FRESH.get_or_init(|| list(Status::Valid, 8, day(30)))
}

fn flipped(bytes: &[u8], place: prop::sample::Index, bit: u8) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let place = place.index(changed.len());
    changed[place] ^= 1 << bit;
    changed
}

#[test]
fn what_is_changed_is_genuine_before() {
    assert_eq!(changed(None, None, None, None), Verdict::Genuine);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_byte_of_the_file_that_is_another_is_noticed(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let pdf = flipped(&world().pdf, place, bit);
        prop_assert!(!changed(Some(&pdf), None, None, None).is_genuine());
    }

    #[test]
    fn a_file_that_ends_early_or_late_is_noticed(
        length in any::<prop::sample::Index>(),
        more in proptest::collection::vec(any::<u8>(), 1..100),
    ) {
        let pdf = &world().pdf;
        prop_assert!(!changed(Some(&pdf[..length.index(pdf.len())]), None, None, None).is_genuine());
        let longer = [pdf.as_slice(), &more].concat();
        prop_assert!(!changed(Some(&longer), None, None, None).is_genuine() || more.trim_ascii().is_empty());
    }

    #[test]
    fn a_proof_that_is_another_proves_nothing(place in any::<prop::sample::Index>(), bit in 0..7_u8, length in any::<prop::sample::Index>()) {
        let proof = &world().last;
        let other = String::from_utf8_lossy(&flipped(proof.as_bytes(), place, bit)).into_owned();
        prop_assert_eq!(changed(None, Some(&other), None, None), not_proven(&[Reason::NotInLog]));
        let cut = String::from_utf8_lossy(&proof.as_bytes()[..length.index(proof.len())]).into_owned();
        prop_assert_eq!(changed(None, Some(&cut), None, None), not_proven(&[Reason::NotInLog]));
    }

    #[test]
    fn a_qr_code_that_is_another_is_not_this_copys(place in any::<prop::sample::Index>(), bit in 0..7_u8, length in any::<prop::sample::Index>()) {
        let qr = &world().qr;
        let other = String::from_utf8_lossy(&flipped(qr.as_bytes(), place, bit)).into_owned();
        prop_assert_eq!(changed(None, None, None, Some(&other)), not_proven(&[Reason::CodeDiffers]));
        prop_assert_eq!(changed(None, None, None, Some(&qr[..length.index(qr.len())])), not_proven(&[Reason::CodeDiffers]));
    }

    #[test]
    fn a_list_of_revocations_that_is_another_is_not_believed(place in any::<prop::sample::Index>(), bit in 0..8_u8, length in any::<prop::sample::Index>()) {
        let fresh = fresh();
        for other in [flipped(fresh, place, bit), fresh[..length.index(fresh.len())].to_vec()] {
            prop_assert_eq!(changed(None, None, Some(&other), None), not_proven(&[Reason::WithdrawalUnknown]));
        }
    }

    #[test]
    fn nothing_makes_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        proof in ".{0,200}",
        code in ".{0,80}",
        at in any::<u32>(),
    ) {
        let pdf = [b"%PDF-1.7\n".as_slice(), &bytes, b"\nstartxref\n9\n%%EOF"].concat();
        let proof = format!("c2sp.org/tlog-proof@v1\n{proof}\n\n{proof}");
        for pdf in [&bytes, &pdf] {
            let evidence = Evidence {
                pdf,
                proofs: &[&proof],
                revocations: Some(&bytes),
                printed: Some(Printed::Code(&code)),
                register: RegisterSays::NotFound,
            };
            let report = verify(&evidence, &trust(), Time::of_seconds(at.into()).into(), None);
            prop_assert!(!report.verdict.is_genuine());
            let _ = report.answer();
        }
        let _ = (certificates(&bytes), crate::claims_key(&bytes), Time::parse(&code));
    }
}
