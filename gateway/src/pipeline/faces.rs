//! Faces, one to one: `picture → face → template`, and how near two templates are. No search, no gallery, no enrolment.
//!
//! ```text
//! picture ── detect ──► faces with five landmarks ── align ──► 112 x 112 ── template ──► 128 numbers
//!                              └ quality, eyes, pattern
//! capture: frames of one person ──► guidance ──► the best face
//! ```
//!
//! Models: `models/README.md` of this crate. What is not here: cameras, cards, consent; that a template leaves the process.

mod align;
pub mod capture;
mod detect;
mod eyes;
mod pattern;
mod quality;
mod template;
#[cfg(test)]
mod tests;
pub mod thresholds;

use std::path::Path;

use kiosk_protocol::face::FaceQuality;

use super::models::{ModelError, PinnedFile};
use super::page::CapturedPage;
use align::Aligned;
pub use detect::{Face, Landmarks};
pub use pattern::Pattern;
pub use template::Template;
use thresholds::Thresholds;

/// The detector: YuNet.
const DETECTOR: PinnedFile = PinnedFile {
    name: "face_detection_yunet_2023mar.onnx",
    sha256: "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
};
/// What makes templates: SFace.
const EMBEDDER: PinnedFile = PinnedFile {
    name: "face_recognition_sface_2021dec.onnx",
    sha256: "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
};
/// What outlines eyes: MediaPipe's iris network.
const EYES: PinnedFile = PinnedFile {
    name: "iris_landmark.onnx",
    sha256: "6eae6c87cfb054ebc984d1f169ffbf370188913fdc69052da7dc639295abd898",
};

/// The files that are needed.
pub const FILES: [&PinnedFile; 3] = [&DETECTOR, &EMBEDDER, &EYES];

/// Why a picture was not looked at to its end.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// The runtime refused it.
    #[error("the {what} network failed")]
    Run {
        /// Which network.
        what: &'static str,
        /// Why.
        #[source]
        source: rten::RunError,
    },
    /// Another network than the one that is known.
    #[error("the {what} network answers in another form than it should")]
    Shape {
        /// Which network.
        what: &'static str,
    },
}

/// One face, looked at.
pub struct Seen {
    /// Where it is.
    pub face: Face,
    /// How good it is.
    pub quality: FaceQuality,
    /// How much of a print's or screen's pattern it has.
    pub pattern: Pattern,
    aligned: Aligned,
    /// Where the landmarks are, as well as they are known.
    marks: Landmarks,
}

/// The models, loaded.
pub struct Faces {
    detector: detect::Detector,
    embedder: template::Embedder,
    eyes: eyes::Eyes,
    thresholds: Thresholds,
}

impl Faces {
    /// Loads the models from a folder, on `threads` threads.
    ///
    /// # Errors
    /// If one is missing or another than the one that was measured.
    pub fn load(folder: &Path, thresholds: Thresholds, threads: usize) -> Result<Self, ModelError> {
        Ok(Self {
            detector: DETECTOR.load(folder, |onnx| detect::Detector::load(onnx, threads))?,
            embedder: EMBEDDER.load(folder, |onnx| template::Embedder::load(onnx, threads))?,
            eyes: EYES.load(folder, |onnx| eyes::Eyes::load(onnx, threads))?,
            thresholds,
        })
    }

    /// What the models are, for the record: names and the first digits of their hashes.
    pub fn models() -> String {
        let of = |file: &PinnedFile| format!("{} sha256:{}", file.name, &file.sha256[..12]);
        FILES.map(of).join(", ")
    }

    /// What faces are judged by.
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// The faces in a picture, the largest first.
    ///
    /// # Errors
    /// [`FaceError`]
    pub fn find(&self, picture: &CapturedPage) -> Result<Vec<Face>, FaceError> {
        self.detector.detect(picture, false)
    }

    /// Looks at one face of a picture.
    ///
    /// # Errors
    /// [`FaceError`]
    pub fn see(&self, picture: &CapturedPage, face: Face) -> Result<Seen, FaceError> {
        let aligned = Aligned::of(picture, &face.landmarks);
        // The network's tip of the nose is off by as much as a turn of eight degrees, and off to the other side in a mirror.
        let mirrored = self.detector.detect(picture, true)?;
        let other = face.same_in(&mirrored).map_or(face.landmarks, |other| other.landmarks);
        let marks = face.landmarks.between(&other);
        let quality = quality::of(&face, &marks, &aligned);
        let pattern = Pattern::of(picture, &face);
        Ok(Seen { face, quality, pattern, aligned, marks })
    }

    /// Looks at the eyes of a face, too: notes in its quality how far they are open.
    ///
    /// # Errors
    /// [`FaceError`]
    pub fn see_eyes(&self, picture: &CapturedPage, seen: &mut Seen) -> Result<(), FaceError> {
        seen.quality.eyes_open = Some(self.eyes.open(picture, &seen.marks)?);
        Ok(())
    }

    /// The template of a face.
    ///
    /// # Errors
    /// [`FaceError`]
    pub fn template(&self, seen: &Seen) -> Result<Template, FaceError> {
        self.embedder.template(&seen.aligned)
    }
}
