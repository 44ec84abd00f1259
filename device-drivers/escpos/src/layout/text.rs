//! Letters as dots.
//!
//! `ab_glyph` and not `cosmic-text`: after NFC each Vietnamese letter is one glyph of the font, so there is nothing to
//! shape, and the drawing of outlines is all that is needed. Scripts that need shaping (Arabic, Khmer) come out letter
//! by letter.

use ab_glyph::{Font, FontVec, Glyph, PxScaleFont, ScaleFont, point};
use kiosk_driver_sdk::protocol::receipt::{TextSize, Weight};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Raster;

/// How much of a dot a stroke must cover to make it black.
const INK: f32 = 0.45;
/// The resolution for which [`dots`] gives the size.
const DESIGN_DPI: f32 = 203.0;

/// From the top of the highest letter to the bottom of the lowest, dots at 203 dpi (8 dots are 1 mm).
fn dots(size: TextSize) -> f32 {
    match size {
        TextSize::Small => 20.0,
        TextSize::Normal => 24.0,
        TextSize::Large => 36.0,
        TextSize::Huge => 48.0,
    }
}

/// The two fonts of a receipt.
pub(crate) struct Fonts {
    pub(crate) normal: FontVec,
    pub(crate) bold: FontVec,
}

impl Fonts {
    pub(super) fn face(&self, size: TextSize, weight: Weight, dpi: u16) -> Face<'_> {
        let font = match weight {
            Weight::Normal => &self.normal,
            Weight::Bold => &self.bold,
        };
        Face(font.as_scaled(dots(size) * f32::from(dpi) / DESIGN_DPI))
    }
}

/// One font at one size. A letter that it lacks is drawn as its box for missing letters.
pub(super) struct Face<'a>(PxScaleFont<&'a FontVec>);

impl Face<'_> {
    /// Rows of one line. A fifth more than the letters need: Vietnamese capitals carry two accents.
    pub(super) fn line_height(&self) -> usize {
        to_dots((self.0.height() * 1.2).ceil())
    }

    /// Breaks text into lines of at most `width` dots: at line breaks, else at spaces, else anywhere.
    pub(super) fn wrap(&self, text: &str, width: usize) -> Vec<String> {
        let text: String = text.nfc().collect();
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let mut rest = paragraph;
            loop {
                let (line, after) = self.first_line(rest, width);
                lines.push(line.trim_end_matches(' ').to_owned());
                if after.is_empty() {
                    break;
                }
                rest = after;
            }
        }
        lines
    }

    /// The first line of a paragraph and what is left of it.
    fn first_line<'t>(&self, text: &'t str, width: usize) -> (&'t str, &'t str) {
        let mut pen = Pen::default();
        let mut last_space = None;
        for (at, c) in text.char_indices() {
            pen.advance(&self.0, c);
            if c == ' ' {
                // Spaces may hang over the edge; they are white.
                last_space = Some(at);
            } else if to_dots(pen.x.ceil()) > width && at > 0 && !is_combining_mark(c) {
                let end = last_space.filter(|space| !text[..*space].trim_matches(' ').is_empty()).unwrap_or(at);
                return (&text[..end], text[end..].trim_start_matches(' '));
            }
        }
        (text, "")
    }

    /// Width of a line, dots.
    pub(super) fn width(&self, line: &str) -> usize {
        let mut pen = Pen::default();
        for c in line.chars() {
            pen.advance(&self.0, c);
        }
        to_dots(pen.x.ceil())
    }

    /// Draws a line with its upper left corner at `x`, `y`.
    pub(super) fn draw(&self, raster: &mut Raster, x: usize, y: usize, line: &str) {
        // Most of the room between lines is for the upper of two accents.
        let top = self.0.height() * 0.15;
        // Whole rows, so that the same letter looks the same on every line.
        let baseline = (y as f32 + top + self.0.ascent()).round();
        let mut pen = Pen::default();
        for c in line.chars() {
            let mut glyph = pen.advance(&self.0, c);
            glyph.position = point(x as f32 + glyph.position.x, baseline);
            let Some(outline) = self.0.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, coverage| {
                let (column, row) = (corner.x + dx as f32, corner.y + dy as f32);
                if coverage >= INK && column >= 0.0 && row >= 0.0 {
                    raster.set(to_dots(column), to_dots(row));
                }
            });
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "dots on a receipt, far below 2^24")]
fn to_dots(length: f32) -> usize {
    length as usize
}

/// Where the next letter goes.
#[derive(Default)]
struct Pen {
    x: f32,
    last: Option<ab_glyph::GlyphId>,
}

impl Pen {
    /// Puts a letter; the glyph stands at its place in the line.
    fn advance(&mut self, font: &PxScaleFont<&FontVec>, c: char) -> Glyph {
        let mut glyph = font.scaled_glyph(c);
        if let Some(last) = self.last {
            self.x += font.kern(last, glyph.id);
        }
        glyph.position = point(self.x, 0.0);
        self.x += font.h_advance(glyph.id);
        self.last = Some(glyph.id);
        glyph
    }
}
