use kiosk_protocol::seam::{Frame, FrameError, FromChild, ToChild};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::{Conversation, Heard};

/// What a conversation hears when a child writes these bytes and hangs up.
async fn heard_from(bytes: &[u8]) -> Vec<Heard> {
    let (mut child, gateway) = duplex(bytes.len().max(1));
    let (reader, writer) = tokio::io::split(gateway);
    let mut conversation = Conversation::over(reader, writer);
    child.write_all(bytes).await.unwrap();
    drop(child);
    let mut all = Vec::new();
    while let Some(heard) = conversation.heard.recv().await {
        all.push(heard);
    }
    all
}

fn raw(json_length: u32, blob_length: u32, rest: &[u8]) -> Vec<u8> {
    [&json_length.to_be_bytes()[..], &blob_length.to_be_bytes()[..], rest].concat()
}

#[tokio::test]
async fn a_frame_arrives_with_its_blob() {
    let json = br#"{"type":"chunk","request":1,"blob":"1","media_type":"image/jpeg","more":true}"#;
    let bytes = raw(u32::try_from(json.len()).unwrap(), 3, &[&json[..], b"abc"].concat());
    match &heard_from(&bytes).await[..] {
        [Heard::Frame(Frame { message: FromChild::Chunk { more: true, .. }, blob })] => assert_eq!(blob, b"abc"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_length_over_the_cap_is_refused_before_anything_is_allocated() {
    let heard = heard_from(&raw(u32::MAX, 0, b"")).await;
    assert!(matches!(heard[..], [Heard::Nonsense(FrameError::JsonLength(u32::MAX))]), "{heard:?}");
    let heard = heard_from(&raw(2, u32::MAX, b"{}")).await;
    assert!(matches!(heard[..], [Heard::Nonsense(FrameError::BlobLength { .. })]), "{heard:?}");
}

#[tokio::test]
async fn what_is_spoken_is_a_frame() {
    let (child, gateway) = duplex(1024);
    let (reader, writer) = tokio::io::split(gateway);
    let conversation = Conversation::over(reader, writer);
    conversation.voice.say(Frame::bare(ToChild::Ping { seq: 7 })).unwrap();
    let (mut child, _keep) = tokio::io::split(child);
    let mut bytes = vec![0; 8 + br#"{"type":"ping","seq":7}"#.len()];
    child.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes[8..], br#"{"type":"ping","seq":7}"#);
}

/// Frames of the messages that a child may say, as the frozen examples of the protocol have them.
fn said() -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/examples")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("from-child.")).collect();
    files.sort();
    let frame = |path| {
        let json = std::fs::read(path).unwrap();
        raw(u32::try_from(json.len()).unwrap(), 3, &[&json[..], b"abc"].concat())
    };
    files.into_iter().map(frame).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn messages_in_any_order_with_damage_are_frames_until_the_first_nonsense(
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let said = said();
        let mut bytes: Vec<u8> = order.iter().flat_map(|at| at.get(&said).clone()).collect();
        for (at, byte) in &damage {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let heard = runtime.block_on(heard_from(&bytes));
        let nonsense = heard.iter().position(|heard| matches!(heard, Heard::Nonsense(_)));
        prop_assert!(nonsense.is_none_or(|at| at == heard.len() - 1), "{heard:?}");
        if damage.is_empty() {
            prop_assert_eq!((heard.len(), nonsense), (order.len(), None));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_bytes_are_heard_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let heard = runtime.block_on(heard_from(&bytes));
        // Random bytes are never a message: the most there can be is one complaint.
        prop_assert!(heard.len() <= 1);
    }

    #[test]
    fn any_json_that_is_no_message_is_nonsense(text in "\\{\"type\":\"[a-z]{1,8}\"(,\"[a-z]{1,5}\":[0-9]{1,3}){0,3}\\}") {
        let known = ["fresh"];
        prop_assume!(!known.iter().any(|name| text.contains(name)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let heard = runtime.block_on(heard_from(&raw(u32::try_from(text.len()).unwrap(), 0, text.as_bytes())));
        prop_assert!(matches!(heard[..], [Heard::Nonsense(FrameError::Message(_))]), "{text}: {heard:?}");
    }
}
