//! Each child is killed, and stopped so that it hangs, at random moments, idle and in the middle of a command: one typed
//! error, a restart, and the other devices do not notice.

use std::time::Duration;

use kiosk_protocol::error::{ErrorCode as E, PrintOutcome, Retry};
use kiosk_tests::rig::process::Signal;
use kiosk_tests::rig::{Client, Order, PATIENCE, Rig, RigOptions, Temper};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{flatbed, kind, long_receipt, print, slow, with_reader_of};

/// Between two rounds of a bystander. Without it, it makes a thousand connections a second, which is a load and no
/// bystander; nothing is waited for.
const BYSTANDERS_PAUSE: Duration = Duration::from_millis(20);

struct Victim {
    device: &'static str,
    program: &'static str,
    /// Something that keeps it busy for a second or two.
    order: fn() -> Order,
    /// Calls to the other devices.
    others: &'static [&'static str],
}

const SCANNER: Victim = Victim {
    device: "scanner",
    program: "kiosk-driver-escl",
    order: flatbed,
    others: &["receipt_printer.status", "ups.status"],
};
const PRINTER: Victim = Victim {
    device: "printer",
    program: "kiosk-driver-escpos",
    order: || print(long_receipt("killed"), "killed-in-mid-print"),
    others: &["scanner.status", "ups.status"],
};
const UPS: Victim = Victim {
    device: "ups",
    program: "kiosk-driver-nut",
    order: || Order::from("ups.status"),
    others: &["scanner.status", "receipt_printer.status"],
};

/// Somebody else, who uses the other devices all the time and must never be disturbed.
struct Bystander {
    stop: oneshot::Sender<()>,
    task: JoinHandle<u32>,
}

impl Bystander {
    fn watch(mut client: Client, calls: &'static [&'static str]) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut done = 0;
            while stopped.try_recv().is_err() {
                for call in calls {
                    client.done(*call).await;
                    done += 1;
                }
                tokio::time::sleep(BYSTANDERS_PAUSE).await;
            }
            done
        });
        Self { stop, task }
    }

    async fn was_not_disturbed(self) {
        self.stop.send(()).expect("it still watches");
        assert!(self.task.await.expect("it was not disturbed") > 0, "it was there");
    }
}

/// Hurts the victim while it is idle, then while it works.
async fn hurt(victim: &Victim, signal: Signal, seed: u8) {
    let (rig, mut client) = Rig::ready(RigOptions { temper: Temper::Strict, ..RigOptions::default() }).await;
    slow(&rig, "scanner", 400_000).await;
    let bystander = Bystander::watch(rig.client().await, victim.others);
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    for busy in [false, true] {
        slow(&rig, "printer", 40_000).await;
        let before = rig.child(victim.program).unwrap_or_else(|| panic!("the driver runs: {:?}", rig.children()));
        let id = if busy { Some(client.start((victim.order)()).await) } else { None };
        if let Some(id) = id {
            client.taken(id).await.unwrap();
        }
        let moment = Duration::from_micros(u64::from(random.next_u32() % 1_000_000));
        // The moment is what is random here; nothing is waited for.
        tokio::time::sleep(moment).await;
        before.signal(signal);
        // What the driver before has sent is worked off before the printer speaks to the next.
        rig.simulators.clear("printer").await;
        if let Some(id) = id
            && let Err(error) = client.finish(id).await
        {
            let expected = match victim.device {
                "printer" => (E::DriverFault, Retry::Unknown, Some(PrintOutcome::Unknown)),
                _ => (E::DriverFault, Retry::Unknown, None),
            };
            assert_eq!(kind(&error), expected, "after {moment:?}: {error:?}");
        }
        rig.restarted(victim.device, &before, PATIENCE).await;
        assert!(!before.runs(), "the old one is gone");
    }
    bystander.was_not_disturbed().await;
    rig.simulators.clear("scanner").await;
    let after =
        if victim.device == "printer" { print(long_receipt("after"), "print-after-all") } else { (victim.order)() };
    client.done(after).await;
    rig.assert_healthy().await;
}

#[tokio::test]
async fn a_killed_scanner_driver_is_one_error_and_a_restart() {
    hurt(&SCANNER, Signal::KILL, 1).await;
}

#[tokio::test]
async fn a_killed_printer_driver_is_one_error_and_a_restart() {
    hurt(&PRINTER, Signal::KILL, 2).await;
}

#[tokio::test]
async fn a_killed_ups_driver_is_a_restart() {
    hurt(&UPS, Signal::KILL, 3).await;
}

#[tokio::test]
async fn a_scanner_driver_that_hangs_is_one_error_and_a_restart() {
    hurt(&SCANNER, Signal::STOP, 4).await;
}

#[tokio::test]
async fn a_printer_driver_that_hangs_is_one_error_and_a_restart() {
    hurt(&PRINTER, Signal::STOP, 5).await;
}

#[tokio::test]
async fn a_ups_driver_that_hangs_is_a_restart() {
    hurt(&UPS, Signal::STOP, 6).await;
}

#[tokio::test]
async fn a_driver_that_aborts_or_breaks_the_law_of_the_processor_is_a_restart() {
    for signal in [Signal::ABORT, Signal::ILL] {
        hurt(&UPS, signal, 7).await;
    }
}

#[tokio::test]
async fn a_killed_or_hanging_worker_is_one_error_and_a_restart() {
    let (rig, mut client, _one) = with_reader_of(Temper::Strict).await;
    let report = client.done(flatbed()).await;
    let read = Order::new("ocr.read", json!({ "blob": report["pages"][0]["blob"] }));
    let bystander = Bystander::watch(rig.client().await, &["scanner.status", "receipt_printer.status", "ups.status"]);
    for signal in [Signal::KILL, Signal::STOP] {
        let worker = rig.child("kiosk-worker").unwrap_or_else(|| panic!("the worker runs: {:?}", rig.children()));
        let id = client.start(read.clone()).await;
        client.event(id, "ocr.progress").await;
        worker.signal(signal);
        let error = client.finish(id).await.unwrap_err();
        assert_eq!(kind(&error), (E::DriverFault, Retry::Unknown, None));
        rig.restarted("reader", &worker, PATIENCE).await;
    }
    bystander.was_not_disturbed().await;
    client.done(read).await;
}
