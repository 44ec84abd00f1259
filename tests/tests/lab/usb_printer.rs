//! The virtual receipt printer under the kernel's own printer driver, `usblp`.

use std::fs::File;
use std::io::Write;

use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, usb};
use serde_json::json;

use super::usb_peers::{lsusb, read};

fn open(path: &std::path::Path) -> File {
    File::options().read(true).write(true).open(path).unwrap()
}

#[tokio::test]
async fn usblp_prints_on_the_virtual_printer_and_reads_its_answers() {
    let plugged = Plugged::start(&["printer,serial=LP-1"]).await;
    let device = usb::device("LP-1").await;
    let node = usb::node("usbmisc", &device).await;
    let mut lp = open(&node);
    lp.write_all(b"\x1b@Xin ch\xe0o\n\x1dV\x00\x10\x04\x01").unwrap();
    assert_eq!(read(&lp, 1).await.unwrap(), [0x12]);
    lab::until("the receipt is cut", || Some(())).await;
    kiosk_tests::rig::wait::until_async("the receipt is cut", lab::WITHIN, async || {
        (plugged.state("printer").await["cuts"] == 1).then_some(())
    })
    .await;
    // What the class itself says: paper, and who it is.
    assert_eq!(lab::port_status(&lp).unwrap(), 0x18);
    plugged.fault("printer", "paper_out", json!({})).await;
    assert_eq!(lab::port_status(&lp).unwrap(), 0x30);
    let id = std::fs::read_to_string(device.join(format!("{}:1.0/ieee1284_id", device.file_name().unwrap().display())));
    assert!(id.unwrap().contains("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;"));
    drop(lp);
    lsusb("04b8:0e15", &[]).await;
}

#[tokio::test]
async fn a_printer_pulled_out_is_gone_and_comes_back_at_another_port_as_something_else() {
    let plugged = Plugged::start(&["printer,serial=LP-2,port=3"]).await;
    let device = usb::device("LP-2").await;
    assert!(device.ends_with("1-3"), "{}", device.display());
    let node = usb::node("usbmisc", &device).await;
    let lp = open(&node);
    plugged.order("printer", "unplug", json!({})).await;
    assert!(read(&lp, 1).await.is_err());
    drop(lp);
    lab::vanishes(&node).await;
    plugged.fault("printer", "descriptor", json!({ "serial": "LP-3" })).await;
    plugged.fault("printer", "extra_keyboard", json!({})).await;
    plugged.order("printer", "plug", json!({ "port": 5 })).await;
    let device = usb::device("LP-3").await;
    assert!(device.ends_with("1-5"), "{}", device.display());
    usb::node("usbmisc", &device).await;
    // A printer that is also a keyboard.
    usb::node("input", &device).await;
}

#[tokio::test]
async fn a_blink_storm_leaves_a_printer_that_prints() {
    let plugged = Plugged::start(&["printer,serial=LP-4"]).await;
    for _ in 0..30 {
        plugged.order("printer", "replug", json!({})).await;
    }
    let device = usb::device("LP-4").await;
    let node = usb::node("usbmisc", &device).await;
    let mut lp = open(&node);
    lp.write_all(b"\x10\x04\x01").unwrap();
    assert_eq!(read(&lp, 1).await.unwrap(), [0x12]);
}
