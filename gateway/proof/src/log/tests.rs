#![expect(clippy::cast_possible_truncation, reason = "small numbers")]

mod crash;
mod hostile;

use super::*;
use crate::code::{AgencyPrefix, CodeHash, VerificationCode};

fn key() -> NoteKey {
    NoteKey::new("log.example/copies", NoteKind::Log, &[1; 32]).unwrap()
}

fn boxed() -> Box<NoteKey> {
    Box::new(key())
}

fn entry(number: u64) -> Entry {
    let mut bytes = [0xC0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Entry(bytes)
}

fn entries(numbers: std::ops::Range<u64>) -> Vec<Entry> {
    numbers.map(entry).collect()
}

fn opening(number: u64) -> Opening {
    let code = CodeHash::from_bytes([7; 16]);
    Opening::new(Event::Issue, number, "01-SCTĐT/BS", code, [2; 32], [3; 32], 1_790_000_000).unwrap()
}

/// RFC 6962's own recursion, over all leaves at once.
fn slow_root(entries: &[Entry]) -> Hash {
    match entries {
        [] => tree::empty_hash(),
        [only] => leaf_hash(only.as_bytes()),
        more => {
            let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
            tree::node_hash(&slow_root(left), &slow_root(right))
        }
    }
}

#[test]
fn files_are_where_the_document_says() {
    let tile = |level, index, width| Resource::Tile { level, index, width }.to_string();
    assert_eq!(tile(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(tile(63, 0, 1), "tile/63/000.p/1");
    assert_eq!(tile(1, 1000, 255), "tile/1/x001/000.p/255");
    assert_eq!(Resource::Entries { index: 5, width: 256 }.to_string(), "tile/entries/005");
}

#[test]
fn every_size_has_its_root_and_its_files_however_it_was_appended() {
    let all = entries(0..1100);
    let mut one = Log::create(Memory::default(), boxed()).unwrap();
    for number in 0..all.len() {
        assert_eq!(one.append(&all[number..=number]).unwrap(), number as u64..number as u64 + 1);
        assert_eq!(one.checkpoint().unverified().root, slow_root(&all[..=number]));
    }
    one.check().unwrap();
    let mut steps = Log::create(Memory::default(), boxed()).unwrap();
    for part in all.chunks(300) {
        steps.append(part).unwrap();
    }
    steps.check().unwrap();
    assert_eq!(steps.checkpoint(), one.checkpoint());
    for (place, own) in (0..).zip(&all) {
        assert_eq!(one.entry(place).unwrap(), *own);
    }
    assert!(matches!(one.entry(1100), Err(LogError::NoEntry { .. })));
}

#[test]
fn a_tree_of_70_000_has_the_tiles_of_the_documents_example() {
    let mut log = Log::create(Memory::default(), boxed()).unwrap();
    log.append(&entries(0..70_000)).unwrap();
    let there = |file| log.store().read(file).unwrap().map(|bytes| bytes.len());
    for (level, index, width) in [(0, 272, 256), (0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)] {
        assert_eq!(there(Resource::Tile { level, index, width }), Some(usize::from(width) * 32), "{level}/{index}");
    }
    assert_eq!(there(Resource::Tile { level: 0, index: 274, width: 1 }), None);
    log.check().unwrap();
    let all = entries(0..70_000);
    let root = log.checkpoint().unverified().root;
    assert_eq!(root, slow_root(&all));
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_999] {
        let proof = log.inclusion(index, 70_000).unwrap();
        verify_inclusion(&leaf_hash(all[index as usize].as_bytes()), index, 70_000, &root, &proof).unwrap();
    }
    for old in [0, 1, 255, 256, 257, 65_536, 65_537, 69_999, 70_000] {
        let proof = log.consistency(old, 70_000).unwrap();
        verify_consistency((old, &log.root(old).unwrap()), (70_000, &root), &proof).unwrap();
    }
}

#[test]
fn all_proofs_of_small_trees_hold_and_nothing_else_does() {
    let all = entries(0..40);
    let mut log = Log::create(Memory::default(), boxed()).unwrap();
    log.append(&all).unwrap();
    for size in 1..=40u64 {
        let root = slow_root(&all[..size as usize]);
        assert_eq!(log.root(size).unwrap(), root);
        for index in 0..size {
            let leaf = leaf_hash(all[index as usize].as_bytes());
            let proof = log.inclusion(index, size).unwrap();
            verify_inclusion(&leaf, index, size, &root, &proof).unwrap();
            let other = leaf_hash(entry(index + 1000).as_bytes());
            assert!(verify_inclusion(&other, index, size, &root, &proof).is_err());
            assert!(verify_inclusion(&leaf, index ^ 1, size, &root, &proof).is_err());
            assert!(verify_inclusion(&leaf, index, size, &[9; 32], &proof).is_err());
            let mut longer = proof.clone();
            longer.push([0; 32]);
            assert!(verify_inclusion(&leaf, index, size, &root, &longer).is_err());
            for place in 0..proof.len() {
                let mut changed = proof.clone();
                changed[place][31] ^= 1;
                assert!(verify_inclusion(&leaf, index, size, &root, &changed).is_err());
                assert!(verify_inclusion(&leaf, index, size, &root, &proof[..place]).is_err());
            }
        }
        for old in 0..=size {
            let old_root = slow_root(&all[..old as usize]);
            let proof = log.consistency(old, size).unwrap();
            verify_consistency((old, &old_root), (size, &root), &proof).unwrap();
            assert!(verify_consistency((old, &[9; 32]), (size, &root), &proof).is_err());
            if old > 0 {
                assert!(verify_consistency((old, &old_root), (size, &[9; 32]), &proof).is_err());
            }
            for place in 0..proof.len() {
                let mut changed = proof.clone();
                changed[place][0] ^= 1;
                assert!(verify_consistency((old, &old_root), (size, &root), &changed).is_err());
                assert!(verify_consistency((old, &old_root), (size, &root), &proof[..place]).is_err());
            }
        }
    }
}

#[test]
fn a_log_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/log");
    assert!(matches!(Log::open(Folder::open(&path).unwrap(), boxed()), Err(LogError::NoLog)));
    drop(Log::create(Folder::open(&path).unwrap(), boxed()).unwrap());
    assert!(matches!(Log::create(Folder::open(&path).unwrap(), boxed()), Err(LogError::LogExists)));
    let mut done = 0;
    for step in [1, 254, 1, 1, 300, 3] {
        let mut log = Log::open(Folder::open(&path).unwrap(), boxed()).unwrap();
        assert_eq!(log.append(&entries(done..done + step)).unwrap(), done..done + step);
        done += step;
        log.check().unwrap();
        assert_eq!(log.checkpoint().unverified().root, slow_root(&entries(0..done)));
    }
    assert!(!path.join("tile/0/000.p").exists(), "partial tiles of full ones are forgotten");
    let stranger = NoteKey::new("log.example/copies", NoteKind::Log, &[9; 32]).unwrap();
    let opened = Log::open(Folder::open(&path).unwrap(), Box::new(stranger));
    assert!(matches!(opened, Err(LogError::Note(NoteError::NotSigned(_)))));
}

#[test]
fn two_cannot_write_to_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let first = Folder::open(folder.path()).unwrap();
    assert!(Folder::open(folder.path()).unwrap_err().to_string().contains("locked"));
    drop(first);
    Folder::open(folder.path()).unwrap();
}

#[test]
fn who_holds_the_copy_proves_it_without_the_log() {
    let code = VerificationCode::draw(&AgencyPrefix::new("HN1").unwrap()).unwrap();
    let mut log = Log::create(Memory::default(), boxed()).unwrap();
    log.append(&entries(0..300)).unwrap();
    let own = Opening::new(Event::Final, 4711, "01-SCTĐT/BS", code.hash(), [2; 32], [3; 32], 5).unwrap();
    let index = log.append(&[own.entry()]).unwrap().start;
    let mut checkpoint = log.checkpoint().clone();
    let witness = NoteKey::new("witness.example", NoteKind::Cosigner, &[5; 32]).unwrap();
    checkpoint.cosign(&witness, 1_790_000_000).unwrap();
    log.publish(checkpoint.clone(), &[witness.verifier().clone()]).unwrap();
    log.append(&entries(301..700)).unwrap();

    let text = log.sidecar(own.clone(), index, &checkpoint).unwrap().to_string();
    let sidecar = Sidecar::parse(&text).unwrap();
    let cosigners = [witness.verifier().clone()];
    let (opening, state) = sidecar.verify(key().verifier(), &cosigners, 1).unwrap();
    assert_eq!((opening, state.size, sidecar.index()), (&own, 301, 300));
    assert_eq!(opening.code(), code.hash());
    assert!(log.sidecar(own.clone(), index, log.checkpoint()).is_ok(), "also by the newest state");
    assert!(matches!(log.sidecar(own, index - 1, &checkpoint), Err(LogError::Proof(ProofError::NotIncluded))));
    assert!(sidecar.verify(key().verifier(), &cosigners, 2).is_err());
    assert!(sidecar.verify(key().verifier(), &[], 1).is_err());
}

#[test]
fn an_entry_tells_nothing_without_its_opening() {
    let (one, two) = (opening(1), opening(1));
    assert_ne!(one.entry(), two.entry(), "the salt differs");
    assert_eq!(Opening::from_bytes(&one.to_bytes()).unwrap(), one);
    assert!(!format!("{one:?}").contains("salt"));
    let code = CodeHash::from_bytes([7; 16]);
    for book in ["", "a\nb", &"b".repeat(65)] {
        let refused = Opening::new(Event::Issue, 1, book, code, [2; 32], [3; 32], 1);
        assert_eq!(refused, Err(OpeningError::Book));
    }
}

/// c2sp.org/signed-note and RFC 8032: a key's line is what others are given; computed with Go's sumdb/note in tests/peers.
#[test]
fn a_key_is_read_back_from_its_line() {
    for kind in [NoteKind::Log, NoteKind::Cosigner] {
        let key = NoteKey::new("log.example/copies", kind, &[1; 32]).unwrap();
        let line = key.verifier().to_string();
        assert_eq!(&NoteVerifier::parse(&line).unwrap(), key.verifier());
        assert!(NoteVerifier::parse(&line.replace("copies", "copier")).is_err());
        assert!(NoteVerifier::parse(&line[..line.len() - 4]).is_err());
    }
    for wrong in ["", "a", "a+b", "a+00000000+", "a b+00000000+AAAA"] {
        assert!(NoteVerifier::parse(wrong).is_err());
    }
    assert!(NoteVerifier::new("weak.example", NoteKind::Log, &[0; 32]).is_err());
    assert!(NoteKey::new("a b", NoteKind::Log, &[1; 32]).is_err());
}
