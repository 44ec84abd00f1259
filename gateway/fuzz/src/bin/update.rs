//! What somebody writes behind a signed file: objects, with cross references that are right, and a trailer. Whoever changes
//! what the pages show is not to be called valid.
#![no_main]

use std::sync::LazyLock;

use kiosk_fuzz::{holds, joined, parts, seeds};
use kiosk_pades::testing::{Kind, appended, day, file, pki, signed};
use kiosk_pades::{Level, Verdict, judge};
use libfuzzer_sys::fuzz_target;

static FILES: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let by_officer = |level| signed(&file(Kind::Table), "Officer", level, day(1));
    [by_officer(Level::BB), by_officer(Level::BLT), by_officer(Level::BLTA)]
});

/// What both pages draw, as the files of tests have it.
const DRAWN: [(u32, &[u8]); 2] =
    [(5, b"stream\n0 0 100 100 re f\n%\nendstream"), (6, b"stream\n0 0 200 200 re f\n%\nendstream")];

fn made() -> Vec<Vec<u8>> {
    let catalog =
        "1 <</Type /Catalog /Pages 2 0 R /Metadata 8 0 R /DSS 30 0 R /AcroForm <</Fields [10 0 R] /SigFlags 3>>>>";
    let field = "31 <</FT /Sig /T (Next) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /F 132 /V 32 0 R>>";
    let value = "32 <</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 10 20 30] /Contents <00>>>";
    let seeds: [&[&str]; 6] = [
        &["0", "7 <</Title (Copy) /Producer (test) /ModDate (D:20260602070000Z)>>", "/Root 1 0 R /Info 7 0 R"],
        &["0", catalog, "30 <</Type /DSS /Certs []>>", "/Root 1 0 R /Info 7 0 R"],
        &["1", "5 <</Length 18>>\nstream\n0 0 100 100 re f\n%\nendstream", "/Root 1 0 R"],
        &[
            "1",
            "3 <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources <<>>>>",
            "/Root 1 0 R",
        ],
        &["2", "9 <</Type /Annot /Subtype /Text /Rect [10 10 20 20] /Contents (other)>>", "/Root 1 0 R"],
        &["2", field, value, catalog, "/Root 1 0 R /Info 7 0 R"],
    ];
    seeds.iter().map(|parts| joined(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())).collect()
}

fuzz_target!(
    init: {
        seeds("update", made);
        for file in FILES.iter() {
            let report = judge(file, &pki().roots(), day(2), None).expect("it can be judged");
            assert!(report.signatures[0].intact.is_ok());
        }
    },
    |data: &[u8]| {
        let Ok(text) = std::str::from_utf8(data) else { return };
        let all: Vec<&str> = parts(text.as_bytes()).into_iter().filter_map(|part| std::str::from_utf8(part).ok()).collect();
        let [file, objects @ .., trailer] = &all[..] else { return };
        let file = &FILES[file.bytes().next().map_or(0, usize::from) % 3];
        let objects: Vec<(u32, &str)> = objects
            .iter()
            .filter_map(|text| text.split_once(' ').and_then(|(number, text)| Some((number.parse().ok()?, text))))
            .collect();
        let pdf = appended(file, &objects, trailer);
        let Ok(report) = judge(&pdf, &pki().roots(), day(2), None) else { return };
        for signature in &report.signatures {
            assert!(signature.intact.is_err() || signature.end.is_some_and(|end| end <= file.len()), "nobody signed more");
            if signature.verdict() != Verdict::Valid {
                continue;
            }
            for (number, drawn) in DRAWN {
                let mut own = objects.iter().filter(|(own, _)| *own == number);
                assert!(own.all(|(_, text)| holds(text.as_bytes(), drawn)), "object {number} was changed: {signature:?}");
            }
        }
    }
);
