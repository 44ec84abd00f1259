//! The driver `barcode` with HID scanners: those of `kiosk-simulate usb`, and others of the test's own, made with the
//! kernel's `uhid` and `uinput`, which share nothing with them.

use std::path::{Path, PathBuf};

use evdev::uinput::VirtualDevice;
use evdev::{AttributeSet, EventType, InputEvent, KeyCode};
use kiosk_protocol::error::ErrorCode;
use kiosk_protocol::seam::{FromChild, Outcome, ToChild};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::process::{Lines, Program};
use kiosk_tests::rig::programs;
use kiosk_tests::rig::seam::DriverProgram;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::uhid::Uhid;

/// The QR code of an identity card of nobody, and the same in signs that keys have.
const CARD: &str = "099200000001|012345678|NGUYỄN VĂN A|01012000|Nam|Số 1, phố Hàng Gai, Hoàn Kiếm, Hà Nội|01012021";
const ASCII: &str = "099200000001|012345678|NGUYEN VAN A|01012000|Nam";
/// Bytes of data in one report of the scanner below.
const DATA: usize = 40;
/// A scanner with a report of its own layout: the number 9, the flag that more comes, symbology identifiers, the data, and
/// the count at the end.
const SCANNER: &[u8] = &[
    0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x85, 0x09, 0x15, 0x00, 0x26, 0xff, 0x00, // scanner, report 9
    0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, 0x75, 0x07, 0x81, 0x03, // continued, padding
    0x75, 0x08, 0x95, 0x03, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // symbology
    0x95, 0x28, 0x09, 0xfe, 0x82, 0x02, 0x01, // data
    0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // count
    0xc0,
];

/// Reports a code in as many pieces as it needs; `whole`: the last one says so.
fn scan(scanner: &mut Uhid, text: &str, aim: &[u8; 3], whole: bool) {
    let pieces: Vec<&[u8]> = text.as_bytes().chunks(DATA).collect();
    for (at, piece) in pieces.iter().enumerate() {
        let mut report = vec![9, u8::from(!whole || at + 1 < pieces.len())];
        report.extend_from_slice(aim);
        report.extend_from_slice(piece);
        report.resize(5 + DATA, 0);
        report.push(u8::try_from(piece.len()).unwrap());
        scanner.send(&report);
    }
}

async fn ready(folder: &TempDir, address: &str, config: Value) -> (DriverProgram, Value) {
    let what = format!("a scanner at {address}");
    kiosk_tests::rig::wait::until_async(&what, WITHIN, async || {
        let own = tempfile::tempdir_in(folder.path()).unwrap().keep();
        let mut driver = DriverProgram::start(&programs::find("kiosk-driver-barcode"), &own);
        driver.say(ToChild::Start { address: address.into(), config: config.clone() }).await;
        // The kernel makes the nodes a little later than the device.
        let deadline = tokio::time::Instant::now() + WITHIN;
        while let Some(message) = driver.hear(deadline).await {
            if let FromChild::Ready { capabilities, .. } = message {
                return Some((driver, capabilities));
            }
        }
        assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{:?}", driver.heard);
        None
    })
    .await
}

/// Begins to wait for a code; returns when what is scanned is heard.
async fn listen(driver: &mut DriverProgram, id: u64) {
    driver.request(id, "barcode_reader.read", json!({})).await;
    said_that_it_listens(driver, true).await;
}

async fn said_that_it_listens(driver: &mut DriverProgram, listens: bool) {
    driver
        .hear_until("it says whether it listens", WITHIN, |message| match message {
            FromChild::Event { name, payload, .. } if name == "status" => {
                (payload["listening"] == listens).then_some(())
            }
            _ => None,
        })
        .await;
}

/// Waits for a code, which is scanned as soon as the driver listens.
async fn read(driver: &mut DriverProgram, id: u64, mut scan: impl AsyncFnMut()) -> Outcome {
    listen(driver, id).await;
    scan().await;
    let outcome = driver.outcome(id, WITHIN).await;
    said_that_it_listens(driver, false).await;
    outcome
}

async fn stop(mut driver: DriverProgram) {
    driver.close_stdin();
    assert_eq!(driver.end(WITHIN).await.code(), Some(0), "{}", driver.log());
}

#[tokio::test]
async fn a_usb_scanner_in_pos_mode_is_read_whole_with_its_symbology_until_it_is_pulled_out() {
    let folder = tempfile::tempdir().unwrap();
    let plugged = Plugged::start(&["barcode,serial=BAR-7"]).await;
    let (mut driver, can) = ready(&folder, "usb:0db5:013b?serial=BAR-7", json!({})).await;
    assert_eq!(can, json!({ "interface": "hid_pos", "symbology": true }));
    let scan = async || plugged.set("barcode", json!({ "scan": CARD, "symbology": "]Q1" })).await;
    let code = read(&mut driver, 1, scan).await;
    assert_eq!(code, Outcome::Ok(json!({ "text": CARD, "symbology": "qr", "removed": 0 })));
    plugged.fault("barcode", "bad_count", json!({ "count": 255 })).await;
    let wrong = read(&mut driver, 2, async || plugged.set("barcode", json!({ "scan": CARD })).await).await;
    let Outcome::Error(failure) = wrong else { panic!("{wrong:?}") };
    assert_eq!(failure.code, ErrorCode::Unreadable, "{failure:?}");
    plugged.clear("barcode").await;
    let next = read(&mut driver, 3, async || plugged.set("barcode", json!({ "scan": "next" })).await).await;
    let Outcome::Ok(next) = next else { panic!("{next:?}") };
    assert_eq!(next["text"], "next");
    driver.request(4, "barcode_reader.read", json!({})).await;
    plugged.unplug("barcode").await;
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
}

#[tokio::test]
async fn a_scanner_whose_report_is_laid_out_otherwise_is_read_as_its_description_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = Uhid::plug("Kiosk Lab Scanner", SCANNER).await;
    let node = scanner.node().await;
    let (mut driver, can) = ready(&folder, &format!("hid:{}", node.display()), json!({})).await;
    assert_eq!(can, json!({ "interface": "hid_pos", "symbology": true }));
    let code = read(&mut driver, 1, async || scan(&mut scanner, CARD, b"]Q1", true)).await;
    assert_eq!(code, Outcome::Ok(json!({ "text": CARD, "symbology": "qr", "removed": 0 })));
    drop(scanner);
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
}

#[tokio::test]
async fn a_usb_scanner_in_keyboard_mode_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let plugged = Plugged::start(&["keyboard-scanner,serial=KEY-7"]).await;
    let config = json!({ "mode": "keyboard", "pause_ms": 5_000 });
    let (mut driver, can) = ready(&folder, "usb:0db5:013a?serial=KEY-7", config).await;
    assert_eq!(can, json!({ "interface": "keyboard", "symbology": false }));
    let scan = async || plugged.set("keyboard-scanner", json!({ "scan": ASCII })).await;
    assert_eq!(read(&mut driver, 1, scan).await, Outcome::Ok(json!({ "text": ASCII, "removed": 0 })));
    plugged.unplug("keyboard-scanner").await;
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
}

#[tokio::test]
async fn a_code_without_end_is_given_up_and_the_next_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = Uhid::plug("Kiosk Endless Scanner", SCANNER).await;
    let node = scanner.node().await;
    let (mut driver, _) = ready(&folder, &format!("hid:{}", node.display()), json!({ "pause_ms": 5_000 })).await;
    listen(&mut driver, 1).await;
    let outcome = {
        let over = driver.outcome(1, WITHIN);
        tokio::pin!(over);
        loop {
            tokio::select! {
                biased;
                outcome = &mut over => break outcome,
                () = tokio::task::yield_now() => scan(&mut scanner, &"x".repeat(DATA * 20), b"]Q1", false),
            }
        }
    };
    let Outcome::Error(failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.code, ErrorCode::TooLarge, "{failure:?}");
    said_that_it_listens(&mut driver, false).await;
    scan(&mut scanner, "its end at last", b"]Q1", true);
    let next = read(&mut driver, 2, async || scan(&mut scanner, "next", b"]C0", true)).await;
    assert_eq!(next, Outcome::Ok(json!({ "text": "next", "symbology": "code128", "removed": 0 })));
    stop(driver).await;
}

/// A keyboard of the test's own.
pub(super) struct Keys {
    device: VirtualDevice,
    pub(super) node: PathBuf,
}

impl Keys {
    pub(super) async fn plug() -> Self {
        lab::load("uinput", &[]).await;
        lab::load("evdev", &[]).await;
        let keys: AttributeSet<KeyCode> = (1..120).map(KeyCode::new).collect();
        let builder = VirtualDevice::builder().unwrap().name("Kiosk Lab Keys").with_keys(&keys).unwrap();
        let mut device = builder.build().unwrap();
        let node =
            lab::until("the node of the keys", || device.enumerate_dev_nodes_blocking().ok()?.next()?.ok()).await;
        lab::appears(&node).await;
        Self { device, node }
    }

    fn press(&mut self, code: u16) {
        for value in [1, 0] {
            self.device.emit(&[InputEvent::new(EventType::KEY.0, code, value)]).unwrap();
        }
    }

    /// `099` and Enter, then the sign U+1EC4 by its number in between (KEY_LEFTALT is 56, the keypad's digits 7, 8, 7, 6
    /// are 71, 72, 71, 77; 0x1EC4 is 7876).
    fn scan(&mut self) {
        for code in [11, 10, 10] {
            self.press(code);
        }
        self.device.emit(&[InputEvent::new(EventType::KEY.0, 56, 1)]).unwrap();
        for code in [71, 72, 71, 77] {
            self.press(code);
        }
        self.device.emit(&[InputEvent::new(EventType::KEY.0, 56, 0)]).unwrap();
        self.press(28);
    }
}

/// How many events another program sees that has the keyboard open.
pub(super) fn seen(reader: &mut evdev::Device) -> usize {
    match reader.fetch_events() {
        Ok(events) => events.count(),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => 0,
        Err(error) => panic!("{error}"),
    }
}

pub(super) fn open(node: &Path) -> evdev::Device {
    let reader = evdev::Device::open(node).unwrap();
    reader.set_nonblocking(true).unwrap();
    reader
}

/// `evtest` at a keyboard: somebody else's reader.
struct Evtest {
    _program: Program,
    lines: Lines,
}

impl Evtest {
    fn start(folder: &Path, node: &Path) -> Self {
        let evtest = Peer::new(&peer("stdbuf")).args(["-oL", "evtest"]).arg(node);
        let mut program = evtest.start(folder, "evtest");
        Self { lines: program.lines(), _program: program }
    }

    /// The next line that has one of these.
    async fn says(&mut self, words: &[&str]) -> String {
        loop {
            let line = self.lines.next(WITHIN).await.expect("evtest goes on");
            if words.iter().any(|word| line.contains(word)) {
                return line;
            }
        }
    }
}

#[tokio::test]
async fn what_a_scanner_types_reaches_nobody_else_until_its_driver_ends() {
    lab::require();
    let folder = tempfile::tempdir().unwrap();
    let mut keys = Keys::plug().await;
    let mut bystander = open(&keys.node);
    keys.scan();
    lab::until("the bystander sees keys that nobody took", || (seen(&mut bystander) > 0).then_some(())).await;
    let address = format!("input:{}", keys.node.display());
    let (mut driver, _) = ready(&folder, &address, json!({})).await;
    while seen(&mut bystander) > 0 {}
    let mut evtest = Evtest::start(folder.path(), &keys.node);
    evtest.says(&["grabbed by another process"]).await;
    let code = read(&mut driver, 1, async || keys.scan()).await;
    assert_eq!(code, Outcome::Ok(json!({ "text": "099Ễ", "removed": 0 })));
    // The driver has heard all of it, so whatever another program could see is there.
    assert_eq!(seen(&mut bystander), 0);
    stop(driver).await;
    // KEY_Z is 44; the code had none.
    keys.press(44);
    lab::until("the bystander sees keys again", || (seen(&mut bystander) > 0).then_some(())).await;
    let first = evtest.says(&["type 1 (EV_KEY)"]).await;
    assert!(first.contains("code 44 (KEY_Z)"), "the first key that evtest saw: {first}");
}
