//! What tells one face from another: 128 numbers by SFace (OpenCV Zoo, `face_recognition_sface`), run by rten.

use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use zeroize::Zeroize;

use super::FaceError;
use super::align::{Aligned, SIDE};
use crate::pipeline::network::Network;

const WHAT: &str = "face template";
/// Numbers of a template.
const NUMBERS: usize = 128;

/// A template. It never leaves the process: it can be neither shown nor serialised, and is wiped when it is dropped.
pub struct Template([f32; NUMBERS]);

impl Drop for Template {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Template {
    /// How near another one is, -1 to 1: the cosine between them.
    pub fn nearness(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

/// The network.
pub(super) struct Embedder(Network);

impl Embedder {
    pub(super) fn load(onnx: Vec<u8>, threads: usize) -> Result<Self, rten::LoadError> {
        Network::load(onnx, threads).map(Self)
    }

    pub(super) fn template(&self, aligned: &Aligned) -> Result<Template, FaceError> {
        // RGB, planes, 0 to 255.
        let mut input = NdTensor::<f32, 4>::zeros([1, 3, SIDE, SIDE]);
        for (at, pixel) in aligned.rgb.chunks_exact(3).enumerate() {
            for (channel, value) in pixel.iter().enumerate() {
                input[[0, channel, at / SIDE, at % SIDE]] = f32::from(*value);
            }
        }
        let output = self.0.run(&input, &[]).map_err(|source| FaceError::Run { what: WHAT, source })?;
        let wrong = || FaceError::Shape { what: WHAT };
        let numbers: NdTensor<f32, 2> = output.into_iter().next().ok_or_else(wrong)?.try_into().map_err(|_| wrong())?;
        let numbers = numbers.to_vec();
        let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
        if !length.is_finite() || length == 0.0 {
            return Err(wrong());
        }
        let mut template = Template(numbers.as_slice().try_into().map_err(|_| wrong())?);
        template.0.iter_mut().for_each(|number| *number /= length);
        Ok(template)
    }
}
