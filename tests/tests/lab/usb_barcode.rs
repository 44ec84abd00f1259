//! The virtual barcode scanners under the kernel's own drivers, `usbhid` and `hid-generic`.

use std::fs::File;
use std::time::Duration;

use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, usb};
use serde_json::json;

use super::usb_peers::{lsusb, read};

/// Scans until the host has heard it: `usbhid` drops what comes in the first moments after a node is opened.
async fn scanned(plugged: &Plugged, device: &str, text: &str, file: &File, count: usize) -> Vec<u8> {
    let reading = read(file, count);
    tokio::pin!(reading);
    loop {
        plugged.order(device, "set", json!({ "scan": text, "symbology": "]Q1" })).await;
        if let Ok(bytes) = tokio::time::timeout(Duration::from_secs(1), &mut reading).await {
            return bytes.unwrap();
        }
    }
}

#[tokio::test]
async fn a_scanner_in_pos_mode_reports_what_it_read_in_pieces() {
    let plugged = Plugged::start(&["barcode,serial=BAR-1"]).await;
    let node = usb::node("hidraw", &usb::device("BAR-1").await).await;
    let file = File::open(node).unwrap();
    // The invented number of nobody, and 70 letters that need a second report.
    let text = format!("099123456789|{}", "Đường".repeat(10));
    let bytes = scanned(&plugged, "barcode", &text, &file, 128).await;
    let (first, second) = bytes.split_at(64);
    assert_eq!((first[0], first[1], &first[2..5], first[63]), (2, 56, b"]Q1".as_slice(), 1));
    assert_eq!((second[0], usize::from(second[1]), second[63]), (2, text.len() - 56, 0));
    let whole = [&first[5..61], &second[5..5 + usize::from(second[1])]].concat();
    assert_eq!(whole, text.as_bytes());
    drop(file);
    lsusb("0db5:013b", &[]).await;
}

#[tokio::test]
async fn a_scanner_in_keyboard_mode_types() {
    let plugged = Plugged::start(&["keyboard-scanner,serial=KEY-1"]).await;
    let device = usb::device("KEY-1").await;
    let nodes = lab::until("a node for its events", || {
        let nodes = usb::nodes("input", &device);
        nodes.into_iter().find(|node| node.display().to_string().contains("event"))
    })
    .await;
    let file = File::open(nodes).unwrap();
    // 24 bytes an event: time (16), type, code, value. Each key makes six: scan code, key, end; pressed and released.
    let bytes = scanned(&plugged, "keyboard-scanner", "7a", &file, 24 * 18).await;
    let events = bytes.as_chunks::<24>().0.iter().map(|event| {
        let word = |at: usize| u16::from_le_bytes([event[at], event[at + 1]]);
        (word(16), word(18), word(20))
    });
    // EV_KEY is 1; KEY_7, KEY_A and KEY_ENTER are 8, 30 and 28 (linux/input-event-codes.h).
    let keys: Vec<(u16, u16)> =
        events.filter(|(kind, _, _)| *kind == 1).map(|(_, code, value)| (code, value)).collect();
    assert_eq!(keys, [(8, 1), (8, 0), (30, 1), (30, 0), (28, 1), (28, 0)]);
}
