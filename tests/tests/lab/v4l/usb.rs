//! Cameras at a USB port: the simulator's webcam behind the kernel's own driver, `uvcvideo`.

use kiosk_protocol::device::{DeviceState as S, Facts};
use kiosk_tests::camera::{files, look, order, size, streaming, taken};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN, usb};
use kiosk_tests::rig::{Client, Order, Rig};
use serde_json::json;

use super::{capture, held, kiosk};

pub(super) const PREVIEW: &str = "config.preview = \"640x480\"\nconfig.settle_frames = 1";

/// A camera with these settings, and a kiosk that has it by its USB address.
pub(super) async fn with_camera(words: &str, config: &str) -> (Plugged, Rig, Client) {
    let plugged = Plugged::start(&[words]).await;
    usb::node("video4linux", &plugged.device("camera").await).await;
    let (rig, client) = kiosk(plugged.address("camera"), config).await;
    (plugged, rig, client)
}

#[tokio::test]
async fn a_cameras_own_jpeg_goes_through_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let words = format!("camera,serial=V4L-1,folder={}", folder.path().display());
    let (_plugged, rig, mut client) = with_camera(&words, PREVIEW).await;
    let view = client.wait_state("camera", S::Ready, WITHIN).await;
    assert_eq!(view.identity.as_ref().unwrap().serial.as_deref(), Some("V4L-1"));
    let Facts::Camera { capabilities, .. } = &view.facts else { panic!("{view:?}") };
    assert!(capabilities.as_ref().unwrap().sizes.iter().all(|size| size.jpeg), "{view:?}");
    assert!(files.contains(&taken(&rig, &mut client, capture(640, 480)).await.1));
    look(&mut client).await;
    for _ in 0..5 {
        assert!(files.contains(&client.picture(WITHIN).await.1));
    }
    let (_, larger) = taken(&rig, &mut client, capture(1280, 720)).await;
    assert_eq!(size(&larger), (1280, 720), "another size in the middle of live pictures");
    assert!(files.contains(&client.picture(WITHIN).await.1));
    client.done(order("pictures.stop")).await;
    client.wait_device("camera", WITHIN, |view| !streaming(view)).await;
}

#[tokio::test]
async fn raw_pictures_of_the_same_camera_are_packed() {
    let (_plugged, rig, mut client) =
        with_camera("camera,serial=V4L-2", &format!("{PREVIEW}\nconfig.format = \"raw\"")).await;
    let (_, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
    assert_eq!(size(&jpeg), (640, 480));
}

#[tokio::test]
async fn focus_is_set_by_hand_and_told_again() {
    let (plugged, _rig, mut client) = with_camera("camera,serial=V4L-3", PREVIEW).await;
    let set = Order::new("camera.set_controls", json!({ "focus": 1000 })).device("camera");
    let reply = client.done(set).await;
    assert_eq!((&reply["controls"]["autofocus"], &reply["controls"]["focus"]), (&json!(false), &json!(1000)));
    let there = plugged.state("camera").await["controls"]["focus"].as_u64().unwrap();
    assert!(there > 100, "{there}");
    let set = Order::new("camera.set_controls", json!({ "autofocus": true })).device("camera");
    assert_eq!(client.done(set).await["controls"]["autofocus"], true);
}

#[tokio::test]
async fn a_stalled_camera_is_told_and_works_again() {
    let (plugged, _rig, mut client) = with_camera("camera,serial=V4L-4", PREVIEW).await;
    look(&mut client).await;
    client.picture(WITHIN).await;
    for fault in ["freeze", "short_frame", "error_bit"] {
        plugged.fault("camera", fault, json!({})).await;
        client.wait_state("camera", S::Stale, WITHIN).await;
        plugged.clear("camera").await;
        client.wait_state("camera", S::Ready, WITHIN).await;
        assert_eq!(size(&client.picture(WITHIN).await.1), (640, 480), "{fault}");
    }
}

#[tokio::test]
async fn a_camera_that_is_pulled_out_while_it_streams_comes_back_at_another_port() {
    let (plugged, rig, mut client) = with_camera("camera,serial=V4L-5,port=1", PREVIEW).await;
    for port in [1, 3] {
        look(&mut client).await;
        client.picture(WITHIN).await;
        plugged.unplug("camera").await;
        client.wait_state("camera", S::Absent, WITHIN).await;
        plugged.plug("camera", json!({ "port": port })).await;
        client.wait_state("camera", S::Ready, WITHIN).await;
        let (_, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
        assert_eq!(size(&jpeg), (640, 480));
    }
}

#[tokio::test]
async fn of_two_equal_cameras_each_is_found_by_its_serial_number() {
    let plugged = Plugged::start(&["camera,serial=LEFT", "camera,serial=RIGHT"]).await;
    for (camera, serial) in [("camera", "LEFT"), ("camera-2", "RIGHT")] {
        usb::node("video4linux", &plugged.device(camera).await).await;
        let (_rig, client) = kiosk(&format!("usb:046d:0825?serial={serial}"), PREVIEW).await;
        let view = client.devices.values().next().unwrap();
        assert_eq!(view.identity.as_ref().unwrap().serial.as_deref(), Some(serial));
    }
    let driver = kiosk_tests::rig::programs::find("kiosk-driver-v4l");
    let (detail, code) = held(&driver, "usb:046d:0825", json!({})).await;
    assert_eq!(code, Some(64), "{detail}");
    assert!(detail.contains("serial=LEFT") && detail.contains("serial=RIGHT"), "{detail}");
}

#[tokio::test]
async fn the_node_of_data_about_pictures_is_no_camera() {
    let plugged = Plugged::start(&["camera,serial=V4L-6"]).await;
    let device = plugged.device("camera").await;
    let nodes = lab::until("both nodes of the camera", || {
        let found = std::fs::read_dir("/sys/class/video4linux")
            .ok()?
            .flatten()
            .filter(|entry| entry.path().canonicalize().is_ok_and(|path| path.starts_with(&device)));
        let nodes: Vec<String> = found.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        (nodes.len() == 2).then_some(nodes)
    })
    .await;
    let data = nodes.iter().find(|node| {
        let index = std::fs::read_to_string(format!("/sys/class/video4linux/{node}/index"));
        index.is_ok_and(|index| index.trim() == "1")
    });
    let driver = kiosk_tests::rig::programs::find("kiosk-driver-v4l");
    let (detail, code) = held(&driver, &format!("video:/dev/{}", data.unwrap()), json!({})).await;
    assert_eq!(code, Some(64), "{detail}");
    assert!(detail.contains("takes no pictures"), "{detail}");
}
