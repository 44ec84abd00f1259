//! From a receipt template to one monochrome picture of the paper. Text is drawn, never sent as characters: only a few
//! printers have the Vietnamese letters, and those that lack them print something else without saying so.
//!
//! What is not here: commands and the printer. The picture is the same whatever carries it to the paper.

mod check;
mod picture;
mod qr;
mod raster;
#[cfg(test)]
mod tests;
mod text;

use kiosk_driver_sdk::protocol::blob::BlobId;
use kiosk_driver_sdk::protocol::receipt::{Align, Element, PrintRequest, RuleStyle, TextSize, Weight};

pub(crate) use raster::Raster;
pub(crate) use text::Fonts;

/// Longest receipt, millimetres.
pub(crate) const LENGTH_MAX_MM: u32 = 1_500;

/// Why a receipt cannot be drawn. `field` is the path of the field within the request's payload.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum LayoutError {
    #[error("a receipt has 1 to {max} elements, this one has {count}")]
    Elements { count: usize, max: usize },
    #[error("{count} characters; at most {max}: split the text over several elements")]
    TextTooLong { field: String, count: usize, max: usize },
    #[error("the control character U+{code:04X}; only line breaks are allowed, remove it")]
    Control { field: String, code: u32 },
    #[error("{value} is not within {min} to {max}")]
    OutOfRange { field: String, value: u16, min: u16, max: u16 },
    #[error("{bytes} bytes; a QR code holds {min} to {max}: use a shorter address")]
    QrData { field: String, bytes: usize, min: usize, max: usize },
    #[error("these data need a code of at least {needs_mm} mm: make it wider or shorten the data")]
    QrTooSmall { field: String, needs_mm: u32 },
    #[error("{asked_mm} mm is wider than the paper's {paper_mm} mm: ask for less")]
    TooWide { field: String, asked_mm: u32, paper_mm: u32 },
    #[error("the receipt is longer than {LENGTH_MAX_MM} mm here: leave something out or print two receipts")]
    TooMuchPaper { field: String },
    #[error("the picture's blob did not come with the request")]
    BlobMissing { field: String },
    #[error("the picture is neither a readable PNG nor JPEG: {reason}")]
    PictureUnreadable { field: String, reason: String },
    #[error("the picture is too large ({reason}): at most {max_megapixels} megapixels with 8 bits a channel")]
    PictureTooLarge { field: String, reason: String, max_megapixels: u32 },
}

/// The paper that is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paper {
    /// Printable width, dots; a multiple of 8.
    pub(crate) width_dots: u16,
    /// Dots per inch, both ways.
    pub(crate) resolution_dpi: u16,
}

impl Paper {
    /// Tenths of a millimetre as dots.
    fn tenths(self, tenths_mm: u32) -> usize {
        (tenths_mm * u32::from(self.resolution_dpi)).div_ceil(254) as usize
    }

    /// Millimetres as dots, rounded down.
    fn mm(self, mm: u32) -> usize {
        (mm * 10 * u32::from(self.resolution_dpi) / 254) as usize
    }

    /// Dots as millimetres, rounded up.
    pub(crate) fn to_mm(self, dots: usize) -> u32 {
        u32::try_from((dots * 254).div_ceil(usize::from(self.resolution_dpi) * 10)).unwrap_or(u32::MAX)
    }

    /// Printable width, millimetres, rounded down.
    fn width_mm(self) -> u32 {
        u32::from(self.width_dots) * 254 / (u32::from(self.resolution_dpi) * 10)
    }

    fn left_edge(self, width: usize, align: Align) -> usize {
        let free = usize::from(self.width_dots).saturating_sub(width);
        match align {
            Align::Left => 0,
            Align::Center => free / 2,
            Align::Right => free,
        }
    }
}

/// What a receipt is drawn with.
pub(crate) struct Studio<'a> {
    pub(crate) paper: Paper,
    pub(crate) fonts: &'a Fonts,
    /// Finds the bytes of a picture.
    pub(crate) blob: &'a dyn Fn(&BlobId) -> Option<&'a [u8]>,
}

impl Studio<'_> {
    /// Draws the receipt.
    pub(crate) fn draw(&self, request: &PrintRequest) -> Result<Raster, LayoutError> {
        check::check(request)?;
        let raster = Raster::new(self.paper.width_dots);
        let mut page = Page { studio: self, raster, index: 0, pixels_left: picture::PIXELS_OF_ALL };
        for (index, element) in request.elements.iter().enumerate() {
            page.index = index;
            page.element(element)?;
        }
        Ok(page.raster)
    }
}

struct Page<'s, 'a> {
    studio: &'s Studio<'a>,
    raster: Raster,
    /// The element being drawn.
    index: usize,
    /// So many the next pictures may have.
    pixels_left: u64,
}

impl Page<'_, '_> {
    fn element(&mut self, element: &Element) -> Result<(), LayoutError> {
        match element {
            Element::Text { text, align, size, weight } => self.text(text, *align, *size, *weight),
            Element::Columns { left, right, size, weight } => self.columns(left, right, *size, *weight),
            Element::Rule { style } => self.rule(*style),
            Element::Qr { data, width_mm, align } => self.qr(data, *width_mm, *align),
            Element::Image { blob, width_mm, align, dither } => {
                let field = self.field("blob");
                let bytes = (self.studio.blob)(blob).ok_or(LayoutError::BlobMissing { field: field.clone() })?;
                let width = width_mm.map(|mm| self.width("width_mm", mm)).transpose()?;
                let picture = picture::Picture::decode(bytes, &field, &mut self.pixels_left)?;
                let (width, height) = picture.fit(width, self.raster.width());
                let x = self.studio.paper.left_edge(width, *align);
                let y = self.grow(height)?;
                picture.draw(&mut self.raster, x, y, (width, height), *dither);
                Ok(())
            }
            Element::Space { height_mm } => self.grow(self.studio.paper.mm((*height_mm).into())).map(drop),
        }
    }

    fn field(&self, name: &str) -> String {
        format!("elements[{}].{name}", self.index)
    }

    /// White paper at the end; gives its first row.
    fn grow(&mut self, rows: usize) -> Result<usize, LayoutError> {
        let y = self.raster.rows();
        if y + rows > self.studio.paper.mm(LENGTH_MAX_MM) {
            return Err(LayoutError::TooMuchPaper { field: format!("elements[{}]", self.index) });
        }
        self.raster.grow(rows);
        Ok(y)
    }

    /// A width that was asked for, in dots.
    fn width(&self, name: &str, asked_mm: u16) -> Result<usize, LayoutError> {
        let dots = self.studio.paper.mm(asked_mm.into());
        if dots > self.raster.width() {
            let (field, paper_mm) = (self.field(name), self.studio.paper.width_mm());
            return Err(LayoutError::TooWide { field, asked_mm: asked_mm.into(), paper_mm });
        }
        Ok(dots)
    }

    fn text(&mut self, text: &str, align: Align, size: TextSize, weight: Weight) -> Result<(), LayoutError> {
        let face = self.studio.fonts.face(size, weight, self.studio.paper.resolution_dpi);
        for line in face.wrap(text, self.raster.width()) {
            let y = self.grow(face.line_height())?;
            let x = self.studio.paper.left_edge(face.width(&line), align);
            face.draw(&mut self.raster, x, y, &line);
        }
        Ok(())
    }

    fn columns(&mut self, left: &str, right: &str, size: TextSize, weight: Weight) -> Result<(), LayoutError> {
        let face = self.studio.fonts.face(size, weight, self.studio.paper.resolution_dpi);
        let width = self.raster.width();
        let gap = self.studio.paper.mm(2);
        let (mut lefts, mut rights) = (face.wrap(left, width), face.wrap(right, width));
        let one_row = lefts.len() == 1 && rights.len() == 1;
        if !(one_row && face.width(&lefts[0]) + gap + face.width(&rights[0]) <= width) {
            let half = (width - gap) / 2;
            (lefts, rights) = (face.wrap(left, half), face.wrap(right, half));
        }
        for row in 0..lefts.len().max(rights.len()) {
            let y = self.grow(face.line_height())?;
            if let Some(line) = lefts.get(row) {
                face.draw(&mut self.raster, 0, y, line);
            }
            if let Some(line) = rights.get(row) {
                face.draw(&mut self.raster, width.saturating_sub(face.width(line)), y, line);
            }
        }
        Ok(())
    }

    fn rule(&mut self, style: RuleStyle) -> Result<(), LayoutError> {
        let paper = self.studio.paper;
        let (width, thin) = (self.raster.width(), paper.tenths(2));
        let height = paper.mm(2);
        let y = self.grow(height)? + (height - thin) / 2;
        match style {
            RuleStyle::Solid => self.raster.fill(0, y, width, thin),
            RuleStyle::Dashed => {
                for x in (0..width).step_by(paper.mm(2)) {
                    self.raster.fill(x, y, paper.tenths(12), thin);
                }
            }
            RuleStyle::Double => {
                self.raster.fill(0, y - thin, width, thin);
                self.raster.fill(0, y + thin, width, thin);
            }
        }
        Ok(())
    }

    fn qr(&mut self, data: &str, width_mm: u16, align: Align) -> Result<(), LayoutError> {
        let paper = self.studio.paper;
        let asked = self.width("width_mm", width_mm)?;
        let code = qr::Code::new(data).ok_or_else(|| LayoutError::QrData {
            field: self.field("data"),
            bytes: data.len(),
            min: 1,
            max: check::QR_MAX_BYTES,
        })?;
        let dots = code.dots_per_module(asked, self.raster.width()).ok_or_else(|| LayoutError::QrTooSmall {
            field: self.field("width_mm"),
            needs_mm: paper.to_mm(code.smallest()),
        })?;
        let (inner, outer) = (code.width(dots), code.width_with_quiet_zone(dots));
        let quiet = (outer - inner) / 2;
        let y = self.grow(outer)?;
        // The quiet zone may not be cut off by the paper's edge, so it counts when the code is put to its place.
        let x = paper.left_edge(outer, align) + quiet;
        code.draw(&mut self.raster, x, y + quiet, dots);
        Ok(())
    }
}
