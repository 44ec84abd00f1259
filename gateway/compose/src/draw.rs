//! The file: what was planned, drawn by krilla and judged by its validator of PDF/A.
//!
//! krilla has no text that is not to be seen, so the words that were read are drawn first and the page's picture over them:
//! they can be selected, searched and copied. On the paper itself nothing changes.

use krilla::color::luma;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect as PdfRect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::code::Code;
use crate::compose::ComposeError;
use crate::fonts::{Fonts, Style, composed};
use crate::glyphs::{glyphs, readable};
use crate::layout::{Item, What, base_line};
use crate::plan::PlannedPage;
use crate::raster::Raster;
use crate::request::{self, Page, Request, TextLine};
use crate::time::LocalTime;
use crate::units::Rect;

/// How thick the frame is that a preview has in the place of its code, points.
const NO_CODE_LINE: f32 = 0.6;

/// Which PDF/A.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standard {
    /// What copies are.
    A2b,
    /// What tests have judged.
    A1b,
}

/// Draws all pages.
pub(crate) fn draw(
    request: &Request,
    pages: &[PlannedPage],
    rasters: Vec<Raster>,
    code: &Code,
    fonts: &Fonts,
    standard: Standard,
) -> Result<Vec<u8>, ComposeError> {
    let archival = match standard {
        Standard::A2b => Archival::A2_B,
        Standard::A1b => Archival::A1_B,
    };
    let failed = |detail: &str| ComposeError::Pdf(detail.to_owned());
    let configuration = ConfigurationBuilder::new().with_archival_validator(archival).finish();
    let configuration = configuration.map_err(|_| failed("its standard is not known"))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(metadata(&request.document, &request.facts.agency));

    let drawing = Drawing { request, code, fonts };
    let mut scans = request.pages.iter().zip(rasters);
    for planned in pages {
        let [width, height] = planned.size;
        let settings = PageSettings::from_wh(width, height).ok_or_else(|| failed("a page has no size"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        if let Some(top) = planned.image_top
            && let Some((scan, raster)) = scans.next()
        {
            surface.push_transform(&Transform::from_translate(0.0, top));
            drawing.words(&mut surface, scan);
            picture(&mut surface, raster.image, raster.size_pt);
            surface.pop();
        }
        for item in &planned.items {
            drawing.item(&mut surface, item)?;
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| failed(&error.to_string()))
}

fn metadata(document: &request::Document, agency: &str) -> Metadata {
    let LocalTime { year, month, day, hour, minute, second } = document.created;
    let created = DateTime::new(year).month(month).day(day).hour(hour).minute(minute).second(second);
    Metadata::new()
        .title(composed(&document.title))
        .authors(vec![composed(agency)])
        .producer(composed(&document.producer))
        .creator(composed(&document.producer))
        .language("vi".to_owned())
        .creation_date(created.utc_offset_hour(7).utc_offset_minute(0))
}

/// A picture with its upper left corner at 0, 0.
fn picture(surface: &mut Surface<'_>, image: Image, [width, height]: [f32; 2]) {
    if let Some(size) = Size::from_wh(width, height) {
        surface.draw_image(image, size);
    }
}

struct Drawing<'a> {
    request: &'a Request,
    code: &'a Code,
    fonts: &'a Fonts,
}

impl Drawing<'_> {
    /// The words of a page.
    fn words(&self, surface: &mut Surface<'_>, page: &Page) {
        for line in &page.lines {
            self.line(surface, line, 72.0 / page.dpi);
        }
    }

    /// The words of a line: all of one size, as high as the line and each as wide as its place. Readers that put lines
    /// together from words part those of different sizes.
    fn line(&self, surface: &mut Surface<'_>, line: &TextLine, scale: f32) {
        let letters = self.fonts.style(Style::Regular);
        let edge = |at: usize| line.words.iter().map(move |word| word.rect[at] * scale);
        let (top, bottom) = (edge(1).fold(f32::MAX, f32::min), edge(3).fold(f32::MIN, f32::max));
        let size = (bottom - top) / (letters.ascent + letters.descent);
        if !size.is_finite() || size < 0.1 {
            return;
        }
        for word in &line.words {
            let text = readable(&word.text);
            let (left, right) = (word.rect[0] * scale, word.rect[2] * scale);
            let own: f32 = glyphs(letters, &text).iter().map(|glyph| glyph.x_advance).sum();
            let stretch = (right - left) / (own * size);
            if !stretch.is_finite() || stretch <= 0.001 {
                continue;
            }
            // The space makes it a word for those who read the file in its order.
            let text = text + " ";
            let base = bottom - letters.descent * size;
            surface.push_transform(&Transform::from_row(stretch, 0.0, 0.0, 1.0, left, base));
            surface.draw_glyphs(
                Point::from_xy(0.0, 0.0),
                &glyphs(letters, &text),
                letters.font.clone(),
                &text,
                size,
                false,
            );
            surface.pop();
        }
    }

    fn item(&self, surface: &mut Surface<'_>, item: &Item) -> Result<(), ComposeError> {
        let rect = item.rect;
        match &item.what {
            What::Text { text, style, size } => {
                let letters = self.fonts.style(*style);
                let start = Point::from_xy(rect.left, rect.top + base_line(*size));
                surface.set_fill(Some(black()));
                surface.draw_glyphs(start, &glyphs(letters, text), letters.font.clone(), text, *size, false);
            }
            What::Code { module } => self.code(surface, rect, *module),
            What::Frame { line } => frame(surface, rect, *line),
            What::NoCode => frame(surface, rect.grown(-NO_CODE_LINE), NO_CODE_LINE),
            What::Signature => mark(surface, self.request.signature.png.as_deref(), rect)?,
            What::Seal => mark(surface, self.request.seal.png.as_deref(), rect)?,
        }
        Ok(())
    }

    fn code(&self, surface: &mut Surface<'_>, rect: Rect, module: f32) {
        // At most 185 modules.
        let side = |modules: usize| f32::from(u16::try_from(modules).unwrap_or(u16::MAX)) * module;
        let mut path = PathBuilder::new();
        for [column, row, length] in self.code.runs() {
            let run = PdfRect::from_xywh(rect.left + side(column), rect.top + side(row), side(length), module);
            if let Some(run) = run {
                path.push_rect(run);
            }
        }
        surface.set_fill(Some(black()));
        if let Some(path) = path.finish() {
            surface.draw_path(&path);
        }
    }
}

fn black() -> Fill {
    Fill { paint: luma::Color::black().into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn frame(surface: &mut Surface<'_>, rect: Rect, line: f32) {
    let mut path = PathBuilder::new();
    if let Some(rect) = PdfRect::from_ltrb(rect.left, rect.top, rect.right, rect.bottom) {
        path.push_rect(rect);
    }
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { paint: luma::Color::black().into(), width: line, ..Stroke::default() }));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
    surface.set_stroke(None);
}

/// A signature or seal; if it has no picture its place stays free.
fn mark(surface: &mut Surface<'_>, png: Option<&[u8]>, rect: Rect) -> Result<(), ComposeError> {
    let Some(png) = png else { return Ok(()) };
    let image = Image::from_png(png.to_vec().into(), false);
    let image = image.map_err(|error| ComposeError::Pdf(format!("a mark: {error}")))?;
    surface.push_transform(&Transform::from_translate(rect.left, rect.top));
    picture(surface, image, [rect.width(), rect.height()]);
    surface.pop();
    Ok(())
}
