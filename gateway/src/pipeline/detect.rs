//! Finds the lines of text on a page: PP-OCRv6 small text detection, run by rten.
//!
//! The network gives each pixel of a reduced page the probability that it lies inside the core of a text line; `regions`
//! makes boxes of that. Not here: what the lines say.

mod regions;

use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use super::geometry::TurnedBox;
use super::network::Network;
use super::page::CapturedPage;
use super::page::reduce::reduce;

/// The longer side of the picture that the network sees, pixels. Measured on the development set: 1,280 gives
/// 1.6 % of characters wrong and 960 gives 1.85 % at half the time.
const LONGER_SIDE: usize = 1280;
/// The network halves its picture five times.
const STEP: usize = 32;

/// Why detection failed.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// The runtime refused the picture.
    #[error("the text detection network failed on a picture of {width} x {height} pixels")]
    Run {
        /// Width of the picture given to the network, pixels.
        width: usize,
        /// Height of the picture given to the network, pixels.
        height: usize,
        /// Why.
        #[source]
        source: rten::RunError,
    },
    /// The network's answer has another shape than its picture: it is another network.
    #[error("the text detection network answered with the shape {found:?} instead of {expected:?}")]
    Shape {
        /// The shape of the answer.
        found: Vec<usize>,
        /// The shape that PP-OCR detection gives.
        expected: [usize; 4],
    },
}

/// The network.
pub(crate) struct Detector(Network);

impl Detector {
    /// Loads the network from the bytes of its ONNX file; it will run on `threads` threads.
    pub(crate) fn load(onnx: Vec<u8>, threads: usize) -> Result<Self, rten::LoadError> {
        Network::load(onnx, threads).map(Self)
    }

    /// The boxes around the lines of `page`, in pixels of the page, in no particular order.
    pub(crate) fn detect(&self, page: &CapturedPage) -> Result<Vec<TurnedBox>, DetectError> {
        let small = reduce(page, LONGER_SIDE);
        let (width, height) = (small.width.next_multiple_of(STEP), small.height.next_multiple_of(STEP));
        // PP-OCRv6 det: BGR, planes, (value / 255 - 0.5) / 0.5. The rest of the last step is white paper.
        let mut input = NdTensor::<f32, 4>::full([1, 3, height, width], 1.0);
        for y in 0..small.height {
            for x in 0..small.width {
                let at = (y * small.width + x) * 3;
                for channel in 0..3 {
                    input[[0, 2 - channel, y, x]] = f32::from(small.rgb[at + channel]) / 127.5 - 1.0;
                }
            }
        }
        let output = self.0.run(&input, &[]).map_err(|source| DetectError::Run { width, height, source })?;
        let expected = [1, 1, height, width];
        let shape = |found: &[usize]| DetectError::Shape { found: found.to_vec(), expected };
        let output = output.into_iter().next().ok_or_else(|| shape(&[]))?;
        let probability: NdTensor<f32, 4> = output.try_into().map_err(|_| shape(&[]))?;
        if probability.shape() != expected {
            return Err(shape(&probability.shape()));
        }
        let map: NdTensorView<'_, f32, 2> = probability.slice((0, 0));
        Ok(regions::find(map).into_iter().map(|found| found.scaled(small.shrunk_by)).collect())
    }
}
