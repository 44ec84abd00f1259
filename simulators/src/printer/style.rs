//! The printer's settings that commands change and `ESC @` resets.

use super::charset::CodePage;
use super::command::Align;
use super::line::Look;

/// Line spacing after power-on, in dots (1/6 inch).
const DEFAULT_SPACING: u8 = 30;
/// Dots of a cell of font A and of font B.
const CELLS: [(u16, u16); 2] = [(12, 24), (9, 17)];

/// Settings of the moment.
#[derive(Debug, Clone)]
pub struct Style {
    /// Thickness, underline, reverse.
    pub look: Look,
    /// 0 for font A, 1 for font B.
    pub font: u8,
    /// Times across and down, 1 to 8.
    pub times: (u16, u16),
    /// Where lines stand.
    pub align: Align,
    /// Lines are printed turned by 180 degrees.
    pub turned: bool,
    /// Dots from line to line.
    pub spacing: u8,
    /// Dots to the right of a character.
    pub character_spacing: u8,
    /// `ESC t`; none while it is a page that cannot be printed.
    pub page: Option<CodePage>,
    /// `ESC R`
    pub national: u8,
    /// Columns of characters, rising.
    pub tabs: Vec<u8>,
    /// Dots from the paper's left edge.
    pub left: u32,
    /// Dots of the print area, if set.
    pub area: Option<u32>,
    /// Dots of a barcode's height.
    pub barcode_height: u8,
    /// Dots of a barcode's narrow bar.
    pub barcode_module: u8,
    /// Text with a barcode: bit 0 above, bit 1 below.
    pub barcode_text: u8,
    /// Dots of a QR module.
    pub qr_module: u8,
    /// 48 to 51: L, M, Q, H.
    pub qr_correction: u8,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            look: Look::default(),
            font: 0,
            times: (1, 1),
            align: Align::Left,
            turned: false,
            spacing: DEFAULT_SPACING,
            character_spacing: 0,
            page: Some(CodePage::default()),
            national: 0,
            tabs: (1..31).map(|tab| tab * 8).collect(),
            left: 0,
            area: None,
            barcode_height: 162,
            barcode_module: 3,
            barcode_text: 0,
            qr_module: 3,
            qr_correction: 48,
        }
    }
}

impl Style {
    /// `ESC ! n`
    pub fn print_mode(&mut self, n: u8) {
        self.font = n & 1;
        self.look.bold = n & 0x08 != 0;
        self.times = (1 + u16::from(n >> 5 & 1), 1 + u16::from(n >> 4 & 1));
        self.look.underline = n >> 7;
    }

    /// `GS ! n`
    pub fn size(&mut self, n: u8) {
        self.times = (1 + u16::from(n >> 4 & 7), 1 + u16::from(n & 7));
    }

    /// Dots of a character now.
    #[must_use]
    pub fn cell(&self) -> (u16, u16) {
        let (width, height) = CELLS[usize::from(self.font.min(1))];
        (width * self.times.0, height * self.times.1)
    }

    /// Dots between characters now.
    #[must_use]
    pub fn gap(&self) -> u16 {
        u16::from(self.character_spacing) * self.times.0
    }

    /// Left edge and width of the print area on paper this wide.
    #[must_use]
    pub fn area(&self, paper: u32) -> (u32, u32) {
        let left = self.left.min(paper.saturating_sub(CELLS[0].0.into()));
        let room = paper - left;
        (left, self.area.map_or(room, |area| area.clamp(CELLS[0].0.into(), room)))
    }
}
