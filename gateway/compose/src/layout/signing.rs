//! The middle of the attestation: on the left the code, on the right officer, signature and seal.

use super::{GAP, Item, LINE_HEIGHT, LayoutError, Setting, What};
use crate::code::Code;
use crate::fonts::{Fonts, Style};
use crate::template::{Attestation, Values, usual_verification};
use crate::units::{PT_PER_MM, Rect, mm};

/// The part of the signature, from its left, that the seal covers.
const COVERED: f32 = 1.0 / 3.0;
/// Between the columns, points.
const BETWEEN: f32 = 8.0;

/// What stands in the frame of a preview, how large at most (points), and in which part of the frame's width.
const PREVIEW: [&str; 2] = ["BẢN XEM TRƯỚC", "Preview"];
const PREVIEW_PT: f32 = 10.0;
const PREVIEW_SHARE: f32 = 0.85;

/// Lays it out from `top` on; returns where it ends.
pub(super) fn signing(
    setting: &Setting<'_>,
    table: &Attestation,
    code: &Code,
    [left, width]: [f32; 2],
    top: f32,
    items: &mut Vec<Item>,
) -> Result<f32, LayoutError> {
    let request = setting.values.request;
    let [signature_width, signature_height] = request.signature.size_mm.map(mm);
    let [seal_width, seal_height] = request.seal.size_mm.map(mm);
    let right = left + width;
    let own_width = (width * table.officer_share).max(signature_width);
    let own_left = right - own_width;

    // The signature in the middle between title and name, the seal over the left of it.
    let marks_top = setting.texts(&table.title, [own_left, own_width], top, items)? + GAP;
    let marks_height = signature_height.max(seal_height);
    let middle = own_left + own_width / 2.0;
    let signature = Rect::of_size(
        middle - signature_width / 2.0,
        marks_top + (marks_height - signature_height) / 2.0,
        signature_width,
        signature_height,
    );
    let seal = Rect::of_size(
        signature.left + signature_width * COVERED - seal_width,
        marks_top + (marks_height - seal_height) / 2.0,
        seal_width,
        seal_height,
    );
    let column = own_left.min(seal.left) - BETWEEN - left;
    // A seal that is wider than what it covers and the free part beside it must not leave the column on the right.
    if column <= 0.0 || signature.left < own_left - 0.01 || seal.right > right {
        return Err(LayoutError::MarksTooWide { width_mm: width / PT_PER_MM });
    }
    items.push(Item { rect: signature, what: What::Signature });
    items.push(Item { rect: seal, what: What::Seal });
    let officer_end = setting.texts(&table.name, [own_left, own_width], marks_top + marks_height + GAP, items)?;

    let module = code.module_for(column, table.qr_module_mm);
    let module = module.ok_or(LayoutError::CodeTooWide { width_mm: column / PT_PER_MM })?;
    let side = module * code.modules();
    let rect = Rect::of_size(left, top, side, side);
    let mut code_end = setting.texts(&table.verify, [left, column], top + side, items)?;
    if setting.values.verification.is_some() {
        items.push(Item { rect, what: What::Code { module } });
    } else {
        let usual = usual_verification();
        let values = Values { request, verification: Some(&usual) };
        let usual = Setting { values: &values, fonts: setting.fonts };
        code_end = code_end.max(usual.texts(&table.verify, [left, column], top + side, &mut Vec::new())?);
        no_code(setting.fonts, rect, items);
    }
    Ok(officer_end.max(code_end))
}

/// What a preview has in the place of the code: a frame within the quiet zone, and what it is.
fn no_code(fonts: &Fonts, rect: Rect, items: &mut Vec<Item>) {
    let letters = fonts.style(Style::Bold);
    let widest = PREVIEW.iter().map(|words| letters.width(words)).fold(0.0, f32::max);
    // The least code is 27 mm wide, so the words stay readable.
    let size = PREVIEW_PT.min(rect.width() * PREVIEW_SHARE / widest);
    let mut y = rect.top + (rect.height() - 2.0 * size * LINE_HEIGHT) / 2.0;
    items.push(Item { rect, what: What::NoCode });
    for words in PREVIEW {
        let width = letters.width(words) * size;
        let rect = Rect::of_size(rect.left + (rect.width() - width) / 2.0, y, width, size * LINE_HEIGHT);
        items.push(Item { rect, what: What::Text { text: words.to_owned(), style: Style::Bold, size } });
        y += size * LINE_HEIGHT;
    }
}
