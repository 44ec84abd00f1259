//! What it does with a request.

use std::process::exit;

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::{FromChild, Outcome};
use serde_json::{Value, json};

use crate::voice::{say, say_bytes, say_with, status};

/// Bytes of one chunk.
const CHUNK: usize = 256 * 1024;

/// Answers a request.
pub(crate) fn done(id: u64, result: Result<Value, Failure>) {
    let outcome = match result {
        Ok(reply) => Outcome::Ok(reply),
        Err(failure) => Outcome::Error(failure),
    };
    say(FromChild::Done { id, outcome });
}

/// Gives a request up.
pub(crate) fn cancelled(id: u64) {
    done(id, Err(Failure::new(ErrorCode::Cancelled, "given up")));
}

/// Answers in the end as if nothing had happened.
pub(crate) fn late(id: u64) {
    done(id, Ok(report(&[])));
}

/// Chunks of a blob that goes on.
pub(crate) fn chunks(request: u64, blob: &str, count: u32) {
    for _ in 0..count {
        chunk(request, blob, CHUNK, true);
    }
}

fn chunk(request: u64, blob: &str, bytes: usize, more: bool) {
    let (blob, media_type) = (BlobId(blob.into()), "image/jpeg".to_owned());
    say_with(FromChild::Chunk { request, blob, media_type, more }, vec![b'x'; bytes]);
}

fn page(blob: &str) -> Value {
    json!({
        "page": 1, "blob": blob, "media_type": "image/jpeg", "bytes": CHUNK, "width_px": 10, "height_px": 10,
        "resolution_dpi": 300,
    })
}

fn report(blobs: &[&str]) -> Value {
    let pages: Vec<Value> = blobs.iter().map(|blob| page(blob)).collect();
    json!({ "pages": pages, "ended": "source_empty" })
}

fn event(request: u64, name: &str, payload: Value) {
    say(FromChild::Event { request: Some(request), name: name.into(), payload });
}

/// Does what the vice wants; without one the answer is right.
pub(crate) fn answer(vice: &str, id: u64, name: &str) {
    if name == "scanner.status" {
        return done(id, Ok(json!({ "activity": "idle" })));
    }
    match vice {
        // Nothing more comes, whatever is asked.
        "ignores-cancel" | "late" | "silent" => {}
        "done-twice" => {
            done(id, Ok(report(&[])));
            done(id, Ok(report(&[])));
        }
        "done-for-another" => done(id + 1, Ok(report(&[]))),
        "wrong-reply" => done(id, Ok(json!({ "pages": "none" }))),
        "wrong-event" => event(id, "scanner.page", json!({ "page": "one" })),
        "undeclared-event" => event(id, "receipt_printer.progress", json!({ "sent_bytes": 1, "total_bytes": 2 })),
        "flood-of-events" => loop {
            event(id, "scanner.page", page("1"));
        },
        "dies-in-request" => exit(1),
        "device-gone-in-request" => exit(69),
        "garbage-in-request" => say_bytes(b"and now for something completely different"),
        "endless-blob" => loop {
            chunks(id, "1", 16);
        },
        "many-blobs" => {
            for number in 0_u64.. {
                chunk(id, &number.to_string(), 1, false);
            }
        }
        "unfinished-blob" => {
            chunks(id, "1", 1);
            done(id, Ok(report(&["1"])));
        }
        "unknown-blob" => done(id, Ok(report(&["nobody-made-this"]))),
        "blob-goes-on-after-its-end" => {
            chunk(id, "1", CHUNK, false);
            chunk(id, "1", CHUNK, false);
            done(id, Ok(report(&["1"])));
        }
        "blob-with-a-wrong-media-type" => {
            let (blob, media_type) = (BlobId("1".into()), "image/jpeg\r\nSet-Cookie: a=b".to_owned());
            say_with(FromChild::Chunk { request: id, blob, media_type, more: false }, vec![0; 10]);
            done(id, Ok(report(&["1"])));
        }
        "huge-json" => {
            let huge = vec![page("1"); 20_000];
            let json =
                json!({ "type": "done", "id": id, "ok": { "pages": huge, "ended": "source_empty" } }).to_string();
            say_bytes(&u32::try_from(json.len()).expect("some megabytes").to_be_bytes());
            say_bytes(&[0; 4]);
            say_bytes(json.as_bytes());
        }
        "long-detail" => done(id, Err(Failure::new(ErrorCode::DeviceFault, "o".repeat(900_000)))),
        "status-in-request" => {
            say(status(json!({ "activity": "scanning" })));
            say(status(json!({})));
        }
        _ => {
            chunk(id, "1", CHUNK, false);
            event(id, "scanner.page", page("1"));
            done(id, Ok(report(&["1"])));
        }
    }
}
