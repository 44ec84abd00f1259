//! The QR code: error correction M, a quiet zone of four modules (ISO/IEC 18004, sections 5.3.8 and 6.5).

use qrcode::{Color, EcLevel, QrCode};

use crate::units::mm;

/// The smallest module that a phone reads from paper, millimetres.
pub(crate) const MIN_MODULE_MM: f32 = 0.4;
/// The largest module, millimetres.
pub(crate) const MAX_MODULE_MM: f32 = 1.5;
/// Modules of white around the code.
pub(crate) const QUIET: usize = 4;

/// A code as its modules.
pub(crate) struct Code {
    side: usize,
    dark: Vec<bool>,
}

impl Code {
    /// Of these bytes; `None` if no QR code holds them.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let code = QrCode::with_error_correction_level(bytes, EcLevel::M).ok()?;
        let dark = code.to_colors().iter().map(|&color| color == Color::Dark).collect();
        Some(Self { side: code.width(), dark })
    }

    /// Modules in a row, with the quiet zone.
    pub(crate) fn modules(&self) -> f32 {
        // At most 177 + 8.
        f32::from(u16::try_from(self.side + 2 * QUIET).unwrap_or(u16::MAX))
    }

    /// The largest module, points, up to the one wished for that fits into a width; `None` if even the smallest does not.
    pub(crate) fn module_for(&self, width: f32, wished_mm: f32) -> Option<f32> {
        let module = mm(wished_mm).min(width / self.modules());
        (module >= mm(MIN_MODULE_MM)).then_some(module)
    }

    /// The dark runs of each row: column, row and length, modules from the upper left corner of the quiet zone.
    pub(crate) fn runs(&self) -> Vec<[usize; 3]> {
        let mut runs: Vec<[usize; 3]> = Vec::new();
        for (y, row) in self.dark.chunks_exact(self.side.max(1)).enumerate() {
            let mut before = false;
            for (x, &dark) in row.iter().enumerate() {
                match runs.last_mut() {
                    Some(run) if dark && before => run[2] += 1,
                    _ if dark => runs.push([x + QUIET, y + QUIET, 1]),
                    _ => {}
                }
                before = dark;
            }
        }
        runs
    }
}
