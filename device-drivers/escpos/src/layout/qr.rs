//! QR codes, drawn. The printer's own QR command differs from model to model.

use qrcode::{Color, EcLevel, QrCode};

use super::Raster;

/// White modules around the code (ISO/IEC 18004, section 6.3.8).
const QUIET_MODULES: usize = 4;
/// Fewest dots of a module: smaller ones run together on thermal paper.
const DOTS_MIN: usize = 2;

/// A QR code with error correction level M: 15 % of it may be soiled or creased.
pub(super) struct Code {
    modules: usize,
    colors: Vec<Color>,
}

impl Code {
    /// `None` if the data do not fit into any code.
    pub(super) fn new(data: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(data, EcLevel::M).ok()?;
        Some(Self { modules: code.width(), colors: code.into_colors() })
    }

    /// Whole dots per module so that the code is at most `asked` dots wide and fits on the paper with its quiet zone.
    pub(super) fn dots_per_module(&self, asked: usize, paper: usize) -> Option<usize> {
        let dots = (asked / self.modules).min(paper / (self.modules + 2 * QUIET_MODULES));
        (dots >= DOTS_MIN).then_some(dots)
    }

    /// Width of the smallest readable code, dots.
    pub(super) fn smallest(&self) -> usize {
        self.width(DOTS_MIN)
    }

    pub(super) fn width(&self, dots: usize) -> usize {
        self.modules * dots
    }

    pub(super) fn width_with_quiet_zone(&self, dots: usize) -> usize {
        (self.modules + 2 * QUIET_MODULES) * dots
    }

    /// Draws it with its upper left module at `x`, `y`.
    pub(super) fn draw(&self, raster: &mut Raster, x: usize, y: usize, dots: usize) {
        for (index, color) in self.colors.iter().enumerate() {
            if *color == Color::Dark {
                raster.fill(x + index % self.modules * dots, y + index / self.modules * dots, dots, dots);
            }
        }
    }
}
