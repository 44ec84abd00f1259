//! Every fault of a scanner is one typed error, no page is claimed that is not whole, and the scanner works again
//! afterwards without a restart of the gateway.

use std::time::{Duration, Instant};

use kiosk_protocol::device::DeviceState;
use kiosk_protocol::error::{ErrorBody, ErrorCode as E, Retry};
use kiosk_tests::rig::process::open_files;
use kiosk_tests::rig::{Client, Order, PATIENCE, Rig, RigOptions, Simulators, http, wait};
use serde_json::{Value, json};

use crate::support::{PAGE_TAKES_MINUTES, adf, flatbed, kind, slow};

/// How often the scanner of the storm goes and comes.
const BLINKS: u32 = 1_000;

/// Turns a fault on, lets a scan fail by it, ends the fault, and sees that the scanner works again.
async fn scan_with(fault: &str, parameters: Value, order: Order) -> ErrorBody {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", fault, parameters).await;
    let error = client.fails(order).await;
    assert_eq!(error.failure.outcome, None, "an outcome is of prints only");
    if error.failure.code == E::DeviceAbsent {
        client.wait_state("scanner", DeviceState::Absent, PATIENCE).await;
    }
    works_again(&rig, &mut client).await;
    error
}

async fn works_again(rig: &Rig, client: &mut Client) {
    rig.simulators.clear("scanner").await;
    rig.simulators.plug("scanner").await;
    rig.simulators.load(json!({ "adf": 2 })).await;
    client.wait_state("scanner", DeviceState::Ready, PATIENCE).await;
    for order in [flatbed(), adf()] {
        let report = client.done(order).await;
        assert!(!report["pages"].as_array().unwrap().is_empty(), "{report}");
    }
    assert_eq!(rig.simulators.state("scanner").await["state"], "Idle", "no job is left over");
}

#[tokio::test]
async fn a_jam_is_told_with_the_scanners_own_word() {
    let error = scan_with("jam", json!({ "page": 1 }), adf()).await;
    assert_eq!(kind(&error), (E::Jam, Retry::Safe, None));
    assert_eq!(error.failure.device_code.as_deref(), Some("ScannerAdfJam"));
}

#[tokio::test]
async fn pages_before_a_jam_are_whole() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", "jam", json!({ "page": 2 })).await;
    let id = client.start(adf()).await;
    let error = client.finish(id).await.unwrap_err();
    assert_eq!(kind(&error), (E::Jam, Retry::Safe, None));
    let names: Vec<&str> = client.events(id).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["scanner.page_started", "scanner.page"]);
    let page = client.event(id, "scanner.page").await;
    assert_eq!(crate::support::blob(&rig, &client, &page["blob"]).await.len() as u64, page["bytes"].as_u64().unwrap());
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn an_empty_feeder_is_told() {
    let error = scan_with("adf_empty", json!({}), adf()).await;
    assert_eq!(kind(&error), (E::NoDocument, Retry::Safe, None));
}

#[tokio::test]
async fn an_open_cover_is_told_in_either_of_its_words() {
    for word in ["hatch", "door"] {
        let error = scan_with("cover_open", json!({ "word": word }), adf()).await;
        assert_eq!(kind(&error), (E::CoverOpen, Retry::Safe, None), "{word}");
    }
}

#[tokio::test]
async fn a_scanner_that_stays_busy_is_told_in_the_end() {
    let error = scan_with("busy", json!({}), flatbed().timeout_ms(6_000)).await;
    assert_eq!(kind(&error), (E::Busy, Retry::Safe, None));
}

#[tokio::test]
async fn a_scanner_that_is_busy_for_a_moment_is_waited_for() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", "busy", json!({ "times": 2 })).await;
    client.done(flatbed()).await;
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn silence_in_the_middle_of_a_page_is_silence() {
    let error = scan_with("silence", json!({ "after": 100_000 }), flatbed().timeout_ms(10_000)).await;
    assert_eq!((error.failure.code, error.failure.retry), (E::DeviceSilent, Retry::Unknown));
}

#[tokio::test]
async fn a_scanner_that_never_answers_is_stale_and_commands_fail_at_once() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", "silence", json!({})).await;
    let view = client.wait_state("scanner", DeviceState::Stale, PATIENCE).await;
    assert_eq!(view.problem.map(|problem| problem.failure.code), Some(E::DeviceSilent));
    assert_eq!(kind(&client.fails(flatbed()).await), (E::DeviceSilent, Retry::Safe, None));
    let said = rig.simulators.exchanges("scanner").await;
    assert!(!said.iter().any(|said| said.contains("ScanJobs")), "the scanner was not even asked: {said:?}");
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn a_slow_scanner_runs_into_the_commands_time() {
    let error = scan_with("slow", json!({ "bytes_per_second": PAGE_TAKES_MINUTES }), flatbed().timeout_ms(5_000)).await;
    assert_eq!(error.failure.code, E::Timeout);
}

#[tokio::test]
async fn a_slow_scanner_is_no_dead_one() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", "slow", json!({ "bytes_per_second": 200_000 })).await;
    let driver = rig.child("kiosk-driver-escl").expect("the scanner's driver runs");
    client.done(flatbed()).await;
    assert_eq!(rig.child("kiosk-driver-escl"), Some(driver), "its driver was not restarted");
}

#[tokio::test]
async fn garbage_in_the_place_of_a_page_is_a_device_fault() {
    let error = scan_with("garbage", json!({ "of": "page" }), flatbed()).await;
    assert_eq!(error.failure.code, E::DeviceFault);
}

#[tokio::test]
async fn garbage_in_the_place_of_an_answer_makes_the_scanner_stale_until_it_ends() {
    for of in ["xml", "http"] {
        let (rig, mut client) = Rig::ready(RigOptions::default()).await;
        rig.simulators.fault("scanner", "garbage", json!({ "of": of })).await;
        client.wait_state("scanner", DeviceState::Stale, PATIENCE).await;
        let error = client.fails(flatbed()).await;
        assert_eq!((error.failure.code, error.failure.retry), (E::DeviceSilent, Retry::Safe), "{of}");
        works_again(&rig, &mut client).await;
    }
}

#[tokio::test]
async fn a_page_that_breaks_off_is_a_device_fault_however_it_ends() {
    for ending in ["close", "clean"] {
        let error = scan_with("truncate", json!({ "ending": ending }), flatbed()).await;
        assert_eq!(error.failure.code, E::DeviceFault, "{ending}: {error:?}");
    }
    let error = scan_with("truncate", json!({ "ending": "unplug" }), flatbed()).await;
    assert_eq!(error.failure.code, E::DeviceAbsent, "{error:?}");
}

#[tokio::test]
async fn a_picture_that_no_decoder_takes_is_a_device_fault() {
    let error = scan_with("bad_jpeg", json!({}), flatbed()).await;
    assert_eq!(error.failure.code, E::DeviceFault);
}

#[tokio::test]
async fn a_page_without_end_is_stopped_at_the_limit_and_its_blob_is_gone() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("scanner", "endless", json!({})).await;
    let id = client.start(flatbed()).await;
    let blob = client.event(id, "scanner.page_started").await["blob"].as_str().unwrap().to_owned();
    let error = client.finish(id).await.unwrap_err();
    assert_eq!((error.failure.code, error.failure.retry), (E::TooLarge, Retry::Unsafe));
    let answer = http::get(rig.address, &format!("/v1/blobs/{blob}"), Some(&client.token())).await;
    assert_eq!(answer.status, 404);
    let metrics = http::get(rig.address, "/metrics", None).await.text();
    assert!(metrics.lines().any(|line| line == "kiosk_blob_bytes 0"), "{metrics}");
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn a_scanner_unplugged_in_the_middle_of_a_page_is_absent_and_comes_back() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    let id = client.start(flatbed()).await;
    let started = client.event(id, "scanner.page_started").await;
    let path = format!("/v1/blobs/{}", started["blob"].as_str().unwrap());
    let mut response = http::open(rig.address, &path, Some(&client.token())).await;
    rig.simulators.unplug("scanner").await;
    let error = client.finish(id).await.unwrap_err();
    assert_eq!(error.failure.code, E::DeviceAbsent, "{error:?}");
    let broken = loop {
        match http::next_bytes(&mut response).await {
            Some(Ok(_)) => {}
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken, "who was reading the page sees that it is not whole");
    client.wait_state("scanner", DeviceState::Absent, PATIENCE).await;
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn a_scanner_unplugged_while_idle_is_absent_soon_and_not_started_over_and_over() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.unplug("scanner").await;
    client.wait_state("scanner", DeviceState::Absent, PATIENCE).await;
    assert_eq!(kind(&client.fails(flatbed()).await), (E::DeviceAbsent, Retry::Safe, None));
    let starts = |rig: &Rig| rig.log().matches("started a driver").count();
    let (before, since) = (starts(&rig), Instant::now());
    wait::until("three more looks", PATIENCE, || (starts(&rig) >= before + 3).then_some(())).await;
    assert!(since.elapsed() > Duration::from_millis(2_000), "three starts within {:?}", since.elapsed());
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn two_equal_scanners_keep_their_roles() {
    let folder = tempfile::tempdir().unwrap();
    let (others, _program) = Simulators::start(folder.path(), &[]).await;
    let address = &others.addresses().unwrap().scanner;
    let config = format!("[devices.second]\ndriver = \"escl\"\naddress = {address:?}\nconfig = {{ poll_ms = 200 }}\n");
    let (rig, mut client) = Rig::ready(RigOptions { config, ..RigOptions::default() }).await;
    rig.simulators.unplug("scanner").await;
    client.wait_state("scanner", DeviceState::Absent, PATIENCE).await;
    client.done(flatbed().device("second")).await;
    assert_eq!(kind(&client.fails(flatbed().device("scanner")).await), (E::DeviceAbsent, Retry::Safe, None));
    rig.simulators.plug("scanner").await;
    others.unplug("scanner").await;
    client.wait_state("second", DeviceState::Absent, PATIENCE).await;
    client.wait_state("scanner", DeviceState::Ready, PATIENCE).await;
    client.done(flatbed().device("scanner")).await;
    assert_eq!(kind(&client.fails(flatbed().device("second")).await), (E::DeviceAbsent, Retry::Safe, None));
}

#[tokio::test]
async fn a_scanner_that_blinks_leaves_nothing_behind() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let (children, files, log) = (rig.children().len(), open_files(rig.gateway_pid()), rig.log().len());
    let began = Instant::now();
    for _ in 0..BLINKS {
        rig.simulators.unplug("scanner").await;
        rig.simulators.plug("scanner").await;
    }
    let seconds = began.elapsed().as_secs();
    // Out for once so long that it is seen, so that what is seen next is no memory.
    rig.simulators.unplug("scanner").await;
    client.wait_state("scanner", DeviceState::Absent, PATIENCE).await;
    works_again(&rig, &mut client).await;
    wait::until("no process more than before", PATIENCE, || (rig.children().len() <= children).then_some(())).await;
    let open = || open_files(rig.gateway_pid());
    wait::until("no open file more than before", PATIENCE, || (open() <= files).then_some(())).await;
    let log = rig.log().split_off(log);
    let started = log.matches("started a driver").count() as u64;
    let lines = log.lines().filter(|line| !line.contains("DEBUG")).count() as u64;
    assert!(started <= 20 + 3 * seconds, "{started} drivers started in {seconds} s");
    assert!(lines <= 100 + 10 * seconds, "{lines} lines in {seconds} s");
}
