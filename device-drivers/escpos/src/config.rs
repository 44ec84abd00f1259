//! The driver's settings and what is loaded by them.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ab_glyph::FontVec;
use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::receipt::{Cut, PrinterCapabilities};
use serde::Deserialize;

use crate::layout::{Fonts, Paper};
use crate::printer::Answers;

/// Largest font file that is read.
const FONT_BYTES_MAX: u64 = 32 << 20;

/// `[devices.NAME.config]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Printable width, dots: 576 on 80 mm paper, 384 on 58 mm.
    width_dots: u16,
    /// Dots per inch.
    resolution_dpi: u16,
    /// The font for normal text, TrueType or OpenType.
    font: PathBuf,
    /// The font for bold text.
    font_bold: PathBuf,
    /// The ways in which the printer can end a receipt.
    cuts: Vec<Cut>,
    /// How often the printer is asked how it is while there is nothing to print, milliseconds.
    poll_ms: u64,
    /// Whether the printer answers; for those that cannot, the outcome of each receipt stays unknown.
    answers: Answers,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            width_dots: 576,
            resolution_dpi: 203,
            font: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf".into(),
            font_bold: "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf".into(),
            cuts: vec![Cut::Partial, Cut::Full, Cut::None],
            poll_ms: 1_000,
            answers: Answers::Auto,
        }
    }
}

impl Config {
    /// Refuses what cannot work, naming the key.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let bad = |what: String| Err(OpenError::BadConfig(what));
        if !(128..=832).contains(&self.width_dots) || !self.width_dots.is_multiple_of(8) {
            return bad(format!("config.width_dots is {}; use 128 to 832, a multiple of 8", self.width_dots));
        }
        if !(150..=400).contains(&self.resolution_dpi) {
            return bad(format!("config.resolution_dpi is {}; use 150 to 400", self.resolution_dpi));
        }
        if self.cuts.is_empty() {
            return bad("config.cuts is empty; use [\"none\"] for a printer without a cutter".into());
        }
        if !(100..=60_000).contains(&self.poll_ms) {
            return bad(format!("config.poll_ms is {}; use 100 to 60000", self.poll_ms));
        }
        Ok(())
    }

    pub(crate) fn paper(&self) -> Paper {
        Paper { width_dots: self.width_dots, resolution_dpi: self.resolution_dpi }
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    pub(crate) fn answers(&self) -> Answers {
        self.answers
    }

    pub(crate) fn capabilities(&self) -> PrinterCapabilities {
        PrinterCapabilities {
            width_dots: self.width_dots,
            resolution_dpi: self.resolution_dpi,
            cuts: self.cuts.clone(),
        }
    }

    /// Reads both fonts.
    pub(crate) fn fonts(&self) -> Result<Fonts, OpenError> {
        Ok(Fonts { normal: font("font", &self.font)?, bold: font("font_bold", &self.font_bold)? })
    }
}

fn font(key: &str, path: &Path) -> Result<FontVec, OpenError> {
    let bad = |what: String| {
        OpenError::BadConfig(format!(
            "config.{key}: cannot use the font {}: {what}; install the package fonts-dejavu-core or name another font",
            path.display()
        ))
    };
    let length = std::fs::metadata(path).map_err(|error| bad(error.to_string()))?.len();
    if length > FONT_BYTES_MAX {
        return Err(bad(format!("it has {length} bytes, at most {FONT_BYTES_MAX} are read")));
    }
    let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    FontVec::try_from_vec(bytes).map_err(|error| bad(error.to_string()))
}
