//! Measures how fast the log appends, against bare writes of the same bytes, and how long checks take:
//! `cargo run -p kiosk-proof --example measure [FOLDER]`. The folder is on the disk to be measured; all in it stays.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people")]

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kiosk_proof::{
    AgencyPrefix, Claims, ClaimsKey, CopyType, Entry, Event, Folder, Log, NoteKey, NoteKind, NoteSigner, Opening,
    Sidecar, StatusList, VerificationCode, open_qr, qr_text,
};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};

const ROUNDS: u32 = 300;

fn key() -> Box<NoteKey> {
    Box::new(NoteKey::new("log.example/copies", NoteKind::Log, &[1; 32]).unwrap())
}

fn opening(number: u64, code: &VerificationCode) -> Opening {
    Opening::new(Event::Issue, number, "01-SCTĐT/BS", code.hash(), [2; 32], [3; 32], 1_790_000_000).unwrap()
}

/// Middle and 95th percentile.
fn show(what: &str, mut times: Vec<Duration>) {
    times.sort();
    println!("{what}: p50 {:?}, p95 {:?}", times[times.len() / 2], times[times.len() * 19 / 20]);
}

fn timed(mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn appends(folder: &Path, code: &VerificationCode) {
    let mut log = Log::create(Folder::open(&folder.join("log")).unwrap(), key()).unwrap();
    let mut bare = File::create(folder.join("bare")).unwrap();
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for number in 0..u64::from(ROUNDS) {
        let entry = opening(number, code).entry();
        ours.push(timed(|| _ = log.append(&[entry]).unwrap()));
        // Tile, bundle and checkpoint of this size, in one file that only grows.
        let size = usize::try_from(number % 256).unwrap() * 66 + 250;
        floor.push(timed(|| {
            bare.write_all(&vec![7; size]).unwrap();
            bare.sync_data().unwrap();
        }));
    }
    show("append of one entry, durable", ours);
    show("write and fdatasync of as many bytes", floor);
    let batch: Vec<Entry> = (0..1000).map(|number| opening(number, code).entry()).collect();
    let time = timed(|| _ = log.append(&batch).unwrap());
    println!("append of 1,000 entries in one step: {time:?}");
}

fn main() {
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    let kept = tempfile::tempdir().unwrap();
    let folder = given.unwrap_or_else(|| kept.path().to_owned());
    let prefix = AgencyPrefix::new("HN1").unwrap();
    let code = VerificationCode::draw(&prefix).unwrap();
    appends(&folder, &code);

    let secret = SigningKey::from_slice(&[1; 32]).unwrap();
    let claims_key = ClaimsKey::new(secret.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
    let mut sign = |hash: &[u8; 32]| -> Result<[u8; 64], String> {
        let signature: Signature = secret.sign_prehash(hash).map_err(|error| error.to_string())?;
        Ok(signature.to_bytes().into())
    };
    let claims = Claims {
        issuer: "HN1".to_owned(),
        issued_at: 1_790_000_000,
        code: code.hash(),
        number: 48_215,
        book: "01-SCTĐT/BS".to_owned(),
        copy_type: CopyType::OfOriginal,
        pages: 2,
        content: [0xAB; 32],
        log_index: 100_000_000,
    };
    let host = "chungthuc.hanoi.example";
    let text = qr_text(host, &code, &claims, &claims_key, &mut sign).unwrap();
    let keys = [claims_key];
    println!("text of the QR code: {} signs", text.len());
    let check = || drop(open_qr(&text, host, &prefix, &keys).unwrap());
    show("check of a QR code", (0..ROUNDS).map(|_| timed(check)).collect());

    let mut log = Log::create(kiosk_proof::Memory::default(), key()).unwrap();
    let own = opening(5, &code);
    let mut entries: Vec<Entry> = (0..1_000_000).map(|number| opening(number, &code).entry()).collect();
    entries[700_000] = own.entry();
    log.append(&entries).unwrap();
    let made = || drop(log.sidecar(own.clone(), 700_000, log.checkpoint()).unwrap());
    show("proof out of 1,000,000 entries", (0..ROUNDS).map(|_| timed(made)).collect());
    let sidecar = log.sidecar(own.clone(), 700_000, log.checkpoint()).unwrap().to_string();
    let signer = key();
    let check = || {
        Sidecar::parse(&sidecar).unwrap().verify(signer.verifier(), &[], 0).unwrap();
    };
    show(&format!("check of a sidecar of {} bytes", sidecar.len()), (0..ROUNDS).map(|_| timed(check)).collect());

    let mut list = StatusList::new(840_000).unwrap();
    let url = "https://chungthuc.hanoi.example/status/1";
    let empty = list.sign(url, 1, 2, &keys[0], &mut sign).unwrap().len();
    // Spread by a linear congruential generator (Knuth's MMIX).
    let mut random = 1u64;
    for _ in 0..840 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.set((random >> 33) % 840_000, kiosk_proof::Status::Revoked).unwrap();
    }
    let signed = list.sign(url, 1, 2, &keys[0], &mut sign).unwrap();
    println!("list of 840,000: {empty} bytes, with 840 revoked {} bytes", signed.len());
    show(
        "check of that list",
        (0..ROUNDS).map(|_| timed(|| drop(StatusList::open(&signed, url, 1, &keys).unwrap()))).collect(),
    );
}
