//! What a template may hold. Checked as a whole before anything is drawn.

use kiosk_driver_sdk::protocol::receipt::{Element, PrintRequest};

use super::LayoutError;

/// Most elements of a receipt.
const ELEMENTS_MAX: usize = 200;
/// Most characters of one text.
const TEXT_MAX_CHARS: usize = 4_000;
/// Most bytes in a QR code.
pub(super) const QR_MAX_BYTES: usize = 1_000;

/// Refuses what is outside the limits, naming the field.
pub(super) fn check(request: &PrintRequest) -> Result<(), LayoutError> {
    let count = request.elements.len();
    if !(1..=ELEMENTS_MAX).contains(&count) {
        return Err(LayoutError::Elements { count, max: ELEMENTS_MAX });
    }
    for (index, element) in request.elements.iter().enumerate() {
        let field = |name: &str| format!("elements[{index}].{name}");
        match element {
            Element::Text { text, .. } => check_text(field("text"), text)?,
            Element::Columns { left, right, .. } => {
                check_text(field("left"), left)?;
                check_text(field("right"), right)?;
            }
            Element::Rule { .. } => {}
            Element::Qr { data, width_mm, .. } => {
                if data.is_empty() || data.len() > QR_MAX_BYTES {
                    let (bytes, max) = (data.len(), QR_MAX_BYTES);
                    return Err(LayoutError::QrData { field: field("data"), bytes, min: 1, max });
                }
                check_range(field("width_mm"), *width_mm, 15, 70)?;
            }
            Element::Image { width_mm, .. } => {
                if let Some(width_mm) = width_mm {
                    check_range(field("width_mm"), *width_mm, 5, 100)?;
                }
            }
            Element::Space { height_mm } => check_range(field("height_mm"), *height_mm, 1, 50)?,
        }
    }
    Ok(())
}

fn check_text(field: String, text: &str) -> Result<(), LayoutError> {
    let count = text.chars().count();
    if count > TEXT_MAX_CHARS {
        return Err(LayoutError::TextTooLong { field, count, max: TEXT_MAX_CHARS });
    }
    match text.chars().find(|c| c.is_control() && *c != '\n') {
        Some(c) => Err(LayoutError::Control { field, code: c.into() }),
        None => Ok(()),
    }
}

fn check_range(field: String, value: u16, min: u16, max: u16) -> Result<(), LayoutError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(LayoutError::OutOfRange { field, value, min, max }) }
}
