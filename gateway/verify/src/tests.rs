mod file;
mod hostile;
mod paper;
mod proofs;
mod world;

use std::time::SystemTime;

use kiosk_pades::testing::{Authorities, day, pki};
use kiosk_pades::{Fetch, Level};
use kiosk_proof::Status;

use crate::*;
use world::{BOOK, HOST, NUMBER, URL, World, claims_key, copy, list, prefix, sha256, world};

/// Trusts all that the tests' copy comes from.
fn trust() -> Trust {
    let mut trust = Trust::new(pki().roots(), pki().roots()).unwrap();
    trust.log = Some(LogTrust { key: world().log_key.clone(), cosigners: Vec::new(), quorum: 0 });
    trust.claims_keys = vec![claims_key()];
    trust.host = Some(HOST.to_owned());
    trust.prefix = Some(prefix());
    trust.revocations_url = Some(URL.to_owned());
    trust
}

fn entry(file: &[u8]) -> RegisterEntry<'static> {
    RegisterEntry {
        state: RegisterState::Valid,
        number: NUMBER,
        book: BOOK,
        certified_at: day(1),
        agency: "UBND phường Thử",
        pages: 2,
        masked_name: Some("N*** V** T**"),
        file_sha256: Some(sha256(file)),
    }
}

/// A file alone, offline.
fn alone(pdf: &[u8], at: SystemTime) -> Report {
    verify(&Evidence { pdf, ..Evidence::default() }, &trust(), at, None)
}

fn not_proven(reasons: &[Reason]) -> Verdict {
    Verdict::NotProven { reasons: reasons.to_vec() }
}

#[test]
fn a_copy_with_all_that_goes_with_it_is_genuine() {
    let World { pdf, issue, last, qr, .. } = world();
    let list = list(Status::Valid, 8, day(30));
    let evidence = Evidence {
        pdf,
        proofs: &[issue, last],
        revocations: Some(&list),
        printed: Some(Printed::Qr(qr)),
        register: RegisterSays::Entry(entry(pdf)),
    };
    let online = Authorities::at(day(2));
    for online in [None, Some(&online as &dyn Fetch)] {
        let report = verify(&evidence, &trust(), day(2), online);
        assert_eq!(report.verdict, Verdict::Genuine, "{report:#?}");
        assert_eq!(report.weight(), Some(Weight::Good), "{report:#?}");
        assert_eq!((report.pages, report.asked_online), (Some(2), online.is_some()));
        // Officer, seal, archive time stamp, two proofs, list, register, QR code.
        assert_eq!(report.findings.len(), 8, "{report:#?}");
        let Finding::Signature(officer) = &report.findings[0] else { panic!("{report:#?}") };
        assert_eq!((officer.signer.as_str(), officer.is_certifying_officer), ("Nguyễn Văn A", true));
        assert_eq!((officer.claimed, officer.proven), (Some(day(1).into()), Some(day(1).into())));
        assert_eq!((&officer.holds, officer.level), (&Holds::Intact, Some(SignatureLevel::LTA)));
    }
}

#[test]
fn the_answer_is_a_form_that_a_page_can_show() {
    let report = alone(&world().pdf, day(2));
    let answer = serde_json::to_value(report.answer()).unwrap();
    assert_eq!(answer["genuine"], true);
    assert_eq!(answer["verdict"], "genuine_updated");
    assert_eq!(answer["since"], "signing");
    assert_eq!(answer["updates"][1]["update"], "archive_time_stamp");
    assert_eq!(answer["judged_at"], "2026-06-03T07:00:00+07:00");
    assert_eq!(answer["findings"][0]["finding"], "signature");
    assert_eq!(answer["findings"][0]["state"], "intact");
    assert_eq!(answer["findings"][0]["level"], "B-LTA");
    assert_eq!(answer["vi"]["sentences"][0]["weight"], "good");
    let sentence = answer["vi"]["sentences"][0]["text"].as_str().unwrap();
    assert!(sentence.starts_with("Nguyễn Văn A đã ký lúc 07:00 ngày 02/06/2026"), "{sentence}");
    assert!(answer["en"]["headline"].as_str().unwrap().starts_with("This copy is genuine."));
}
