//! From a case to what is composed, and to the hash of what is certified.

use std::time::Duration;

use kiosk_compose::{
    Book, ComposedCopy, Document, Language, LocalTime, Mark, Page, PageImage, Request, TextLine, Verification, Word,
};
use kiosk_protocol::case::CopyLanguage;
use kiosk_protocol::ocr::{DocumentText, TextWord};
use kiosk_register::{Case, Day, DocumentKey, Entry};
use sha2::{Digest, Sha256};

use crate::facts::Facts;
use crate::fault::Fault;
use crate::office::Office;
use crate::settings::Settings;

/// A copy of 60 pages takes about 2 seconds; more than this is more than a request may take.
pub(crate) const COMPOSED_WITHIN: Duration = Duration::from_secs(50);
/// So that no other program's hashes are these.
const DOMAIN: &[u8] = b"kiosk-gateway content 1";

/// All that a copy is made of.
pub(crate) struct Material {
    pub(crate) known: Case,
    pub(crate) facts: Facts,
    pub(crate) key: DocumentKey,
    /// The pages, as files.
    pub(crate) images: Vec<Vec<u8>>,
    pub(crate) readings: Vec<DocumentText>,
}

/// What a copy has once it is numbered.
pub(crate) struct Issued<'a> {
    pub(crate) entry: &'a Entry,
    /// The verification code, as it is printed.
    pub(crate) code: &'a str,
    pub(crate) qr: &'a str,
}

/// The hash of what is certified: that these pictures, in this order and size, are a true copy for this procedure, by this
/// agency. What can be looked up in the file itself: the pictures are in it byte for byte.
pub(crate) fn content(settings: &Settings, material: &Material) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    field(DOMAIN);
    field(settings.agency.code.as_bytes());
    field(settings.agency.name.as_bytes());
    field(material.known.procedure.as_str().as_bytes());
    field(match material.facts.language {
        CopyLanguage::Vi => b"vi",
        CopyLanguage::ViEn => b"vi-en",
    });
    for (page, image) in material.facts.pages.iter().zip(&material.images) {
        field(&Sha256::digest(image));
        field(&page.resolution_dpi.to_be_bytes());
    }
    hasher.finalize().into()
}

/// What is composed: the copy, or its preview if it is not issued yet.
pub(crate) fn request(settings: &Settings, material: &Material, issued: Option<&Issued<'_>>) -> Result<Request, Fault> {
    let time = |ms: i64| {
        LocalTime::from_unix(ms.div_euclid(1000)).ok_or_else(|| Fault::Setup("a time is out of range".to_owned()))
    };
    // Before it is issued, the officer of the case is who has sent it back.
    let certifier = material.known.officer.as_ref().filter(|_| issued.is_some());
    let officer = match certifier {
        Some(code) => Some(settings.officer(code.as_str()).ok_or_else(|| {
            Fault::Setup(format!(
                "the officer `{code}` has certified and is no longer in the configuration: add him again"
            ))
        })?),
        None => settings.officers.iter().find(|officer| officer.may_certify(material.known.procedure.as_str())),
    };
    let officer = officer.ok_or_else(|| Fault::Setup("no officer may certify for this procedure".to_owned()))?;
    let mut pages = Vec::new();
    for ((facts, image), reading) in material.facts.pages.iter().zip(&material.images).zip(&material.readings) {
        let image = image.clone();
        let image = if facts.media_type == "image/png" { PageImage::Png(image) } else { PageImage::Jpeg(image) };
        pages.push(Page {
            image,
            size_px: facts.size_px.unwrap_or([reading.width_px, reading.height_px]),
            dpi: f32::from(facts.resolution_dpi),
            lines: lines(reading),
        });
    }
    let converted_at = time(material.facts.converted_ms)?;
    let certified_at = issued.map(|issued| time(issued.entry.at_ms)).transpose()?;
    let (volume, year) = match issued {
        Some(issued) => (issued.entry.number.book.volume, issued.entry.number.book.year),
        None => (settings.agency.volume, Day::of(material.facts.converted_ms).date().0),
    };
    Ok(Request {
        pages,
        facts: kiosk_compose::Facts {
            number: issued.and_then(|issued| u64::try_from(issued.entry.number.number).ok()),
            book: Book { volume, year: u16::try_from(year).unwrap_or(0) },
            certified_at,
            converted_at,
            officer_title: officer.title.clone(),
            officer: officer.name.clone(),
            agency: settings.agency.name.clone(),
            place: settings.agency.place.clone(),
            form_of_copy: settings.agency.form_of_copy.clone(),
            language: match material.facts.language {
                CopyLanguage::Vi => Language::Vietnamese,
                CopyLanguage::ViEn => Language::VietnameseAndEnglish,
            },
        },
        verification: issued.map(|issued| Verification {
            url: format!("https://{}/verify", settings.host),
            code: issued.code.to_owned(),
            qr: issued.qr.as_bytes().to_vec(),
        }),
        signature: Mark { size_mm: settings.signing.signature_mm, png: None },
        seal: Mark { size_mm: settings.signing.seal_mm, png: None },
        document: Document {
            title: match issued {
                Some(issued) => format!("{} {}", settings.agency.form_of_copy, issued.entry.number),
                None => settings.agency.form_of_copy.clone(),
            },
            producer: concat!("Kiosk gateway ", env!("CARGO_PKG_VERSION")).to_owned(),
            created: certified_at.unwrap_or(converted_at),
        },
    })
}

/// The lines of a page, as far as they are on it.
fn lines(reading: &DocumentText) -> Vec<TextLine> {
    let words = |words: &[TextWord]| words.iter().filter_map(|read| word(read, reading)).collect();
    reading.lines.iter().map(|line| TextLine { words: words(&line.words) }).collect()
}

/// A word with the rectangle around its corners.
fn word(word: &TextWord, page: &DocumentText) -> Option<Word> {
    #[expect(clippy::cast_precision_loss, reason = "pages have fewer than 2^24 pixels on a side")]
    let (width, height) = (page.width_px as f32, page.height_px as f32);
    let (mut left, mut top) = (width, height);
    let (mut right, mut bottom) = (0.0_f32, 0.0_f32);
    for corner in &word.quad {
        (left, top) = (left.min(corner.x).max(0.0), top.min(corner.y).max(0.0));
        (right, bottom) = (right.max(corner.x).min(width), bottom.max(corner.y).min(height));
    }
    let fits = left < right && top < bottom && !word.text.expose().trim().is_empty();
    fits.then(|| Word { text: word.text.expose().to_owned(), rect: [left, top, right, bottom] })
}

impl Office {
    /// Composes in a process of its own, which is locked in: the pages come from outside.
    pub(crate) fn compose(&self, request: Request, within: Duration) -> Result<ComposedCopy, Fault> {
        Ok(self.composer.compose(request, within.min(COMPOSED_WITHIN))?)
    }
}
