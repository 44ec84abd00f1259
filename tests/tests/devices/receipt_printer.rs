//! The driver `escpos` with printers that no simulator is: they answer without end.

use kiosk_protocol::error::{ErrorCode as E, PrintOutcome as O};
use kiosk_tests::receipts::{print, receipt};
use kiosk_tests::rig::{PATIENCE, Parts, READY_WITHIN, Rig, RigOptions};

use crate::flood::Flood;

/// Resident memory of a driver that keeps nothing of a flood, KiB; it has 10 MiB at rest.
const RESIDENT_MAX: u64 = 60 << 10;

#[tokio::test]
async fn a_printer_that_answers_without_end_is_never_believed_and_fills_nothing() {
    // A status that is in order; one of another kind; what no printer says.
    for says in [&[0x12_u8][..], &[0x14, 0x00, 0x00, 0x0F], &[0x81, 0xFF, 0x5F]] {
        let flood = Flood::start(says);
        let address = format!("tcp:127.0.0.1:{}", flood.port);
        let config = format!("[devices.printer]\ndriver = \"escpos\"\naddress = \"{address}\"\nconfig.poll_ms = 200\n");
        let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
        let mut client = rig.client().await;
        let id = client.start(print(receipt("flooded", 3), "flooded-receipt").timeout_ms(15_000)).await;
        let failure = client.finish_within(id, READY_WITHIN + PATIENCE).await.expect_err("it is not printed").failure;
        // Which of them depends on what is asked first: the driver while it opens, or the command.
        let typed = [E::DeviceFault, E::DeviceSilent, E::DriverFault, E::Timeout];
        assert!(typed.contains(&failure.code), "{failure:?}");
        assert!(matches!(failure.outcome, Some(O::NotPrinted | O::Unknown)), "{failure:?}");
        for driver in rig.children() {
            assert!(driver.resident_kib() < RESIDENT_MAX, "{} KiB", driver.resident_kib());
        }
        rig.assert_healthy().await;
    }
}
