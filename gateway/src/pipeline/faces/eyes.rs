//! How far the eyes are open: MediaPipe's network of the iris outlines each eye, run by rten.
//!
//! It wants an eye in a square of 64 pixels, the left one as it is and the right one mirrored, and answers with 71 points of
//! its outline (x, y, depth, in pixels of the square): 0 and 8 are the corners, 1 to 7 the lower lid from one to the other,
//! 9 to 15 the upper one.

use kiosk_protocol::ocr::Point;
use rten::NodeId;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::FaceError;
use super::align::Sampler;
use super::detect::Landmarks;
use crate::pipeline::network::Network;
use crate::pipeline::page::CapturedPage;

const WHAT: &str = "eye";
/// Side of the network's picture, pixels.
const SIDE: usize = 64;
/// The square's side in distances between the eyes.
const SQUARE: f32 = 0.75;
/// The output's name, and the numbers in it.
const CONTOUR: &str = "contour";
const NUMBERS: usize = 71 * 3;
/// From corner to corner of an eye is 1. So far apart are the lids of an eye that is shut, and how much farther those of one
/// that is wide open: measured on the 400 pictures of ORL, labelled by eye (`models/README.md`).
const SHUT: f32 = 0.12;
const OPENING: f32 = 0.15;

pub(super) struct Eyes {
    network: Network,
    contour: Vec<NodeId>,
}

impl Eyes {
    pub(super) fn load(onnx: Vec<u8>, threads: usize) -> Result<Self, rten::LoadError> {
        let network = Network::load(onnx, threads)?;
        let contour = network.outputs(std::iter::once(CONTOUR.to_owned()));
        Ok(Self { network, contour })
    }

    /// 0 (shut) to 1 (wide open), the mean of both eyes.
    pub(super) fn open(&self, picture: &CapturedPage, marks: &Landmarks) -> Result<f32, FaceError> {
        let (right, left) = (marks.right_eye, marks.left_eye);
        let scale = SQUARE / pixels(SIDE);
        // From the right eye to the left: the square lies along it.
        let (along, across) = ((left.x - right.x) * scale, (left.y - right.y) * scale);
        let mut apart = 0.0;
        for (eye, mirrored) in [(right, true), (left, false)] {
            let square = Sampler::about(eye, (along, across), SIDE).sample(picture, SIDE, SIDE);
            apart += self.apart(&square, mirrored)? / 2.0;
        }
        let open = (apart - SHUT) / OPENING;
        Ok(if open.is_finite() { open.clamp(0.0, 1.0) } else { 0.0 })
    }

    /// How far the lids are apart, in widths of the eye.
    fn apart(&self, square: &[u8], mirrored: bool) -> Result<f32, FaceError> {
        let input = NdTensor::from_fn([1, 3, SIDE, SIDE], |[_, channel, y, x]| {
            let x = if mirrored { SIDE - 1 - x } else { x };
            f32::from(square[(y * SIDE + x) * 3 + channel]) / 255.0
        });
        let answers =
            self.network.run(&input, &self.contour).map_err(|source| FaceError::Run { what: WHAT, source })?;
        let wrong = || FaceError::Shape { what: WHAT };
        let contour = answers.into_iter().next().ok_or_else(wrong)?;
        let contour = contour.into_tensor::<f32>().ok_or_else(wrong)?.to_vec();
        if contour.len() != NUMBERS {
            return Err(wrong());
        }
        let distance =
            |a: usize, b: usize| (contour[a * 3] - contour[b * 3]).hypot(contour[a * 3 + 1] - contour[b * 3 + 1]);
        let lids: f32 = (1..8).map(|at| distance(at, at + 8)).sum();
        Ok(lids / 7.0 / distance(0, 8).max(f32::EPSILON))
    }
}

#[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
fn pixels(side: usize) -> f32 {
    side as f32
}

impl Sampler {
    /// A square about a point, its rows along a direction: one pixel of it is as long as that.
    fn about(middle: Point, (along, across): (f32, f32), side: usize) -> Self {
        let half = (pixels(side) - 1.0) / 2.0;
        let x = middle.x - (along * half - across * half);
        let y = middle.y - (across * half + along * half);
        Self::by(along, across, Point { x, y })
    }
}
