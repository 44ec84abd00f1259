//! Composes the PDF file of a certified copy: PDF/A-2b, not signed yet.
//!
//! Values in, values out: nothing here opens a file (but for [`Fonts::open`]) or a connection, and nothing knows the time.
//! The pictures are decoded here; they come from scanners, so this belongs into a process with limits: the program
//! `kiosk-composer`, which [`Composer`] starts for each copy. Only that knows processes, pipes and deadlines.
//!
//! ```text
//! template file ─► Template::load ─┐
//! font files ────► Fonts ──────────┼─► compose ─► ComposedCopy { pdf, rectangles for the signer, hashes of the pictures }
//! pages, facts, marks ─► Request ──┘
//!
//! compose ─► check                        facts, marks, words: what is said
//!        ├─► raster (jpeg, png), ink      pictures decoded whole; where nothing is on a page
//!        ├─► plan ─► layout, code         blocks into free room, a strip above page 1, or a page more
//!        └─► draw ─► glyphs               krilla, with its validator
//! template (file, text, check, specimen)  what an agency may change, judged when it is loaded
//!
//! Composer ── request (wire) ──► kiosk-composer: loads template and fonts, locks itself in, compose ── answer (wire) ──►
//! ```
//!
//! * **Nothing of the paper is covered.** Blocks go where the raster is white ([`ComposedCopy::attestation`],
//!   [`ComposedCopy::first_page`]); if there is no room at the upper right of page 1 the page gets a strip above the
//!   picture, if there is none on the last page an A4 page is added.
//! * **100 % scale.** A page is as large as its pixels and dots per inch say; JPEG files go in byte for byte.
//! * **Signature and seal** are places for the signer's fields; their pictures are drawn here only if they are given.
//!
//! Not here: signing (`kiosk-pades`), numbers of the register, codes of verification, reading text.
//!
//! Documents: ISO 19005-2 (PDF/A-2), ISO 32000-1 (PDF); Decree 30/2020 (scans, the block of the first page), Decree 23/2015
//! (attestation), Decree 45/2020 and 280/2025 (who certifies electronic copies), Decree 137/2024, article 4 (sign of
//! conversion).

mod check;
mod code;
mod compose;
mod composer;
mod draw;
mod fonts;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod glyphs;
mod ink;
mod layout;
pub mod limits;
mod picture;
mod plan;
#[doc(hidden)]
pub mod program;
mod raster;
mod refusal;
mod request;
mod template;
#[cfg(test)]
mod testing;
mod time;
mod units;
mod wire;

pub use check::FactError;
#[doc(hidden)]
pub use compose::compose_as_pdf_a1;
pub use compose::{ComposeError, ComposedCopy, compose};
pub use composer::{Composer, ComposerError};
pub use fonts::{FONT_PACKAGE, FontError, Fonts, Style};
pub use layout::LayoutError;
pub use picture::{MarkError, MarkKind, check_mark};
pub use raster::PageFault;
pub use refusal::{Refusal, RefusalCode};
pub use request::{Book, Document, Facts, Language, Mark, Page, PageImage, Request, TextLine, Verification, Word};
pub use template::{DEFAULT_TEMPLATE, Template, TemplateError};
pub use time::LocalTime;
pub use units::Area;
pub use wire::WireError;
