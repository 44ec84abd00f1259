//! The driver of receipt printers over USB: through the whole gateway and alone, against the kernel's own printer gadget
//! and a virtual printer.

mod link;

use std::path::Path;

use kiosk_protocol::device::DeviceState;
use kiosk_protocol::error::{ErrorCode as E, PrintOutcome};
use kiosk_protocol::seam::{ExitMeaning, FromChild, ToChild};
use kiosk_tests::lab;
use kiosk_tests::lab::gadget::{Options, PrinterGadget, STATUS_PAPER_OUT, STATUS_WELL};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::receipts;
use kiosk_tests::rig::process::Signal;
use kiosk_tests::rig::seam::DriverProgram;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, programs};
use serde_json::json;

const GADGET: &str = "usb:04b8:0202";
const VIRTUAL: &str = "usb:04b8:0e15";

/// A gateway with these printers: name and address, and more lines of their configuration.
async fn gateway(printers: &[(&str, &str, &str)]) -> (Rig, Client) {
    let device = |(name, address, more): &(&str, &str, &str)| {
        format!("[devices.{name}]\ndriver = \"escpos\"\naddress = {address:?}\nconfig.poll_ms = 200\n{more}\n")
    };
    let config = printers.iter().map(device).collect();
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(lab::WITHIN).await;
    (rig, client)
}

fn print(device: &str, code: &str, rows: usize) -> Order {
    receipts::print(receipts::receipt(code, rows), &format!("print-of-{code}")).device(device).timeout_ms(120_000)
}

async fn fails(client: &mut Client, order: Order) -> (E, Option<PrintOutcome>) {
    let id = client.start(order).await;
    let failure = client.finish_within(id, lab::WITHIN * 2).await.expect_err("it is not printed").failure;
    (failure.code, failure.outcome)
}

async fn prints(client: &mut Client, order: Order) {
    let id = client.start(order).await;
    let printed = client.finish_within(id, lab::WITHIN * 2).await.expect("it is printed");
    assert_eq!(printed["outcome"], "printed");
}

#[tokio::test]
async fn a_receipt_is_printed_over_usb() {
    let plugged = Plugged::start(&["printer,serial=PAPER-1"]).await;
    let (_rig, mut client) = gateway(&[("printer", VIRTUAL, "")]).await;
    prints(&mut client, print("printer", "kiosk-usb-1", 3)).await;
    assert_eq!(plugged.codes("printer").await, ["kiosk-usb-1"]);
}

#[tokio::test]
async fn paper_that_ends_on_the_way_and_a_cable_that_is_pulled_leave_the_outcome_unknown() {
    let plugged = Plugged::start(&["printer,serial=PAPER-1"]).await;
    let (_rig, mut client) = gateway(&[("printer", VIRTUAL, "")]).await;
    prints(&mut client, print("printer", "first", 1)).await;
    plugged.fault("printer", "paper_out", json!({ "after_rows": 300 })).await;
    let outcome = fails(&mut client, print("printer", "no-paper", 60)).await;
    assert_eq!(outcome, (E::PaperOut, Some(PrintOutcome::Unknown)));
    let outcome = fails(&mut client, print("printer", "still-no-paper", 1)).await;
    assert_eq!(outcome, (E::PaperOut, Some(PrintOutcome::NotPrinted)));
    plugged.clear("printer").await;
    prints(&mut client, print("printer", "new-roll", 1)).await;
    plugged.fault("printer", "pull_after", json!({ "bytes": 20_000 })).await;
    let outcome = fails(&mut client, print("printer", "pulled", 60)).await;
    assert_eq!(outcome, (E::DeviceAbsent, Some(PrintOutcome::Unknown)));
    client.wait_state("printer", DeviceState::Absent, lab::WITHIN).await;
    plugged.clear("printer").await;
    plugged.plug("printer", json!({})).await;
    client.wait_state("printer", DeviceState::Ready, lab::WITHIN).await;
    prints(&mut client, print("printer", "back", 1)).await;
    let codes = plugged.codes("printer").await;
    assert!(codes.ends_with(&["back".to_owned()]) && !codes.contains(&"pulled".to_owned()), "{codes:?}");
}

#[tokio::test]
async fn two_equal_printers_keep_their_roles_wherever_they_are_plugged_in() {
    let words = ["printer,name=one,serial=TWIN-1,port=1", "printer,name=two,serial=TWIN-2,port=2"];
    let plugged = Plugged::start(&words).await;
    let address = |serial| format!("{VIRTUAL}?serial={serial}");
    let (_rig, mut client) = gateway(&[("queue", &address("TWIN-1"), ""), ("receipts", &address("TWIN-2"), "")]).await;
    prints(&mut client, print("queue", "number-7", 1)).await;
    prints(&mut client, print("receipts", "receipt-7", 1)).await;
    for device in ["one", "two"] {
        plugged.unplug(device).await;
    }
    for device in ["queue", "receipts"] {
        client.wait_state(device, DeviceState::Absent, lab::WITHIN).await;
    }
    plugged.plug("one", json!({ "port": 2 })).await;
    plugged.plug("two", json!({ "port": 1 })).await;
    client.wait_all_ready(lab::WITHIN).await;
    prints(&mut client, print("queue", "number-8", 1)).await;
    prints(&mut client, print("receipts", "receipt-8", 1)).await;
    assert_eq!(plugged.codes("one").await, ["number-7", "number-8"]);
    assert_eq!(plugged.codes("two").await, ["receipt-7", "receipt-8"]);
}

#[tokio::test]
async fn another_printer_is_not_taken_for_it_and_a_keyboard_in_it_is_left_alone() {
    let plugged = Plugged::start(&["printer,serial=MINE-1,port=1"]).await;
    let (_rig, mut client) = gateway(&[("printer", &format!("{VIRTUAL}?serial=MINE-1"), "")]).await;
    plugged.unplug("printer").await;
    client.wait_state("printer", DeviceState::Absent, lab::WITHIN).await;
    plugged.fault("printer", "descriptor", json!({ "serial": "ANOTHER-1" })).await;
    plugged.plug("printer", json!({ "port": 1 })).await;
    lab::usb::device("ANOTHER-1").await;
    let outcome = fails(&mut client, print("printer", "not-there", 1)).await;
    assert_eq!(outcome, (E::DeviceAbsent, Some(PrintOutcome::NotPrinted)));
    plugged.unplug("printer").await;
    plugged.clear("printer").await;
    plugged.fault("printer", "extra_keyboard", json!({})).await;
    plugged.plug("printer", json!({ "port": 1 })).await;
    client.wait_state("printer", DeviceState::Ready, lab::WITHIN).await;
    prints(&mut client, print("printer", "mine", 1)).await;
    assert_eq!(plugged.codes("printer").await, ["mine"]);
    // The driver takes the printer's interface alone.
    lab::usb::node("input", &lab::usb::device("MINE-1").await).await;
}

#[tokio::test]
async fn a_printer_that_says_nothing_is_printed_on_and_its_receipts_stay_unknown() {
    let printer = PrinterGadget::plug(&Options::receipt("MUTE-1"), |_| Vec::new()).await;
    let (_rig, mut client) = gateway(&[("printer", GADGET, "")]).await;
    let outcome = fails(&mut client, print("printer", "mute", 1)).await;
    assert_eq!(outcome, (E::DeviceSilent, Some(PrintOutcome::Unknown)));
    // "GS V" 66: the cut at the end.
    assert!(printer.tear_off().ends_with(&[0x1D, b'V', 66, 0]));
    printer.set_status(STATUS_PAPER_OUT);
    let outcome = fails(&mut client, print("printer", "mute-without-paper", 1)).await;
    assert_eq!(outcome, (E::PaperOut, Some(PrintOutcome::NotPrinted)));
    printer.set_status(STATUS_WELL);
    // It stops in the middle: what it says of its paper then is why.
    printer.hold();
    let id = client.start(print("printer", "mute-stopped", 190)).await;
    client.event(id, "receipt_printer.progress").await;
    printer.set_status(STATUS_PAPER_OUT);
    let failure = client.finish_within(id, lab::WITHIN * 2).await.expect_err("it is not printed").failure;
    assert_eq!((failure.code, failure.outcome), (E::PaperOut, Some(PrintOutcome::Unknown)));
}

/// The driver alone.
async fn started(folder: &Path, program: &Path, address: &str) -> DriverProgram {
    let mut driver = DriverProgram::start(program, folder);
    driver.say(ToChild::Start { address: address.into(), config: json!({}) }).await;
    driver
}

fn driver_program() -> std::path::PathBuf {
    programs::find("kiosk-driver-escpos")
}

/// What it says it failed for, and the meaning of its exit status.
async fn refused(mut driver: DriverProgram) -> (String, Option<i32>) {
    let within = lab::WITHIN;
    let detail = driver
        .hear_until("why it cannot open the printer", within, |message| match message {
            FromChild::Failed { failure } => Some(failure.detail.clone()),
            _ => None,
        })
        .await;
    (detail, driver.end(within).await.code())
}

#[tokio::test]
async fn a_printer_goes_back_to_the_kernel_when_the_driver_stops() {
    let folder = tempfile::tempdir().unwrap();
    let printer = PrinterGadget::plug(&Options::receipt("BACK-1"), |_| Vec::new()).await;
    let lp = printer.lp().await;
    let mut driver = started(folder.path(), &driver_program(), GADGET).await;
    let ready = |message: &FromChild| matches!(message, FromChild::Ready { .. }).then_some(());
    driver.hear_until("ready", lab::WITHIN, ready).await;
    lab::vanishes(&lp).await;
    driver.close_stdin();
    assert_eq!(driver.end(lab::WITHIN).await.code(), Some(ExitMeaning::Stopped.code().into()));
    lab::appears(&lp).await;
    // One that is killed hands nothing back; the next one does.
    let mut killed = started(folder.path(), &driver_program(), GADGET).await;
    killed.hear_until("ready", lab::WITHIN, ready).await;
    killed.signal(Signal::KILL);
    killed.end(lab::WITHIN).await;
    assert!(!lp.exists());
    let mut next = started(folder.path(), &driver_program(), GADGET).await;
    next.hear_until("ready", lab::WITHIN, ready).await;
    next.close_stdin();
    next.end(lab::WITHIN).await;
    lab::appears(&lp).await;
}

#[tokio::test]
async fn what_keeps_a_printer_from_being_opened_is_told_with_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = driver_program();
    let absent = refused(started(folder.path(), &path, GADGET).await).await;
    assert_eq!(absent.1, Some(ExitMeaning::DeviceAbsent.code().into()), "{}", absent.0);
    let _one = PrinterGadget::plug(&Options::receipt("TWIN-1"), |_| Vec::new()).await;
    // Not root: the node of a printer belongs to the group `lp`.
    let lower = folder.path().join("as-nobody");
    let script = format!("#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups {}\n", path.display());
    std::fs::write(&lower, script).unwrap();
    std::fs::set_permissions(&lower, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let (detail, code) = refused(started(folder.path(), &lower, GADGET).await).await;
    assert_eq!(code, Some(ExitMeaning::NoPermission.code().into()), "{detail}");
    assert!(detail.contains("/dev/bus/usb/") && detail.contains("udev rules"), "{detail}");
    let _two = PrinterGadget::plug(&Options::receipt("TWIN-2"), |_| Vec::new()).await;
    let (detail, code) = refused(started(folder.path(), &path, GADGET).await).await;
    assert_eq!(code, Some(ExitMeaning::BadConfig.code().into()), "{detail}");
    assert!(detail.contains("?serial=TWIN-1") && detail.contains("at port"), "{detail}");
}

#[tokio::test]
async fn a_serial_printer_is_found_by_its_usb_id() {
    let folder = tempfile::tempdir().unwrap();
    let (simulators, _program) = kiosk_tests::rig::Simulators::start(folder.path(), &[]).await;
    let to = simulators.addresses().unwrap().printer.strip_prefix("tcp:").unwrap().to_owned();
    let plugged = Plugged::start(&[&format!("serial,serial=ADAPTER-1,to={to}")]).await;
    let ids = plugged.address("serial").split('?').next().unwrap();
    let address = format!("serial:{ids}?serial=ADAPTER-1&baud=57600&parity=even&stop=2");
    let (_rig, mut client) = gateway(&[("printer", &address, "")]).await;
    prints(&mut client, print("printer", "over-serial", 1)).await;
    assert_eq!(simulators.receipts().await.len(), 1);
    plugged.unplug("serial").await;
    client.wait_state("printer", DeviceState::Absent, lab::WITHIN).await;
    plugged.plug("serial", json!({})).await;
    client.wait_state("printer", DeviceState::Ready, lab::WITHIN).await;
}
