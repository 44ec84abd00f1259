//! What the tests of the parts share.

use kiosk_driver_sdk::protocol::page_printer::Sides;

use super::child::Refusal;
use super::pdf;
use crate::raster::{Dots, Sheet, SheetBack};

/// A sheet of A4 at one dot a point.
pub(super) fn sheet() -> Sheet {
    let media = "iso_a4_210x297mm".to_owned();
    Sheet { dots: Dots::Rgb8, dpi: 72, width: 595, height: 842, media, sides: Sides::OneSided, back: SheetBack::Normal }
}

/// The pages of a document, or why there are none.
pub(super) fn pages(document: Vec<u8>) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut pages = Vec::new();
    pdf::draw(document, &sheet(), &mut |page| {
        pages.push(page);
        Ok(())
    })?;
    Ok(pages)
}
