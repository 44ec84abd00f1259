//! One copy from its parts.
//!
//! ```text
//! request ─► check ─► rasters ─► plan (blocks into free room, or a strip, or a page) ─► draw ─► file, rectangles, hashes
//! ```

use serde::{Deserialize, Serialize};

use crate::check::{FactError, check};
use crate::code::Code;
use crate::draw::{self, Standard};
use crate::fonts::Fonts;
use crate::layout::LayoutError;
use crate::limits::{MAX_BYTES, MAX_PAGES, MAX_WORD_BYTES, MAX_WORDS};
use crate::picture::MarkError;
use crate::plan::{self, Plan};
use crate::raster::{self, PageFault, Raster};
use crate::request::{PageImage, Request};
use crate::template::{Template, Values, usual_verification};
use crate::units::Area;
use crate::wire::{apart, bits};

/// Why there is no copy. Pages and words count from 1.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// No pages, or more than are taken.
    #[error("there are {0} pages; a copy has 1 to {MAX_PAGES}: copy longer papers in parts")]
    Pages(usize),
    /// All pictures together are too large.
    #[error("the pages have more than {MAX_BYTES} bytes together; scan with fewer dots per inch, or copy in parts")]
    TooLarge,
    /// A page's picture.
    #[error("page {page} cannot be used")]
    Page {
        /// Which page.
        page: usize,
        /// Why.
        source: PageFault,
    },
    /// More words than a page has.
    #[error("page {page} has {words} words; at most {MAX_WORDS} are taken: leave its text out")]
    TooManyWords {
        /// Which page.
        page: usize,
        /// How many words.
        words: usize,
    },
    /// A word stands outside of its page.
    #[error("word {word} of page {page} is not on the page; read the text from this very picture")]
    WordOffPage {
        /// Which page.
        page: usize,
        /// Which word.
        word: usize,
    },
    /// A word is longer than any.
    #[error("word {word} of page {page} is longer than {MAX_WORD_BYTES} bytes; part it, or leave it out")]
    WordTooLong {
        /// Which page.
        page: usize,
        /// Which word.
        word: usize,
    },
    /// What is certified.
    #[error("the facts cannot be used")]
    Facts(#[from] FactError),
    /// Signature or seal.
    #[error("a mark cannot be used")]
    Mark(#[from] MarkError),
    /// The facts do not fit into the template.
    #[error("the certification does not fit")]
    Layout(#[from] LayoutError),
    /// The first page is too small for its block.
    #[error("page 1 is {width_mm} mm wide, too narrow for the block of a first page; scan it on a larger sheet")]
    FirstPageTooNarrow {
        /// Its width, millimetres.
        width_mm: f32,
    },
    /// The file would be no PDF/A. This is a fault of this program.
    #[error("the file could not be written as PDF/A ({0}); this is a fault of the program: report it")]
    Pdf(String),
}

/// A copy that was composed: not signed yet. Whether it is a preview is known by its request.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ComposedCopy {
    /// The file, PDF/A-2b.
    #[serde(with = "apart")]
    pub pdf: Vec<u8>,
    /// Width and height of each page's media box, points; its lower left corner is at 0, 0.
    #[serde(with = "bits")]
    pub pages: Vec<[f32; 2]>,
    /// Where the officer's signature by hand goes.
    pub signature: Area,
    /// Where the agency's seal goes: over a third of the signature.
    pub seal: Area,
    /// The whole attestation.
    pub attestation: Area,
    /// The block of the first page.
    pub first_page: Area,
    /// The QR code with its quiet zone; in a preview, its empty frame.
    pub code: Area,
    /// SHA-256 of each page's picture as it was given, in order: what a hash of the contents is made of.
    pub image_sha256: Vec<[u8; 32]>,
}

/// Composes a copy. Equal requests give equal bytes.
///
/// # Errors
/// [`ComposeError`].
pub fn compose(request: Request, template: &Template, fonts: &Fonts) -> Result<ComposedCopy, ComposeError> {
    compose_as(request, template, fonts, Standard::A2b)
}

/// The same copy as PDF/A-1b, which has a judge that is not ours (Apache PDFBox Preflight). For tests: marks with a picture
/// are transparent, which PDF/A-1 does not have.
///
/// # Errors
/// [`ComposeError`].
#[doc(hidden)]
pub fn compose_as_pdf_a1(request: Request, template: &Template, fonts: &Fonts) -> Result<ComposedCopy, ComposeError> {
    compose_as(request, template, fonts, Standard::A1b)
}

fn compose_as(
    mut request: Request,
    template: &Template,
    fonts: &Fonts,
    standard: Standard,
) -> Result<ComposedCopy, ComposeError> {
    check(&request)?;
    let rasters = rasters(&mut request)?;
    let image_sha256 = rasters.iter().map(|raster| raster.digest).collect();
    let usual = usual_verification();
    let verification = request.verification.as_ref().unwrap_or(&usual);
    let code = Code::new(&verification.qr).ok_or(LayoutError::CodeTooLong)?;
    let Plan { pages, places } = plan::plan(template, &Values::of(&request), fonts, &code, &rasters)?;
    let pdf = draw::draw(&request, &pages, rasters, &code, fonts, standard)?;
    Ok(ComposedCopy {
        pdf,
        pages: pages.iter().map(|page| page.size).collect(),
        signature: places.signature,
        seal: places.seal,
        attestation: places.attestation,
        first_page: places.first_page,
        code: places.code,
        image_sha256,
    })
}

/// Takes the pictures out of a request and decodes them, one after the other.
fn rasters(request: &mut Request) -> Result<Vec<Raster>, ComposeError> {
    let count = request.pages.len();
    let mut bytes = 0_usize;
    let mut rasters = Vec::with_capacity(count);
    for (number, page) in (1..).zip(&mut request.pages) {
        let image = std::mem::replace(&mut page.image, PageImage::Rgb(Vec::new()));
        let with_ink = number == 1 || number == count;
        let raster = raster::read(image, page.size_px, page.dpi, with_ink);
        let raster = raster.map_err(|source| ComposeError::Page { page: number, source })?;
        bytes = bytes.saturating_add(raster.bytes);
        if bytes > MAX_BYTES {
            return Err(ComposeError::TooLarge);
        }
        rasters.push(raster);
    }
    Ok(rasters)
}

#[cfg(test)]
mod tests;
