//! What faces are judged by. Only from a file on the kiosk whose hash is known: no page can change it.

use std::path::Path;

use kiosk_protocol::face::{Decision, ScoreBand};
use serde::Deserialize;

use crate::pipeline::models::sha256_hex;

/// The file that comes with the gateway.
const BUILT_IN: &str = include_str!("../../../models/faces.toml");

/// Why a file of thresholds is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdsError {
    /// It cannot be read.
    #[error("the thresholds {path} cannot be read")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It has another hash than the configuration says.
    #[error("the thresholds {path} have the SHA-256 {found}; the configuration says {expected}")]
    Hash {
        /// The file.
        path: String,
        /// Its hash.
        found: String,
        /// The hash in the configuration.
        expected: String,
    },
    /// It is not what it should be.
    #[error("the thresholds {path}: {problem}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
}

/// The thresholds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Which they are.
    pub version: String,
    /// `[match]`
    #[serde(rename = "match")]
    pub matching: Matching,
    /// `[capture]`
    pub capture: CaptureLimits,
    /// `[live]`
    pub live: LiveLimits,
    /// The hash of the file.
    #[serde(skip)]
    sha256: String,
}

/// Cosines between templates.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// The same person from here on.
    pub accept: f32,
    /// Perhaps from here on.
    pub review: f32,
    /// Far above what is accepted.
    pub clear: f32,
}

/// What a good picture is; the names are those of [`kiosk_protocol::face::FaceQuality`].
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureLimits {
    /// At least.
    pub inter_eye_px: f32,
    /// The face's height is at most this part of the picture's.
    pub height_most: f32,
    /// The face's middle is at most so far from the picture's, in parts of its sides.
    pub off_middle: f32,
    /// At most, either way.
    pub yaw_deg: f32,
    /// At most, either way.
    pub pitch_deg: f32,
    /// At most, either way.
    pub roll_deg: f32,
    /// At least.
    pub sharpness: f32,
    /// At least.
    pub brightness_least: f32,
    /// At most.
    pub brightness_most: f32,
    /// At least.
    pub contrast: f32,
    /// At least.
    pub visibility: f32,
    /// At least; but whose eyes are narrow is taken all the same, after some pictures.
    pub eyes_open: f32,
    /// So many good pictures with shut eyes, one after the other, and they are taken.
    pub eyes_wait: u32,
    /// So many good pictures, one after the other; the best is taken.
    pub pictures: u32,
}

/// What speaks for a living face.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveLimits {
    /// The head is turned from here on, degrees.
    pub turned_deg: f32,
    /// A pattern stronger than this is a print's or a screen's.
    pub pattern: f32,
    /// So is one that stands alone by more than this.
    pub isolation: f32,
    /// From one picture to the next the face moves at most so many of its widths.
    pub moved: f32,
    /// So many pictures without a face, and it is lost.
    pub missing: u32,
}

impl Thresholds {
    /// Those that come with the gateway.
    ///
    /// # Panics
    /// Never: a test reads the file.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).unwrap_or_else(|problem| panic!("models/faces.toml: {problem}"))
    }

    /// Those of a file, which must have this SHA-256.
    ///
    /// # Errors
    /// [`ThresholdsError`]
    pub fn load(path: &Path, expected: &str) -> Result<Self, ThresholdsError> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|source| ThresholdsError::Read { path: shown.clone(), source })?;
        let found = sha256_hex(&bytes);
        if !found.eq_ignore_ascii_case(expected.trim()) {
            return Err(ThresholdsError::Hash { path: shown, found, expected: expected.to_owned() });
        }
        let text = String::from_utf8_lossy(&bytes);
        Self::parse(&text).map_err(|problem| ThresholdsError::Invalid { path: shown, problem })
    }

    /// Which they are, for the record: version and the first digits of the file's hash.
    pub fn name(&self) -> String {
        format!("{} sha256:{}", self.version, &self.sha256[..12])
    }

    /// What a nearness of two templates comes to.
    pub fn judge(&self, nearness: f32) -> (Decision, ScoreBand) {
        let limits = &self.matching;
        if nearness >= limits.clear {
            (Decision::Match, ScoreBand::Clear)
        } else if nearness >= limits.accept {
            (Decision::Match, ScoreBand::Near)
        } else if nearness >= limits.review {
            (Decision::Review, ScoreBand::Between)
        } else {
            (Decision::NoMatch, ScoreBand::Far)
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut thresholds: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let Matching { accept, review, clear } = thresholds.matching;
        // Below these nobody has measured anything that would speak for it.
        if !(0.2..=1.0).contains(&review) || !(review..=1.0).contains(&accept) || !(accept..=1.0).contains(&clear) {
            return Err("[match] wants 0.2 <= review <= accept <= clear <= 1".into());
        }
        let LiveLimits { turned_deg, pattern, isolation, moved, .. } = thresholds.live;
        let CaptureLimits { yaw_deg, eyes_open, .. } = thresholds.capture;
        if ![turned_deg, pattern, isolation, moved, yaw_deg, eyes_open].iter().all(|limit| limit.is_finite()) {
            return Err("[capture] and [live] want numbers".into());
        }
        if thresholds.capture.pictures == 0 || thresholds.live.turned_deg <= thresholds.capture.yaw_deg {
            return Err(
                "[capture] wants at least one picture, and [live] turned_deg more than [capture] yaw_deg".into()
            );
        }
        thresholds.sha256 = sha256_hex(text.as_bytes());
        Ok(thresholds)
    }
}
