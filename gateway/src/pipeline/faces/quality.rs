//! How good a picture of a face is. The names are those of ISO/IEC 29794-5; the measures are our own simple ones, from five
//! landmarks and the aligned face, and rank pictures rather than judge them.

use kiosk_protocol::face::FaceQuality;

use super::align::{Aligned, SIDE};
use super::detect::{Face, Landmarks};

/// How far the tip of the nose stands before the line from the eyes' middle to the mouth's, in distances between the eyes (an
/// average head).
const NOSE_BEFORE: f32 = 0.45;
/// Where the nose stands between eyes (0) and mouth (1) of a head held upright.
const NOSE_UPRIGHT: f32 = 0.55;
/// Degrees by which the head is raised or lowered when the nose moves all the way to eyes or mouth.
const PITCH_SCALE: f32 = 90.0;
/// The face without hair and background, rows and columns of the aligned face.
const INNER: (usize, usize) = (24, 88);
/// The variance of the Laplacian, in variances of brightness, at which a face is half sharp.
const HALF_SHARP: f32 = 0.15;

/// Measures a face; `marks` are its landmarks as well as they are known.
pub(super) fn of(face: &Face, marks: &Landmarks, aligned: &Aligned) -> FaceQuality {
    let (yaw_deg, pitch_deg, roll_deg, inter_eye_px) = pose(marks);
    let brightness = aligned.brightness();
    let inner: Vec<f32> = rows().flat_map(|y| brightness[y * SIDE + INNER.0..y * SIDE + INNER.1].to_vec()).collect();
    let (mean, variance) = moments(&inner);
    let mut sorted = inner;
    sorted.sort_by(f32::total_cmp);
    let part = |of_100: usize| sorted[(sorted.len() - 1) * of_100 / 100];
    FaceQuality {
        inter_eye_px,
        yaw_deg,
        pitch_deg,
        roll_deg,
        sharpness: sharpness(&brightness, variance),
        brightness: mean / 255.0,
        contrast: (part(95) - part(5)) / 255.0,
        visibility: face.score,
        eyes_open: None,
    }
}

fn rows() -> std::ops::Range<usize> {
    INNER.0..SIDE - 8
}

/// Yaw, pitch, roll in degrees, and the distance between the eyes.
pub(super) fn pose(marks: &Landmarks) -> (f32, f32, f32, f32) {
    let (right, left) = (marks.right_eye, marks.left_eye);
    let (dx, dy) = (left.x - right.x, left.y - right.y);
    let between = dx.hypot(dy).max(f32::EPSILON);
    let roll = dy.atan2(dx);
    // Along the line of the eyes, and across it.
    let (cos, sin) = (dx / between, dy / between);
    let turned = |x: f32, y: f32| (x * cos + y * sin, y * cos - x * sin);
    let (middle_x, middle_y) = ((right.x + left.x) / 2.0, (right.y + left.y) / 2.0);
    let (nose_along, nose_down) = turned(marks.nose.x - middle_x, marks.nose.y - middle_y);
    let mouth_x = (marks.right_mouth.x + marks.left_mouth.x) / 2.0 - middle_x;
    let mouth_y = (marks.right_mouth.y + marks.left_mouth.y) / 2.0 - middle_y;
    let (mouth_along, mouth_down) = turned(mouth_x, mouth_y);
    // The middle of the face at the height of the nose. Of a flat picture, however it is held, the nose stays on it: that
    // the nose leaves it is what turning a head does, and turning a photograph does not.
    let at = if mouth_down.abs() > f32::EPSILON { nose_down / mouth_down } else { NOSE_UPRIGHT };
    let off = nose_along - mouth_along * at.clamp(0.0, 1.0);
    let yaw = (off / between / NOSE_BEFORE).atan();
    let pitch = (NOSE_UPRIGHT - at) * PITCH_SCALE;
    (yaw.to_degrees(), pitch, roll.to_degrees(), between)
}

#[expect(clippy::cast_precision_loss, reason = "a count of pixels of a small picture")]
fn moments(values: &[f32]) -> (f32, f32) {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count)
}

/// 0 to 1, from the variance of the Laplacian: what edges there are beside what light and shadow there is.
fn sharpness(brightness: &[f32], variance: f32) -> f32 {
    let laplacian: Vec<f32> = rows()
        .flat_map(|y| (INNER.0..INNER.1).map(move |x| y * SIDE + x))
        .map(|at| {
            brightness[at - 1] + brightness[at + 1] + brightness[at - SIDE] + brightness[at + SIDE]
                - 4.0 * brightness[at]
        })
        .collect();
    let edges = moments(&laplacian).1 / variance.max(1.0);
    edges / (edges + HALF_SHARP)
}
