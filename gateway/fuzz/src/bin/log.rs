//! The transparency log as others serve it: checkpoints, proofs, openings, and the files of a log. Checkpoints raw, and signed
//! by the log; proofs put together of any hashes that the tree could have.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kiosk_fuzz::{joined, parts, seeds};
use kiosk_proof::{
    CodeHash, Event, Hash, Log, Memory, NoteKey, NoteKind, NoteSigner, Opening, Resource, Sidecar, SignedCheckpoint,
    Store, leaf_hash, verify_consistency, verify_inclusion,
};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const ORIGIN: &str = "log.example.vn/copies";

fn key() -> NoteKey {
    NoteKey::new(ORIGIN, NoteKind::Log, &[5; 32]).expect("a key")
}

/// The text with the log's signature (c2sp.org/signed-note).
fn noted(text: &str) -> String {
    let key = key();
    let line = key.verifier().to_string();
    let id = line.split('+').nth(1).and_then(|id| u32::from_str_radix(id, 16).ok()).expect("its id");
    let signature = key.sign(text.as_bytes()).expect("a signature");
    format!("{text}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode([&id.to_be_bytes()[..], &signature].concat()))
}

fn opening(number: u64) -> Opening {
    let code = CodeHash::from_bytes([1; 16]);
    Opening::new(Event::Issue, number, "01-SCTĐT/BS", code, [2; 32], [3; 32], 1_780_272_000).expect("an opening")
}

/// The root over leaves that are their numbers (RFC 9162, section 2.1.1), not in the way that the log counts it.
fn root(leaves: std::ops::Range<u64>) -> Hash {
    match leaves.end - leaves.start {
        0 => Sha256::digest(b"").into(),
        1 => leaf_hash(&number(leaves.start)),
        count => {
            let middle = leaves.start + (1 << (count - 1).ilog2());
            let halves = [root(leaves.start..middle), root(middle..leaves.end)];
            Sha256::digest([&[1], halves.concat().as_slice()].concat()).into()
        }
    }
}

fn number(of: u64) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[..8].copy_from_slice(&of.to_be_bytes());
    entry
}

fn made() -> Vec<Vec<u8>> {
    let mut log = Log::create(Memory::default(), Box::new(key())).expect("a log");
    let openings: Vec<Opening> = (1..=300).map(opening).collect();
    let entries: Vec<_> = openings.iter().map(Opening::entry).collect();
    log.append(&entries[..4]).expect("they are appended");
    let read = |log: &Log<Memory>, file| log.store().read(file).expect("it can be read").expect("it is there");
    let checkpoint = log.checkpoint().to_string();
    let tile = read(&log, Resource::Tile { level: 0, index: 0, width: 4 });
    let small = joined(&[
        checkpoint.split("\n\n").next().expect("its text").as_bytes(),
        &tile,
        &read(&log, Resource::Entries { index: 0, width: 4 }),
    ]);
    let sidecar = log.sidecar(openings[2].clone(), 2, log.checkpoint()).expect("a proof").to_string();
    log.append(&entries[4..]).expect("they are appended");
    let large = log.sidecar(openings[299].clone(), 299, log.checkpoint()).expect("a proof").to_string();
    vec![
        small,
        checkpoint.into_bytes(),
        sidecar.into_bytes(),
        large.into_bytes(),
        openings[0].to_bytes(),
        // Place 4 of 7: its neighbour, the one behind, the four before.
        vec![7, 4, 4, 5, 1, 6, 1, 0, 4],
        // From 3 to 7: leaf 2, leaf 3, the first two, the last three.
        vec![7, 3, 3, 2, 1, 3, 1, 0, 2, 4, 3],
    ]
}

fuzz_target!(
    init: {
        let seeds = seeds("log", made);
        assert!(served(&seeds[0]), "the seed is no log");
        assert_eq!(proofs(&seeds[5]), (true, false));
        assert_eq!(proofs(&seeds[6]), (false, true));
    },
    |data: &[u8]| {
        proofs(data);
        served(data);
        if let Ok(opening) = Opening::from_bytes(data) {
            assert_eq!(opening.to_bytes(), data, "an opening has one form");
        }
        let Ok(text) = std::str::from_utf8(data) else { return };
        let key = key();
        for text in [text.to_owned(), noted(text)] {
            let Ok(signed) = SignedCheckpoint::parse(&text) else { continue };
            assert_eq!(signed.to_string(), text, "a checkpoint has one form");
            if let Ok((state, seen)) = signed.verify(key.verifier(), &[], 0) {
                assert!(text.starts_with(&state.to_string()) && seen.is_empty());
            }
        }
        let mut with_note = text.to_owned();
        if let Some((head, note)) = text.split_once("\n\n") {
            let body: String = note.split_inclusive('\n').take(3).collect();
            with_note = format!("{head}\n\n{}", noted(&body));
        }
        for text in [text, &with_note] {
            let Ok(sidecar) = Sidecar::parse(text) else { continue };
            assert_eq!(sidecar.to_string(), text, "a proof has one form");
            if let Ok((_, state)) = sidecar.verify(key.verifier(), &[], 0) {
                assert!(sidecar.index() < state.size);
            }
        }
    }
);

/// Proofs of numbers, and of pairs of numbers for the hashes: each the root over so many leaves from there. Whether it was
/// proven that a leaf is there, and that the tree grew.
fn proofs(data: &[u8]) -> (bool, bool) {
    let [size, index, leaf, pairs @ ..] = data else { return (false, false) };
    let [size, index, leaf] = [size, index, leaf].map(|byte| u64::from(byte % 32));
    let pair = |pair: &[u8; 2]| root(u64::from(pair[0] % 32)..u64::from(pair[0] % 32) + u64::from(pair[1] % 32));
    let hashes: Vec<Hash> = pairs.as_chunks::<2>().0.iter().take(16).map(pair).collect();
    let whole = root(0..size);
    let is_there = verify_inclusion(&leaf_hash(&number(leaf)), index, size, &whole, &hashes).is_ok();
    assert!(!is_there || (leaf == index && index < size), "leaf {leaf} is not at {index} of {size}");
    // The old root is that of another tree if the numbers differ.
    let grew = verify_consistency((index, &root(0..leaf)), (size, &whole), &hashes).is_ok();
    assert!(!grew || (leaf == index && index <= size), "a tree of {leaf} and not {index} did not grow to {size}");
    (is_there, grew)
}

/// Opens a log of a checkpoint's text, which is signed here, and files. Whether it is one.
fn served(data: &[u8]) -> bool {
    let all = parts(data);
    let (Ok(text), [_, files @ ..]) = (std::str::from_utf8(all[0]), &all[..]) else { return false };
    let size = text.split('\n').nth(1).and_then(|size| size.parse::<u64>().ok()).unwrap_or_default();
    let width = u16::try_from(size % 256).unwrap_or_default();
    let names = [
        Resource::Tile { level: 0, index: size / 256, width },
        Resource::Entries { index: size / 256, width },
        Resource::Tile { level: 0, index: 0, width: 256 },
        Resource::Tile { level: 1, index: 0, width: 1 },
    ];
    let mut store = Memory::default();
    let named = names.into_iter().zip(files).map(|(name, bytes)| (name, bytes.to_vec()));
    let note = (Resource::Checkpoint, noted(&format!("{text}\n")).into_bytes());
    store.write(&named.chain([note]).collect::<Vec<_>>()).expect("to memory");
    let Ok(mut log) = Log::open(store, Box::new(key())) else { return false };
    let is_right = log.check().is_ok();
    let _ = (log.root(size), log.entry(0), log.inclusion(size / 2, size), log.consistency(size / 2, size));
    assert!(log.entries().take(1000).filter(Result::is_ok).count() as u64 <= size);
    let own = opening(1);
    if let Ok(places) = log.append(&[own.entry()]) {
        assert_eq!((places.start, log.size()), (size, size + 1));
        if is_right {
            let proof = log.sidecar(own, size, log.checkpoint()).expect("what was appended is proven");
            assert!(proof.verify(log.verifier(), &[], 0).is_ok());
        }
    }
    is_right
}
