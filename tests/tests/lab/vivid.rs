//! The kernel's test camera: raw pictures of known formats, and errors on demand.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use kiosk_tests::lab;
use kiosk_tests::lab::usb::attribute;
use kiosk_tests::peers::{Peer, peer};

#[tokio::test]
async fn vivid_is_a_camera_whose_pictures_move() {
    // One device, only its capture node, one input, a webcam: Documentation/admin-guide/media/vivid.rst.
    lab::load("vivid", &["n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0"]).await;
    let link = "/dev/v4l/by-path/platform-vivid.0-video-index0";
    let node = lab::appears(link).await;
    let name = node.file_name().unwrap().to_str().unwrap();
    let said = attribute(&Path::new("/sys/class/video4linux").join(name), "name");
    assert_eq!(said.as_deref(), Some("vivid-000-vid-cap"));

    // The number of the picture and its time written into it, whatever other tests have set.
    let set = Peer::new(&peer("v4l2-ctl")).arg("-d").arg(&node).args(["-c", "test_pattern=0,osd_text_mode=0"]);
    lab::run(set).await.ok();
    // read(2) gives one picture at a time, of the format that the camera starts with: YUYV, 2 bytes a dot.
    let mut camera = File::open(&node).unwrap();
    let mut picture = || {
        let mut bytes = vec![0; 8 << 20];
        let count = camera.read(&mut bytes).unwrap();
        bytes.truncate(count);
        bytes
    };
    let (first, second) = (picture(), picture());
    assert!(first.len() >= 2 * 320 * 180, "{} bytes are no picture", first.len());
    assert_eq!(first.len(), second.len());
    assert!(first != second, "the camera shows the same picture for ever");
}
