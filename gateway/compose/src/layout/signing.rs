//! The middle of the attestation: on the left the code, on the right officer, signature and seal.

use super::{GAP, Item, LayoutError, Setting, What};
use crate::code::Code;
use crate::template::Attestation;
use crate::units::{PT_PER_MM, Rect, mm};

/// The part of the signature, from its left, that the seal covers.
const COVERED: f32 = 1.0 / 3.0;
/// Between the columns, points.
const BETWEEN: f32 = 8.0;

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
    items.push(Item { rect: Rect::of_size(left, top, side, side), what: What::Code { module } });
    let code_end = setting.texts(&table.verify, [left, column], top + side, items)?;
    Ok(officer_end.max(code_end))
}
