//! A file that is signed, whoever wrote it. What is signed must be whole and judged as signed, at each level.
#![no_main]

use kiosk_fuzz::seeds;
use kiosk_pades::testing::{Authorities, Kind, day, file, packed, pki, signed};
use kiosk_pades::{
    After, Level, Report, SignatureField, SignatureReport, Verdict, add_document_timestamp, add_validation_data, judge,
    sign,
};
use libfuzzer_sys::fuzz_target;

fn made() -> Vec<Vec<u8>> {
    vec![
        file(Kind::Table),
        file(Kind::Stream),
        packed(),
        signed(&file(Kind::Table), "Officer", Level::BLT, day(1)),
        signed(&file(Kind::Stream), "Officer", Level::BB, day(1)),
    ]
}

fn own(report: &Report) -> &SignatureReport {
    report.signatures.iter().find(|one| one.field == "Fuzz").expect("the signature is found again")
}

fuzz_target!(
    init: {
        seeds("sign", made);
    },
    |data: &[u8]| {
        let hidden = SignatureField::invisible("Fuzz", day(1));
        let shown = SignatureField { rect: Some([10.0, 10.0, 100.0, 60.0]), ..hidden.clone() };
        for field in [hidden, shown] {
            let Ok(signed) = sign(data, &field, &mut pki().signer(&pki().officer), None) else { continue };
            assert!(signed.starts_with(data), "what is there stays");
            let report = judge(&signed, &pki().roots(), day(1), None).expect("what could be signed can be judged");
            let signature = own(&report);
            assert_eq!(signature.intact, Ok(()));
            assert!(signature.covers_all && signature.trust.is_ok(), "{signature:?}");
            let authorities = Authorities::at(day(1));
            let Ok(with_data) = add_validation_data(&signed, &pki().roots(), day(1), &authorities) else { continue };
            let Ok(stamped) = add_document_timestamp(&with_data, &authorities) else { continue };
            assert!(stamped.starts_with(&signed));
            let report = judge(&stamped, &pki().roots(), day(1), None).expect("it can still be judged");
            let signature = own(&report);
            assert_eq!(signature.intact, Ok(()));
            assert_eq!(signature.after, After::ValidationData);
            assert_eq!(signature.verdict(), Verdict::Valid, "{signature:?}");
        }
    }
);
