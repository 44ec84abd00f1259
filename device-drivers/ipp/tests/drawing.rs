//! The process that draws (`src/draw/child.rs`), with limits that a test can wait for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../src/draw/sample.rs"]
mod sample;

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sample::{pdf, red, stream};
use serde_json::json;

/// Exit statuses: the document cannot be drawn; it is too large.
const UNREADABLE: i32 = 65;
const TOO_LARGE: i32 = 66;

/// Starts it and gives it this document.
fn begin(document: &[u8], memory_mib: u64, page_seconds: u64) -> Child {
    begin_for(std::process::id(), document, memory_mib, page_seconds)
}

/// The same for a driver that may be another process.
fn begin_for(driver: u32, document: &[u8], memory_mib: u64, page_seconds: u64) -> Child {
    let order = json!({
        "kind": "pdf", "driver": driver, "memory": memory_mib << 20, "page_seconds": page_seconds,
        "sheet": {
            "dots": "Rgb8", "dpi": 72, "width": 595, "height": 842, "media": "iso_a4_210x297mm", "sides": "one_sided",
            "back": "Normal",
        },
    });
    #[expect(clippy::disallowed_methods, reason = "the program under test, without its driver")]
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk-driver-ipp"));
    let pipes = command.arg("draw-a-document").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{order}\n").as_bytes()).unwrap();
    // One that refuses the order does not wait for the document.
    let _ = stdin.write_all(document);
    child
}

/// How it ended, its pages, and why there are none.
fn draw(document: &[u8], memory_mib: u64, page_seconds: u64) -> (ExitStatus, Vec<u8>, String) {
    let done = begin(document, memory_mib, page_seconds).wait_with_output().unwrap();
    (done.status, done.stdout, String::from_utf8_lossy(&done.stderr).into_owned())
}

/// The limit that ended it.
fn killed(status: ExitStatus) -> Option<rustix::process::Signal> {
    status.signal().and_then(rustix::process::Signal::from_named_raw)
}

/// A page with a form `F` of this content on it.
fn with_form(content: &[u8]) -> Vec<u8> {
    let mut objects = red(1, "595 842");
    objects[2] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>".to_vec();
    objects[3] = stream("", b"/F Do");
    objects.push(stream("/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources 6 0 R", content));
    objects.push(b"<< /XObject << /F 5 0 R >> >>".to_vec());
    pdf(&objects)
}

/// A page with a picture of this size.
fn with_picture(width: u32, height: u32, bytes: &[u8]) -> Vec<u8> {
    let mut objects = red(1, "595 842");
    objects[2] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
        /Resources << /XObject << /I 5 0 R >> >> >>"
        .to_vec();
    objects[3] = stream("", b"100 0 0 100 0 0 cm /I Do");
    let head = format!(
        "/Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 /ColorSpace /DeviceGray \
         /Filter /FlateDecode"
    );
    objects.push(stream(&head, bytes));
    pdf(&objects)
}

/// So many MiB of one byte, packed.
fn packed(byte: u8, mebibytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..mebibytes {
        encoder.write_all(&vec![byte; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn good_documents_are_drawn_within_the_limits() {
    let (status, raster, reason) = draw(&pdf(&red(3, "595 842")), 1024, 120);
    assert!(status.success(), "{status}: {reason}");
    assert!(raster.starts_with(b"RaS2PwgRaster\0"));
    assert_eq!(raster.windows(10).filter(|part| part == b"PwgRaster\0").count(), 3);
    let (status, _, reason) = draw(&with_picture(1024, 1024, &packed(0x55, 1)), 1024, 120);
    assert!(status.success(), "{status}: {reason}");
}

#[test]
fn a_document_of_which_something_is_missing_has_no_page_at_all() {
    let mut objects = red(3, "595 842");
    objects[4] = b"null".to_vec();
    let (status, raster, reason) = draw(&pdf(&objects), 1024, 120);
    assert_eq!((status.code(), raster.len()), (Some(UNREADABLE), 0));
    assert!(reason.contains("nothing of it is printed"), "{reason}");
    assert_eq!(draw(&pdf(&red(501, "595 842")), 1024, 120).0.code(), Some(TOO_LARGE));
}

#[test]
fn a_form_that_draws_itself_for_ever_ends_with_the_time_of_its_page() {
    let (status, raster, _) = draw(&with_form(b"0 0 9 9 re f /F Do /F Do"), 1024, 2);
    assert_eq!((killed(status), raster.len()), (Some(rustix::process::Signal::XCPU), 0));
}

#[test]
fn a_form_that_draws_itself_once_ends() {
    // The library follows it so deep and no deeper; this side has the stack for it.
    let (status, _, reason) = draw(&with_form(b"0 0 9 9 re f /F Do"), 1024, 120);
    assert!(status.success(), "{status}: {reason}");
}

#[test]
fn what_needs_more_memory_than_there_is_ends_without_a_page() {
    let mut objects = red(1, "595 842");
    objects[3] = stream("/Filter /FlateDecode", &packed(b' ', 2048));
    for document in [pdf(&objects), with_picture(60_000, 60_000, &packed(0x55, 3434))] {
        let (status, raster, _) = draw(&document, 512, 120);
        assert!(!status.success() && killed(status) != Some(rustix::process::Signal::XCPU), "{status}");
        assert!(raster.is_empty());
    }
}

#[test]
fn a_page_of_all_the_world_has_no_size() {
    let (status, raster, reason) = draw(&pdf(&red(1, "1000000000 1000000000")), 1024, 120);
    assert_eq!((status.code(), raster.len()), (Some(UNREADABLE), 0), "{reason}");
}

#[test]
fn nothing_is_drawn_for_a_driver_that_is_gone() {
    // A driver that ended before its child was ready: the child's parent is another process by then.
    let other = 1 + std::process::id();
    let done = begin_for(other, &pdf(&red(1, "595 842")), 1024, 120).wait_with_output().unwrap();
    assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&done.stderr).contains("no driver waits for it"));
}

#[test]
fn it_can_open_nothing_and_leaves_no_core() {
    let mut child = begin(&with_form(b"0 0 9 9 re f /F Do /F Do"), 1024, 600);
    let limits = loop {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let line = |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        if line("Max cpu time").split_whitespace().nth(3) != Some("unlimited") {
            break [line("Max open files"), line("Max core file size"), line("Max address space")];
        }
        assert!(child.try_wait().unwrap().is_none(), "it still draws");
    };
    let most: Vec<_> = limits.iter().map(|line| line.split_whitespace().rev().nth(1).unwrap().to_owned()).collect();
    assert_eq!(most, ["3", "0", &(1024_u64 << 20).to_string()]);
    child.kill().unwrap();
    let mut rest = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
    child.wait().unwrap();
}
