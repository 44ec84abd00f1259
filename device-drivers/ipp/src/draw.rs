//! Documents as pages of dots, for printers that do not take them as they are. On a thread of its own: drawing cannot be
//! interrupted, and a document that makes the drawing fall must not take the driver along.

#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::imageops::{self, FilterType};
use image::{ImageReader, Limits, Rgb, RgbImage};

use crate::raster::{Raster, Sheet};
use crate::trouble::Trouble;

/// Most pages of a document.
const PAGES_MAX: usize = 500;
/// Longest document of dots, bytes.
const RASTER_MAX: usize = 256 << 20;
/// Memory for one decoded picture, bytes.
const PICTURE_MAX: u64 = 512 << 20;
/// Drawing recurses into forms and patterns.
const STACK: usize = 64 << 20;

/// What a document is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Pdf,
    Jpeg,
}

impl Kind {
    /// # Errors
    /// [`Trouble::Document`] if it is neither.
    pub(crate) fn of(document: &[u8]) -> Result<Self, Trouble> {
        // ISO 32000-1, 7.5.2; readers take it within the first 1024 bytes (annex H.3.3).
        let head = &document[..document.len().min(1024)];
        if head.windows(5).any(|part| part == b"%PDF-") {
            Ok(Self::Pdf)
        } else if document.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Ok(Self::Jpeg)
        } else {
            Err(Trouble::Document("the document is neither a PDF nor a JPEG".into()))
        }
    }

    /// Its media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Draws a document; dropped, it is given up after the page that is being drawn.
pub(crate) struct Drawing {
    stop: Arc<AtomicBool>,
    result: tokio::sync::oneshot::Receiver<Result<Vec<u8>, Trouble>>,
}

impl Drawing {
    /// Begins.
    pub(crate) fn begin(kind: Kind, document: Vec<u8>, sheet: Sheet) -> Result<Self, Trouble> {
        let (done, result) = tokio::sync::oneshot::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let draw = move || {
            let drawn = match kind {
                Kind::Pdf => pdf(document, sheet, &stopped),
                Kind::Jpeg => jpeg(&document, sheet),
            };
            // Nobody waits for it any more if it was given up.
            let _ = done.send(drawn);
        };
        let thread = std::thread::Builder::new().name("drawing".into()).stack_size(STACK).spawn(draw);
        thread.map_err(|error| Trouble::Document(format!("no thread to draw the document on: {error}")))?;
        Ok(Self { stop, result })
    }

    /// Waits for the whole of it.
    ///
    /// # Errors
    /// [`Trouble::Document`] if it cannot be drawn.
    pub(crate) async fn whole(mut self) -> Result<Vec<u8>, Trouble> {
        let drawn = (&mut self.result).await;
        drawn.unwrap_or_else(|_| Err(Trouble::Document("the document cannot be drawn: drawing it broke off".into())))
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

fn pdf(document: Vec<u8>, sheet: Sheet, stop: &AtomicBool) -> Result<Vec<u8>, Trouble> {
    let unreadable = |why: &str| Trouble::Document(format!("the PDF cannot be drawn: {why}"));
    let pdf = Pdf::new(document).map_err(|error| unreadable(&format!("{error:?}")))?;
    let count = pdf.pages().len();
    if count == 0 {
        return Err(unreadable("it has no page"));
    }
    if count > PAGES_MAX {
        return Err(Trouble::TooLarge(format!("the PDF has {count} pages; at most {PAGES_MAX} are printed")));
    }
    let (cache, settings) = (RenderCache::new(), InterpreterSettings::default());
    let mut raster = Raster::new(sheet.clone());
    for page in pdf.pages().iter() {
        if stop.load(Ordering::SeqCst) {
            return Err(Trouble::Cancelled);
        }
        let (width, height) = page.render_dimensions();
        let fits = |length: f32| length.is_finite() && (1.0..=100_000.0).contains(&length);
        if !fits(width) || !fits(height) {
            return Err(unreadable("a page has no size that can be"));
        }
        // Points are 1/72 inch. A page that is too large for the sheet is made smaller; one that lies across is turned.
        let (across, along) = if width > height { (sheet.height, sheet.width) } else { (sheet.width, sheet.height) };
        #[expect(clippy::cast_precision_loss, reason = "dots of a sheet of paper")]
        let scale = [sheet.dpi as f32 / 72.0, across as f32 / width, along as f32 / height]
            .into_iter()
            .fold(f32::MAX, f32::min);
        let wanted = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let drawn = hayro::render(page, &cache, &settings, &RenderSettings::default(), &wanted);
        let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
        let dots = drawn.data_as_u8_slice().chunks_exact(4).flat_map(|dot| [dot[0], dot[1], dot[2]]).collect();
        let picture = RgbImage::from_raw(width, height, dots).ok_or_else(|| unreadable("a page has no dots"))?;
        raster.page(&laid(picture, &sheet));
        if raster.bytes.len() > RASTER_MAX {
            return Err(too_large());
        }
    }
    Ok(raster.bytes)
}

fn too_large() -> Trouble {
    Trouble::TooLarge(format!(
        "the document is longer than {} MiB when drawn; print fewer pages at once",
        RASTER_MAX >> 20
    ))
}

fn jpeg(document: &[u8], sheet: Sheet) -> Result<Vec<u8>, Trouble> {
    let unreadable = |error: image::ImageError| Trouble::Document(format!("the JPEG cannot be read: {error}"));
    let mut reader = ImageReader::with_format(Cursor::new(document), image::ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_alloc = Some(PICTURE_MAX);
    reader.limits(limits);
    let picture = reader.decode().map_err(unreadable)?.into_rgb8();
    // As large as the sheet allows, in its own proportions.
    let (across, along) =
        if picture.width() > picture.height() { (sheet.height, sheet.width) } else { (sheet.width, sheet.height) };
    let (width, height) = (u64::from(picture.width()), u64::from(picture.height()));
    let (across, along) = (u64::from(across), u64::from(along));
    let (new_width, new_height) = if width * along > height * across {
        (across, height * across / width)
    } else {
        (width * along / height, along)
    };
    let size = |length: u64| u32::try_from(length.max(1)).unwrap_or(u32::MAX);
    let picture = imageops::resize(&picture, size(new_width), size(new_height), FilterType::Triangle);
    let mut raster = Raster::new(sheet.clone());
    raster.page(&laid(picture, &sheet));
    if raster.bytes.len() > RASTER_MAX { Err(too_large()) } else { Ok(raster.bytes) }
}

/// A picture in the middle of a white sheet, turned if it lies across.
fn laid(picture: RgbImage, sheet: &Sheet) -> Vec<u8> {
    let picture = if picture.width() > picture.height() && sheet.width < sheet.height {
        imageops::rotate90(&picture)
    } else {
        picture
    };
    if (picture.width(), picture.height()) == (sheet.width, sheet.height) {
        return picture.into_raw();
    }
    let mut page = RgbImage::from_pixel(sheet.width, sheet.height, Rgb([255; 3]));
    let middle = |sheet: u32, picture: u32| (i64::from(sheet) - i64::from(picture)) / 2;
    imageops::replace(
        &mut page,
        &picture,
        middle(sheet.width, picture.width()),
        middle(sheet.height, picture.height()),
    );
    page.into_raw()
}
