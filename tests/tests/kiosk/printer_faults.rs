//! Every fault of a receipt printer is one typed error with an outcome, a print is never called printed when the paper
//! does not show it, and the printer works again afterwards without a restart of the gateway.

use kiosk_protocol::device::DeviceState;
use kiosk_protocol::error::{ErrorBody, ErrorCode as E, PrintOutcome, Retry};
use kiosk_tests::rig::{Client, PATIENCE, Rig, RigOptions};
use serde_json::{Value, json};

use crate::support::{RECEIPT_TAKES_MINUTES, codes_on_paper, kind, long_receipt, print, slow};

const CODE: &str = "https://kiosk.example.vn/v/first";
const NEXT: &str = "https://kiosk.example.vn/v/next";

/// Turns a fault on, prints, ends the fault, and sees that the printer works again. The first receipt, which did not go
/// well, is then not on paper whole.
async fn print_with(fault: &str, parameters: Value, timeout_ms: u64) -> ErrorBody {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    // The first print after a start parts the paper; what is to be seen here comes after it.
    client.done(print(long_receipt("warm"), "warming-up")).await;
    rig.simulators.fault("printer", fault, parameters).await;
    let error = client.fails(print(long_receipt(CODE), "print-with-fault").timeout_ms(timeout_ms)).await;
    if error.failure.outcome == Some(PrintOutcome::NotPrinted) {
        let codes = codes_on_paper(&rig).await;
        assert_eq!(codes, ["warm"], "nothing was printed");
    }
    if error.failure.code == E::DeviceAbsent {
        client.wait_state("printer", DeviceState::Absent, PATIENCE).await;
    }
    works_again(&rig, &mut client).await;
    error
}

async fn works_again(rig: &Rig, client: &mut Client) {
    rig.simulators.clear("printer").await;
    rig.simulators.plug("printer").await;
    client.wait_state("printer", DeviceState::Ready, PATIENCE).await;
    let printed = client.done(print(long_receipt(NEXT), "print-after-fault")).await;
    assert_eq!(printed["outcome"], "printed");
    let codes = codes_on_paper(rig).await;
    assert_eq!(codes.iter().filter(|code| *code == NEXT).count(), 1, "the next receipt came out once: {codes:?}");
}

#[tokio::test]
async fn paper_out_before_a_print_means_not_printed() {
    let error = print_with("paper_out", json!({}), 60_000).await;
    assert_eq!(kind(&error), (E::PaperOut, Retry::Safe, Some(PrintOutcome::NotPrinted)));
}

#[tokio::test]
async fn paper_out_in_the_middle_means_unknown() {
    let error = print_with("paper_out", json!({ "after_rows": 400 }), 60_000).await;
    assert_eq!(kind(&error), (E::PaperOut, Retry::Unknown, Some(PrintOutcome::Unknown)));
}

#[tokio::test]
async fn an_open_cover_means_not_printed() {
    let error = print_with("cover_open", json!({}), 60_000).await;
    assert_eq!(kind(&error), (E::CoverOpen, Retry::Safe, Some(PrintOutcome::NotPrinted)));
}

#[tokio::test]
async fn a_jammed_cutter_at_the_end_means_unknown() {
    let error = print_with("cutter_error", json!({}), 60_000).await;
    assert_eq!(kind(&error), (E::CutterFault, Retry::Unknown, Some(PrintOutcome::Unknown)));
}

#[tokio::test]
async fn low_paper_is_told_and_printed_on() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("printer", "paper_low", json!({})).await;
    let printed = client.done(print(long_receipt(CODE), "on-low-paper")).await;
    assert_eq!((&printed["outcome"], &printed["status"]["paper"]), (&json!("printed"), &json!("low")));
    assert_eq!(codes_on_paper(&rig).await, [CODE]);
}

#[tokio::test]
async fn a_printer_that_never_answers_is_never_believed() {
    for printing in [true, false] {
        let error = print_with("silence", json!({ "printing": printing }), 60_000).await;
        // Asked before the first byte; or found stale before that.
        assert_eq!((error.failure.code, error.failure.outcome), (E::DeviceSilent, Some(PrintOutcome::NotPrinted)));
    }
}

#[tokio::test]
async fn a_printer_that_falls_silent_in_the_middle_means_unknown() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("printer", "slow", json!({ "bytes_per_second": 40_000 })).await;
    let id = client.start(print(long_receipt(CODE), "falls-silent")).await;
    client.event(id, "receipt_printer.progress").await;
    rig.simulators.clear("printer").await;
    rig.simulators.fault("printer", "silence", json!({ "printing": false })).await;
    let error = client.finish(id).await.unwrap_err();
    assert_eq!(kind(&error), (E::DeviceSilent, Retry::Unknown, Some(PrintOutcome::Unknown)));
    assert_eq!(codes_on_paper(&rig).await, [""; 0], "the receipt did not come out whole");
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn answers_that_are_garbage_are_never_believed() {
    let error = print_with("garbage", json!({}), 60_000).await;
    let (code, _, outcome) = kind(&error);
    assert!(matches!(code, E::DeviceFault | E::DeviceSilent), "{error:?}");
    assert_eq!(outcome, Some(PrintOutcome::NotPrinted));
}

#[tokio::test]
async fn a_slow_printer_prints_if_it_has_the_time() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("printer", "slow", json!({ "bytes_per_second": 40_000 })).await;
    client.done(print(long_receipt(CODE), "slow-but-there")).await;
    assert_eq!(codes_on_paper(&rig).await, [CODE]);
}

#[tokio::test]
async fn a_slow_printer_that_runs_out_of_time_means_unknown() {
    let error = print_with("slow", json!({ "bytes_per_second": RECEIPT_TAKES_MINUTES }), 8_000).await;
    assert_eq!(kind(&error), (E::Timeout, Retry::Unknown, Some(PrintOutcome::Unknown)));
}

#[tokio::test]
async fn a_connection_dropped_in_the_middle_means_unknown() {
    let error = print_with("drop_after", json!({ "bytes": 20_000 }), 60_000).await;
    let (code, retry, outcome) = kind(&error);
    assert!(matches!(code, E::DeviceFault | E::DeviceAbsent), "{error:?}");
    assert_eq!((retry, outcome), (Retry::Unknown, Some(PrintOutcome::Unknown)));
}

#[tokio::test]
async fn a_printer_unplugged_in_the_middle_means_unknown_and_it_comes_back() {
    let error = print_with("drop_after", json!({ "bytes": 20_000, "unplug": true }), 60_000).await;
    assert_eq!(kind(&error), (E::DeviceAbsent, Retry::Unknown, Some(PrintOutcome::Unknown)));
}

#[tokio::test]
async fn the_cable_pulled_by_hand_in_mid_print_ends_the_command() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "printer", RECEIPT_TAKES_MINUTES).await;
    let id = client.start(print(long_receipt(CODE), "cable-pulled")).await;
    client.event(id, "receipt_printer.progress").await;
    rig.simulators.unplug("printer").await;
    let error = client.finish(id).await.unwrap_err();
    assert_eq!(kind(&error), (E::DeviceAbsent, Retry::Unknown, Some(PrintOutcome::Unknown)));
    client.wait_state("printer", DeviceState::Absent, PATIENCE).await;
    let error = client.fails(print(long_receipt(CODE), "while-it-is-out")).await;
    assert_eq!(kind(&error), (E::DeviceAbsent, Retry::Safe, Some(PrintOutcome::NotPrinted)));
    works_again(&rig, &mut client).await;
    assert_eq!(codes_on_paper(&rig).await, [NEXT]);
}
