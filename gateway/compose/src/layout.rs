//! Where everything of a block stands: texts, code, signature and seal as rectangles, before anything is drawn.
//!
//! ```text
//! ┌──────────────────── head ────────────────────┐
//! │ code            │  title                     │
//! │                 │  [seal over a third of     │   one block, its upper left corner at 0, 0
//! │ how to verify   │   the signature] name      │
//! └───────────────── conversion ─────────────────┘
//! ```

mod signing;
#[cfg(test)]
mod tests;
mod wrap;

use crate::code::Code;
use crate::fonts::{Fonts, Style};
use crate::request::Language;
use crate::template::{Align, Line, Part, Template, Values};
use crate::units::{PT_PER_MM, Rect, mm};

/// The page that is added (ISO 216), points.
pub(crate) const A4: [f32; 2] = [210.0 * PT_PER_MM, 297.0 * PT_PER_MM];
/// The height of a line of text in parts of its size: a Vietnamese capital with two marks and a dot below fits into it.
const LINE_HEIGHT: f32 = 1.3;
/// How far the base line is below the line's upper edge.
const BASE_LINE: f32 = 1.0;
/// How much smaller the English below a Vietnamese line is, points, and how small it may get.
const ENGLISH_SMALLER_PT: f32 = 2.0;
const LEAST_PT: f32 = 7.0;
/// Room between frame and contents, and between the parts, points.
const PADDING: f32 = 8.0;
const GAP: f32 = 6.0;

/// Why a block cannot be laid out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LayoutError {
    /// A word is wider than its column.
    #[error("a word of line {line} of the template is wider than its {width_mm} mm; write it shorter, or smaller")]
    WordTooWide {
        /// The template's line.
        line: usize,
        /// The column's width, millimetres.
        width_mm: f32,
    },
    /// A letter that the font has not.
    #[error(
        "line {line} of the template would have a `{character}`, which the font lacks; correct it, or the fact in it"
    )]
    NoGlyph {
        /// The template's line.
        line: usize,
        /// The character.
        character: char,
    },
    /// No QR code holds so much.
    #[error("the QR code's contents are too long for any code; make them shorter")]
    CodeTooLong,
    /// The code's squares would be too small.
    #[error(
        "the QR code does not fit into {width_mm} mm with squares that phones read; make its contents shorter, or \
             officer_share smaller"
    )]
    CodeTooWide {
        /// The width that there is, millimetres.
        width_mm: f32,
    },
    /// Signature and seal are wider than the page.
    #[error(
        "signature and seal do not fit side by side into {width_mm} mm; make the margins or the officer's share smaller"
    )]
    MarksTooWide {
        /// The width that there is, millimetres.
        width_mm: f32,
    },
    /// It is higher than the page.
    #[error("the block is {height_mm} mm high, and the page has {room_mm} mm; make the texts shorter or smaller")]
    TooHigh {
        /// How high it is, millimetres.
        height_mm: f32,
        /// How high it may be, millimetres.
        room_mm: f32,
    },
}

/// What stands in a rectangle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// One line of text.
    Text { text: String, style: Style, size: f32 },
    /// The QR code with its quiet zone.
    Code { module: f32 },
    /// The frame that a preview has in its place.
    NoCode,
    /// The officer's signature.
    Signature,
    /// The agency's seal.
    Seal,
    /// A line around the block, this thick.
    Frame { line: f32 },
}

/// One thing with its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) rect: Rect,
    pub(crate) what: What,
}

/// A block that was laid out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    /// What it covers, from its own 0, 0 on or on its page.
    pub(crate) rect: Rect,
    pub(crate) items: Vec<Item>,
}

impl Block {
    /// The same elsewhere.
    pub(crate) fn moved(mut self, x: f32, y: f32) -> Self {
        self.rect = self.rect.moved(x, y);
        for item in &mut self.items {
            item.rect = item.rect.moved(x, y);
        }
        self
    }
}

/// What all parts of a block are laid out with.
struct Setting<'a> {
    values: &'a Values<'a>,
    fonts: &'a Fonts,
}

impl Setting<'_> {
    /// Lines of text below each other, from `left`, `width` wide, from `top` on; returns where they end.
    fn texts(
        &self,
        lines: &[Line],
        [left, width]: [f32; 2],
        top: f32,
        items: &mut Vec<Item>,
    ) -> Result<f32, LayoutError> {
        let mut y = top;
        let english = self.values.request.facts.language == Language::VietnameseAndEnglish;
        for line in lines {
            y += line.space_pt;
            let small = (line.size_pt - ENGLISH_SMALLER_PT).max(LEAST_PT);
            let vi = Some((&line.vi, line.style, line.size_pt));
            let en = line.en.as_ref().filter(|_| english).map(|en| (en, Style::Italic, small));
            for (text, style, size) in vi.into_iter().chain(en) {
                let letters = self.fonts.style(style);
                let text = text.fill(self.values);
                let wrap = if line.align == Align::Center { wrap::balance } else { wrap::wrap };
                for text in wrap(&text, letters, size, width, line.at)? {
                    let own = letters.width(&text) * size;
                    let x = match line.align {
                        Align::Left => left,
                        Align::Center => left + (width - own) / 2.0,
                        Align::Right => left + width - own,
                    };
                    let rect = Rect::of_size(x, y, own, size * LINE_HEIGHT);
                    items.push(Item { rect, what: What::Text { text, style, size } });
                    y += size * LINE_HEIGHT;
                }
            }
        }
        Ok(y)
    }
}

/// How far the base line of a text is below the upper edge of its rectangle.
pub(crate) fn base_line(size: f32) -> f32 {
    size * BASE_LINE
}

/// The block of the first page, as narrow as its widest line, for a page of this width.
pub(crate) fn first_page(
    template: &Template,
    values: &Values<'_>,
    fonts: &Fonts,
    page_width: f32,
) -> Result<Block, LayoutError> {
    let first = &template.first_page;
    let most = mm(first.width_mm).min(page_width - 2.0 * mm(first.right_mm));
    let setting = Setting { values, fonts };
    let mut items = Vec::new();
    setting.texts(&first.lines, [0.0, most], 0.0, &mut items)?;
    let width = items.iter().map(|item| item.rect.width()).fold(0.0, f32::max);
    items.clear();
    // A hair wider: the same words must wrap in the same way.
    let height = setting.texts(&first.lines, [0.0, width + 0.01], 0.0, &mut items)?;
    Ok(Block { rect: Rect::of_size(0.0, 0.0, width + 0.01, height), items })
}

/// The attestation, this wide.
pub(crate) fn attestation(
    template: &Template,
    values: &Values<'_>,
    fonts: &Fonts,
    code: &Code,
    width: f32,
) -> Result<Block, LayoutError> {
    let setting = Setting { values, fonts };
    let table = &template.attestation;
    let columns = [PADDING, width - 2.0 * PADDING];
    if columns[1] <= 0.0 {
        return Err(LayoutError::MarksTooWide { width_mm: width / PT_PER_MM });
    }
    let mut items = Vec::new();
    let mut y = PADDING;
    for (number, part) in table.order.iter().enumerate() {
        if number > 0 {
            y += GAP;
        }
        y = match part {
            Part::Head => setting.texts(&table.head, columns, y, &mut items)?,
            Part::Signing => signing::signing(&setting, table, code, columns, y, &mut items)?,
            Part::Conversion => setting.texts(&table.conversion, columns, y, &mut items)?,
        };
    }
    let block = Rect::of_size(0.0, 0.0, width, y + PADDING);
    if table.frame_pt > 0.0 {
        let rect = block.grown(-table.frame_pt / 2.0);
        items.insert(0, Item { rect, what: What::Frame { line: table.frame_pt } });
    }
    Ok(Block { rect: block, items })
}

/// The attestation on an added page, below that page's head, in its place there.
pub(crate) fn added_page(
    template: &Template,
    values: &Values<'_>,
    fonts: &Fonts,
    code: &Code,
) -> Result<Block, LayoutError> {
    let margins = &template.attestation.margins_mm;
    let (left, top) = (mm(margins.left), mm(margins.top));
    let width = A4[0] - left - mm(margins.right);
    let mut items = Vec::new();
    let setting = Setting { values, fonts };
    let mut y = setting.texts(&template.added_page, [left, width], top, &mut items)?;
    if y > top {
        y += 2.0 * GAP;
    }
    let block = attestation(template, values, fonts, code, width)?;
    let block = block.moved(left, y);
    let end = block.rect.bottom;
    let room = A4[1] - mm(margins.bottom);
    if end > room {
        return Err(LayoutError::TooHigh { height_mm: (end - top) / PT_PER_MM, room_mm: (room - top) / PT_PER_MM });
    }
    items.extend(block.items);
    Ok(Block { rect: block.rect, items })
}
