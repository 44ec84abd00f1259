//! The driver `barcode` with HID scanners: those of `kiosk-simulate usb`, and others of the test's own, made with the
//! kernel's `uhid` and `uinput`, which share nothing with them.

#[path = "barcode/uhid.rs"]
mod uhid;

use std::path::{Path, PathBuf};
use std::time::Duration;

use evdev::uinput::VirtualDevice;
use evdev::{AttributeSet, EventType, InputEvent, KeyCode};
use kiosk_protocol::seam::{FromChild, Outcome, ToChild};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::rig::programs;
use kiosk_tests::rig::seam::DriverProgram;
use serde_json::{Value, json};
use tempfile::TempDir;

use uhid::Uhid;

/// The QR code of an identity card of nobody, and the same in signs that keys have.
const CARD: &str = "099200000001|012345678|NGUYỄN VĂN A|01012000|Nam|Số 1, phố Hàng Gai, Hoàn Kiếm, Hà Nội|01012021";
const ASCII: &str = "099200000001|012345678|NGUYEN VAN A|01012000|Nam";
/// A scanner is held before the same code until it is read.
const SCAN_EVERY: Duration = Duration::from_secs(2);

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

/// Scans until the code is heard: what came before the driver listened does not count.
async fn read(driver: &mut DriverProgram, id: u64, mut scan: impl AsyncFnMut()) -> Outcome {
    driver.request(id, "barcode_reader.read", json!({})).await;
    let over = driver.outcome(id, WITHIN);
    tokio::pin!(over);
    loop {
        tokio::select! {
            outcome = &mut over => return outcome,
            () = async {
                scan().await;
                tokio::time::sleep(SCAN_EVERY).await;
            } => {}
        }
    }
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
    assert_eq!(failure.code, kiosk_protocol::error::ErrorCode::Unreadable, "{failure:?}");
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
    lab::load("uhid", &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut scanner = Uhid::plug("Kiosk Lab Scanner");
    let node = scanner.node().await;
    let (mut driver, can) = ready(&folder, &format!("hid:{}", node.display()), json!({})).await;
    assert_eq!(can, json!({ "interface": "hid_pos", "symbology": true }));
    let code = read(&mut driver, 1, async || scanner.scan(CARD, b"]Q1")).await;
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
    let scan = async || {
        plugged.set("keyboard-scanner", json!({ "scan": ASCII })).await;
        // Each sign takes its time; the next scan comes after the end of this one.
        kiosk_tests::rig::wait::until_async("the end of typing", WITHIN, async || {
            (plugged.state("keyboard-scanner").await["reports_waiting"] == 0).then_some(())
        })
        .await;
    };
    assert_eq!(read(&mut driver, 1, scan).await, Outcome::Ok(json!({ "text": ASCII, "removed": 0 })));
    plugged.unplug("keyboard-scanner").await;
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
}

/// A keyboard of the test's own.
struct Keys {
    device: VirtualDevice,
    node: PathBuf,
}

impl Keys {
    async fn plug() -> Self {
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
fn seen(reader: &mut evdev::Device) -> usize {
    match reader.fetch_events() {
        Ok(events) => events.count(),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => 0,
        Err(error) => panic!("{error}"),
    }
}

fn open(node: &Path) -> evdev::Device {
    let reader = evdev::Device::open(node).unwrap();
    reader.set_nonblocking(true).unwrap();
    reader
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
    let code = read(&mut driver, 1, async || keys.scan()).await;
    assert_eq!(code, Outcome::Ok(json!({ "text": "099Ễ", "removed": 0 })));
    // The driver has heard all of it, so whatever another program could see is there.
    assert_eq!(seen(&mut bystander), 0);
    stop(driver).await;
    keys.scan();
    lab::until("the bystander sees keys again", || (seen(&mut bystander) > 0).then_some(())).await;
}
