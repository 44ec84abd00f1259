//! The devices as their drivers see them, without a kernel; what the classes say is written down here once more.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::host::{Host, TestHub};
use crate::device::{Attach, Device};
use crate::printer::{self, Printer, font::DEFAULT_FONT};
use crate::ups::{self, Ups, protocol::Account};
use crate::usb::barcode::{self, Mode};
use crate::usb::{Options, serial};

fn options(hub: &Arc<TestHub>) -> Options {
    Options { serial: Some("S-1".into()), ..super::options(hub) }
}

fn host(hub: &TestHub) -> Host {
    let mut host = hub.host();
    host.enumerate();
    host
}

async fn printer(buffer: usize) -> (Printer, Host) {
    let hub = Arc::new(TestHub::default());
    let attach = Attach::Usb(options(&hub));
    let options = printer::Options { attach, width: 384, buffer, font: DEFAULT_FONT.into(), seed: 1 };
    (Printer::start(options).await.unwrap(), host(&hub))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_answers_on_its_pipe_and_by_its_class() {
    let (printer, mut host) = printer(4096).await;
    host.out(1, b"\x10\x04\x01");
    assert_eq!(host.returned(false).actual, 3);
    host.want(2, 64);
    assert_eq!(host.returned(true).data, [0x12]);
    let id = host.get(0xa1, 0, 0, 0, 1000).data;
    assert_eq!(usize::from(u16::from_be_bytes([id[0], id[1]])), id.len());
    assert!(String::from_utf8(id[2..].to_vec()).unwrap().contains("SN:S-1;"));
    // Selected and no error; then selected, error, no paper.
    assert_eq!(host.get(0xa1, 1, 0, 0, 1).data, [0x18]);
    printer.fault(json!({ "fault": "paper_out" })).unwrap();
    assert_eq!(host.get(0xa1, 1, 0, 0, 1).data, [0x30]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_without_paper_takes_what_its_buffer_holds_and_goes_on_with_new_paper() {
    let (printer, mut host) = printer(1024).await;
    printer.fault(json!({ "fault": "paper_out" })).unwrap();
    let out = host.out(1, &b"line\n".repeat(400));
    assert_eq!(host.get(0xa1, 1, 0, 0, 1).data, [0x30]);
    let unlinked = host.unlink(out);
    let ended = host.returned(false);
    assert_eq!((ended.sequence, ended.actual), (out, 1024));
    assert_eq!(host.returned(false).sequence, unlinked);
    // A soft reset forgets what waits.
    assert_eq!(host.set(0x21, 2, 0, 0, &[]).status, 0);
    assert_eq!(printer.state()["buffered"], 0);
    let out = host.out(1, &b"line\n".repeat(400));
    printer.clear(None);
    let ended = host.returned(false);
    assert_eq!((ended.sequence, ended.actual), (out, 2000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_line_is_a_byte_stream_for_its_machine() {
    let hub = Arc::new(TestHub::default());
    let (device, mut line) = serial::plug(options(&hub), "Maker", "Panel").unwrap();
    let mut host = host(&hub);
    // 115200 baud; then DTR.
    assert_eq!(host.set(0x21, 0x20, 0, 0, &[0x00, 0xc2, 0x01, 0, 0, 0, 8]).status, 0);
    assert_eq!(host.get(0xa1, 0x21, 0, 0, 7).data, [0x00, 0xc2, 0x01, 0, 0, 0, 8]);
    assert_eq!(host.set(0x21, 0x22, 3, 0, &[]).status, 0);
    host.out(1, b"show");
    assert_eq!(host.returned(false).actual, 4);
    let mut got = [0; 4];
    line.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"show");
    line.write_all(b"ok").await.unwrap();
    host.want(2, 64);
    assert_eq!(host.returned(true).data, b"ok");
    assert_eq!((device.state()["baud"].clone(), device.state()["dtr"].clone()), (json!(115_200), json!(true)));
}

#[test]
fn a_scan_comes_in_reports_of_56_bytes_with_its_symbology() {
    let hub = Arc::new(TestHub::default());
    let scanner = barcode::start(options(&hub), Mode::Pos).unwrap();
    let mut host = host(&hub);
    scanner.set(json!({ "scan": "9".repeat(60), "symbology": "]C0" })).unwrap();
    for (count, more) in [(56, 1), (4, 0)] {
        host.want(1, 64);
        let report = host.returned(true).data;
        assert_eq!((report.len(), report[0], report[1], report[63]), (64, 2, count, more));
        assert_eq!((&report[2..5], report[5]), (&b"]C0"[..], b'9'));
    }
    for wrong in [json!({ "scan": "" }), json!({ "scan": "1", "symbology": "QR" }), json!({ "scan": 1.5 })] {
        assert!(scanner.set(wrong).is_err());
    }
}

#[test]
fn a_keyboard_scanner_types_with_shift_and_ends_with_enter() {
    let hub = Arc::new(TestHub::default());
    let scanner = barcode::start(options(&hub), Mode::Keyboard).unwrap();
    let mut host = host(&hub);
    scanner.set(json!({ "scan": "aB|" })).unwrap();
    let mut typed = Vec::new();
    for _ in 0..8 {
        host.want(1, 8);
        let report = host.returned(true).data;
        typed.push((report[0], report[2]));
    }
    let up = (0, 0);
    assert_eq!(typed, [(0, 4), up, (2, 5), up, (2, 0x31), up, (0, 0x28), up]);
}

fn report(host: &mut Host, number: u16) -> Vec<u8> {
    host.get(0xa1, 1, 0x0300 | number, 0, 8).data
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ups_tells_a_power_failure_by_itself() {
    let hub = Arc::new(TestHub::default());
    let account = Account { ups: String::new(), user: String::new(), password: String::new() };
    let attach = Attach::Usb(options(&hub));
    let ups = Ups::start(ups::Options { attach, account, acceleration: 0.0, seed: 1 }).await.unwrap();
    let mut host = host(&hub);
    ups.set(json!({ "charge": 63 })).unwrap();
    assert_eq!(report(&mut host, 12), [12, 63]);
    // Present status: AC, charging, battery present.
    assert_eq!(report(&mut host, 16), [16, 0b10_0011]);
    for number in [16, 12, 13] {
        host.want(1, 8);
        assert_eq!(host.returned(true).data[0], number);
    }
    host.want(1, 8);
    ups.set(json!({ "mains": "off" })).unwrap();
    assert_eq!(host.returned(true).data, [16, 0b10_0100]);
    // RemainingCapacityLimit can be written.
    assert_eq!(host.set(0x21, 9, 0x0311, 0, &[17, 70]).status, 0);
    assert_eq!((report(&mut host, 17), report(&mut host, 16)), (vec![17, 70], vec![16, 0b10_1100]));
    assert_eq!(host.set(0x21, 9, 0x030c, 0, &[12, 1]).status, -32);
    let faults: Vec<Value> = ups.knobs().iter().map(|knob| knob.name.into()).collect();
    assert_eq!(faults, ["mains_off", "low_battery", "replace_battery"]);
}
