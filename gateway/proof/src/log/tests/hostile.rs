//! Checkpoints and sidecars as an enemy would write them.

use proptest::prelude::*;

use super::*;

fn sidecar() -> (String, Opening) {
    let mut log = Log::create(Memory::default(), boxed()).unwrap();
    log.append(&entries(0..5)).unwrap();
    let own = opening(9);
    let index = log.append(&[own.entry()]).unwrap().start;
    let mut checkpoint = log.checkpoint().clone();
    checkpoint.cosign(&witness(), 77).unwrap();
    (log.sidecar(own.clone(), index, &checkpoint).unwrap().to_string(), own)
}

fn witness() -> NoteKey {
    NoteKey::new("witness.example", NoteKind::Cosigner, &[5; 32]).unwrap()
}

fn proves(text: &str) -> bool {
    let cosigners = [witness().verifier().clone()];
    Sidecar::parse(text).is_ok_and(|sidecar| sidecar.verify(key().verifier(), &cosigners, 1).is_ok())
}

#[test]
fn a_sidecar_with_any_byte_changed_proves_nothing() {
    let (text, _) = sidecar();
    assert!(proves(&text));
    for place in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(!proves(&changed), "byte {place}, bit {bit}");
            }
        }
        if text.is_char_boundary(place) {
            assert!(!proves(&text[..place]));
        }
    }
    assert!(!proves(&format!("{text}\n")));
    assert!(!proves(&text.replace('\n', "\r\n")));
}

#[test]
fn signatures_of_others_are_passed_over_but_a_wrong_one_of_a_known_key_is_not() {
    let (text, _) = sidecar();
    let line = "\u{2014} other.example AAAAAAEC\n";
    assert!(proves(&format!("{text}{line}")));
    let own = text.lines().find(|line| line.starts_with("\u{2014} log.example")).unwrap();
    let mut changed = own.to_owned();
    let place = changed.len() - 20;
    let other = if changed.as_bytes()[place] == b'A' { "B" } else { "A" };
    changed.replace_range(place..=place, other);
    assert!(!proves(&format!("{text}{changed}\n")));
    assert!(!proves(&format!("{text}{}", line.repeat(70))), "more than 64");
    assert!(!proves(&format!("{text}{}", "x".repeat(1_000_000))));
}

#[test]
fn a_cosigner_that_is_listed_twice_counts_once() {
    let mut log = Log::create(Memory::default(), boxed()).unwrap();
    log.append(&entries(0..1)).unwrap();
    let mut checkpoint = log.checkpoint().clone();
    checkpoint.cosign(&witness(), 5).unwrap();
    checkpoint.cosign(&witness(), 6).unwrap();
    let cosigners = [witness().verifier().clone(), witness().verifier().clone()];
    let (_, seen) = checkpoint.verify(key().verifier(), &cosigners, 1).unwrap();
    assert_eq!(seen, [("witness.example", 6)]);
    assert!(checkpoint.verify(key().verifier(), &cosigners, 2).is_err());
    assert!(checkpoint.cosign(&key(), 7).is_err(), "a log is no cosigner");
    assert!(checkpoint.verify(witness().verifier(), &[], 0).is_err(), "a cosigner is no log");
    let other = NoteKey::new("other.example", NoteKind::Log, &[1; 32]).unwrap();
    assert!(matches!(checkpoint.verify(other.verifier(), &[], 0), Err(NoteError::OtherLog(_))));
}

#[test]
fn numbers_have_one_form() {
    let mut log = Log::create(Memory::default(), boxed()).unwrap();
    log.append(&entries(0..5)).unwrap();
    let note = log.checkpoint().to_string();
    for wrong in ["\n05\n", "\n+5\n", "\n5 \n", "\n-5\n", "\n\n", "\n99999999999999999999\n"] {
        assert!(SignedCheckpoint::parse(&note.replacen("\n5\n", wrong, 1)).is_err(), "{wrong:?}");
    }
    assert_eq!(SignedCheckpoint::parse(&note).unwrap().to_string(), note);
}

proptest! {
    #[test]
    fn whatever_is_read_is_answered(text in "(?s).{0,300}") {
        let _ = Sidecar::parse(&text);
        let _ = SignedCheckpoint::parse(&text);
        let _ = NoteVerifier::parse(&text);
        let _ = Opening::from_bytes(text.as_bytes());
    }

    #[test]
    fn lines_in_any_order_are_answered(lines in prop::collection::vec(0usize..14, 0..20)) {
        let (text, _) = sidecar();
        let all: Vec<&str> = text.split('\n').collect();
        let mixed: Vec<&str> = lines.iter().filter_map(|line| all.get(*line).copied()).collect();
        let mixed = mixed.join("\n");
        if mixed != text {
            let _ = proves(&mixed);
        }
    }

    #[test]
    fn proofs_of_any_numbers_are_answered(
        index in any::<u64>(), size in any::<u64>(), proof in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        prop_assert!(verify_inclusion(&[0; 32], index, size, &[1; 32], &proof).is_err());
        prop_assert!(verify_consistency((index.max(1), &[0; 32]), (size, &[1; 32]), &proof).is_err());
    }

    #[test]
    fn an_opening_has_one_form(place in 0usize..240, bit in 0u8..8) {
        let own = opening(3);
        let mut bytes = own.to_bytes();
        if let Some(byte) = bytes.get_mut(place) {
            *byte ^= 1 << bit;
            if let Ok(other) = Opening::from_bytes(&bytes) {
                prop_assert_eq!(other.to_bytes(), bytes);
                prop_assert_ne!(other.entry(), own.entry());
            }
        }
    }
}
