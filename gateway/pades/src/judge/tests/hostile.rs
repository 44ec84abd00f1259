use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;

fn kept() -> &'static [Vec<u8>; 2] {
    static KEPT: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    KEPT.get_or_init(|| {
        [FileKind::Table, FileKind::Stream].map(|kind| signed(&file(kind), "Officer", Level::BLTA, day(1)))
    })
}

/// Nothing that was changed is valid: neither is it judged so, nor is it signed or renewed without an error or a doubt.
fn is_valid(pdf: &[u8]) -> bool {
    let report = judge(pdf, &pki().roots(), day(2), None);
    let authorities = Authorities::at(day(2));
    let _ = sign(pdf, &SignatureField::invisible("Seal", day(2)), &mut pki().signer(&pki().officer), None);
    let _ = add_validation_data(pdf, &pki().roots(), day(2), &authorities);
    let _ = add_document_timestamp(pdf, &authorities);
    report.is_ok_and(|report| report.signatures.len() == 2 && report.verdict() == Some(Verdict::Valid))
}

/// No time stamp covers the last message itself: the case of its digits, and what it has beside its signature, may differ.
fn differs_in_digits(pdf: &[u8], changed: &[u8]) -> bool {
    let start = pdf.windows(11).rposition(|window| window == b"/Contents <").unwrap() + 11;
    let digits = pdf[start..].iter().take_while(|digit| digit.is_ascii_hexdigit()).count();
    let mut differing = (0..pdf.len()).filter(|at| pdf[*at] != changed[*at]);
    differing.all(|at| (start..start + digits).contains(&at) && changed[at].is_ascii_hexdigit())
}

#[test]
fn the_file_that_is_changed_is_valid_before() {
    assert!(kept().iter().all(|pdf| is_valid(pdf)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_byte_that_is_another_is_noticed(which in 0..2_usize, place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let pdf = &kept()[which];
        let mut changed = pdf.clone();
        let place = place.index(changed.len());
        changed[place] ^= 1 << bit;
        prop_assert!(!is_valid(&changed) || differs_in_digits(pdf, &changed), "byte {place}");
    }

    #[test]
    fn a_file_that_ends_early_is_noticed(which in 0..2_usize, length in any::<prop::sample::Index>()) {
        let pdf = &kept()[which];
        // Only the end of the last line may be missing.
        let length = length.index(pdf.len() - 1);
        prop_assert!(!is_valid(&pdf[..length]));
    }

    #[test]
    fn rubbish_behind_the_end_is_noticed(which in 0..2_usize, rubbish in proptest::collection::vec(any::<u8>(), 1..200)) {
        let changed = [kept()[which].as_slice(), &rubbish].concat();
        prop_assert!(!is_valid(&changed) || rubbish.trim_ascii().is_empty());
        // With an end that leads to the same cross references, too.
        let pdf = &kept()[which];
        let end = pdf.windows(9).rposition(|bytes| bytes == b"startxref").unwrap_or_default();
        let changed = [pdf.as_slice(), b"\nendstream endobj\n", &pdf[end..]].concat();
        prop_assert!(!is_valid(&changed));
    }

    #[test]
    fn bytes_in_other_places_are_noticed(which in 0..2_usize, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), length in 1..400_usize) {
        let pdf = &kept()[which];
        let (from, to) = (from.index(pdf.len() - length), to.index(pdf.len() - length));
        let mut changed = pdf.clone();
        changed.copy_within(from..from + length, to);
        prop_assert!(!is_valid(&changed) || differs_in_digits(pdf, &changed));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = is_valid(&bytes);
        let _ = is_valid(&[b"%PDF-1.7\n".as_slice(), &bytes, b"\nstartxref\n9\n%%EOF"].concat());
    }
}
