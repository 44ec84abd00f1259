//! Faults of the scanner and of its backend: each is one typed error, and no page is claimed that is not whole.

use kiosk_protocol::device::DeviceState;
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::rig::{Parts, Rig, RigOptions, http};
use serde_json::json;

use super::{WITHIN, airscan, pictures, scan, test_backend};

/// A delay after each piece that is long enough to be caught in the middle.
const SLOW: &str = "read-delay = true, read-delay-duration = 200000";

#[tokio::test]
async fn sane_statuses_are_typed_errors() {
    for (status, code) in [
        ("UNSUPPORTED", E::Unsupported),
        ("CANCELLED", E::Cancelled),
        ("DEVICE_BUSY", E::Busy),
        ("INVAL", E::DeviceFault),
        ("JAMMED", E::Jam),
        ("NO_DOCS", E::NoDocument),
        ("COVER_OPEN", E::CoverOpen),
        ("IO_ERROR", E::DeviceFault),
        ("NO_MEM", E::DeviceFault),
        ("ACCESS_DENIED", E::DriverHeld),
    ] {
        let (_rig, mut client) = test_backend(&format!("read-return-value = \"SANE_STATUS_{status}\"")).await;
        let error = client.fails(scan(json!({}))).await;
        assert_eq!(error.failure.code, code, "{status}: {error:?}");
        assert_eq!(error.failure.device_code, Some(format!("SANE_STATUS_{status}")));
        assert_eq!(error.failure.outcome, None);
    }
}

#[tokio::test]
async fn sane_an_end_without_a_page_is_no_page() {
    let (_rig, mut client) = test_backend("read-return-value = \"SANE_STATUS_EOF\"").await;
    let error = client.fails(scan(json!({}))).await;
    assert_eq!(error.failure.code, E::DeviceFault);
    assert!(error.failure.detail.contains("cut short"), "{error:?}");
}

#[tokio::test]
async fn sane_colours_in_three_passes_are_refused_and_grey_is_not() {
    let (rig, mut client) = test_backend("three-pass = true").await;
    let error = client.fails(scan(json!({}))).await;
    assert_eq!(error.failure.code, E::Unsupported, "{error:?}");
    assert_eq!(pictures(&rig, &mut client, json!({ "color": "gray" })).await.len(), 1);
}

#[tokio::test]
async fn sane_a_cancel_in_the_middle_of_a_page_leaves_no_page_and_a_scanner_that_works() {
    let (rig, mut client) = test_backend(SLOW).await;
    for _ in 0..3 {
        let id = client.start(scan(json!({}))).await;
        let started = client.event(id, "scanner.page_started").await;
        client.cancel(id).await;
        let error = client.finish_within(id, WITHIN).await.unwrap_err();
        assert_eq!(error.failure.code, E::Cancelled);
        let path = format!("/v1/blobs/{}", started["blob"].as_str().unwrap());
        assert_eq!(http::get(rig.address, &path, Some(&client.token())).await.status, 404);
    }
    let driver = rig.child("kiosk-driver-sane").unwrap();
    assert_eq!(pictures(&rig, &mut client, json!({ "resolution_dpi": 50 })).await.len(), 1);
    assert_eq!(rig.child("kiosk-driver-sane"), Some(driver), "the same driver did all of it");
}

#[tokio::test]
async fn sane_a_scan_that_takes_too_long_runs_out_of_time() {
    let (rig, mut client) = test_backend(SLOW).await;
    let error = client.fails(scan(json!({})).timeout_ms(1_500)).await;
    assert_eq!(error.failure.code, E::Timeout, "{error:?}");
    assert_eq!(pictures(&rig, &mut client, json!({ "resolution_dpi": 50 })).await.len(), 1);
}

#[tokio::test]
async fn sane_a_slow_scanner_is_no_dead_one() {
    let (rig, mut client) = test_backend("read-delay = true, read-delay-duration = 60000").await;
    let driver = rig.child("kiosk-driver-sane").unwrap();
    let scan = json!({ "source": "adf", "resolution_dpi": 75, "max_pages": 2 });
    assert_eq!(pictures(&rig, &mut client, scan).await.len(), 2);
    assert_eq!(rig.child("kiosk-driver-sane"), Some(driver), "its driver was not restarted");
}

#[tokio::test]
async fn sane_a_killed_driver_is_one_error_and_leaves_nothing_behind() {
    let (rig, mut client) = test_backend(SLOW).await;
    let id = client.start(scan(json!({}))).await;
    client.event(id, "scanner.page_started").await;
    let driver = rig.child("kiosk-driver-sane").unwrap();
    let pid = driver.pid;
    driver.signal(kiosk_tests::rig::process::Signal::KILL);
    let error = client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(error.failure.code, E::DriverFault, "{error:?}");
    rig.restarted("scanner", &driver, WITHIN).await;
    assert_eq!(pictures(&rig, &mut client, json!({ "resolution_dpi": 50 })).await.len(), 1);
    let left = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(&format!("kiosk-sane-{pid}-")));
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn sane_wrong_options_hold_the_driver_and_say_which() {
    for (options, word) in [
        ("nonsense = 1", "no option `nonsense`"),
        ("test-picture = \"Mona Lisa\"", "one of `Solid black`"),
        ("resolution = 75", "config.options.resolution"),
    ] {
        let config = format!(
            "[devices.scanner]\ndriver = \"sane\"\naddress = \"sane:test:0\"\nconfig.options = {{ {options} }}\n"
        );
        let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
        let mut client = rig.client().await;
        let view = client.wait_state("scanner", DeviceState::Held, WITHIN).await;
        let detail = view.problem.unwrap().failure.detail;
        assert!(detail.contains(word), "{detail}");
    }
}

#[tokio::test]
async fn sane_faults_of_a_network_scanner_come_through_sane_airscan() {
    let (rig, mut client, simulators, _folder, _program) = airscan().await;
    let adf = || scan(json!({ "source": "adf", "resolution_dpi": 75 }));
    simulators.fault("scanner", "jam", json!({ "page": 2 })).await;
    let id = client.start(adf()).await;
    let error = client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(error.failure.code, E::Jam, "{error:?}");
    assert_eq!(client.events(id).iter().filter(|(name, _)| *name == "scanner.page").count(), 1);
    simulators.clear("scanner").await;
    simulators.load(json!({ "adf": 0 })).await;
    assert_eq!(client.fails(adf()).await.failure.code, E::NoDocument);
    simulators.load(json!({ "adf": 2 })).await;
    assert_eq!(pictures(&rig, &mut client, json!({ "source": "adf", "resolution_dpi": 75 })).await.len(), 2);
}

#[tokio::test]
async fn sane_a_machine_without_the_backend_says_what_to_install() {
    let config = "[devices.scanner]\ndriver = \"sane\"\naddress = \"sane:nosuchbackend\"\n".to_owned();
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    let view = client.wait_state("scanner", DeviceState::Held, WITHIN).await;
    let detail = view.problem.unwrap().failure.detail;
    assert!(detail.contains("libsane-nosuchbackend.so.1"), "{detail}");
}
