//! A receipt printer at a serial port: a pseudo terminal, of which the far end is connected with the simulated printer.
//! (The simulators have TCP and USB ends, no serial one of their own.)

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use kiosk_protocol::device::DeviceState;
use kiosk_protocol::error::{ErrorCode as E, PrintOutcome};
use kiosk_tests::peers::code;
use kiosk_tests::receipts;
use kiosk_tests::rig::line::Line;
use kiosk_tests::rig::{Client, Order, Parts, READY_WITHIN, Rig, RigOptions, Simulators};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::json;

/// How often the cable looks whether it was pulled.
const LOOKS_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// A cable from a serial port to the simulated printer; dropped, it is pulled out and the port is gone.
struct Cable {
    /// The port's node.
    port: String,
    printer: TcpStream,
    pulled: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Cable {
    fn plug(printer: &str) -> Self {
        let Line { far, near, port } = Line::plug();
        let far = Arc::new(far);
        let printer = TcpStream::connect(printer.strip_prefix("tcp:").unwrap()).unwrap();
        let pulled = Arc::new(AtomicBool::new(false));
        let out = {
            let (far, mut printer, pulled) = (Arc::clone(&far), printer.try_clone().unwrap(), Arc::clone(&pulled));
            move || {
                let _line = near;
                let mut bytes = [0; 256];
                while !pulled.load(Ordering::Relaxed) {
                    let mut waiting = [PollFd::new(&*far, PollFlags::IN)];
                    if poll(&mut waiting, Some(&LOOKS_EVERY)).unwrap() == 0 {
                        continue;
                    }
                    let count = (&*far).read(&mut bytes).unwrap();
                    // What the printer does not take stays in the line. It is an error once the cable is pulled.
                    if printer.write_all(&bytes[..count]).is_err() {
                        return;
                    }
                }
            }
        };
        let back = {
            let mut printer = printer.try_clone().unwrap();
            move || {
                let mut bytes = [0; 256];
                while let Ok(count @ 1..) = printer.read(&mut bytes) {
                    (&*far).write_all(&bytes[..count]).unwrap();
                }
            }
        };
        let threads = vec![std::thread::spawn(out), std::thread::spawn(back)];
        Self { port, printer, pulled, threads }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.pulled.store(true, Ordering::Relaxed);
        let _ = self.printer.shutdown(Shutdown::Both);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

struct Kiosk {
    rig: Rig,
    client: Client,
    simulators: Simulators,
    cable: Cable,
    _program: kiosk_tests::rig::process::Program,
    _folder: tempfile::TempDir,
}

async fn kiosk(options: &str) -> Kiosk {
    let folder = tempfile::tempdir().unwrap();
    let (simulators, program) = Simulators::start(folder.path(), &[]).await;
    let cable = Cable::plug(&simulators.addresses().unwrap().printer);
    let address = format!("serial:{}?baud=38400{options}", cable.port);
    let config = format!("[devices.printer]\ndriver = \"escpos\"\naddress = {address:?}\nconfig.poll_ms = 200\n");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(READY_WITHIN).await;
    Kiosk { rig, client, simulators, cable, _program: program, _folder: folder }
}

fn print(key: &str, rows: usize) -> Order {
    receipts::print(receipts::receipt(key, rows), key).timeout_ms(60_000)
}

async fn fails(client: &mut Client, order: Order) -> (E, Option<PrintOutcome>) {
    let id = client.start(order).await;
    let failure = client.finish_within(id, Duration::from_secs(90)).await.expect_err("it is not printed").failure;
    (failure.code, failure.outcome)
}

#[tokio::test]
async fn a_receipt_is_printed_over_a_serial_line() {
    for options in ["", "&flow=rtscts"] {
        let mut kiosk = kiosk(options).await;
        let printed = kiosk.client.done(print("first-receipt", 5)).await;
        assert_eq!(printed["outcome"], "printed", "{options}");
        assert_eq!(kiosk.simulators.receipts().await.len(), 1, "{options}");
    }
}

#[tokio::test]
async fn a_citizens_reader_reads_the_code_on_a_receipt() {
    let mut kiosk = kiosk("").await;
    let payment = "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C";
    for (text, number) in [("Phường Cửa Nam, Hà Nội: hồ sơ ầ ữ ợ", 1), (payment, 2)] {
        let receipt = json!({ "elements": [
            { "type": "text", "text": "Lệ phí chứng thực" }, { "type": "qr", "data": text, "width_mm": 40 },
        ] });
        let order = receipts::print(receipt, &format!("receipt-{number}"));
        kiosk.client.done(order.timeout_ms(60_000)).await;
        assert_eq!(code::read(&kiosk.simulators.paper(Some(number)).await).await.as_deref(), Some(text));
    }
}

#[tokio::test]
async fn a_printer_that_takes_no_more_ends_a_print_as_unknown_and_the_next_one_is_whole() {
    let mut kiosk = kiosk("").await;
    kiosk.client.done(print("first-receipt", 1)).await;
    kiosk.simulators.fault("printer", "paper_out", json!({ "after_rows": 200 })).await;
    let outcome = fails(&mut kiosk.client, print("stopped-receipt", 150)).await;
    assert_eq!(outcome, (E::PaperOut, Some(PrintOutcome::Unknown)));
    kiosk.simulators.clear("printer").await;
    let printed = kiosk.client.done(print("second-receipt", 1)).await;
    assert_eq!(printed["outcome"], "printed");
}

#[tokio::test]
async fn a_pulled_serial_cable_in_the_middle_is_unknown_and_the_printer_absent() {
    let Kiosk { rig, mut client, simulators, cable, _program, _folder } = kiosk("").await;
    client.done(print("first-receipt", 1)).await;
    simulators.fault("printer", "slow", json!({ "bytes_per_second": 4_000 })).await;
    let id = client.start(print("pulled-receipt", 150)).await;
    client.event(id, "receipt_printer.progress").await;
    drop(cable);
    let failure = client.finish_within(id, Duration::from_secs(90)).await.expect_err("it is not printed").failure;
    assert_eq!((failure.code, failure.outcome), (E::DeviceAbsent, Some(PrintOutcome::Unknown)));
    client.wait_state("printer", DeviceState::Absent, READY_WITHIN).await;
    rig.assert_healthy().await;
}
