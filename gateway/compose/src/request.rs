//! What a copy is made of.
//!
//! Pages and facts name people, so `Debug` of these types says nothing of them: no log line can show them by mistake.
//!
//! They can be serialised, for the way to the composer's process: floats as their bits, pictures and other bytes apart
//! (`wire.rs`).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::compose::ComposedCopy;
use crate::time::LocalTime;
use crate::wire::{apart, bits};

/// All that one copy needs, or a preview of it: what the officer looks at before the copy has its number. A preview has
/// neither [`Facts::number`] nor [`Facts::certified_at`] nor `verification`, and dots and an empty frame in their places.
#[derive(Clone, Serialize, Deserialize)]
pub struct Request {
    /// The pages of the paper in their order, at least one.
    pub pages: Vec<Page>,
    /// What is certified.
    pub facts: Facts,
    /// How anybody can verify the copy; `None` in a preview.
    pub verification: Option<Verification>,
    /// The officer's signature by hand: blue, about 40 × 18 mm.
    pub signature: Mark,
    /// The agency's seal: red, about 36 × 36 mm.
    pub seal: Mark,
    /// What the file says of itself.
    pub document: Document,
}

impl Request {
    /// Whether it is for a preview, which must not be signed.
    pub fn is_preview(&self) -> bool {
        self.facts.number.is_none() && self.facts.certified_at.is_none() && self.verification.is_none()
    }
}

/// One page of the paper.
#[derive(Clone, Serialize, Deserialize)]
pub struct Page {
    /// Its picture.
    pub image: PageImage,
    /// Width and height, pixels, as who made `lines` saw them; the picture must be the same.
    pub size_px: [u32; 2],
    /// Dots per inch, both ways. With `size_px` it gives the size of the page: 100 % scale.
    #[serde(with = "bits")]
    pub dpi: f32,
    /// What is written on it, in reading order.
    pub lines: Vec<TextLine>,
}

/// The picture of a page, in colour.
#[derive(Clone, Serialize, Deserialize)]
pub enum PageImage {
    /// A baseline JPEG file, 8 bits. It goes into the copy byte for byte, unless its colours could be understood in two ways
    /// (RGB instead of YCbCr); then its pixels do.
    Jpeg(#[serde(with = "apart")] Vec<u8>),
    /// A PNG file without transparency.
    Png(#[serde(with = "apart")] Vec<u8>),
    /// Red, green, blue, 8 bits each, row after row without padding.
    Rgb(#[serde(with = "apart")] Vec<u8>),
}

/// One line that was read.
#[derive(Clone, Serialize, Deserialize)]
pub struct TextLine {
    /// Its words, from left to right.
    pub words: Vec<Word>,
}

/// One word that was read.
#[derive(Clone, Serialize, Deserialize)]
pub struct Word {
    /// What it says.
    pub text: String,
    /// Left, upper, right and lower edge, pixels from the page's upper left corner. In the copy it is as high as its line.
    #[serde(with = "bits")]
    pub rect: [f32; 4],
}

/// What is certified, and by whom.
#[derive(Clone, Serialize, Deserialize)]
pub struct Facts {
    /// Number in the register; `None` in a preview.
    pub number: Option<u64>,
    /// The register's book.
    pub book: Book,
    /// When the officer certifies: the date of the attestation, and the signing time on the first page; `None` in a
    /// preview.
    pub certified_at: Option<LocalTime>,
    /// When the paper was converted, that is scanned.
    pub converted_at: LocalTime,
    /// The officer's title, such as `CHỦ TỊCH`.
    pub officer_title: String,
    /// The officer's full name.
    pub officer: String,
    /// The agency's full name, which is also the body that converted the paper.
    pub agency: String,
    /// The place of the date line, such as `Hà Nội`.
    pub place: String,
    /// Form of copy (Decree 30/2020), such as `BẢN SAO CHỨNG THỰC ĐIỆN TỬ`.
    pub form_of_copy: String,
    /// In which languages it is certified.
    pub language: Language,
}

/// A book of the electronic register: its series has the suffix `-SCTĐT/BS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Which book of the year.
    pub volume: u32,
    /// The year.
    pub year: u16,
}

/// Languages of the attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Vietnamese only.
    Vietnamese,
    /// Below each Vietnamese line its English, where the template has it.
    VietnameseAndEnglish,
}

/// How a copy is verified.
#[derive(Clone, Serialize, Deserialize)]
pub struct Verification {
    /// The address of the page that verifies.
    pub url: String,
    /// The code, as it is to be typed.
    pub code: String,
    /// What the QR code holds.
    #[serde(with = "apart")]
    pub qr: Vec<u8>,
}

/// The picture of a signature by hand or of a seal.
#[derive(Clone, Serialize, Deserialize)]
pub struct Mark {
    /// True width and height, millimetres.
    #[serde(with = "bits")]
    pub size_mm: [f32; 2],
    /// A transparent PNG file that is drawn into the page; `None` if only its place is kept, because it comes with the
    /// signature that it belongs to. A copy that is not signed yet should not look as if it were.
    #[serde(with = "apart")]
    pub png: Option<Vec<u8>>,
}

/// What the file says of itself.
#[derive(Clone, Serialize, Deserialize)]
pub struct Document {
    /// Title, as viewers show it: no personal data, it is in the open in every file manager.
    pub title: String,
    /// The program that made it.
    pub producer: String,
    /// When it was made.
    pub created: LocalTime,
}

macro_rules! say_nothing {
    ($($kind:ident),*) => {$(
        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($kind)).finish_non_exhaustive()
            }
        }
    )*};
}

say_nothing!(Request, Page, PageImage, TextLine, Word, Facts, Verification, Mark, Document, ComposedCopy);
