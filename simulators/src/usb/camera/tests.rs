//! The camera as its host sees it, over the socket pair.

use std::sync::Arc;

use serde_json::json;

use super::format::{Choice, Format, SIZES, ticks};
use super::pictures::{Pictures, Shows};
use super::{Function, StartError, start};
use crate::device::Device;
use crate::usb::Options;
use crate::usb::device::UsbDevice;
use crate::usb::tests::host::{Host, TestHub};

struct Rig {
    camera: UsbDevice<Function>,
    host: Host,
    last_frame_id: Option<u8>,
}

fn options(hub: &Arc<TestHub>) -> Options {
    Options {
        name: "camera".into(),
        hub: Arc::clone(hub) as _,
        port: None,
        speed: None,
        serial: None,
        id: None,
        seed: 1,
    }
}

impl Rig {
    fn new() -> Self {
        let hub = Arc::new(TestHub::default());
        let camera = start(options(&hub), &Shows::Test).unwrap();
        let mut host = hub.host();
        host.enumerate();
        Self { camera, host, last_frame_id: None }
    }

    /// Agrees on a stream; answers the largest frame and payload.
    fn stream(&mut self, format: u8, frame: u8, ticks: u32) -> (u32, u32) {
        let proposal = [&[1, 0, format, frame][..], &ticks.to_le_bytes(), &[0; 18]].concat();
        assert_eq!(self.host.set(0x21, 1, 0x0100, 1, &proposal).status, 0);
        let agreed = self.host.get(0xa1, 0x81, 0x0100, 1, 26).data;
        assert_eq!(agreed[2..4], [format, frame]);
        assert_eq!(self.host.set(0x21, 1, 0x0200, 1, &agreed).status, 0);
        let word = |at: usize| u32::from_le_bytes(agreed[at..at + 4].try_into().unwrap());
        (word(18), word(22))
    }

    /// The next whole frame.
    fn frame(&mut self) -> Vec<u8> {
        let mut whole = Vec::new();
        loop {
            self.host.want(1, 16_384);
            let payload = self.host.returned(true).data;
            assert_eq!((payload[0], payload[1] & 0x80), (2, 0x80));
            let frame_id = payload[1] & 1;
            if whole.is_empty() {
                assert_ne!(self.last_frame_id.replace(frame_id), Some(frame_id));
            }
            whole.extend(&payload[2..]);
            if payload[1] & 2 != 0 {
                return whole;
            }
        }
    }
}

fn number_of(jpeg: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(&jpeg[6..60]).into_owned();
    let rest = text.strip_prefix("frame=").expect("a comment");
    rest.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn frames_are_jpeg_pictures_of_the_size_agreed_and_count() {
    let mut rig = Rig::new();
    let (frame_max, payload_max) = rig.stream(1, 1, 333_333);
    assert_eq!((frame_max, payload_max), (640 * 480 * 2, 16_384));
    let frames = [rig.frame(), rig.frame(), rig.frame()];
    for frame in &frames {
        let picture = image::load_from_memory(frame).unwrap();
        assert_eq!((picture.width(), picture.height()), (640, 480));
        assert!(frame.len() <= frame_max as usize);
    }
    assert!(number_of(&frames[0]) < number_of(&frames[1]) && number_of(&frames[1]) < number_of(&frames[2]));
    assert_eq!(rig.camera.state()["frames_sent"], 3);
}

#[test]
fn yuyv_frames_have_their_number_in_the_corner() {
    let mut rig = Rig::new();
    rig.stream(2, 1, 0);
    let frame = rig.frame();
    assert_eq!(frame.len(), 640 * 480 * 2);
    let number = (0..32).fold(0, |sum, square| sum << 1 | u32::from(frame[square * 16 + 8] > 128));
    assert_eq!(number, 1);
    // White on the left, black on the right (BT.601).
    let row = 100 * 1280;
    assert!(frame[row] > 200 && frame[row + 1278] < 35);
}

#[test]
fn a_picture_of_the_size_agreed_comes_byte_for_byte_and_others_are_fitted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    image::RgbImage::from_pixel(640, 480, image::Rgb([200, 10, 10])).save(&path).unwrap();
    let mut rig = Rig::new();
    rig.camera.set(json!({ "picture": path })).unwrap();
    rig.stream(1, 1, 333_333);
    assert_eq!(rig.frame(), std::fs::read(&path).unwrap());
    rig.host.set(0x02, 1, 0, 0x81, &[]);
    rig.last_frame_id = None;
    rig.stream(1, 2, 333_333);
    let picture = image::load_from_memory(&rig.frame()).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (1280, 720));
    assert!(picture.get_pixel(640, 360).0[0] > 180 && picture.get_pixel(5, 360).0[0] < 20);
}

#[test]
fn a_video_is_shown_at_its_own_rate_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let picture = |shade: u8| {
        let path = folder.path().join(format!("{shade}.jpg"));
        image::RgbImage::from_pixel(640, 480, image::Rgb([shade; 3])).save(&path).unwrap();
        std::fs::read(path).unwrap()
    };
    let pictures = [10, 60, 110, 160, 210].map(picture);
    let file = folder.path().join("five.mjpeg");
    std::fs::write(&file, pictures.concat()).unwrap();
    let pictures_of = |fps: u16, choice: Choice| {
        let mut shown = Pictures::of(&Shows::Video { file: file.clone(), fps }).unwrap();
        assert_eq!(shown.names(), ["five.mjpeg"]);
        (0..8u64).map(move |number| shown.frame(number, choice)).collect::<Vec<_>>()
    };
    let choice = Choice { format: Format::Mjpeg, size: SIZES[0], ticks: ticks(30) };
    let place = |frame: &Vec<u8>| pictures.iter().position(|picture| picture == frame).unwrap();
    let places = |fps, choice| pictures_of(fps, choice).iter().map(place).collect::<Vec<_>>();
    assert_eq!(places(30, choice), [0, 0, 1, 2, 3, 4, 0, 1], "a third of a millionth too quick for each");
    assert_eq!(places(15, choice), [0, 0, 0, 1, 1, 2, 2, 3]);
    assert_eq!(places(60, choice), [0, 1, 3, 0, 2, 4, 1, 3]);
    let yuyv = pictures_of(15, Choice { format: Format::Yuyv, ..choice });
    assert!(yuyv.iter().all(|frame| frame.len() == 640 * 480 * 2));
    assert!(yuyv[0][0] < yuyv[5][0], "each is converted anew");
}

#[test]
fn a_stream_ends_when_the_host_clears_the_endpoint() {
    let mut rig = Rig::new();
    rig.stream(1, 1, 333_333);
    rig.frame();
    assert_eq!(rig.host.set(0x02, 1, 0, 0x81, &[]).status, 0);
    assert_eq!(rig.camera.state()["streaming"], json!(null));
}

#[test]
fn a_frozen_camera_sends_nothing_and_goes_on_when_it_thaws() {
    let mut rig = Rig::new();
    rig.stream(1, 1, 333_333);
    rig.frame();
    rig.camera.fault(json!({ "fault": "freeze" })).unwrap();
    // What was on its way before still comes; then an answer to something later shows that nothing does.
    let wanted = loop {
        let wanted = rig.host.want(1, 16_384);
        let asked = rig.host.submit(0, 1, [0xa1, 0x86, 0, 1, 1, 0, 1, 0], None);
        if rig.host.returned(true).sequence == asked {
            break wanted;
        }
        assert_eq!(rig.host.returned(true).sequence, asked);
    };
    rig.camera.clear(None);
    assert_eq!(rig.host.returned(true).sequence, wanted);
}

#[test]
fn spoiled_frames_are_spoiled_as_told() {
    let mut rig = Rig::new();
    rig.stream(1, 1, 333_333);
    let mut next = |fault: &str| {
        rig.camera.clear(None);
        rig.camera.fault(json!({ "fault": fault })).unwrap();
        // One may have been made before the fault.
        rig.frame();
        rig.frame()
    };
    assert!(image::load_from_memory(&next("bad_jpeg")).is_err() || next("bad_jpeg").ends_with(&[0xff; 64]));
    assert!(!next("short_frame").ends_with(&[0xff, 0xd9]));
    assert_eq!(image::load_from_memory(&next("wrong_size")).unwrap().width(), 1280);
    let (first, second) = (number_of(&next("same_picture")), number_of(&next("same_picture")));
    assert_eq!(first, second);
}

#[test]
fn controls_keep_to_their_limits_and_say_why_they_refuse() {
    let mut rig = Rig::new();
    let host = &mut rig.host;
    // Brightness of the processing unit: -64 to 64.
    assert_eq!(host.get(0xa1, 0x82, 0x0200, 0x0200, 2).data, (-64_i16).to_le_bytes());
    assert_eq!(host.set(0x21, 1, 0x0200, 0x0200, &(-5_i16).to_le_bytes()).status, 0);
    assert_eq!(host.get(0xa1, 0x81, 0x0200, 0x0200, 2).data, (-5_i16).to_le_bytes());
    assert_eq!(host.set(0x21, 1, 0x0200, 0x0200, &99_i16.to_le_bytes()).status, -32);
    assert_eq!(host.get(0xa1, 0x81, 0x0200, 0x0000, 1).data, [4]);
    // Focus can be set by hand only.
    assert_eq!(host.set(0x21, 1, 0x0600, 0x0100, &[50, 0]).status, -32);
    assert_eq!(host.get(0xa1, 0x81, 0x0200, 0x0000, 1).data, [2]);
    assert_eq!(host.set(0x21, 1, 0x0800, 0x0100, &[0]).status, 0);
    assert_eq!(host.set(0x21, 1, 0x0600, 0x0100, &[50, 0]).status, 0);
    assert_eq!(rig.camera.state()["controls"]["focus"], 50);
}

#[test]
fn a_folder_without_pictures_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Arc::new(TestHub::default());
    let error = start(options(&hub), &Shows::Folder(folder.path().to_owned())).unwrap_err();
    assert!(matches!(error, StartError::Pictures(_)));
    assert!(format!("{:#}", anyhow::Error::from(error)).contains(".jpg"));
}
