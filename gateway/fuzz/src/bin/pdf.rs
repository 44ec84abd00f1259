//! A signed file that is judged. What was signed must be what one of the makers has signed, and all of it.
#![no_main]

use std::sync::OnceLock;

use kiosk_fuzz::seeds;
use kiosk_pades::testing::{Kind, appended, day, file, packed, picture, pki, signed};
use kiosk_pades::{After, Level, SignatureField, Verdict, judge, sign};
use kiosk_verify::{Evidence, Trust, verify};
use libfuzzer_sys::fuzz_target;

static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

fn made() -> Vec<Vec<u8>> {
    let both = |file: &[u8]| signed(&signed(file, "Officer", Level::BT, day(1)), "Seal", Level::BLTA, day(1));
    let shown = SignatureField {
        rect: Some([10.0, 10.0, 100.0, 60.0]),
        image: Some(picture()),
        ..SignatureField::invisible("Shown", day(1))
    };
    let shown = |file: &[u8]| sign(file, &shown, &mut pki().signer(&pki().officer), None).expect("it is signed");
    let by_officer = signed(&file(Kind::Table), "Officer", Level::BB, day(1));
    vec![
        signed(&file(Kind::Table), "Officer", Level::BLTA, day(1)),
        signed(&file(Kind::Stream), "Officer", Level::BLT, day(1)),
        signed(&packed(), "Officer", Level::BB, day(1)),
        both(&file(Kind::Table)),
        both(&packed()),
        shown(&file(Kind::Table)),
        shown(&by_officer),
        appended(&by_officer, &[(5, "<</Length 4>>\nstream\n0 g\n\nendstream")], "/Root 1 0 R"),
        file(Kind::Stream),
        by_officer,
    ]
}

fuzz_target!(
    init: {
        let _ = MADE.set(seeds("pdf", made));
        check(&MADE.get().expect("they were set")[3], Some(Verdict::Valid));
    },
    |data: &[u8]| check(data, None)
);

/// What the last signature signs: all but its message, in which there may be certificates that nobody signs.
fn signed_part(file: &[u8]) -> [&[u8]; 2] {
    const MARK: &[u8] = b"/Contents <";
    let start = file.windows(MARK.len()).rposition(|window| window == MARK).map_or(0, |at| at + MARK.len());
    let end = file[start..].iter().position(|byte| *byte == b'>').map_or(start, |length| start + length);
    [&file[..start], &file[end..]]
}

fn check(data: &[u8], expected: Option<Verdict>) {
    let Ok(report) = judge(data, &pki().roots(), day(2), None) else { return };
    for signature in report.signatures.iter().filter(|signature| signature.intact.is_ok()) {
        let end = signature.end.expect("what is intact has an end");
        let mut made = MADE.get().into_iter().flatten().filter_map(|one| one.get(..end));
        assert!(made.any(|one| signed_part(one) == signed_part(&data[..end])), "nobody has signed these {end} bytes");
        let is_all = data[end..].trim_ascii().is_empty();
        assert_eq!(signature.covers_all, is_all);
        assert!(!is_all || signature.after == After::Nothing, "{:?}", signature.after);
        assert!(is_all || signature.after != After::Nothing, "something is behind it, and is not told");
    }
    let mut trust = Trust::new(pki().roots(), pki().roots()).expect("the roots");
    trust = trust.with_signatures(1).expect("one signature");
    let whole = verify(&Evidence { pdf: data, ..Evidence::default() }, &trust, day(2), None);
    let answer = serde_json::to_string(&whole.answer()).expect("an answer");
    assert!(answer.len() < 100_000, "an answer of {} bytes", answer.len());
    let is_valid = report.verdict() == Some(Verdict::Valid);
    assert!(is_valid || !whole.verdict.is_genuine(), "{:?} of {:?}", whole.verdict, report.verdict());
    assert!(expected.is_none() || report.verdict() == expected, "the seed is no seed");
}
