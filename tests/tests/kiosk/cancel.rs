//! Cancel at every step: it ends a command that would go on for minutes, and the device is usable afterwards.

use kiosk_protocol::error::{ErrorCode as E, PrintOutcome, Retry};
use kiosk_tests::rig::{Client, Order, PATIENCE, Rig, RigOptions, wait};
use serde_json::json;

use crate::support::{
    PAGE_TAKES_MINUTES, RECEIPT_TAKES_MINUTES, adf, codes_on_paper, flatbed, kind, long_receipt, print, slow,
    with_reader,
};

/// Cancels a command that runs, and would do so for longer than the client waits, and returns how it ended.
async fn cancelled(client: &mut Client, id: u64) -> (E, Retry, Option<PrintOutcome>) {
    assert!(!client.is_over(id), "it still runs");
    client.cancel(id).await;
    kind(&client.finish(id).await.expect_err("it was cancelled"))
}

async fn scanner_is_free(rig: &Rig, client: &mut Client) {
    rig.simulators.clear("scanner").await;
    client.done(flatbed()).await;
    assert_eq!(rig.simulators.state("scanner").await["state"], "Idle", "no job is left over");
}

#[tokio::test]
async fn a_queued_command_is_withdrawn_and_the_running_one_goes_on() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    let first = client.start(flatbed()).await;
    client.event(first, "scanner.page_started").await;
    let second = client.start(flatbed()).await;
    assert_eq!(client.taken(second).await, Ok(0), "the first has left the queue");
    let third = client.start(flatbed()).await;
    assert_eq!(client.taken(third).await, Ok(1));
    assert_eq!(cancelled(&mut client, second).await, (E::Cancelled, Retry::Safe, None));
    assert!(!client.is_over(first), "the first goes on");
    rig.simulators.clear("scanner").await;
    client.finish(first).await.unwrap();
    client.finish(third).await.unwrap();
    assert_eq!(rig.simulators.state("scanner").await["jobs_started"], 2, "the second was never begun");
}

#[tokio::test]
async fn a_scan_that_waits_for_a_busy_scanner_is_cancelled_at_once() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", "busy", json!({})).await;
    let id = client.start(flatbed()).await;
    wait::until_async("the driver's wish for a job", PATIENCE, async || {
        let said = rig.simulators.exchanges("scanner").await;
        said.iter().any(|said| said.contains("ScanJobs")).then_some(())
    })
    .await;
    assert_eq!(cancelled(&mut client, id).await, (E::Cancelled, Retry::Safe, None));
    scanner_is_free(&rig, &mut client).await;
}

#[tokio::test]
async fn a_scan_is_cancelled_before_its_first_byte() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", "silence", json!({ "after": 0 })).await;
    let id = client.start(flatbed()).await;
    wait::until_async("a job", PATIENCE, async || {
        (rig.simulators.state("scanner").await["jobs_started"] == 1).then_some(())
    })
    .await;
    assert_eq!(cancelled(&mut client, id).await, (E::Cancelled, Retry::Safe, None));
    assert_eq!(client.events(id), [], "no page was claimed");
    scanner_is_free(&rig, &mut client).await;
}

#[tokio::test]
async fn a_scan_is_cancelled_in_the_middle_of_a_page_and_between_pages() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    let id = client.start(flatbed()).await;
    client.event(id, "scanner.page_started").await;
    assert_eq!(cancelled(&mut client, id).await, (E::Cancelled, Retry::Safe, None));
    // A full feeder, at a pace of some pages a second; after the first the others take minutes.
    rig.simulators.load(json!({ "adf": 50 })).await;
    slow(&rig, "scanner", 2_000_000).await;
    let id = client.start(adf()).await;
    client.event(id, "scanner.page").await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    assert_eq!(cancelled(&mut client, id).await, (E::Cancelled, Retry::Safe, None));
    scanner_is_free(&rig, &mut client).await;
}

#[tokio::test]
async fn reading_is_cancelled_at_each_of_its_stages() {
    let (_rig, mut client, _one) = with_reader().await;
    let report = client.done(flatbed()).await;
    let read = Order::new("ocr.read", json!({ "blob": report["pages"][0]["blob"] }));
    for stage in ["decoding", "detecting", "recognising"] {
        // Reading takes a second or two. Where this test is held up for longer than that, its cancel comes too late.
        let error = loop {
            let id = client.start(read.clone()).await;
            while client.event(id, "ocr.progress").await["stage"] != stage {}
            client.cancel(id).await;
            if let Err(error) = client.finish(id).await {
                break error;
            }
        };
        let (code, _, outcome) = kind(&error);
        assert_eq!((code, outcome), (E::Cancelled, None), "{stage}");
    }
    let text = client.done(read).await;
    assert!(text["lines"].as_array().unwrap().len() > 10, "the reader reads again");
}

#[tokio::test]
async fn a_print_is_cancelled_in_the_middle_and_the_paper_is_parted() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    client.done(print(long_receipt("warm"), "warming-up")).await;
    slow(&rig, "printer", RECEIPT_TAKES_MINUTES).await;
    let id = client.start(print(long_receipt("first"), "cancel-in-middle")).await;
    client.event(id, "receipt_printer.progress").await;
    assert_eq!(cancelled(&mut client, id).await, (E::Cancelled, Retry::Unknown, Some(PrintOutcome::Unknown)));
    rig.simulators.clear("printer").await;
    client.done(print(long_receipt("next"), "print-after-cancel")).await;
    assert_eq!(codes_on_paper(&rig).await, ["warm", "next"], "the cancelled receipt did not come out whole");
}

#[tokio::test]
async fn a_queued_print_that_is_cancelled_was_not_printed() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "printer", RECEIPT_TAKES_MINUTES).await;
    let first = client.start(print(long_receipt("first"), "print-number-one")).await;
    client.event(first, "receipt_printer.progress").await;
    let second = client.start(print(long_receipt("second"), "print-number-two")).await;
    client.taken(second).await.unwrap();
    assert_eq!(cancelled(&mut client, second).await, (E::Cancelled, Retry::Safe, Some(PrintOutcome::NotPrinted)));
    rig.simulators.clear("printer").await;
    client.finish(first).await.unwrap();
    assert_eq!(codes_on_paper(&rig).await, ["first"]);
    // Its key is free: nothing was done under it.
    client.done(print(long_receipt("second"), "print-number-two")).await;
    assert_eq!(codes_on_paper(&rig).await, ["first", "second"]);
}

#[tokio::test]
async fn a_wait_for_a_lease_is_cancelled() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let mut owner = rig.client().await;
    owner.done(Order::from("lease.acquire").device("scanner")).await;
    let id = client.start(Order::from("lease.acquire").device("scanner")).await;
    client.taken(id).await.unwrap();
    assert_eq!(cancelled(&mut client, id).await, (E::Cancelled, Retry::Safe, None));
    owner.done(Order::from("lease.release").device("scanner")).await;
    owner.done(Order::from("lease.acquire").device("scanner")).await;
}

#[tokio::test]
async fn a_cancel_that_comes_too_late_changes_nothing_and_one_of_nothing_is_refused() {
    let (_rig, mut client) = Rig::ready(RigOptions::default()).await;
    let id = client.start("ups.status").await;
    client.finish(id).await.unwrap();
    client.cancel(id).await;
    client.cancel(4_711).await;
    let error = client.finish(4_711).await.unwrap_err();
    assert_eq!((error.failure.code, client.was_refused(4_711)), (E::NotFound, true));
    client.done("ups.status").await;
}
