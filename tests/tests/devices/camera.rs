//! The driver `mjpeg` with a simulated network camera: pictures go through byte for byte, every fault of the wire is one
//! typed error or none at all, and nobody is connected while nobody looks. Cameras of the kernel's are tested in the lab.

#[path = "camera/faults.rs"]
mod faults;

use std::net::SocketAddr;
use std::time::Duration;

use kiosk_protocol::device::DeviceState as S;
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::camera::{files, look, numbers, size, streaming};
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, http, programs, wait};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take on a loaded machine.
const WITHIN: Duration = Duration::from_secs(60);

/// The camera's own process.
struct Camera {
    control: SocketAddr,
    address: String,
    folder: TempDir,
    _program: Program,
}

impl Camera {
    async fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let all: Vec<String> =
            ["camera", "--exit-with-stdin"].iter().chain(arguments).map(|word| (*word).to_owned()).collect();
        let log = folder.path().join("camera.log");
        let mut program = Program::start(&programs::find("kiosk-simulate"), &all, &log);
        let line = program.lines().next(WITHIN).await.unwrap_or_default();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}: {}", program.log()));
        let control = said["control"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        Self { control, address: said["camera"].as_str().unwrap().into(), folder, _program: program }
    }

    async fn order(&self, action: &str, order: Value) {
        let answer = http::post(self.control, &format!("/devices/camera/{action}"), &order).await;
        assert_eq!(answer.status, 200, "{action} {order}: {}", answer.text());
    }

    async fn fault(&self, fault: Value) {
        self.order("fault", fault).await;
    }

    async fn clear(&self) {
        self.order("clear", json!({})).await;
    }

    /// What was asked of it.
    async fn exchanges(&self) -> Vec<String> {
        let answer = http::get(self.control, "/devices/camera/exchanges", None).await.json();
        let all = answer["exchanges"].as_array().unwrap();
        all.iter().map(|exchange| exchange["text"].as_str().unwrap().to_owned()).collect()
    }

    async fn is_left_alone(&self) {
        wait::until_async("nobody is connected to the camera", WITHIN, async || {
            let state = http::get(self.control, "/devices/camera", None).await.json();
            (state["connections"]["open"] == 0).then_some(())
        })
        .await;
    }
}

async fn start(address: &str, config: &str) -> Rig {
    let config =
        format!("[devices.camera]\ndriver = \"mjpeg\"\naddress = {address:?}\nconfig.poll_ms = 200\n{config}\n");
    Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await
}

async fn kiosk(camera: &Camera) -> (Rig, Client) {
    let rig = start(&camera.address, "").await;
    let mut client = rig.client().await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    (rig, client)
}

fn capture() -> Order {
    Order::from("camera.capture").device("camera").timeout_ms(30_000)
}

async fn taken(rig: &Rig, client: &mut Client) -> Vec<u8> {
    kiosk_tests::camera::taken(rig, client, capture()).await.1
}

fn is_whole(picture: &[u8]) -> bool {
    size(picture) == (640, 480)
}

#[tokio::test]
async fn pictures_go_through_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let camera = Camera::start(&["--folder", folder.path().to_str().unwrap()]).await;
    let (rig, mut client) = kiosk(&camera).await;
    assert!(files.contains(&taken(&rig, &mut client).await));
    look(&mut client).await;
    let mut last = 0;
    for _ in 0..20 {
        let (head, picture) = client.picture(WITHIN).await;
        assert!(head.number > last && files.contains(&picture), "picture {} after {last}", head.number);
        last = head.number;
    }
    assert!(files.contains(&taken(&rig, &mut client).await), "also while somebody looks");
}

#[tokio::test]
async fn a_video_goes_through_byte_for_byte_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let video = folder.path().join("three.mjpeg");
    std::fs::write(&video, files.concat()).unwrap();
    let arguments = ["--video", video.to_str().unwrap(), "--video-fps", "10", "--fps", "10"];
    let camera = Camera::start(&arguments).await;
    let (_rig, mut client) = kiosk(&camera).await;
    // Each viewer gets the next picture: the one that only looked what there is must have gone.
    camera.is_left_alone().await;
    look(&mut client).await;
    let mut last = None;
    for _ in 0..12 {
        let (head, picture) = client.picture(WITHIN).await;
        let now = (head.number, numbers(&files, &picture)[0]);
        if let Some((number, place)) = last {
            // The driver may leave one out where this machine is slow; numbers tell.
            assert_eq!((place + (now.0 - number) as usize) % 3, now.1, "{now:?} after {last:?}");
        }
        last = Some(now);
    }
}

#[tokio::test]
async fn nobody_is_connected_while_nobody_looks() {
    let camera = Camera::start(&[]).await;
    let (_rig, mut client) = kiosk(&camera).await;
    camera.is_left_alone().await;
    look(&mut client).await;
    client.picture(WITHIN).await;
    client.wait_device("camera", WITHIN, streaming).await;
    client.done(Order::from("pictures.stop").device("camera")).await;
    client.wait_device("camera", WITHIN, |view| !streaming(view)).await;
    camera.is_left_alone().await;
}

#[tokio::test]
async fn streams_are_read_however_they_are_written() {
    let camera = Camera::start(&["--fps", "30"]).await;
    let (rig, mut client) = kiosk(&camera).await;
    for style in [
        json!({ "lengths": false }),
        json!({ "quoted": true }),
        json!({ "boundary": "--myboundary", "lengths": false }),
        json!({ "boundary": "----=_Part_7.42", "quoted": true, "lengths": true }),
    ] {
        camera.order("set", style.clone()).await;
        assert!(is_whole(&taken(&rig, &mut client).await), "{style}");
    }
}

#[tokio::test]
async fn wrong_lengths_cost_nothing() {
    let camera = Camera::start(&["--fps", "30"]).await;
    let (rig, mut client) = kiosk(&camera).await;
    for by in [-100, 100, 1_000_000, -1_000_000] {
        camera.fault(json!({ "fault": "wrong_length", "by": by })).await;
        assert!(is_whole(&taken(&rig, &mut client).await), "{by}");
    }
    assert_eq!(client.wait_state("camera", S::Ready, WITHIN).await.state, S::Ready);
}

#[tokio::test]
async fn damaged_pictures_are_never_shown_and_a_camera_that_sends_only_such_is_stale() {
    let camera = Camera::start(&["--fps", "30"]).await;
    let (_rig, mut client) = kiosk(&camera).await;
    look(&mut client).await;
    for fault in
        [json!({ "fault": "cut_frame" }), json!({ "fault": "garbage" }), json!({ "fault": "garbage", "of": "stream" })]
    {
        camera.fault(fault).await;
        client.wait_state("camera", S::Stale, WITHIN).await;
        camera.clear().await;
        client.wait_state("camera", S::Ready, WITHIN).await;
        for _ in 0..5 {
            assert!(is_whole(&client.picture(WITHIN).await.1));
        }
    }
}

#[tokio::test]
async fn a_stream_that_stands_still_is_told_and_begun_anew() {
    let camera = Camera::start(&[]).await;
    let (_rig, mut client) = kiosk(&camera).await;
    look(&mut client).await;
    for fault in ["freeze", "silence", "endless", "refuse"] {
        camera.fault(json!({ "fault": fault })).await;
        if matches!(fault, "silence" | "refuse") {
            // Only a new connection notices these.
            camera.fault(json!({ "fault": "freeze" })).await;
        }
        client.wait_state("camera", S::Stale, WITHIN).await;
        camera.clear().await;
        client.wait_state("camera", S::Ready, WITHIN).await;
        assert!(is_whole(&client.picture(WITHIN).await.1), "{fault}");
    }
}

#[tokio::test]
async fn streams_that_end_again_and_again_are_connected_again() {
    let camera = Camera::start(&["--fps", "30"]).await;
    let (_rig, mut client) = kiosk(&camera).await;
    camera.fault(json!({ "fault": "drop", "after": 3 })).await;
    look(&mut client).await;
    let mut last = 0;
    for _ in 0..15 {
        let (head, picture) = client.picture(WITHIN).await;
        assert!(is_whole(&picture) && head.number > last);
        last = head.number;
    }
    assert!(camera.exchanges().await.iter().filter(|text| text.contains("GET /stream")).count() > 3);
}

#[tokio::test]
async fn a_pulled_cable_is_absent_and_the_camera_comes_back() {
    let camera = Camera::start(&[]).await;
    let (rig, mut client) = kiosk(&camera).await;
    for look_first in [false, true] {
        if look_first {
            look(&mut client).await;
            client.picture(WITHIN).await;
        }
        camera.order("unplug", json!({})).await;
        client.wait_state("camera", S::Absent, WITHIN).await;
        camera.order("plug", json!({})).await;
        client.wait_state("camera", S::Ready, WITHIN).await;
        assert!(is_whole(&taken(&rig, &mut client).await));
    }
}

#[tokio::test]
async fn a_picture_that_does_not_come_is_told_by_its_deadline_and_cancelled_at_once() {
    let camera = Camera::start(&[]).await;
    let (rig, mut client) = kiosk(&camera).await;
    camera.fault(json!({ "fault": "freeze" })).await;
    let error = client.fails(capture().timeout_ms(5_000)).await;
    assert_eq!(error.failure.code, E::DeviceSilent, "{}", error.failure.detail);
    let id = client.start(capture()).await;
    client.taken(id).await.unwrap();
    client.cancel(id).await;
    assert_eq!(client.finish(id).await.unwrap_err().failure.code, E::Cancelled);
    camera.clear().await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    assert!(is_whole(&taken(&rig, &mut client).await));
}

#[tokio::test]
async fn single_pictures_come_from_their_own_url() {
    let camera = Camera::start(&[]).await;
    let snapshot = camera.address.replace("/stream", "/snapshot");
    let rig = start(&camera.address, &format!("config.snapshot = {snapshot:?}")).await;
    let mut client = rig.client().await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    let asked = |exchanges: Vec<String>| exchanges.iter().filter(|text| text.contains("GET /snapshot")).count();
    let before = asked(camera.exchanges().await);
    assert!(is_whole(&taken(&rig, &mut client).await));
    assert_eq!(asked(camera.exchanges().await), before + 1);
    camera.fault(json!({ "fault": "garbage" })).await;
    assert_eq!(client.fails(capture()).await.failure.code, E::DeviceFault);
}

#[tokio::test]
async fn sizes_and_controls_that_there_are_not_are_refused() {
    let camera = Camera::start(&[]).await;
    let (_rig, mut client) = kiosk(&camera).await;
    let sized = |payload: Value| Order::new("camera.capture", payload).device("camera");
    client.done(sized(json!({ "width": 640, "height": 480 }))).await;
    let error = client.fails(sized(json!({ "width": 800, "height": 600 }))).await.failure;
    assert!(error.code == E::Unsupported && error.detail.contains("640x480"), "{error}");
    assert_eq!(client.fails(sized(json!({ "height": 480 }))).await.failure.field.as_deref(), Some("payload.width"));
    let controls = Order::new("camera.set_controls", json!({ "brightness": 5 })).device("camera");
    assert_eq!(client.fails(controls).await.failure.code, E::Unsupported);
}

#[tokio::test]
async fn a_login_is_taken_from_a_file_and_never_told() {
    let camera = Camera::start(&["--camera-login", "kiosk:geheim123"]).await;
    let without = start(&camera.address, "").await;
    without.client().await.wait_state("camera", S::Held, WITHIN).await;
    assert!(without.log().contains("config.password_file"), "what to do is said");
    let file = camera.folder.path().join("password");
    std::fs::write(&file, "geheim123\n").unwrap();
    let login = format!("config.user = \"kiosk\"\nconfig.password_file = {:?}", file.display().to_string());
    let rig = start(&camera.address, &login).await;
    let mut client = rig.client().await;
    client.wait_state("camera", S::Ready, WITHIN).await;
    assert!(is_whole(&taken(&rig, &mut client).await));
    assert!(!rig.log().contains("geheim123"));
}

#[tokio::test]
async fn an_address_that_is_no_stream_is_held_with_a_hint() {
    let camera = Camera::start(&[]).await;
    for (path, hint) in [("/snapshot", "config.snapshot"), ("/nothing", "path"), ("/stream#x", "http://192.168.1.8")] {
        let rig = start(&camera.address.replace("/stream", path), "").await;
        rig.client().await.wait_state("camera", S::Held, WITHIN).await;
        assert!(rig.log().contains(hint), "{path}: {}", rig.log());
    }
}
