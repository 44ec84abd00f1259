//! The virtual webcam under the kernel's own driver, `uvcvideo`, read by `v4l2-ctl` and `ustreamer`.

use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;

use kiosk_tests::camera::{files, numbers as numbers_of};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, usb};
use kiosk_tests::peers::{Peer, free_port, peer};
use kiosk_tests::rig::{http, wait};
use serde_json::json;

use super::usb_peers::lsusb;

/// Frames as the kernel gives them, one after the other.
async fn frames(node: &Path, format: &str, count: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("frames");
    let program = Peer::new(&peer("v4l2-ctl")).arg("-d").arg(node).arg("-v").arg(format);
    let count = format!("--stream-count={count}");
    let to = format!("--stream-to={}", file.display());
    lab::run(program.args(["--stream-mmap".to_owned(), count, to])).await.ok();
    std::fs::read(file).unwrap()
}

/// The numbers in the comments of JPEG frames.
fn numbers(frames: &[u8]) -> Vec<u64> {
    let parts = frames.windows(6).enumerate().filter(|(_, bytes)| *bytes == b"frame=");
    let text = parts.map(|(at, _)| String::from_utf8_lossy(&frames[at + 6..at + 26]).into_owned());
    text.map(|text| text.split(' ').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn uvcvideo_streams_both_formats() {
    let plugged = Plugged::start(&["camera,serial=CAM-1"]).await;
    let node = usb::node("video4linux", &usb::device("CAM-1").await).await;
    let jpegs = frames(&node, "width=640,height=480,pixelformat=MJPG", 20).await;
    let numbers = numbers(&jpegs);
    assert_eq!(numbers.len(), 20);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    let first = image::load_from_memory(&jpegs).unwrap();
    assert_eq!((first.width(), first.height()), (640, 480));
    let yuyv = frames(&node, "width=640,height=480,pixelformat=YUYV", 3).await;
    assert_eq!(yuyv.len(), 3 * 640 * 480 * 2);
    // One after the other: focus can be set by hand only once it does not set itself.
    for control in ["focus_automatic_continuous=0", "focus_absolute=100"] {
        lab::run(Peer::new(&peer("v4l2-ctl")).arg("-d").arg(&node).args(["-c", control])).await.ok();
    }
    assert_eq!(plugged.state("camera").await["controls"]["focus"], 100);
    // The length of the processing unit is that of version 1.0, as most cameras have it.
    lsusb("046d:0825", &["Descriptor too short"]).await;
}

#[tokio::test]
async fn a_picture_goes_through_the_kernel_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.jpg");
    image::RgbImage::from_fn(1280, 720, |x, y| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]))
        .save(&path)
        .unwrap();
    let words = format!("camera,serial=CAM-2,folder={}", folder.path().display());
    let plugged = Plugged::start(&[&words]).await;
    let node = usb::node("video4linux", &usb::device("CAM-2").await).await;
    let got = frames(&node, "width=1280,height=720,pixelformat=MJPG", 2).await;
    let file = std::fs::read(&path).unwrap();
    assert_eq!(got, [file.clone(), file].concat());
    plugged.order("camera", "unplug", json!({})).await;
    lab::vanishes(&node).await;
}

#[tokio::test]
async fn a_video_goes_through_the_kernel_byte_for_byte_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = files(folder.path());
    let video = folder.path().join("three.mjpeg");
    std::fs::write(&video, pictures.concat()).unwrap();
    let words = format!("camera,serial=CAM-3,video={},video_fps=2", video.display());
    let _plugged = Plugged::start(&[&words]).await;
    let node = usb::node("video4linux", &usb::device("CAM-3").await).await;
    let mut seen = numbers_of(&pictures, &frames(&node, "width=640,height=480,pixelformat=MJPG", 60).await);
    assert_eq!(seen.len(), 60);
    // Each stays for half a second, and none is left out.
    seen.dedup();
    assert!(seen.len() >= 3 && seen.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 3), "{seen:?}");
}

#[tokio::test]
async fn ustreamer_shows_what_the_camera_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = files(folder.path());
    let words = format!("camera,serial=CAM-4,folder={}", folder.path().display());
    let _plugged = Plugged::start(&[&words]).await;
    let node = usb::node("video4linux", &usb::device("CAM-4").await).await;
    let port = free_port();
    let ustreamer =
        Peer::new(&peer("ustreamer")).arg("-d").arg(&node).args(["-m", "MJPEG", "-c", "HW", "-r", "640x480"]);
    let ustreamer = ustreamer.arg(format!("--port={port}")).start(folder.path(), "ustreamer");
    let at = (Ipv4Addr::LOCALHOST, port).into();
    lab::until("ustreamer listens", || TcpStream::connect(at).ok()).await;
    // Until it has the camera it shows a picture of its own.
    let shown = wait::until_async("a picture of the camera", lab::WITHIN, async || {
        let answer = http::get(at, "/snapshot", None).await;
        (answer.headers.get("x-ustreamer-online")? == "true").then_some(answer.body)
    })
    .await;
    assert!(
        pictures.contains(&shown.to_vec()),
        "{} bytes are no picture of the camera's:\n{}",
        shown.len(),
        ustreamer.log()
    );
}
