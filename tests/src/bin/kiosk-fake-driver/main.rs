//! A driver program that does one thing wrong, for the tests of the gateway. The last part of its own file name says
//! what: a link `kiosk-fake-driver--no-hello` to it says no hello. It serves scanners; as `live-camera` and `shown-qr` it
//! is a camera and a QR display without a fault.

mod babble;
mod live;
mod requests;
mod voice;

use std::io::{Read, Write};
use std::path::Path;
use std::process::exit;

use kiosk_protocol::device::{Identity, Kind};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::{FromChild, SEAM_VERSION, ToChild};
use serde_json::json;

use voice::{listen, say, say_bytes, status};

fn main() {
    let own = std::env::args().next().unwrap_or_default();
    let own = Path::new(&own).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let vice = own.split_once("--").map_or("none", |(_, vice)| vice).to_owned();
    begin(&vice);
    if vice.starts_with("babbles-") {
        return babble::babble(&vice);
    }
    if matches!(kind(&vice), Kind::Camera | Kind::QrDisplay) {
        return live::serve(kind(&vice));
    }
    say(FromChild::Ready { identity: Identity::default(), capabilities: json!({ "sources": [] }) });
    say(status(json!({ "activity": "idle" })));
    after_ready(&vice);
    while let Some(message) = listen() {
        match message {
            ToChild::Ping { .. } if vice == "ignores-ping" => {}
            ToChild::Ping { seq } => say(FromChild::Pong { seq, device_alive: vice != "says-it-is-stuck" }),
            ToChild::Cancel { id } if vice == "late" => requests::late(id),
            ToChild::Cancel { id } if vice != "ignores-cancel" => requests::cancelled(id),
            ToChild::Request { id, name, .. } => requests::answer(&vice, id, &name),
            _ => {}
        }
    }
}

/// From the start to the moment before `ready`.
fn begin(vice: &str) {
    match vice {
        "no-hello" => idle(),
        "garbage" => say_bytes(b"{\"type\":\"hello\"}\nthis is not a frame at all\n"),
        "oversized-length" => say_bytes(&[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, b'{']),
        "oversized-blob" => say_bytes(&[0, 0, 0, 2, 0xFF, 0xFF, 0xFF, 0xFF, b'{', b'}']),
        "empty-frame" => say_bytes(&[0; 8]),
        "not-json" => say_bytes(b"\0\0\0\x03\0\0\0\0abc"),
        "deep-json" => {
            let json = format!("{{\"type\":\"ready\",\"identity\":{{}},\"capabilities\":{}", "[".repeat(500_000));
            let length = u32::try_from(json.len()).expect("half a megabyte");
            say_bytes(&length.to_be_bytes());
            say_bytes(&[0; 4]);
            say_bytes(json.as_bytes());
        }
        "half-frame" => {
            say_bytes(&[0, 0, 1, 0, 0, 0, 0, 0, b'{']);
            exit(1);
        }
        "closes-stdout" => {
            hello(SEAM_VERSION, "closes-stdout", Kind::Scanner);
            // A shell takes its place that has no stdout and lives on.
            become_deaf();
        }
        "exit-1" => exit(1),
        _ => {}
    }
    match vice {
        "wrong-version" => hello(SEAM_VERSION + 1, vice, Kind::Scanner),
        "wrong-kind" => hello(SEAM_VERSION, vice, Kind::Ups),
        "wrong-name" => hello(SEAM_VERSION, "somebody-else", Kind::Scanner),
        _ => hello(SEAM_VERSION, vice, kind(vice)),
    }
    if vice == "hello-twice" {
        hello(SEAM_VERSION, vice, Kind::Scanner);
    }
    while !matches!(listen(), Some(ToChild::Start { .. }) | None) {}
    match vice {
        "no-ready" => idle(),
        "exit-64" => fail(ErrorCode::DriverHeld, "config.colour is `blue`; use `red`", 64),
        "exit-77" => fail(ErrorCode::DriverHeld, "may not open /dev/fake; add the user to the group `lp`", 77),
        "exit-69" => fail(ErrorCode::DeviceAbsent, "nothing at the address", 69),
        "exit-70" => fail(ErrorCode::DeviceFault, "the device smokes", 70),
        "wrong-capabilities" => {
            say(FromChild::Ready { identity: Identity::default(), capabilities: json!({ "sources": 7 }) });
        }
        _ => {}
    }
}

fn kind(vice: &str) -> Kind {
    match vice {
        "live-camera" => Kind::Camera,
        "shown-qr" => Kind::QrDisplay,
        _ => Kind::Scanner,
    }
}

fn hello(protocol: u16, driver: &str, kind: Kind) {
    say(FromChild::Hello { protocol, driver: driver.to_owned(), version: "1".into(), kind });
}

fn fail(code: ErrorCode, detail: &str, status: i32) {
    say(FromChild::Failed { failure: Failure::new(code, detail) });
    exit(status);
}

/// What it does of its own accord once it is ready.
fn after_ready(vice: &str) {
    match vice {
        "ready-twice" => {
            say(FromChild::Ready { identity: Identity::default(), capabilities: json!({ "sources": [] }) })
        }
        "wrong-status" => say(status(json!({ "activity": "dancing" }))),
        "event-of-nothing" => say(FromChild::Event { request: None, name: "scanner.page".into(), payload: json!({}) }),
        "picture-of-a-scanner" => say(FromChild::Picture { number: 1, taken_us: 1 }),
        "done-unasked" => requests::done(4_711, Ok(json!({}))),
        "event-for-unknown-request" => {
            for request in 900..920 {
                say(FromChild::Event { request: Some(request), name: "scanner.page".into(), payload: json!({}) });
            }
        }
        "chunk-for-unknown-request" => requests::chunks(900, "1", 20),
        "flood-of-status" => loop {
            say(status(json!({ "activity": "idle" })));
        },
        "flood-of-chunks" => loop {
            requests::chunks(900, "1", 1);
        },
        "flood-of-stderr" => {
            let line = "there is nothing to say, and it is said at length. ".repeat(400);
            for _ in 0..2_000 {
                // A log that nobody takes is not this program's business.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        }
        _ => {}
    }
}

/// Lives on without a word until its stdin ends.
fn idle() {
    let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
    exit(0);
}

#[expect(clippy::disallowed_methods, reason = "replaces this program, no child is left")]
fn become_deaf() {
    use std::os::unix::process::CommandExt;
    let shell = std::process::Command::new("/bin/sh")
        .args(["-c", "exec cat >/dev/null"])
        .stdout(std::process::Stdio::null())
        .exec();
    panic!("cannot run /bin/sh: {shell}");
}
