//! The driver `v4l` through the whole gateway, under the kernel's own test camera (vivid): raw pictures whose colours are
//! known, and errors on demand. Cameras at a USB port are in [`usb`].
//!
//! Documents: Linux, `Documentation/admin-guide/media/vivid.rst`, "Error Injection Controls" and "Test Pattern Controls".

mod faults;
mod usb;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use kiosk_protocol::device::{DeviceState as S, Facts};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_protocol::seam::{FromChild, ToChild};
use kiosk_tests::camera::{order, size, streaming, taken};
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::seam::DriverProgram;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, programs};
use serde_json::{Value, json};

const LINK: &str = "/dev/v4l/by-path/platform-vivid.0-video-index0";

/// The test camera, as nobody has touched it.
async fn vivid() -> PathBuf {
    lab::load("vivid", &["n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0"]).await;
    let node = lab::appears(LINK).await;
    for (control, value) in [("percentage_of_dropped_buffers", 0), ("test_pattern", 0), ("osd_text_mode", 2)] {
        set(&node, control, value).await;
    }
    node
}

/// Sets a control past the driver.
async fn set(node: &Path, control: &str, value: u32) {
    let v4l2_ctl = Peer::new(&peer("v4l2-ctl")).arg("-d").arg(node);
    lab::run(v4l2_ctl.arg("-c").arg(format!("{control}={value}"))).await.ok();
}

/// A kiosk with one camera, ready.
async fn kiosk(address: &str, config: &str) -> (Rig, Client) {
    let config = format!("[devices.camera]\ndriver = \"v4l\"\naddress = {address:?}\nconfig.poll_ms = 200\n{config}\n");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    (rig, client)
}

/// A kiosk with the test camera.
async fn with_vivid(config: &str) -> (Rig, Client, PathBuf) {
    let node = vivid().await;
    let (rig, client) = kiosk(&format!("video:{LINK}"), config).await;
    (rig, client, node)
}

const SMALL: &str = "config.preview = \"320x180\"\nconfig.fps = 5\nconfig.settle_frames = 1";

fn capture(width: u32, height: u32) -> Order {
    Order::new("camera.capture", json!({ "width": width, "height": height })).device("camera").timeout_ms(50_000)
}

#[tokio::test]
async fn a_raw_picture_has_the_colours_that_the_camera_sees() {
    let (rig, mut client, _) = with_vivid(SMALL).await;
    let view = client.wait_state("camera", S::Ready, WITHIN).await;
    assert_eq!(view.identity.as_ref().unwrap().model.as_deref(), Some("vivid"));
    let Facts::Camera { capabilities, .. } = &view.facts else { panic!("{view:?}") };
    let capabilities = capabilities.as_ref().unwrap();
    let sizes: Vec<_> = capabilities.sizes.iter().map(|size| (size.width, size.height, size.jpeg)).collect();
    assert_eq!(sizes[..3], [(320, 180, false), (640, 360, false), (640, 480, false)]);
    assert_eq!((capabilities.preview.width, capabilities.preview.fps), (320, Some(5.0)));

    let (reply, jpeg) = taken(&rig, &mut client, capture(640, 480)).await;
    assert_eq!((reply["width"].as_u64(), reply["height"].as_u64()), (Some(640), Some(480)));
    let image = image::load_from_memory(&jpeg).unwrap().to_rgb8();
    // Bars of three quarters of full colour: white, yellow, cyan, green, magenta, red, blue, black.
    let bars =
        [[191, 191, 191], [191, 191, 0], [0, 191, 191], [0, 191, 0], [191, 0, 191], [191, 0, 0], [0, 0, 191], [0; 3]];
    for (number, bar) in (0..).zip(bars) {
        let seen = image.get_pixel(40 + 80 * number, 240).0;
        let near = seen.iter().zip(bar).all(|(seen, expected)| seen.abs_diff(expected) <= 12);
        assert!(near, "bar {number} is {seen:?} instead of {bar:?}");
    }
    client.wait_device("camera", WITHIN, |view| !streaming(view)).await;
}

#[tokio::test]
async fn live_pictures_come_while_somebody_looks_and_the_camera_rests_otherwise() {
    let (_rig, mut client, _) = with_vivid(SMALL).await;
    let stream = client.done(order("pictures.start")).await["stream"].as_u64().unwrap();
    let mut last = (0, 0);
    for _ in 0..5 {
        let (head, jpeg) = client.picture(WITHIN).await;
        assert_eq!((u64::from(head.stream), size(&jpeg)), (stream, (320, 180)));
        assert!((head.number, head.taken_us) > last && head.taken_us > last.1, "{head:?} after {last:?}");
        last = (head.number, head.taken_us);
    }
    client.wait_device("camera", WITHIN, streaming).await;
    client.done(order("pictures.stop")).await;
    client.wait_device("camera", WITHIN, |view| !streaming(view)).await;
}

#[tokio::test]
async fn a_picture_of_another_size_is_taken_in_the_middle_of_live_ones() {
    let (rig, mut client, _) = with_vivid(SMALL).await;
    client.done(order("pictures.start")).await;
    let before = client.picture(WITHIN).await.0;
    for wanted in [(640, 480), (320, 180), (640, 360)] {
        let (_, jpeg) = taken(&rig, &mut client, capture(wanted.0, wanted.1)).await;
        assert_eq!(size(&jpeg), wanted);
    }
    loop {
        let (head, jpeg) = client.picture(WITHIN).await;
        assert_eq!(size(&jpeg), (320, 180));
        if head.taken_us > before.taken_us && head.number > before.number + 2 {
            break;
        }
    }
}

#[tokio::test]
async fn each_size_and_a_wrong_one_are_answered() {
    let (rig, mut client, _) = with_vivid(SMALL).await;
    let (reply, jpeg) = taken(&rig, &mut client, order("camera.capture")).await;
    assert_eq!(
        (reply["width"].as_u64(), size(&jpeg)),
        (Some(3840), (3840, 2160)),
        "the largest where none is asked for"
    );
    let error = client.fails(capture(800, 600)).await;
    assert_eq!(error.failure.code, E::Unsupported);
    assert!(error.failure.detail.contains("640x480"), "{}", error.failure.detail);
    let half = Order::new("camera.capture", json!({ "width": 640 })).device("camera");
    assert_eq!(client.fails(half).await.failure.field.as_deref(), Some("payload.height"));
}

#[tokio::test]
async fn controls_are_set_told_again_and_refused_where_there_are_none() {
    let (_rig, mut client, node) = with_vivid(SMALL).await;
    let controls = |payload: Value| Order::new("camera.set_controls", payload).device("camera");
    let reply = client.done(controls(json!({ "brightness": 1000 }))).await;
    assert_eq!(reply["controls"], json!({ "brightness": 1000 }));
    let v4l2_ctl = Peer::new(&peer("v4l2-ctl")).arg("-d").arg(&node).args(["-C", "brightness"]);
    assert_eq!(lab::run(v4l2_ctl).await.ok().trim(), "brightness: 255");
    set(&node, "brightness", 0).await;
    assert_eq!(client.done(order("camera.status")).await["controls"]["brightness"], 0);
    let error = client.fails(controls(json!({ "focus": 5 }))).await;
    assert_eq!(error.failure.code, E::Unsupported);
    set(&node, "brightness", 128).await;
}

#[tokio::test]
async fn a_stall_is_told_and_repaired_and_the_picture_comes_on_its_own() {
    let (_rig, mut client, node) = with_vivid(SMALL).await;
    client.done(order("pictures.start")).await;
    client.picture(WITHIN).await;
    set(&node, "percentage_of_dropped_buffers", 100).await;
    client.wait_state("camera", S::Stale, WITHIN).await;
    // Whatever was still on its way.
    set(&node, "percentage_of_dropped_buffers", 0).await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    client.picture(WITHIN).await;
}

#[tokio::test]
async fn a_picture_survives_every_error_that_passes() {
    let (rig, mut client, node) = with_vivid(SMALL).await;
    let errors = ["v4l2_buf_flag_error", "vidioc_reqbufs_error", "vidioc_qbuf_error", "vidioc_streamon_error"];
    for error in errors {
        set(&node, &format!("inject_{error}"), 1).await;
        let (_, jpeg) = taken(&rig, &mut client, capture(320, 180)).await;
        assert_eq!(size(&jpeg), (320, 180), "{error}");
    }
    client.done(order("pictures.start")).await;
    let before = client.picture(WITHIN).await.0;
    for error in ["v4l2_buf_flag_error", "fatal_streaming_error", "vidioc_qbuf_error"] {
        set(&node, &format!("inject_{error}"), 1).await;
        loop {
            let (head, jpeg) = client.picture(WITHIN).await;
            if head.taken_us > before.taken_us + 1_000_000 && size(&jpeg) == (320, 180) {
                break;
            }
        }
    }
    client.wait_state("camera", S::Ready, WITHIN).await;
}

#[tokio::test]
async fn a_camera_that_vanishes_is_absent_and_comes_back() {
    let (rig, mut client, node) = with_vivid(SMALL).await;
    client.done(order("pictures.start")).await;
    client.picture(WITHIN).await;
    let before = rig.child("kiosk-driver-v4l").unwrap();
    // Whoever has it open gets ENODEV; it is there again when all have closed it.
    set(&node, "disconnect", 1).await;
    client.wait_state("camera", S::Absent, WITHIN).await;
    rig.restarted("camera", &before, WITHIN).await;
    let (_, jpeg) = taken(&rig, &mut client, capture(320, 180)).await;
    assert_eq!(size(&jpeg), (320, 180));
}

#[tokio::test]
async fn a_camera_that_another_program_has_is_busy_until_it_is_free() {
    let (rig, mut client, node) = with_vivid(SMALL).await;
    let folder = tempfile::tempdir().unwrap();
    let v4l2_ctl = Peer::new(&peer("v4l2-ctl")).arg("-d").arg(&node).args(["--stream-mmap", "--stream-count=0"]);
    let other: Program = v4l2_ctl.start(folder.path(), "other");
    lab::until("the other program gets pictures", || other.log().contains('<').then_some(())).await;
    let error = client.fails(capture(640, 480)).await;
    assert_eq!(error.failure.code, E::Busy, "{}", error.failure.detail);
    assert!(error.failure.detail.contains("fuser -v"), "{}", error.failure.detail);
    drop(other);
    taken(&rig, &mut client, capture(640, 480)).await;
}

/// What a driver says that cannot begin, and how it ends.
async fn held(program: &Path, address: &str, config: Value) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let mut driver = DriverProgram::start(program, folder.path());
    driver.say(ToChild::Start { address: address.into(), config }).await;
    let said = |message: &FromChild| match message {
        FromChild::Failed { failure } => Some(failure.detail.clone()),
        FromChild::Ready { .. } => panic!("it begins"),
        _ => None,
    };
    let detail = driver.hear_until("why it cannot begin", WITHIN, said).await;
    (detail, driver.end(WITHIN).await.code())
}

#[tokio::test]
async fn a_user_who_may_not_open_the_camera_is_told_what_to_do() {
    let node = vivid().await;
    std::fs::set_permissions(&node, std::fs::Permissions::from_mode(0o600)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("as-nobody");
    let driver = programs::find("kiosk-driver-v4l");
    let script = format!("#!/bin/sh\nexec setpriv --reuid=65534 --clear-groups {}\n", driver.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (detail, code) = held(&program, &format!("video:{LINK}"), json!({})).await;
    assert_eq!(code, Some(77), "{detail}");
    assert!(detail.contains("group `kiosk`") && detail.contains(LINK), "{detail}");
}

#[tokio::test]
async fn wrong_settings_are_told_with_what_would_be_right() {
    vivid().await;
    let driver = programs::find("kiosk-driver-v4l");
    let address = format!("video:{LINK}");
    for (address, config, code, hint) in [
        (&*address, json!({ "preview": "800x600" }), 64, "640x480"),
        (&address, json!({ "format": "mjpeg" }), 64, "config.format"),
        (&address, json!({ "controls": { "focus": 3 } }), 64, "config.controls"),
        (&address, json!({ "preview": "big" }), 64, "1280x720"),
        ("video:/dev/null", json!({}), 64, "no Video4Linux device"),
        ("video:/dev/video77", json!({}), 69, "discover"),
        ("usb:f00d:cafe", json!({}), 69, "usb:f00d:cafe"),
    ] {
        let (detail, ended) = held(&driver, address, config).await;
        assert_eq!(ended, Some(code), "{detail}");
        assert!(detail.contains(hint), "{detail}");
    }
}
