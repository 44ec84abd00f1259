//! A copy with all that goes with it: file, two proofs, list of revocations, QR code. What is called genuine must be what was
//! issued, each part of it.
#![no_main]

use std::sync::OnceLock;

use kiosk_fuzz::{joined, parts, seeds};
use kiosk_pades::Level;
use kiosk_pades::testing::{day, pki};
use kiosk_proof::{Claims, CopyType, Event, Status, VerificationCode};
use kiosk_verify::{Evidence, LogTrust, Printed, RegisterSays, Trust, verify};
use libfuzzer_sys::fuzz_target;

#[path = "../../../verify/src/tests/world.rs"]
#[allow(dead_code)]
mod world;

static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
static TRUST: OnceLock<Trust> = OnceLock::new();

fn made() -> Vec<Vec<u8>> {
    let world = world::world();
    // Made of less, so that more of them are judged in a second.
    let pdf = world::copy(Level::BLT);
    let openings = [
        world::opening(Event::Issue, world.code.hash(), world::content(), day(1)),
        world::opening(Event::Final, world.code.hash(), world::sha256(&pdf), day(1)),
    ];
    let [issue, last] = world::proofs(&openings).try_into().expect("two proofs");
    let list = world::list(Status::Valid, 8, day(30));
    let other = VerificationCode::draw(&world::prefix()).expect("another code");
    let claims = Claims { code: other.hash(), copy_type: CopyType::OfRegister, ..world.claims.clone() };
    let copy = |pdf: &[u8], proofs: [&str; 2], list: &[u8], qr: &str| {
        joined(&[pdf, proofs[0].as_bytes(), proofs[1].as_bytes(), list, qr.as_bytes()])
    };
    vec![
        copy(&pdf, [&issue, &last], &list, &world.qr),
        copy(&world.pdf, [&world.issue, &world.last], &list, &world.qr),
        copy(&pdf, [&issue, &world.revoke], &world::list(Status::Revoked, 8, day(30)), ""),
        copy(&pdf, ["", &last], &world::list(Status::Valid, 2, day(1)), &world::qr(&other, &claims)),
    ]
}

fn trust() -> Trust {
    use kiosk_proof::NoteSigner;
    let mut trust = Trust::new(pki().roots(), pki().roots()).expect("the roots");
    trust.log = Some(LogTrust { key: world::log_signer().verifier().clone(), cosigners: Vec::new(), quorum: 0 });
    trust.claims_keys = vec![world::claims_key()];
    trust.host = Some(world::HOST.to_owned());
    trust.prefix = Some(world::prefix());
    trust.revocations_url = Some(world::URL.to_owned());
    trust
}

fuzz_target!(
    init: {
        let made = MADE.get_or_init(|| seeds("copy", made));
        assert!(check(&made[0]) && check(&made[1]) && !check(&made[2]), "the seeds are no seeds");
    },
    |data: &[u8]| {
        check(data);
    }
);

fn check(data: &[u8]) -> bool {
    let [pdf, issue, last, list, qr] = parts(data)[..] else { return false };
    let text = |part| std::str::from_utf8(part).unwrap_or_default();
    let (issue, last, qr) = (text(issue), text(last), text(qr));
    let proofs: Vec<&str> = [issue, last].into_iter().filter(|proof| !proof.is_empty()).collect();
    let evidence = Evidence {
        pdf,
        proofs: &proofs,
        revocations: (!list.is_empty()).then_some(list),
        printed: if qr.is_empty() { None } else { Some(Printed::Qr(qr)) },
        register: RegisterSays::NotAsked,
    };
    let report = verify(&evidence, TRUST.get_or_init(trust), day(2), None);
    let answer = serde_json::to_string(&report.answer()).expect("an answer");
    assert!(answer.len() < 100_000, "an answer of {} bytes", answer.len());
    if !report.verdict.is_genuine() {
        return false;
    }
    let all: Vec<Vec<&[u8]>> = MADE.get().expect("they were set").iter().map(|seed| parts(seed)).collect();
    let is_made = |part: &[u8], places: &[usize]| {
        let part = part.trim_ascii();
        part.is_empty() || all.iter().any(|seed| places.iter().any(|place| seed[*place].trim_ascii() == part))
    };
    assert!(is_made(issue.as_bytes(), &[1, 2]) && is_made(last.as_bytes(), &[1, 2]), "a proof that nobody gave");
    assert!(is_made(list, &[3]), "a list that nobody signed");
    assert!(is_made(qr.as_bytes(), &[4]), "a QR code that nobody signed");
    if !last.is_empty() && !issue.is_empty() && issue != last {
        let is_issued = all.iter().any(|seed| pdf.starts_with(seed[0].trim_ascii_end()));
        assert!(is_issued, "a file that nobody issued");
    }
    true
}
