use kiosk_protocol::error::ErrorCode;
use kiosk_protocol::session::SessionId;

use super::{Blobs, Capacity};

fn store(memory: u64, total: u64) -> Blobs {
    let blobs = Blobs::new(Capacity { memory, total, spool: std::env::temp_dir() });
    blobs.admit(owner("a"));
    blobs.admit(owner("b"));
    blobs
}

fn owner(name: &str) -> SessionId {
    SessionId(name.into())
}

#[tokio::test]
async fn a_reader_sees_bytes_before_the_blob_is_complete() {
    let blobs = store(100, 100);
    let writer = blobs.create(owner("a"), "image/jpeg").unwrap();
    let mut reader = blobs.open(writer.id(), &owner("a")).unwrap();
    writer.append(b"first".to_vec()).unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap(), "first");
    assert_eq!(reader.length(), None);
    let waiting = tokio::spawn(async move { (reader.next().await.unwrap(), reader.next().await.unwrap()) });
    writer.append(b"last".to_vec()).unwrap();
    writer.finish();
    let (last, end) = waiting.await.unwrap();
    assert_eq!((last.unwrap().as_ref(), end), (&b"last"[..], None));
}

#[tokio::test]
async fn what_does_not_fit_into_memory_goes_to_the_spool_and_reads_the_same() {
    let blobs = store(10, 1_000);
    let writer = blobs.create(owner("a"), "image/jpeg").unwrap();
    let id = writer.id().clone();
    let mut expected = Vec::new();
    for n in 0..20_u8 {
        writer.append(vec![n; 7]).unwrap();
        expected.extend_from_slice(&[n; 7]);
    }
    writer.finish();
    assert_eq!(blobs.usage(), (0, 140));
    let all = blobs.open(&id, &owner("a")).unwrap().all(1_000).await.unwrap();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn the_whole_store_is_bounded() {
    let blobs = store(10, 20);
    let writer = blobs.create(owner("a"), "image/jpeg").unwrap();
    writer.append(vec![0; 20]).unwrap();
    assert_eq!(writer.append(vec![0; 1]).unwrap_err().code, ErrorCode::TooLarge);
    drop(writer);
    assert_eq!(blobs.usage(), (0, 0));
}

#[tokio::test]
async fn a_blob_opens_for_its_own_session_only() {
    let blobs = store(100, 100);
    let writer = blobs.create(owner("a"), "image/jpeg").unwrap();
    assert!(blobs.open(writer.id(), &owner("b")).is_none());
}

#[tokio::test]
async fn an_abandoned_blob_is_gone_and_its_reader_is_told() {
    let blobs = store(100, 100);
    let writer = blobs.create(owner("a"), "image/jpeg").unwrap();
    let id = writer.id().clone();
    let mut reader = blobs.open(&id, &owner("a")).unwrap();
    writer.append(b"half".to_vec()).unwrap();
    drop(writer);
    assert!(reader.next().await.is_err());
    assert!(blobs.open(&id, &owner("a")).is_none());
    assert_eq!(blobs.usage(), (0, 0));
}

#[tokio::test]
async fn the_end_of_a_session_wipes_its_blobs_and_no_others() {
    let blobs = store(100, 100);
    let mine = blobs.create(owner("a"), "image/jpeg").unwrap();
    mine.append(b"mine".to_vec()).unwrap();
    let id = mine.id().clone();
    mine.finish();
    let mine = id;
    let growing = blobs.create(owner("a"), "image/jpeg").unwrap();
    let other = blobs.create(owner("b"), "image/jpeg").unwrap();
    other.append(b"other".to_vec()).unwrap();
    let id = other.id().clone();
    other.finish();
    let other = id;
    blobs.wipe(&owner("a"));
    assert!(blobs.open(&mine, &owner("a")).is_none());
    assert_eq!(growing.append(b"late".to_vec()).unwrap_err().code, ErrorCode::Cancelled);
    assert!(
        blobs.create(owner("a"), "image/jpeg").is_err_and(|failure| failure.code == ErrorCode::Cancelled),
        "it is over"
    );
    assert!(blobs.open(&other, &owner("b")).is_some());
    assert_eq!(blobs.usage(), (5, 5));
}
