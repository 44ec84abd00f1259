//! A QR code (ISO/IEC 18004) as its modules.

use qrcode::{Color, EcLevel, QrCode};

/// White modules around a code (ISO/IEC 18004, section 6.3.8).
pub(crate) const QUIET_MODULES: usize = 4;

/// A QR code with error correction level M.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    side: usize,
    dark: Vec<bool>,
}

impl Code {
    /// The code of a text; `None` if no code is large enough for it.
    pub fn new(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let side = code.width();
        let dark = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Self { side, dark })
    }

    /// Modules on a side, the quiet zone not counted.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Is this module dark? Outside of the code none is.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.side && self.dark.get(row * self.side + column).copied().unwrap_or_default()
    }
}
