//! The driver `barcode` at a serial port (a pseudo terminal). HID POS and keyboards need a kernel: `tests/lab/barcode.rs`.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kiosk_protocol::device::{DeviceState, DeviceView, Facts};
use kiosk_protocol::error::{ErrorBody, ErrorCode};
use kiosk_protocol::message::ServerMessage;
use kiosk_tests::rig::line::Line;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions};
use serde_json::{Value, json};

const WITHIN: Duration = Duration::from_secs(30);
/// The QR code of an identity card of nobody.
const CARD: &str = "099200000001|012345678|NGUYỄN VĂN A|01012000|Nam|Số 1, phố Hàng Gai, Hoàn Kiếm, Hà Nội|01012021";

async fn ready(config: &str) -> (Line, Rig, Client) {
    let line = Line::plug();
    let address = format!("serial:{}?baud=115200", line.port);
    let config =
        format!("[devices.scanner]\ndriver = \"barcode\"\naddress = \"{address}\"\nconfig.poll_ms = 50\n{config}\n");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    (line, rig, client)
}

fn listens(view: &DeviceView) -> bool {
    matches!(&view.facts, Facts::BarcodeReader { status: Some(status), .. } if status.listening)
}

/// Begins a command; returns when what is scanned is heard.
async fn listen(client: &mut Client, order: Order) -> u64 {
    // An earlier command is over for the device, too.
    client.wait_device("scanner", WITHIN, |view| !listens(view)).await;
    let id = client.start(order.timeout_ms(60_000)).await;
    client.wait_device("scanner", WITHIN, listens).await;
    id
}

async fn read(line: &mut Line, client: &mut Client, bytes: &[u8]) -> Result<Value, ErrorBody> {
    let id = listen(client, "barcode_reader.read".into()).await;
    line.say(bytes);
    client.finish(id).await
}

#[tokio::test]
async fn the_code_of_an_identity_card_arrives_whole_and_in_no_log() {
    let (mut line, rig, mut client) = ready("").await;
    let code = read(&mut line, &mut client, format!("{CARD}\r\n").as_bytes()).await.unwrap();
    assert_eq!(code, json!({ "text": CARD, "removed": 0 }));
    let Facts::BarcodeReader { capabilities: Some(can), .. } = &client.devices.values().next().unwrap().facts else {
        panic!("{:?}", client.devices)
    };
    assert_eq!(json!(can), json!({ "interface": "serial", "symbology": false }));
    assert!(!rig.log().contains("099200000001"), "{}", rig.log());
}

#[tokio::test]
async fn what_is_scanned_while_nobody_asks_is_thrown_away() {
    let (mut line, _rig, mut client) = ready("").await;
    line.say("before\rand the beginning of ");
    let id = listen(&mut client, "barcode_reader.read".into()).await;
    line.say("another\rafter\r");
    assert_eq!(client.finish(id).await.unwrap()["text"], "after");
}

#[tokio::test]
async fn every_code_is_told_to_the_session_that_listens_and_to_no_other() {
    let (mut line, rig, mut client) = ready("config.aim_prefix = true").await;
    let mut other = rig.client().await;
    let id = listen(&mut client, Order::new("barcode_reader.listen", json!({ "max_codes": 3 }))).await;
    line.say(b"]E08934563138165\r]Q3xin ch\xc3\xa0o\r]E08934563138165\r");
    assert_eq!(client.finish(id).await.unwrap(), json!({ "codes": 3 }));
    let events = client.events(id);
    let told: Vec<_> =
        events.iter().map(|(name, code)| (*name, code["symbology"].as_str(), code["text"].as_str())).collect();
    let ean = ("barcode_reader.scanned", Some("ean_upc"), Some("8934563138165"));
    let qr = ("barcode_reader.scanned", Some("qr"), Some("xin chào"));
    assert_eq!(told, [ean, qr, ean]);
    // It has heard all that there is before the answer to its own command.
    other.call(Order::from("barcode_reader.status")).await.unwrap();
    assert!(!other.heard.iter().any(|message| matches!(message, ServerMessage::Event { .. })), "{:?}", other.heard);
}

#[tokio::test]
async fn control_characters_never_pass() {
    let (mut line, _rig, mut client) = ready("config.suffix = \"stx_etx\"").await;
    let code = read(&mut line, &mut client, b"\x02a\x1b[2J\r\nb\x1dc\x7f\x03").await.unwrap();
    assert_eq!(code, json!({ "text": "a[2Jb\nc", "removed": 4 }));
}

#[tokio::test]
async fn a_read_is_cancelled_at_once_and_has_its_time() {
    let (mut line, rig, mut client) = ready("").await;
    let driver = rig.child("kiosk-driver-barcode").unwrap();
    let id = client.start(Order::from("barcode_reader.read").timeout_ms(120_000)).await;
    client.wait_state("scanner", DeviceState::Busy, WITHIN).await;
    client.cancel(id).await;
    assert_eq!(client.finish_within(id, WITHIN).await.unwrap_err().failure.code, ErrorCode::Cancelled);
    let late = client.fails(Order::from("barcode_reader.read").timeout_ms(200)).await;
    assert_eq!(late.failure.code, ErrorCode::Timeout);
    assert_eq!(read(&mut line, &mut client, b"next\r").await.unwrap()["text"], "next");
    assert!(driver.runs());
}

#[tokio::test]
async fn garbage_is_told_and_the_next_code_is_read() {
    let (mut line, rig, mut client) = ready("").await;
    let driver = rig.child("kiosk-driver-barcode").unwrap();
    // No end, and then nothing more for longer than a pause.
    let error = read(&mut line, &mut client, b"\xff\x00half of a code").await.unwrap_err();
    assert_eq!(error.failure.code, ErrorCode::Unreadable);
    assert!(error.failure.detail.contains("config.suffix"), "{error:?}");
    assert_eq!(read(&mut line, &mut client, b"\rnext\r").await.unwrap()["text"], "next");
    assert!(driver.runs());
}

#[tokio::test]
async fn a_code_that_comes_slowly_is_read_whole() {
    let (mut line, _rig, mut client) = ready("config.pause_ms = 5000").await;
    let id = listen(&mut client, "barcode_reader.read".into()).await;
    for byte in CARD.bytes().chain([b'\r']) {
        line.say([byte]);
        // Not so many bytes at once that the line could be full, nor fewer than one.
        tokio::task::yield_now().await;
    }
    assert_eq!(client.finish(id).await.unwrap()["text"], CARD);
}

#[tokio::test]
async fn a_code_without_end_is_given_up_and_the_next_is_read() {
    let (mut line, rig, mut client) = ready("config.pause_ms = 5000").await;
    let driver = rig.child("kiosk-driver-barcode").unwrap();
    let id = listen(&mut client, "barcode_reader.read".into()).await;
    let mut far = line.far.try_clone().unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&over);
    let endless = std::thread::spawn(move || {
        // A write waits until the driver has taken what came before.
        while !stop.load(Ordering::Relaxed) {
            far.write_all(&[b'x'; 1_000]).unwrap();
        }
    });
    let error = client.finish(id).await.unwrap_err();
    assert_eq!(error.failure.code, ErrorCode::TooLarge, "{error:?}");
    assert!(error.failure.detail.contains("8192 characters"), "{error:?}");
    // Nobody asks, and it goes on: the driver throws it away and lives.
    client.wait_device("scanner", WITHIN, |view| !listens(view)).await;
    client.done("barcode_reader.status").await;
    over.store(true, Ordering::Relaxed);
    tokio::task::spawn_blocking(|| endless.join().unwrap()).await.unwrap();
    assert_eq!(read(&mut line, &mut client, b"\rnext\r").await.unwrap()["text"], "next");
    assert!(driver.runs() && driver.resident_kib() < 64 * 1024, "{} KiB", driver.resident_kib());
}

#[tokio::test]
async fn the_status_says_whether_what_is_scanned_is_heard() {
    let (mut line, _rig, mut client) = ready("").await;
    assert!(client.devices.values().all(|view| !listens(view)));
    for order in [Order::from("barcode_reader.read"), Order::new("barcode_reader.listen", json!({ "max_codes": 1 }))] {
        let id = listen(&mut client, order).await;
        line.say("a code\r");
        client.finish(id).await.unwrap();
        client.wait_device("scanner", WITHIN, |view| view.state == DeviceState::Ready && !listens(view)).await;
    }
    // Given up, too.
    let id = listen(&mut client, "barcode_reader.read".into()).await;
    client.cancel(id).await;
    client.finish(id).await.unwrap_err();
    client.wait_device("scanner", WITHIN, |view| view.state == DeviceState::Ready && !listens(view)).await;
}

#[tokio::test]
async fn an_unplugged_scanner_is_absent() {
    let (line, _rig, mut client) = ready("").await;
    let id = client.start(Order::from("barcode_reader.read").timeout_ms(60_000)).await;
    client.wait_state("scanner", DeviceState::Busy, WITHIN).await;
    drop(line);
    assert_eq!(client.finish_within(id, WITHIN).await.unwrap_err().failure.code, ErrorCode::DeviceAbsent);
    client.wait_state("scanner", DeviceState::Absent, WITHIN).await;
}

#[tokio::test]
async fn a_wrong_configuration_is_held_and_names_the_key() {
    let device = |name: &str, address: &str, config: &str| {
        format!("[devices.{name}]\ndriver = \"barcode\"\naddress = \"{address}\"\n{config}\n")
    };
    let config = device("suffix", "serial:/dev/null", "config.suffix = \"full stop\"")
        + &device("pause", "serial:/dev/null", "config.pause_ms = 1")
        + &device("node", "hid:hidraw0", "")
        + &device("option", "input:/dev/input/event0?colour=red", "");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    for (name, says) in
        [("suffix", "config.suffix"), ("pause", "config.pause_ms"), ("node", "hid:/dev/hidraw0"), ("option", "colour")]
    {
        let view = client.wait_state(name, DeviceState::Held, WITHIN).await;
        let detail = view.problem.unwrap().failure.detail;
        assert!(detail.contains(says), "{name}: {detail}");
    }
    // What is no scanner at all, and what is not there.
    let absent = device("absent", "hid:/dev/hidraw999", "");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config: absent, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client
        .wait_device("absent", WITHIN, |view| {
            view.problem.as_ref().is_some_and(|it| it.failure.code == ErrorCode::DeviceAbsent)
        })
        .await;
}
