//! A face as the template's network wants it: 112 x 112, eyes, nose and mouth at their fixed places.

use kiosk_protocol::ocr::Point;

use super::detect::Landmarks;
use crate::pipeline::page::CapturedPage;

/// Side of an aligned face, pixels.
pub(super) const SIDE: usize = 112;
/// Where the landmarks go: right eye, left eye, nose, right and left corner of the mouth (the places that SFace was
/// trained with, as in OpenCV's `FaceRecognizerSF`).
const PLACES: [Point; 5] = [
    Point { x: 38.2946, y: 51.6963 },
    Point { x: 73.5318, y: 51.5014 },
    Point { x: 56.0252, y: 71.7366 },
    Point { x: 41.5493, y: 92.3655 },
    Point { x: 70.7299, y: 92.2041 },
];

/// An aligned face: 8-bit red, green, blue.
pub(super) struct Aligned {
    pub(super) rgb: Vec<u8>,
}

impl Aligned {
    pub(super) fn of(picture: &CapturedPage, marks: &Landmarks) -> Self {
        let from = [marks.right_eye, marks.left_eye, marks.nose, marks.right_mouth, marks.left_mouth];
        Self { rgb: Sampler::between(&from).sample(picture, SIDE, SIDE) }
    }

    /// Brightness of each pixel, 0 to 255 (ITU-R BT.601).
    pub(super) fn brightness(&self) -> Vec<f32> {
        let luma =
            |pixel: &[u8]| 0.299 * f32::from(pixel[0]) + 0.587 * f32::from(pixel[1]) + 0.114 * f32::from(pixel[2]);
        self.rgb.chunks_exact(3).map(luma).collect()
    }
}

/// Takes a picture's pixels by a similarity: where each pixel of the new picture lies in the old one.
pub(super) struct Sampler {
    /// Scale and turn: `x' = a x - b y + shift.x`, `y' = b x + a y + shift.y`.
    a: f32,
    b: f32,
    shift: Point,
}

impl Sampler {
    /// One that makes a picture larger: a pixel of the new one is `shrunk_by` pixels of the old.
    pub(super) fn enlarging(shrunk_by: f32) -> Self {
        let shift = (shrunk_by - 1.0) / 2.0;
        Self { a: shrunk_by, b: 0.0, shift: Point { x: shift, y: shift } }
    }

    /// The one with these numbers.
    pub(super) fn by(a: f32, b: f32, shift: Point) -> Self {
        Self { a, b, shift }
    }

    /// The one that brings points nearest to [`PLACES`], by least squares.
    fn between(from: &[Point; 5]) -> Self {
        let mean = |points: &[Point; 5]| {
            let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.x, sum.1 + point.y));
            Point { x: sum.0 / 5.0, y: sum.1 / 5.0 }
        };
        let (centre, place) = (mean(from), mean(&PLACES));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (point, to) in from.iter().zip(&PLACES) {
            let (x, y) = (point.x - centre.x, point.y - centre.y);
            let (u, v) = (to.x - place.x, to.y - place.y);
            along += x * u + y * v;
            across += x * v - y * u;
            spread += x * x + y * y;
        }
        // From the old picture to the new: turn and scale; its inverse is what is sampled by. Landmarks that all lie on one
        // point have no scale: then one pixel is taken for all.
        let (a, b) = (along / spread.max(f32::EPSILON), across / spread.max(f32::EPSILON));
        let square = (a * a + b * b).max(f32::EPSILON);
        let (a, b) = (a / square, -b / square);
        let shift = Point { x: centre.x - (a * place.x - b * place.y), y: centre.y - (b * place.x + a * place.y) };
        Self { a, b, shift }
    }

    /// A new picture of this size; what lies outside of the old one is black.
    #[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
    pub(super) fn sample(&self, picture: &CapturedPage, width: usize, height: usize) -> Vec<u8> {
        let mut rgb = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                let (x, y) = (x as f32, y as f32);
                let at = Point { x: self.a * x - self.b * y + self.shift.x, y: self.b * x + self.a * y + self.shift.y };
                rgb.extend(between_pixels(picture, at));
            }
        }
        rgb
    }
}

/// The colour at a point, from the four pixels around it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes is a byte")]
fn between_pixels(picture: &CapturedPage, at: Point) -> [u8; 3] {
    let (left, top) = (at.x.floor(), at.y.floor());
    let (right, down) = (at.x - left, at.y - top);
    let mut sum = [0.0; 3];
    for (dx, dy, weight) in [
        (0.0, 0.0, (1.0 - right) * (1.0 - down)),
        (1.0, 0.0, right * (1.0 - down)),
        (0.0, 1.0, (1.0 - right) * down),
        (1.0, 1.0, right * down),
    ] {
        for (sum, value) in sum.iter_mut().zip(pixel(picture, left + dx, top + dy)) {
            *sum += weight * f32::from(value);
        }
    }
    sum.map(|value| value.round() as u8)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are compared with the sides first")]
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
fn pixel(picture: &CapturedPage, x: f32, y: f32) -> [u8; 3] {
    let inside = x >= 0.0 && y >= 0.0 && x < picture.width() as f32 && y < picture.height() as f32;
    if inside { picture.pixel(x as usize, y as usize) } else { [0; 3] }
}
