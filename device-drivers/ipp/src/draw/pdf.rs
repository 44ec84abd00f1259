//! PDFs, drawn by `hayro`.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::RgbImage;

use super::child::Refusal;
use super::picture::laid;
use super::whole;
use crate::raster::Sheet;

/// Most pages of a document.
const PAGES_MAX: usize = 500;

fn unreadable(why: &str) -> Refusal {
    Refusal::Unreadable(format!("the PDF cannot be drawn: {why}"))
}

/// Hands on every page as the dots of a sheet, in red, green and blue.
///
/// # Errors
/// [`Refusal`] if the document is not whole or a page of it cannot be drawn as it is meant.
pub(super) fn draw(
    document: Vec<u8>,
    sheet: &Sheet,
    page_done: &mut dyn FnMut(Vec<u8>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let pdf = Pdf::new(document).map_err(|error| unreadable(&format!("{error:?}")))?;
    let count = whole::check(&pdf)?;
    if count == 0 {
        return Err(unreadable("it has no page"));
    }
    if count > PAGES_MAX {
        return Err(Refusal::TooLarge(format!("the PDF has {count} pages; at most {PAGES_MAX} are printed")));
    }
    let lost = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&lost);
    let settings = InterpreterSettings {
        warning_sink: Arc::new(move |warning| match warning {
            // What has no appearance of its own (a form field's state) is not part of the text.
            InterpreterWarning::UnresolvedAnnotationAppearance => {}
            _ => noticed.store(true, Ordering::SeqCst),
        }),
        ..InterpreterSettings::default()
    };
    let cache = RenderCache::new();
    for (page, number) in pdf.pages().iter().zip(1..) {
        let (width, height) = page.render_dimensions();
        let fits = |length: f32| length.is_finite() && (1.0..=100_000.0).contains(&length);
        if !fits(width) || !fits(height) {
            return Err(unreadable(&format!("page {number} has no size that can be")));
        }
        // Points are 1/72 inch. A page that is too large for the sheet is made smaller; one that lies across is turned.
        let (across, along) = if width > height { (sheet.height, sheet.width) } else { (sheet.width, sheet.height) };
        #[expect(clippy::cast_precision_loss, reason = "dots of a sheet of paper")]
        let scale = [sheet.dpi as f32 / 72.0, across as f32 / width, along as f32 / height]
            .into_iter()
            .fold(f32::MAX, f32::min);
        let wanted = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let drawn = hayro::render(page, &cache, &settings, &RenderSettings::default(), &wanted);
        if lost.load(Ordering::SeqCst) {
            return Err(unreadable(&format!("a picture or font of page {number} is damaged or of an unknown kind")));
        }
        let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
        let dots = drawn.data_as_u8_slice().chunks_exact(4).flat_map(|dot| [dot[0], dot[1], dot[2]]).collect();
        let picture = RgbImage::from_raw(width, height, dots)
            .filter(|picture| picture.width() > 0 && picture.height() > 0)
            .ok_or_else(|| unreadable(&format!("page {number} has no dots")))?;
        page_done(laid(picture, sheet))?;
    }
    Ok(())
}
