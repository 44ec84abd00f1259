#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kiosk_protocol::face::{Decision, ScoreBand};
use kiosk_protocol::ocr::Point;

use super::detect::Landmarks;
use super::quality::pose;
use super::thresholds::Thresholds;
use crate::pipeline::models::sha256_hex;

/// The landmarks of a face that looks into the camera, seen through this: where x and y go.
fn seen_through(x: (f32, f32), y: (f32, f32)) -> Landmarks {
    let at = |across: f32, down: f32| Point { x: x.0 * across + y.0 * down, y: x.1 * across + y.1 * down };
    Landmarks {
        right_eye: at(-50.0, 0.0),
        left_eye: at(50.0, 0.0),
        nose: at(0.0, 58.0),
        right_mouth: at(-41.0, 115.0),
        left_mouth: at(41.0, 115.0),
    }
}

#[test]
fn a_flat_picture_never_turns_however_it_is_held() {
    // Turned in its plane, narrowed, lengthened, and leaned over any axis.
    for degrees in (0..360).step_by(15) {
        let (sin, cos) = f32::to_radians(degrees as f32).sin_cos();
        for squeezed in [1.0, 0.8, 0.6, 0.5, 0.4] {
            // Along the direction of `degrees` everything is squeezed.
            let x = (cos * cos * squeezed + sin * sin, cos * sin * (squeezed - 1.0));
            let y = (cos * sin * (squeezed - 1.0), sin * sin * squeezed + cos * cos);
            let (yaw, ..) = pose(&seen_through(x, y));
            assert!(yaw.abs() < 0.01, "{degrees} degrees, squeezed to {squeezed}: {yaw}");
        }
    }
}

#[test]
fn a_nose_that_leaves_the_middle_is_a_turned_head() {
    let mut marks = seen_through((1.0, 0.0), (0.0, 1.0));
    // To the picture's right: the person's own left.
    marks.nose.x += 25.0;
    let (yaw, _, roll, between) = pose(&marks);
    assert!(yaw > 25.0 && roll.abs() < 0.01 && (between - 100.0).abs() < 0.01, "{yaw} {roll} {between}");
    marks.nose.x -= 50.0;
    assert!(pose(&marks).0 < -25.0);
    // Landmarks on one point are no pose, and nothing falls.
    let point = Point { x: 3.0, y: 3.0 };
    let none = Landmarks { right_eye: point, left_eye: point, nose: point, right_mouth: point, left_mouth: point };
    assert!(pose(&none).0.is_finite());
}

#[test]
fn thresholds_are_those_of_a_file_whose_hash_is_known() {
    let built_in = Thresholds::built_in();
    assert!(built_in.name().starts_with(&format!("{} sha256:", built_in.version)));
    for (nearness, decision, band) in [
        (0.9, Decision::Match, ScoreBand::Clear),
        (built_in.matching.accept, Decision::Match, ScoreBand::Near),
        (built_in.matching.review, Decision::Review, ScoreBand::Between),
        (0.1, Decision::NoMatch, ScoreBand::Far),
        (f32::NAN, Decision::NoMatch, ScoreBand::Far),
    ] {
        assert_eq!(built_in.judge(nearness), (decision, band));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faces.toml");
    let text = include_str!("../../../models/faces.toml");
    let load = |text: &str, hash: &str| {
        std::fs::write(&path, text).unwrap();
        Thresholds::load(&path, hash).map(|thresholds| thresholds.name()).map_err(|error| error.to_string())
    };
    assert_eq!(load(text, &sha256_hex(text.as_bytes())), Ok(built_in.name()));
    assert!(load(text, &sha256_hex(b"another")).unwrap_err().contains("SHA-256"));
    for (from, to) in [
        ("accept = 0.40", "accept = 0.10"),
        ("review = 0.33", "review = nan"),
        ("turned_deg = 20.0", "turned_deg = nan"),
        ("turned_deg = 20.0", "turned_deg = 1.0"),
        ("pictures = 3", "pictures = 0"),
        ("version", "versions"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        assert!(load(&changed, &sha256_hex(changed.as_bytes())).is_err(), "{to}");
    }
}
