use kiosk_protocol::error::ErrorCode;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Frames of the messages that the gateway may say, as the frozen examples of the protocol have them.
fn said() -> Vec<Vec<u8>> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocol/examples")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("to-child.")).collect();
    files.sort();
    let frame = |path| {
        let json = std::fs::read(path).unwrap();
        let length = u32::try_from(json.len()).unwrap().to_be_bytes();
        [&length[..], &[0, 0, 0, 3], &json, b"abc"].concat()
    };
    files.into_iter().map(frame).collect()
}

/// Reads until the end or the first thing that is not a frame; how many frames there were, and what was wrong.
fn read_all(mut bytes: &[u8]) -> (usize, Option<String>) {
    let mut frames = 0;
    loop {
        match read_frame(&mut bytes) {
            Ok(Some(_)) => frames += 1,
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error)),
        }
    }
}

#[test]
fn attachments_are_cut_out_of_the_blob_part_and_never_out_of_more() {
    let attachment = |name: &str, bytes| Attachment { blob: BlobId(name.into()), bytes };
    let all = split(&[attachment("a", 2), attachment("b", 0), attachment("c", 1)], b"123").unwrap();
    assert_eq!(all.values().map(Vec::as_slice).collect::<Vec<_>>(), [&b"12"[..], b"", b"3"]);
    for wrong in [vec![attachment("a", 4)], vec![attachment("a", 2), attachment("b", u32::MAX)]] {
        assert_eq!(split(&wrong, b"123").unwrap_err().code, ErrorCode::InvalidRequest);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(read_all(&bytes).0, 0);
    }

    #[test]
    fn messages_with_damage_are_frames_until_the_first_that_is_none(
        order in prop::collection::vec(any::<Index>(), 1..20),
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 0..4),
        cut in any::<Index>(),
    ) {
        let said = said();
        let mut bytes: Vec<u8> = order.iter().flat_map(|at| at.get(&said).clone()).collect();
        prop_assert_eq!(read_all(&bytes), (order.len(), None));
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        let (_, error) = read_all(&bytes);
        prop_assert!(error.is_none_or(|error| error.len() < 2_000));
    }
}
