//! Live pictures, and what an ended session had shown: who sees them, from when and until when. The camera and the
//! display are programs of the tests that do as they are told, so that each picture has its moment.

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_protocol::pictures::PICTURE_MAX;
use kiosk_tests::rig::process::Signal;
use kiosk_tests::rig::{Client, Order, PATIENCE, Parts, Rig, RigOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::support::install_fake;

async fn kiosk() -> (Rig, Client, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    install_fake(folder.path(), "live-camera", "camera");
    install_fake(folder.path(), "shown-qr", "qr_display");
    let config = "[devices.camera]\ndriver = \"live-camera\"\naddress = \"fake:1\"\n\
                  [devices.qr]\ndriver = \"shown-qr\"\naddress = \"fake:1\"\n";
    let drivers = vec![folder.path().to_owned()];
    let options = RigOptions { parts: Parts::GatewayOnly, config: config.into(), drivers, ..RigOptions::default() };
    let rig = Rig::start(options).await;
    let mut client = rig.client().await;
    client.wait_all_ready(PATIENCE).await;
    (rig, client, folder)
}

fn on(view: &DeviceView) -> Option<bool> {
    match &view.facts {
        Facts::Camera { status, .. } => status.as_ref().map(|status| status.streaming),
        Facts::QrDisplay { status, .. } => status.as_ref().map(|status| status.showing),
        _ => None,
    }
}

async fn wait_on(client: &mut Client, device: &str, wanted: bool) {
    client.wait_device(device, PATIENCE, |view| on(view) == Some(wanted)).await;
}

fn start() -> Order {
    Order::from("pictures.start").device("camera")
}

fn stop() -> Order {
    Order::from("pictures.stop").device("camera")
}

async fn look(client: &mut Client) -> u64 {
    let reply = client.done(start()).await;
    wait_on(client, "camera", true).await;
    reply["stream"].as_u64().expect("a stream has a number")
}

#[tokio::test]
async fn pictures_come_while_somebody_looks_and_the_camera_is_off_otherwise() {
    let (_rig, mut client, _folder) = kiosk().await;
    wait_on(&mut client, "camera", false).await;
    let stream = look(&mut client).await;
    client.done("camera.status").await;
    let (head, picture) = client.picture(PATIENCE).await;
    assert_eq!((u64::from(head.stream), head.number, head.taken_us, &picture[..]), (stream, 1, 7, &b"picture 1"[..]));
    assert_eq!(client.done(start()).await["stream"], stream, "to look twice is to look once");
    client.done(stop()).await;
    let (head, picture) = client.picture(PATIENCE).await;
    assert_eq!((u64::from(head.stream), picture.len()), (stream, 0), "the place on the page is blanked");
    wait_on(&mut client, "camera", false).await;
    assert_eq!(client.fails(stop()).await.failure.code, E::NotFound);
}

#[tokio::test]
async fn the_longest_picture_arrives_whole() {
    let (_rig, mut client, _folder) = kiosk().await;
    look(&mut client).await;
    for number in 1..4 {
        client.done(Order::new("camera.set_controls", json!({ "brightness": 1 })).device("camera")).await;
        let (head, picture) = client.picture(PATIENCE).await;
        assert_eq!((head.number, picture.len()), (number, PICTURE_MAX as usize));
        assert!(picture.iter().all(|byte| *byte == b'p'));
    }
}

#[tokio::test]
async fn two_sessions_see_the_same_and_the_camera_runs_until_the_last_has_gone() {
    let (rig, mut one, _folder) = kiosk().await;
    let mut two = rig.client().await;
    look(&mut one).await;
    look(&mut two).await;
    two.done("camera.status").await;
    assert_eq!(one.picture(PATIENCE).await.1, two.picture(PATIENCE).await.1);
    one.done("session.end").await;
    two.done("camera.status").await;
    assert_eq!(two.picture(PATIENCE).await.1, b"picture 2");
    let mut three = rig.client().await;
    wait_on(&mut three, "camera", true).await;
    two.kill();
    wait_on(&mut three, "camera", false).await;
}

#[tokio::test]
async fn a_client_that_comes_back_sees_on_under_the_same_number() {
    let (rig, mut client, _folder) = kiosk().await;
    let stream = look(&mut client).await;
    let (token, cursor) = (client.token(), client.cursor);
    client.kill();
    let mut other = rig.client().await;
    wait_on(&mut other, "camera", false).await;
    let mut client = Client::resume(rig.address, &token, cursor).await;
    assert!(client.welcome.resumed);
    wait_on(&mut other, "camera", true).await;
    other.done("camera.status").await;
    assert_eq!(u64::from(client.picture(PATIENCE).await.0.stream), stream);
}

#[tokio::test]
async fn a_lease_blinds_the_others() {
    let (rig, mut owner, _folder) = kiosk().await;
    let mut other = rig.client().await;
    look(&mut other).await;
    let acquire = || Order::new("lease.acquire", json!({ "ttl_ms": 60_000 })).device("camera");
    owner.done(acquire()).await;
    assert_eq!(other.picture(PATIENCE).await.1.len(), 0, "blanked");
    assert_eq!(other.fails(start()).await.failure.code, E::NotPermitted);
    look(&mut owner).await;
    owner.done(Order::from("lease.release").device("camera")).await;
    look(&mut other).await;
}

#[tokio::test]
async fn a_camera_that_was_started_again_is_told_that_somebody_looks() {
    let (rig, mut client, _folder) = kiosk().await;
    look(&mut client).await;
    client.done("camera.status").await;
    assert_eq!(client.picture(PATIENCE).await.1, b"picture 1");
    rig.children().iter().for_each(|child| child.signal(Signal::KILL));
    assert_eq!(client.picture(PATIENCE).await.1.len(), 0, "the last picture of a dead camera is blanked");
    client.wait_device("camera", PATIENCE, |view| view.state != S::Ready).await;
    client.wait_device("camera", PATIENCE, |view| view.state == S::Ready && on(view) == Some(true)).await;
    client.done("camera.status").await;
    assert_eq!(client.picture(PATIENCE).await.1, b"picture 1");
}

#[tokio::test]
async fn only_what_has_pictures_can_be_looked_at() {
    let (_rig, mut client, _folder) = kiosk().await;
    let unknown = client.fails(Order::from("pictures.start").device("nobody")).await;
    assert_eq!(unknown.failure.code, E::UnknownDevice);
    let (rig, _) = Rig::ready(RigOptions::default()).await;
    let mut client = rig.client().await;
    let error = client.fails(Order::from("pictures.start").device("scanner")).await;
    assert_eq!(error.failure.code, E::Unsupported);
}

#[tokio::test]
async fn what_a_session_shows_is_gone_when_it_ends() {
    let (rig, mut client, _folder) = kiosk().await;
    let show = json!({ "content": { "type": "text", "text": "https://kiosk.example.vn/v?c=ABCD" } });
    client.done(Order::new("qr_display.show", show)).await;
    wait_on(&mut client, "qr", true).await;
    let mut other = rig.client().await;
    client.done("session.end").await;
    wait_on(&mut other, "qr", false).await;
}
