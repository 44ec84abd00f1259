//! The kernel's own printer gadget, seen through the kernel's own printer driver (usblp): what a driver of ours may rely
//! on with it, and with the helper that makes it.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use kiosk_tests::lab;
use kiosk_tests::lab::gadget::{Options, PrinterGadget, STATUS_PAPER_OUT, STATUS_WELL};
use kiosk_tests::lab::usb;

/// A printer that never says anything.
fn silent(_: &[u8]) -> Vec<u8> {
    Vec::new()
}

fn open(lp: &Path) -> File {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(true).write(true).custom_flags(nonblocking).open(lp).unwrap()
}

/// Reads until there are so many bytes.
async fn read(lp: &mut File, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    lab::until(&format!("{count} bytes from the printer"), || {
        let mut part = [0; 64];
        match lp.read(&mut part) {
            Ok(read) => bytes.extend_from_slice(&part[..read]),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        (bytes.len() >= count).then(|| bytes.clone())
    })
    .await
}

#[tokio::test]
async fn the_gadget_is_a_printer_to_the_kernel() {
    let printer = PrinterGadget::plug(&Options::receipt("LAB-A"), silent).await;
    let device = printer.device().await;
    assert_eq!(usb::attribute(&device, "idVendor").as_deref(), Some("04b8"));
    assert_eq!(usb::attribute(&device, "idProduct").as_deref(), Some("0202"));
    let lp = printer.lp().await;
    let name = lp.file_name().unwrap();
    let id = usb::attribute(&Path::new("/sys/class/usbmisc").join(name).join("device"), "ieee1284_id");
    assert_eq!(id.as_deref(), Some("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;CLS:PRINTER;"));
    drop(printer);
    lab::vanishes(&lp).await;
}

#[tokio::test]
async fn bytes_go_both_ways_through_the_gadget() {
    // DLE EOT 1, the printer's status: ESC/POS, answered here with "on line".
    let printer = PrinterGadget::plug(&Options::receipt("LAB-A"), |bytes| {
        if bytes.ends_with(&[0x10, 0x04, 0x01]) { vec![0x16] } else { Vec::new() }
    })
    .await;
    let mut lp = open(&printer.lp().await);
    lp.write_all(b"\x1b@Receipt\n").unwrap();
    assert_eq!(printer.until_received(b"Receipt\n").await, b"\x1b@Receipt\n");
    assert_eq!(printer.tear_off(), b"\x1b@Receipt\n");
    lp.write_all(&[0x10, 0x04, 0x01]).unwrap();
    assert_eq!(read(&mut lp, 1).await, [0x16]);
    printer.say(b"by itself");
    assert_eq!(read(&mut lp, 9).await, b"by itself");
    assert_eq!(printer.received(), [0x10, 0x04, 0x01]);
}

#[tokio::test]
async fn the_gadget_says_that_its_paper_is_out() {
    let printer = PrinterGadget::plug(&Options::receipt("LAB-A"), silent).await;
    let lp = open(&printer.lp().await);
    for status in [STATUS_WELL, STATUS_PAPER_OUT, STATUS_WELL] {
        printer.set_status(status);
        assert_eq!(lab::port_status(&lp).unwrap(), i32::from(status));
    }
}

#[tokio::test]
async fn a_gadget_that_takes_nothing_holds_the_host_back() {
    let printer = PrinterGadget::plug(&Options::receipt("LAB-A"), silent).await;
    let mut lp = open(&printer.lp().await);
    printer.hold();
    let page: Vec<u8> = (0..1_000_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let mut written = 0;
    // The buffers on the way are full when the node takes nothing for as long as the lab looks.
    let mut stalls = 0;
    lab::until("the host is held back", || {
        match lp.write(&page[written..]) {
            Ok(count) => (written, stalls) = (written + count, 0),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                stalls += 1;
            }
        }
        (stalls > 100).then_some(())
    })
    .await;
    assert!((1..page.len()).contains(&written), "{written} bytes went although nobody took them");
    printer.go_on();
    lab::until("the rest goes", || {
        match lp.write(&page[written..]) {
            Ok(count) => written += count,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        (written == page.len()).then_some(())
    })
    .await;
    let received = lab::until("all has come", || Some(printer.received()).filter(|all| all.len() >= page.len())).await;
    assert!(received == page, "another page came than went");
}

#[tokio::test]
async fn an_unplugged_gadget_comes_back_as_the_same_printer() {
    let mut printer = PrinterGadget::plug(&Options::receipt("LAB-A"), silent).await;
    let mut held_open = open(&printer.lp().await);
    printer.unplug().await;
    let error = held_open.write(b"to nobody").unwrap_err();
    let errno = rustix::io::Errno::from_io_error(&error);
    assert!([Some(rustix::io::Errno::NODEV), Some(rustix::io::Errno::IO)].contains(&errno), "{error}");
    drop(held_open);
    printer.replug().await;
    let mut lp = open(&printer.lp().await);
    lp.write_all(b"again").unwrap();
    assert_eq!(printer.until_received(b"again").await, b"again");
}

#[tokio::test]
async fn the_gadget_goes_on_when_another_driver_takes_it_over() {
    let printer = PrinterGadget::plug(&Options::receipt("LAB-A"), silent).await;
    for text in [b"first ", b"second", b"third "] {
        let node = printer.lp().await;
        let mut lp = open(&node);
        lp.write_all(text).unwrap();
        printer.until_received(text).await;
        drop(lp);
        // usblp sets the interface anew when it is bound, and so do programs above libusb.
        let interface = printer.device().await.join(format!("{}:1.0", printer.port().await));
        let driver = interface.join("driver").canonicalize().unwrap();
        fs::write(driver.join("unbind"), interface.file_name().unwrap().as_encoded_bytes()).unwrap();
        lab::vanishes(&node).await;
        fs::write(driver.join("bind"), interface.file_name().unwrap().as_encoded_bytes()).unwrap();
    }
    assert_eq!(printer.received(), b"first secondthird ");
}

#[tokio::test]
async fn two_equal_gadgets_differ_by_serial_number_and_port() {
    let first = PrinterGadget::plug(&Options::receipt("LAB-A"), silent).await;
    let second = PrinterGadget::plug(&Options::receipt("LAB-B"), silent).await;
    assert_ne!(first.device().await, second.device().await);
    for (printer, text) in [(&first, b"to A"), (&second, b"to B")] {
        // Closing the node would take back what is still on its way.
        let mut lp = open(&printer.lp().await);
        lp.write_all(text).unwrap();
        assert_eq!(printer.until_received(text).await, text);
    }
    assert_eq!(first.received(), b"to A");
}
