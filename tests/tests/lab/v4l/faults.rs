//! A USB camera that goes, comes again, changes, lies, or takes its time.

use std::os::unix::fs::symlink;
use std::time::Instant;

use kiosk_protocol::device::{DeviceState as S, DeviceView};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::camera::{files, look, size, taken};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN, usb};
use kiosk_tests::rig::process::open_files;
use kiosk_tests::rig::{Parts, Rig, RigOptions};
use serde_json::json;

use super::usb::{PREVIEW, with_camera};
use super::{capture, kiosk};

/// How often the plug of the loose camera moves out and in.
const BLINKS: u32 = 200;
/// Every so many the kernel is given the time to find the camera.
const LET_THROUGH: u32 = 20;

#[tokio::test]
async fn a_camera_pulled_out_at_rest_is_absent_and_back_at_the_same_port() {
    let (plugged, rig, mut client) = with_camera("camera,serial=REST-1,port=2", PREVIEW).await;
    let pulled = Instant::now();
    plugged.unplug("camera").await;
    client.wait_state("camera", S::Absent, WITHIN).await;
    eprintln!("a client saw the pulled cable after {:?}", pulled.elapsed());
    assert_eq!(client.fails(capture(640, 480)).await.failure.code, E::DeviceAbsent);
    plugged.plug("camera", json!({ "port": 2 })).await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    let (_, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
    assert_eq!(size(&jpeg), (640, 480));
}

#[tokio::test]
async fn a_cable_pulled_in_the_middle_of_a_picture_fails_it_as_absent() {
    let (plugged, _rig, mut client) = with_camera("camera,serial=REST-2", PREVIEW).await;
    plugged.fault("camera", "freeze", json!({})).await;
    let id = client.start(capture(640, 480)).await;
    kiosk_tests::rig::wait::until_async("the driver waits for a picture", WITHIN, async || {
        plugged.state("camera").await["streaming"].is_string().then_some(())
    })
    .await;
    plugged.unplug("camera").await;
    assert_eq!(client.finish_within(id, WITHIN).await.unwrap_err().failure.code, E::DeviceAbsent);
    client.wait_state("camera", S::Absent, WITHIN).await;
}

#[tokio::test]
async fn a_name_that_udev_left_behind_leads_to_no_other_camera() {
    let _plugged = Plugged::start(&["camera,serial=OWN-1"]).await;
    let node = usb::node("video4linux", &usb::device("OWN-1").await).await;
    let left = "/dev/kiosk/camera-GONE";
    std::fs::create_dir_all("/dev/kiosk").unwrap();
    symlink(&node, left).unwrap();
    let config = format!("[devices.camera]\ndriver = \"v4l\"\naddress = \"video:{left}\"\n");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    let view = client.wait_state("camera", S::Absent, WITHIN).await;
    let problem = view.problem.expect("it says why").failure.detail;
    assert!(problem.contains("was left behind by udev"), "{problem}");
    std::fs::remove_file(left).unwrap();
}

#[tokio::test]
async fn a_storm_of_blinks_leaves_nothing_behind() {
    let (plugged, rig, mut client) = with_camera("camera,serial=LOOSE-C,port=1", PREVIEW).await;
    look(&mut client).await;
    client.picture(WITHIN).await;
    let (children, files, log) = (rig.children().len(), open_files(rig.gateway_pid()), rig.log().len());
    let began = Instant::now();
    for blink in 0..BLINKS {
        plugged.unplug("camera").await;
        plugged.plug("camera", json!({ "port": 1 })).await;
        // Most come too quickly for the kernel to see what is plugged in; some are let through.
        if blink % LET_THROUGH == 0 {
            plugged.found_at_last("camera").await;
        }
    }
    let seconds = began.elapsed().as_secs();
    plugged.found_at_last("camera").await;
    // The first client said nothing for so long that its connection may be gone.
    let mut client = rig.client().await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    let (_, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
    assert_eq!(size(&jpeg), (640, 480));
    lab::until("no process more than before", || (rig.children().len() <= children).then_some(())).await;
    lab::until("no open file more than before", || (open_files(rig.gateway_pid()) <= files).then_some(())).await;
    let log = rig.log().split_off(log);
    let lines = log.lines().filter(|line| !line.contains("DEBUG")).count() as u64;
    eprintln!("{BLINKS} blinks in {seconds} s: {lines} lines in the log");
    assert!(lines <= 100 + 10 * seconds, "{lines} lines in {seconds} s:\n{log}");
    look(&mut client).await;
    assert_eq!(size(&client.picture(WITHIN).await.1), (640, 480));
}

#[tokio::test]
async fn a_camera_that_comes_back_as_another_is_never_taken_for_the_first() {
    let (plugged, rig, mut client) = with_camera("camera,serial=FIRST,port=1", PREVIEW).await;
    let come_back = async |serial: Option<&str>, id: Option<&str>| {
        plugged.clear("camera").await;
        if serial.is_some() || id.is_some() {
            plugged.fault("camera", "descriptor", json!({ "serial": serial, "id": id })).await;
        }
        plugged.unplug("camera").await;
        plugged.plug("camera", json!({ "port": 1 })).await;
        usb::node("video4linux", &plugged.device("camera").await).await;
    };
    come_back(Some("SECOND"), None).await;
    let told = |view: &DeviceView| {
        let problem = view.problem.as_ref().map(|problem| problem.failure.detail.as_str()).unwrap_or_default();
        problem.contains("serial=FIRST") && problem.contains("serial=SECOND")
    };
    client.wait_device("camera", WITHIN, |view| view.state == S::Absent && told(view)).await;
    assert_eq!(client.fails(capture(640, 480)).await.failure.code, E::DeviceAbsent);
    // Whoever takes what is at that port gets it, under its own name.
    let (_other_rig, other) = kiosk("usb:046d:0825?port=1-1", PREVIEW).await;
    let view = other.devices.values().next().unwrap();
    assert_eq!(view.identity.as_ref().unwrap().serial.as_deref(), Some("SECOND"));
    come_back(Some("FIRST"), Some("f00d:0825")).await;
    assert_eq!(client.fails(capture(640, 480)).await.failure.code, E::DeviceAbsent, "another model");
    come_back(None, None).await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    let (_, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
    assert_eq!(size(&jpeg), (640, 480));
}

#[tokio::test]
async fn a_camera_with_a_keyboard_in_it_is_still_a_camera_and_one_that_is_broken_is_absent() {
    let (plugged, rig, mut client) = with_camera("camera,serial=KEYS-C,port=1", PREVIEW).await;
    plugged.fault("camera", "extra_keyboard", json!({})).await;
    plugged.unplug("camera").await;
    client.wait_state("camera", S::Absent, WITHIN).await;
    plugged.plug("camera", json!({ "port": 1 })).await;
    let device = plugged.device("camera").await;
    usb::node("input", &device).await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    let (_, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
    assert_eq!(size(&jpeg), (640, 480));
    // A configuration that the kernel refuses: there is no camera at this plug.
    plugged.clear("camera").await;
    plugged.fault("camera", "bad_descriptor", json!({ "of": "configuration" })).await;
    plugged.unplug("camera").await;
    plugged.plug("camera", json!({ "port": 1 })).await;
    client.wait_state("camera", S::Absent, WITHIN).await;
    plugged.clear("camera").await;
    plugged.unplug("camera").await;
    plugged.plug("camera", json!({ "port": 1 })).await;
    client.wait_state("camera", S::Ready, WITHIN).await;
}

#[tokio::test]
async fn damaged_pictures_are_never_shown_and_a_camera_that_sends_only_such_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let words = format!("camera,serial=LIES-C,folder={}", folder.path().display());
    let (plugged, _rig, mut client) = with_camera(&words, PREVIEW).await;
    look(&mut client).await;
    client.picture(WITHIN).await;
    for (fault, parameters) in [
        ("wrong_size", json!({})),
        ("bad_header", json!({ "length": 0 })),
        ("bad_header", json!({ "length": 255 })),
        ("noise", json!({ "on": "data" })),
        ("wrong_length", json!({ "by": -5 })),
        ("endless", json!({})),
    ] {
        plugged.fault("camera", fault, parameters.clone()).await;
        client.wait_state("camera", S::Stale, WITHIN).await;
        plugged.clear("camera").await;
        client.wait_state("camera", S::Ready, WITHIN).await;
        for _ in 0..3 {
            assert!(files.contains(&client.picture(WITHIN).await.1), "{fault} {parameters}");
        }
    }
}

#[tokio::test]
async fn pictures_whose_end_is_not_marked_come_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let words = format!("camera,serial=OPEN-C,folder={}", folder.path().display());
    let (plugged, rig, mut client) = with_camera(&words, PREVIEW).await;
    plugged.fault("camera", "no_end", json!({})).await;
    look(&mut client).await;
    for _ in 0..5 {
        assert!(files.contains(&client.picture(WITHIN).await.1));
    }
    assert!(files.contains(&taken(&rig, &mut client, capture(640, 480)).await.1));
    client.wait_state("camera", S::Ready, WITHIN).await;
}

#[tokio::test]
async fn a_slow_camera_gives_its_picture_or_is_told_by_the_deadline_and_nobody_else_waits() {
    let (plugged, rig, mut client) = with_camera("camera,serial=SLOW-C", PREVIEW).await;
    // A picture of some 20 kB takes most of a second, then a minute.
    plugged.fault("camera", "throttle", json!({ "bytes_per_second": 30_000 })).await;
    let (_, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
    assert_eq!(size(&jpeg), (640, 480));
    plugged.fault("camera", "throttle", json!({ "bytes_per_second": 300 })).await;
    let id = client.start(capture(640, 480).timeout_ms(8_000)).await;
    rig.client().await.done("session.end").await;
    let code = client.finish_within(id, WITHIN).await.unwrap_err().failure.code;
    assert!(matches!(code, E::DeviceSilent | E::Timeout | E::DeviceFault), "{code:?}");
    plugged.clear("camera").await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    taken(&rig, &mut client, capture(640, 480)).await;
}
