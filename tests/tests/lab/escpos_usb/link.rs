//! The SDK's USB link against the kernel's own printer gadget and a virtual printer: what goes through is counted to the
//! byte, and what goes wrong has its name.

use std::time::Duration;

use kiosk_driver_sdk::link::{PortStatus, open_with_usb};
use kiosk_driver_sdk::{Address, CancelSignal, Link, LinkError, Until};
use kiosk_tests::lab;
use kiosk_tests::lab::gadget::{Options, PrinterGadget, STATUS_PAPER_OUT};
use kiosk_tests::lab::plugged::Plugged;
use serde_json::json;

const GADGET: &str = "usb:04b8:0202";
const VIRTUAL: &str = "usb:04b8:0e15";

/// More than the gadget and the kernel keep, and no piece like another, so that a byte lost or doubled shows.
fn long() -> Vec<u8> {
    (0..400_003_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

async fn opened(address: &str) -> Result<Box<dyn Link>, LinkError> {
    let address = Address::parse(address).unwrap();
    blocking(move || open_with_usb(&address, lab::WITHIN)).await
}

/// Links block; the device's side must go on meanwhile.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

fn soon() -> Until {
    Until::within(lab::WITHIN)
}

#[tokio::test]
async fn a_write_that_stops_is_counted_to_the_byte() {
    let printer = PrinterGadget::plug(&Options::receipt("LINK-A"), |_| Vec::new()).await;
    let mut link = opened(GADGET).await.unwrap();
    printer.hold();
    let bytes = long();
    let all = bytes.clone();
    let (mut link, done) = blocking(move || {
        let error = link.write_all(&bytes, &Until::within(Duration::from_secs(5))).unwrap_err();
        let LinkError::Timeout { done } = error else { panic!("{error:?}") };
        (link, done)
    })
    .await;
    assert!(0 < done && done < all.len(), "{done}");
    printer.go_on();
    let rest = all[done..].to_vec();
    blocking(move || link.write_all(&rest, &soon()).unwrap()).await;
    lab::until("all bytes arrive", || (printer.received().len() >= all.len()).then_some(())).await;
    assert!(printer.received() == all, "each byte once, in order");
}

#[tokio::test]
async fn a_stall_in_the_middle_of_a_transfer_is_counted_to_the_byte_and_is_over_when_it_was_told() {
    let plugged = Plugged::start(&["printer,serial=STALL-1"]).await;
    let before = taken(&plugged).await;
    let mut link = opened(VIRTUAL).await.unwrap();
    plugged.fault("printer", "throttle", json!({ "bytes_per_second": 3_000 })).await;
    // NUL: the printer takes and ignores it.
    let writer = tokio::task::spawn_blocking(move || {
        let error = link.write_all(&vec![0; 1_000_000], &Until::within(Duration::from_secs(300))).unwrap_err();
        (link, error)
    });
    kiosk_tests::rig::wait::until_async("the printer has begun to take", lab::WITHIN, async || {
        (taken(&plugged).await > before + 5_000).then_some(())
    })
    .await;
    plugged.fault("printer", "stall", json!({ "on": "out" })).await;
    let (mut link, error) = writer.await.unwrap();
    let LinkError::Stalled { done } = error else { panic!("{error:?}") };
    assert_eq!(done as u64, taken(&plugged).await - before);
    plugged.clear("printer").await;
    blocking(move || link.write_all(&[0; 5_000], &soon()).unwrap()).await;
    assert_eq!(taken(&plugged).await - before, done as u64 + 5_000);
}

/// Bytes that the printer has taken.
async fn taken(plugged: &Plugged) -> u64 {
    let state = plugged.state("printer").await;
    state["bytes_received"].as_u64().unwrap_or_else(|| panic!("{state:#}"))
}

#[tokio::test]
async fn a_cancel_ends_a_write_that_the_printer_does_not_take() {
    let printer = PrinterGadget::plug(&Options::receipt("LINK-A"), |_| Vec::new()).await;
    let mut link = opened(GADGET).await.unwrap();
    printer.hold();
    let cancel = CancelSignal::new();
    let until = Until { cancel: Some(cancel.clone()), ..Until::within(Duration::from_secs(3_600)) };
    let writer = tokio::task::spawn_blocking(move || link.write_all(&long(), &until));
    cancel.set();
    assert!(matches!(writer.await.unwrap(), Err(LinkError::Cancelled { .. })));
}

#[tokio::test]
async fn answers_are_read_in_pieces_of_any_size_and_old_ones_are_not_read() {
    let printer = PrinterGadget::plug(&Options::receipt("LINK-A"), |bytes| bytes.to_vec()).await;
    drop(opened(GADGET).await.unwrap());
    printer.say(b"of an earlier conversation");
    let mut link = opened(GADGET).await.unwrap();
    let bytes: Vec<u8> = long()[..3_000].to_vec();
    let sent = bytes.clone();
    let got = blocking(move || {
        link.write_all(&sent, &soon()).unwrap();
        let mut got = Vec::new();
        while got.len() < sent.len() {
            // Smaller than a packet, and no divisor of it.
            let mut piece = [0; 7];
            let n = link.read(&mut piece, &soon()).unwrap();
            got.extend_from_slice(&piece[..n]);
        }
        got
    })
    .await;
    assert!(got == bytes, "{} bytes", got.len());
}

#[tokio::test]
async fn the_port_status_is_told_also_while_the_printer_takes_nothing() {
    let printer = PrinterGadget::plug(&Options::receipt("LINK-A"), |_| Vec::new()).await;
    let mut link = opened(GADGET).await.unwrap();
    assert_eq!(link.identity().serial.as_deref(), Some("LINK-A"));
    printer.hold();
    printer.set_status(STATUS_PAPER_OUT);
    let status = blocking(move || {
        let _ = link.write_all(&long(), &Until::within(Duration::from_secs(2)));
        link.port_status(&soon()).unwrap()
    })
    .await;
    assert_eq!(status, Some(PortStatus { paper_empty: true, selected: true, error: true }));
}

#[tokio::test]
async fn an_unplug_closes_the_link_for_reads_and_writes() {
    for reads in [true, false] {
        let mut printer = PrinterGadget::plug(&Options::receipt("LINK-A"), |_| Vec::new()).await;
        let mut link = opened(GADGET).await.unwrap();
        printer.hold();
        let waiting = tokio::task::spawn_blocking(move || {
            let until = Until::within(Duration::from_secs(600));
            let error = if reads {
                link.read(&mut [0; 8], &until).unwrap_err()
            } else {
                link.write_all(&long(), &until).unwrap_err()
            };
            (error, link.write_all(b"x", &soon()))
        });
        printer.unplug().await;
        let (error, after) = waiting.await.unwrap();
        assert!(matches!(error, LinkError::Closed { .. }), "reads {reads}: {error:?}");
        assert!(matches!(after, Err(LinkError::Closed { done: 0 })), "{after:?}");
    }
}

#[tokio::test]
async fn a_device_belongs_to_one_program_and_goes_back_to_the_kernel() {
    let printer = PrinterGadget::plug(&Options::receipt("LINK-A"), |_| Vec::new()).await;
    let lp = printer.lp().await;
    let link = opened(GADGET).await.unwrap();
    lab::vanishes(&lp).await;
    let error = opened(GADGET).await.err().unwrap();
    assert!(
        matches!(&error, LinkError::NotPermitted { reason, .. } if reason.contains("another program")),
        "{error:?}"
    );
    drop(link);
    lab::appears(&lp).await;
}

#[tokio::test]
async fn two_equal_devices_are_told_apart_by_serial_number_or_port() {
    let _one = PrinterGadget::plug(&Options::receipt("TWIN-1"), |_| Vec::new()).await;
    let two = PrinterGadget::plug(&Options::receipt("TWIN-2"), |_| Vec::new()).await;
    let error = opened(GADGET).await.err().unwrap().to_string();
    assert!(error.contains("?serial=TWIN-1") && error.contains("?serial=TWIN-2"), "{error}");
    let by_serial = opened("usb:04b8:0202?serial=TWIN-2").await.unwrap();
    assert_eq!(by_serial.identity().serial.as_deref(), Some("TWIN-2"));
    drop(by_serial);
    let port = two.device().await.file_name().unwrap().to_string_lossy().into_owned();
    let by_port = opened(&format!("usb:04b8:0202?port={port}")).await.unwrap();
    assert_eq!(by_port.identity().serial.as_deref(), Some("TWIN-2"));
}

#[tokio::test]
async fn a_serial_port_whose_device_takes_nothing_is_closed_without_waiting_for_it() {
    let plugged = Plugged::start(&["serial,serial=CLOGGED-1"]).await;
    let ids = plugged.address("serial").split('?').next().unwrap();
    let mut link = opened(&format!("serial:{ids}?serial=CLOGGED-1")).await.unwrap();
    plugged.fault("serial", "nak", json!({ "on": "out" })).await;
    let closing = blocking(move || {
        let error = link.write_all(&long(), &Until::within(Duration::from_secs(2))).unwrap_err();
        assert!(matches!(error, LinkError::Timeout { .. }), "{error:?}");
        let closing = std::time::Instant::now();
        drop(link);
        closing.elapsed()
    })
    .await;
    // The kernel's own patience at closing is 30 s (`closing_wait`).
    assert!(closing < Duration::from_secs(20), "{closing:?}");
}
