//! Cameras that go, come again, change, or take their time.

use kiosk_protocol::device::DeviceState as S;
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::rig::process::open_files;
use kiosk_tests::rig::{Order, wait};
use serde_json::json;

use super::{Camera, WITHIN, capture, is_whole, kiosk, look, size, taken};

/// How often the plug of the loose camera moves out and in.
const BLINKS: usize = 100;

#[tokio::test]
async fn a_cable_pulled_in_the_middle_of_a_picture_fails_it_as_absent() {
    let camera = Camera::start(&[]).await;
    let (rig, mut client) = kiosk(&camera).await;
    camera.fault(json!({ "fault": "freeze" })).await;
    let id = client.start(capture()).await;
    client.taken(id).await.unwrap();
    wait::until_async("the driver waits for a picture", WITHIN, async || {
        camera.exchanges().await.iter().any(|text| text.contains("GET /stream")).then_some(())
    })
    .await;
    camera.order("unplug", json!({})).await;
    assert_eq!(client.finish(id).await.unwrap_err().failure.code, E::DeviceAbsent);
    client.wait_state("camera", S::Absent, WITHIN).await;
    camera.clear().await;
    camera.order("plug", json!({})).await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    assert!(is_whole(&taken(&rig, &mut client).await));
}

#[tokio::test]
async fn a_storm_of_blinks_leaves_nothing_behind() {
    let camera = Camera::start(&["--fps", "30"]).await;
    let (rig, mut client) = kiosk(&camera).await;
    look(&mut client).await;
    client.picture(WITHIN).await;
    let (children, files, log) = (rig.children().len(), open_files(rig.gateway_pid()), rig.log().len());
    for blink in 0..BLINKS {
        camera.order("unplug", json!({})).await;
        camera.order("plug", json!({})).await;
        // Most come too quickly for the driver to come back; some are let through.
        if blink % 20 == 0 {
            client.picture(WITHIN).await;
        }
    }
    let storm = rig.log().split_off(log);
    let lines = storm.lines().filter(|line| !line.contains("DEBUG")).count();
    assert!(lines <= 4 * BLINKS, "{lines} lines for {BLINKS} blinks:\n{storm}");
    client.wait_state("camera", S::Ready, WITHIN).await;
    assert!(is_whole(&taken(&rig, &mut client).await));
    assert!(is_whole(&client.picture(WITHIN).await.1));
    wait::until("no process more than before", WITHIN, || (rig.children().len() <= children).then_some(())).await;
    wait::until("no open file more than before", WITHIN, || (open_files(rig.gateway_pid()) <= files).then_some(()))
        .await;
    client.done(Order::from("pictures.stop").device("camera")).await;
    camera.is_left_alone().await;
}

#[tokio::test]
async fn a_camera_that_becomes_another_is_told_as_what_it_is() {
    let camera = Camera::start(&[]).await;
    let (rig, mut client) = kiosk(&camera).await;
    camera.order("set", json!({ "size": [320, 240] })).await;
    let sized =
        Order::new("camera.capture", json!({ "width": 640, "height": 480 })).device("camera").timeout_ms(30_000);
    let failure = client.fails(sized).await.failure;
    assert!(failure.code == E::Unsupported && failure.detail.contains("320x240"), "{failure}");
    let (reply, picture) = kiosk_tests::camera::taken(&rig, &mut client, capture()).await;
    assert_eq!((&reply["width"], &reply["height"], size(&picture)), (&json!(320), &json!(240), (320, 240)));
}

#[tokio::test]
async fn a_slow_camera_gives_its_picture_or_is_told_by_the_deadline_and_nobody_else_waits() {
    let camera = Camera::start(&[]).await;
    let (rig, mut client) = kiosk(&camera).await;
    // A picture of some 20 kB takes a second, then a minute.
    camera.fault(json!({ "fault": "slow", "bytes_per_second": 20_000 })).await;
    assert!(is_whole(&taken(&rig, &mut client).await));
    camera.fault(json!({ "fault": "slow", "bytes_per_second": 300 })).await;
    let id = client.start(capture().timeout_ms(5_000)).await;
    rig.client().await.done("session.end").await;
    let code = client.finish(id).await.unwrap_err().failure.code;
    assert!(matches!(code, E::DeviceSilent | E::Timeout), "{code:?}");
    camera.clear().await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    assert!(is_whole(&taken(&rig, &mut client).await));
}
