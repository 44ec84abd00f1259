//! `face.*` with a simulated camera that sees people (`tests/faces/README.md`), and the same on the command line.

use std::path::Path;
use std::time::Duration;

use image::{GrayImage, Luma, RgbImage, imageops};
use kiosk_protocol::device::{DeviceState, DeviceView};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::faces::{FRONT, FilmCamera, HOLDER, NEAR, ON_CARD, TURNED, face, portrait, scene, still, turning};
use kiosk_tests::peers::{Peer, Ran};
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, http, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take on a loaded machine.
const WITHIN: Duration = Duration::from_secs(60);
/// A kiosk whose camera sees this, again and again.
struct Kiosk {
    rig: Rig,
    client: Client,
    folder: TempDir,
    camera: FilmCamera,
}

impl Kiosk {
    async fn before(scenes: &[RgbImage]) -> Self {
        let camera = FilmCamera::start(scenes).await;
        let config = camera.config();
        let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
        let mut client = rig.client().await;
        client.wait_all_ready(WITHIN).await;
        Self { rig, client, folder: tempfile::tempdir().unwrap(), camera }
    }

    async fn consent(&mut self, given: bool) {
        let record =
            json!({ "purpose": "face_match", "given": given, "text_version": "face-2026-11", "language": "vi" });
        self.client.done(Order::new("consent.record", record)).await;
    }

    async fn capture(&mut self) -> Value {
        self.consent(true).await;
        self.client.done(Order::from("face.capture").timeout_ms(60_000)).await
    }

    /// A blob of this session.
    async fn portrait_of(&self, face: &GrayImage) -> Value {
        let path = self.folder.path().join("portrait.jpg");
        portrait(face, &path);
        self.blob(std::fs::read(path).unwrap()).await
    }

    async fn blob(&self, bytes: Vec<u8>) -> Value {
        let answer = http::upload(self.rig.address, &self.client.token(), bytes).await;
        answer.json()["blob"].clone()
    }
}

fn compare(capture: &Value, portrait: &Value) -> Order {
    Order::new("face.match", json!({ "capture": capture["capture"], "portrait": portrait })).timeout_ms(30_000)
}

fn live(capture: &Value) -> Order {
    Order::new("face.live", json!({ "capture": capture["capture"] })).timeout_ms(60_000)
}

/// A person that holds still.
fn looking(person: u8) -> Vec<RgbImage> {
    still(&face(person, if person == HOLDER { FRONT } else { 1 }))
}

#[tokio::test]
async fn the_holder_is_captured_proven_alive_and_matched_and_another_person_is_not() {
    let mut kiosk = Kiosk::before(&turning(&face(HOLDER, FRONT), &face(HOLDER, TURNED))).await;
    let told = |view: &DeviceView| serde_json::to_value(view).is_ok_and(|view| view["status"].is_object());
    let view = serde_json::to_value(kiosk.client.wait_device("faces", WITHIN, told).await).unwrap();
    assert!(view["capabilities"]["thresholds"].as_str().unwrap().contains("sha256:"), "{view}");
    assert!(view["status"]["sandbox"].to_string().contains("seccomp"), "{view}");

    let capture = kiosk.capture().await;
    assert!(capture["quality"]["inter_eye_px"].as_f64().unwrap() > 80.0, "{capture}");
    assert_eq!(capture["doubts"], json!([]), "{capture}");
    let id = kiosk.client.start(live(&capture)).await;
    let report = kiosk.client.finish_within(id, WITHIN).await.unwrap();
    assert_eq!(report, json!({ "live": true }));
    let told: Vec<String> = kiosk.client.events(id).iter().map(|(_, event)| event["guidance"].to_string()).collect();
    assert!(told.contains(&"\"turn_left\"".into()) && told.contains(&"\"turn_right\"".into()), "{told:?}");

    let same = kiosk.portrait_of(&face(HOLDER, ON_CARD)).await;
    let answer = kiosk.client.done(compare(&capture, &same)).await;
    assert_eq!((&answer["decision"], &answer["live"]), (&json!("match"), &json!(true)), "{answer}");
    assert!(answer.get("score").is_none(), "a page could try its way to a higher one");
    let other = kiosk.portrait_of(&face(2, 3)).await;
    assert_eq!(kiosk.client.done(compare(&capture, &other)).await["decision"], "no_match");

    // The end of the session is the end of what the worker knew.
    let worker = kiosk.rig.child("kiosk-face-worker").unwrap();
    kiosk.client.done("session.end").await;
    kiosk.rig.restarted("faces", &worker, WITHIN).await;
    let mut next = kiosk.rig.client().await;
    let record = json!({ "purpose": "face_match", "given": true, "text_version": "face-2026-11", "language": "en" });
    next.done(Order::new("consent.record", record)).await;
    let error = next.fails(live(&capture).timeout_ms(5_000)).await;
    assert_eq!(error.failure.code, E::NotFound, "{error:?}");
    let log = kiosk.rig.log();
    assert!(log.contains("consent was recorded"), "{log}");
}

#[tokio::test]
async fn without_consent_nobody_is_looked_at() {
    let mut kiosk = Kiosk::before(&looking(HOLDER)).await;
    for order in [
        Order::from("face.capture"),
        live(&json!({ "capture": "0" })),
        compare(&json!({ "capture": "0" }), &json!("0")),
    ] {
        let error = kiosk.client.fails(order).await.failure;
        assert_eq!(error.code, E::NotPermitted);
        assert!(error.detail.contains("consent.record"), "{error:?}");
    }
    kiosk.consent(false).await;
    assert_eq!(kiosk.client.fails("face.capture").await.failure.code, E::NotPermitted);
    kiosk.capture().await;
    kiosk.consent(false).await;
    assert_eq!(kiosk.client.fails("face.capture").await.failure.code, E::NotPermitted, "withdrawn");
    for (field, wrong) in [("text_version", "Nguyễn Văn An"), ("text_version", ""), ("language", "v")] {
        let mut record = json!({ "purpose": "face_match", "given": true, "text_version": "1", "language": "vi" });
        record[field] = json!(wrong);
        let error = kiosk.client.fails(Order::new("consent.record", record)).await.failure;
        assert_eq!(error.field, Some(format!("payload.{field}")));
    }
}

#[tokio::test]
async fn a_picture_of_a_face_does_not_turn_and_another_person_is_noticed() {
    let mut kiosk = Kiosk::before(&looking(HOLDER)).await;
    let capture = kiosk.capture().await;
    let report = kiosk.client.done(live(&capture).timeout_ms(4_000)).await;
    assert_eq!(report, json!({ "live": false, "reason": "not_moved" }));
    let portrait = kiosk.portrait_of(&face(HOLDER, ON_CARD)).await;
    let answer = kiosk.client.done(compare(&capture, &portrait)).await;
    assert_eq!((&answer["decision"], &answer["live"]), (&json!("match"), &json!(false)), "{answer}");
    // Withdrawn, what was seen is forgotten.
    kiosk.consent(false).await;
    kiosk.consent(true).await;
    let error = kiosk.client.fails(compare(&capture, &portrait)).await.failure;
    assert_eq!(error.code, E::NotFound, "{error:?}");
    drop(kiosk);

    // It is another who turns.
    let mut kiosk = Kiosk::before(&turning(&face(3, 1), &face(HOLDER, TURNED))).await;
    let capture = kiosk.capture().await;
    let report = kiosk.client.done(live(&capture)).await;
    assert_eq!(report, json!({ "live": false, "reason": "face_changed" }));
    let portrait = kiosk.portrait_of(&face(3, 2)).await;
    let error = kiosk.client.fails(compare(&capture, &portrait)).await.failure;
    assert_eq!(error.code, E::NotFound, "a face that was lost is not compared: {error:?}");
}

#[tokio::test]
async fn people_are_told_what_is_missing() {
    let person = face(HOLDER, FRONT);
    let small = scene(Some(&person), 0.8);
    let dark = imageops::brighten(&scene(Some(&person), NEAR), -120);
    let mut aside = RgbImage::from_pixel(640, 480, image::Rgb([150; 3]));
    imageops::overlay(
        &mut aside,
        &imageops::crop_imm(&scene(Some(&person), NEAR), 170, 50, 300, 400).to_image(),
        -40,
        50,
    );
    let mut two = GrayImage::from_pixel(640, 480, Luma([150]));
    for (at, person) in [(20, &person), (340, &face(2, 1))] {
        let face = imageops::resize(person, 276, 336, imageops::FilterType::Triangle);
        imageops::overlay(&mut two, &face, at, 70);
    }
    let two = image::DynamicImage::ImageLuma8(two).to_rgb8();
    let blurred = imageops::blur(&scene(Some(&person), NEAR), 9.0);
    for (seen, guidance) in [
        (scene(None, 1.0), "no_face"),
        (two, "several_faces"),
        (small, "closer"),
        (aside, "to_middle"),
        (dark, "too_dark"),
        (scene(Some(&face(HOLDER, TURNED)), NEAR), "look_here"),
        (blurred, "hold_still"),
    ] {
        let mut kiosk = Kiosk::before(&[seen]).await;
        kiosk.consent(true).await;
        let id = kiosk.client.start(Order::from("face.capture").timeout_ms(3_000)).await;
        let error = kiosk.client.finish_within(id, WITHIN).await.unwrap_err();
        assert_eq!(error.failure.code, E::Timeout);
        let told: Vec<&Value> = kiosk.client.events(id).iter().map(|(_, event)| &event["guidance"]).collect();
        assert!(!told.is_empty() && told.iter().all(|told| **told == json!(guidance)), "{guidance}: {told:?}");
    }
}

#[tokio::test]
async fn a_face_is_good_in_its_session_only_and_an_unplugged_camera_is_told_at_once() {
    let mut kiosk = Kiosk::before(&looking(HOLDER)).await;
    let capture = kiosk.capture().await;
    let portrait = kiosk.portrait_of(&face(HOLDER, ON_CARD)).await;
    let mut other = kiosk.rig.client().await;
    let record = json!({ "purpose": "face_match", "given": true, "text_version": "face-2026-11", "language": "vi" });
    other.done(Order::new("consent.record", record)).await;
    for order in [live(&capture), compare(&capture, &portrait)] {
        let failure = other.fails(order).await.failure;
        assert_eq!((failure.code, failure.field.as_deref()), (E::NotFound, Some("payload.capture")));
    }
    assert_eq!(kiosk.client.done(compare(&capture, &portrait)).await["decision"], "match");
    kiosk.camera.unplug();
    kiosk.client.wait_state("camera", DeviceState::Absent, WITHIN).await;
    let failure = kiosk.client.fails(Order::from("face.capture").timeout_ms(60_000)).await.failure;
    assert_eq!(failure.code, E::DeviceAbsent, "{failure:?}");
}

#[tokio::test]
async fn shut_eyes_are_told_but_turn_nobody_away() {
    let (person, shut) = (26, 6);
    let mut kiosk = Kiosk::before(&still(&face(person, shut))).await;
    kiosk.consent(true).await;
    let id = kiosk.client.start(Order::from("face.capture").timeout_ms(60_000)).await;
    let captured = kiosk.client.finish_within(id, WITHIN).await.unwrap();
    assert!(captured["quality"]["eyes_open"].as_f64().unwrap() < 0.2, "{captured}");
    let told = kiosk.client.events(id);
    assert!(told.iter().any(|(_, event)| event["guidance"] == "open_eyes"), "{told:?}");
}

#[tokio::test]
async fn the_pattern_of_a_print_or_a_screen_is_doubted() {
    let mut seen = scene(Some(&face(HOLDER, FRONT)), NEAR);
    // Waves of 4.3 pixels both ways, turned by 20 degrees, a tenth of the brightness high: the camera packs its pictures, and what is finer is lost there.
    let (sin, cos) = 20_f32.to_radians().sin_cos();
    let wave = |along: f32| 16.0 * (std::f32::consts::TAU * along / 4.3).sin();
    for (x, y, pixel) in seen.enumerate_pixels_mut() {
        let (x, y) = (f32::from(u16::try_from(x).unwrap()), f32::from(u16::try_from(y).unwrap()));
        let more = wave(x * cos + y * sin) + wave(y * cos - x * sin);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held between the limits of a byte"
        )]
        pixel.0.iter_mut().for_each(|value| *value = (f32::from(*value) + more).clamp(0.0, 255.0) as u8);
    }
    let mut kiosk = Kiosk::before(&[seen]).await;
    assert_eq!(kiosk.capture().await["doubts"], json!(["pattern"]));
}

#[tokio::test]
async fn what_is_no_portrait_is_one_typed_error() {
    let mut kiosk = Kiosk::before(&looking(HOLDER)).await;
    let capture = kiosk.capture().await;
    for bytes in [b"no picture".to_vec(), vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 16], jpeg(&scene(None, 1.0))] {
        let blob = kiosk.blob(bytes).await;
        if blob.is_null() {
            continue;
        }
        let error = kiosk.client.fails(compare(&capture, &blob)).await.failure;
        assert_eq!(error.code, E::Unreadable, "{error:?}");
    }
    let portrait = kiosk.portrait_of(&face(HOLDER, ON_CARD)).await;
    let error = kiosk.client.fails(compare(&json!({ "capture": "another" }), &portrait)).await.failure;
    assert_eq!((error.code, error.field.as_deref()), (E::NotFound, Some("payload.capture")));
    assert_eq!(kiosk.client.done(compare(&capture, &portrait)).await["decision"], "match");
    // Not among the calls of a page.
    let look = json!({ "capture": "x", "frame": portrait, "look_for": "capture" });
    assert_eq!(kiosk.client.fails(Order::new("face.look", look)).await.failure.code, E::UnknownCall);
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn command(words: &[&str], files: &[&Path]) -> Ran {
    Peer::new(&programs::find("kiosk-gateway")).arg("face").args(words).args(files).run(WITHIN).await
}

#[tokio::test]
async fn the_command_line_compares_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, face) in [("a.jpg", face(HOLDER, FRONT)), ("b.jpg", face(HOLDER, ON_CARD))] {
        portrait(&face, &at(name));
    }
    face(2, 1).save(at("c.png")).unwrap();
    scene(None, 1.0).save(at("nobody.jpg")).unwrap();
    std::fs::write(at("text.jpg"), "no picture").unwrap();

    let same = command(&["match", "--json"], &[&at("a.jpg"), &at("b.jpg")]).await;
    assert_eq!(same.status.code(), Some(0), "{same:?}");
    let report: Value = serde_json::from_str(&same.out).unwrap();
    assert_eq!(report["decision"], "match");
    assert!(
        report["score"].as_f64().unwrap() > 0.4 && report["models"].as_str().unwrap().contains("sface"),
        "{report}"
    );
    let other = command(&["match"], &[&at("a.jpg"), &at("c.png")]).await;
    assert!(other.status.code() == Some(1) && other.out.starts_with("not the same person"), "{other:?}");
    for wrong in ["nobody.jpg", "text.jpg", "missing.jpg"] {
        let ran = command(&["match", "--json"], &[&at("a.jpg"), &at(wrong)]).await;
        assert_eq!(ran.status.code(), Some(2), "{ran:?}");
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        assert!(report["error"].as_str().unwrap().contains(wrong), "{report}");
    }
    let quality = command(&["quality", "--json"], &[&at("a.jpg"), &at("nobody.jpg")]).await;
    let reports: Value = serde_json::from_str(&quality.out).unwrap();
    assert_eq!((&reports[0]["guidance"], &reports[0]["faces"]), (&json!("closer"), &json!(1)));
    assert!(reports[0]["quality"]["eyes_open"].as_f64().unwrap() > 0.6, "{reports}");
    assert!(reports[1]["error"].as_str().unwrap().contains("no face"), "{reports}");
}
