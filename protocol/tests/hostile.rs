//! Messages that were damaged on the way, at both doors (the WebSocket and the seam): each is a message all the same, or an
//! error that is short. No bytes make a panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kiosk_protocol::calls::Call;
use kiosk_protocol::message::ClientMessage;
use kiosk_protocol::seam::{Frame, FromChild, HEADER_BYTES, Header, ToChild};
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest text of an error, bytes: it goes into a log and to a client.
const ERROR_MAX: usize = 2_000;

fn examples(of: &str) -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(of)).collect();
    files.sort();
    assert!(!files.is_empty(), "there are examples of {of}");
    files.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// What happens to some bytes on the way.
#[derive(Clone, Debug)]
enum Damage {
    Put(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index, Index),
    Repeat(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let token = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        prop::sample::select(
            &[
                "{",
                "}",
                "[",
                "]",
                "\"",
                "\\",
                "\\ud800",
                "-",
                "1e999",
                "18446744073709551616",
                "null",
                "\0",
                "\u{feff}"
            ][..]
        )
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Put(at, byte)),
        (any::<Index>(), token).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Cut(from, to)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Repeat(from, to)),
    ]
}

fn damaged(mut bytes: Vec<u8>, all: Vec<Damage>) -> Vec<u8> {
    for one in all {
        let length = bytes.len() + 1;
        let at = |index: Index| index.index(length);
        match one {
            Damage::Put(index, byte) => {
                let at = at(index);
                if let Some(old) = bytes.get_mut(at) {
                    *old = byte;
                }
            }
            Damage::Insert(index, new) => {
                let at = at(index);
                bytes.splice(at..at, new);
            }
            Damage::Cut(from, to) => {
                let (from, to) = (at(from).min(at(to)), at(from).max(at(to)));
                bytes.drain(from..to);
            }
            Damage::Repeat(from, to) => {
                let (from, to) = (at(from).min(at(to)), at(from).max(at(to)));
                bytes.extend_from_within(from..to);
            }
        }
    }
    bytes
}

/// Any example of a kind after some damage.
fn near_misses(of: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    (prop::sample::select(examples(of)), prop::collection::vec(damage(), 1..6))
        .prop_map(|(example, damage)| damaged(example, damage))
}

/// A frame's JSON part: a message that stays the same when it is written and read again, or a short error.
fn takes<M: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(json: &[u8]) -> Result<(), TestCaseError> {
    match Frame::<M>::from_parts(json, Vec::new()) {
        Ok(frame) => {
            let head = frame.head(0).unwrap();
            let again = Frame::<M>::from_parts(&head[HEADER_BYTES..], Vec::new()).unwrap();
            prop_assert_eq!(again, frame);
        }
        Err(error) => prop_assert!(error.to_string().len() < ERROR_MAX, "{}", error),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_damaged_message_of_a_child_is_read_or_refused(json in near_misses("from-child.")) {
        takes::<FromChild>(&json)?;
    }

    #[test]
    fn a_damaged_message_to_a_child_is_read_or_refused(json in near_misses("to-child.")) {
        // One of an unknown type is passed over, and never written.
        let unknown = matches!(Frame::from_parts(&json, Vec::new()), Ok(Frame { message: ToChild::Unknown, .. }));
        if !unknown {
            takes::<ToChild>(&json)?;
        }
    }

    #[test]
    fn a_damaged_command_is_read_or_refused(text in near_misses("c")) {
        let text = String::from_utf8_lossy(&text);
        match ClientMessage::parse(&text) {
            Ok(ClientMessage::Command(command)) => {
                let payload = command.payload.as_ref().map_or("{}", |payload| payload.get());
                if let Some(Err(error)) = Call::find(&command.name).map(|call| (call.request.check)(payload)) {
                    prop_assert!(error.to_string().len() < ERROR_MAX, "{}", error);
                }
            }
            Ok(ClientMessage::Cancel(_)) => {}
            Err((_, failure)) => prop_assert!(failure.to_string().len() < ERROR_MAX, "{}", failure),
        }
    }

    #[test]
    fn a_header_says_no_more_than_its_caps(bytes in any::<[u8; HEADER_BYTES]>(), blob_max in any::<u32>()) {
        if let Ok(header) = Header::parse(bytes, blob_max) {
            prop_assert!((1..=kiosk_protocol::seam::JSON_MAX).contains(&header.json) && header.blob <= blob_max);
        }
    }
}
