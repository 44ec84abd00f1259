//! What a request says, judged before anything is decoded.

use crate::compose::ComposeError;
use crate::limits::{MAX_FACT_BYTES, MAX_PAGES, MAX_WORD_BYTES, MAX_WORDS};
use crate::picture::{MarkKind, check_mark, check_size};
use crate::request::{Page, Request};

/// How far a word may stand beyond the page's edge, in parts of the page, as turned pages have it. Farther out, the words
/// are of a picture with other dots.
const BEYOND: f32 = 0.02;

/// Why facts were not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FactError {
    /// It says nothing.
    #[error("the {0} is empty; a certified copy has one")]
    Empty(&'static str),
    /// It says too much.
    #[error("the {0} is longer than {MAX_FACT_BYTES} bytes; make it shorter")]
    TooLong(&'static str),
    /// It has a line break or another control.
    #[error("the {0} has a control character; write it in one line")]
    Control(&'static str),
    /// A copy that could be taken for the final one, or a preview that could be taken for a copy.
    #[error(
        "number, time of certification and verification belong together; give all three for a copy, and none for a \
             preview"
    )]
    Half,
    /// Numbers of registers, books and years begin with 1.
    #[error("the {0} is 0; numbers in the register begin with 1")]
    Zero(&'static str),
}

/// Judges all but the pictures of the pages.
pub(crate) fn check(request: &Request) -> Result<(), ComposeError> {
    let Request { pages, facts, verification, document, .. } = request;
    if pages.is_empty() || pages.len() > MAX_PAGES {
        return Err(ComposeError::Pages(pages.len()));
    }
    let is_whole = facts.number.is_some() && facts.certified_at.is_some() && verification.is_some();
    if !is_whole && !request.is_preview() {
        return Err(FactError::Half.into());
    }
    let said = [
        ("officer's title", &facts.officer_title),
        ("officer's name", &facts.officer),
        ("agency", &facts.agency),
        ("place", &facts.place),
        ("form of copy", &facts.form_of_copy),
        ("title of the document", &document.title),
        ("producer of the document", &document.producer),
    ];
    let verified =
        verification.iter().flat_map(|it| [("address of verification", &it.url), ("code of verification", &it.code)]);
    for (name, fact) in said.into_iter().chain(verified) {
        let problem = match fact {
            fact if fact.trim().is_empty() => FactError::Empty(name),
            fact if fact.len() > MAX_FACT_BYTES => FactError::TooLong(name),
            fact if fact.chars().any(char::is_control) => FactError::Control(name),
            _ => continue,
        };
        return Err(problem.into());
    }
    for (name, is_zero) in [
        ("register number", facts.number == Some(0)),
        ("book's number", facts.book.volume == 0),
        ("book's year", facts.book.year == 0),
    ] {
        if is_zero {
            return Err(FactError::Zero(name).into());
        }
    }
    if verification.as_ref().is_some_and(|verification| verification.qr.is_empty()) {
        return Err(FactError::Empty("content of the QR code").into());
    }
    for (kind, mark) in [(MarkKind::Signature, &request.signature), (MarkKind::Seal, &request.seal)] {
        match &mark.png {
            Some(png) => check_mark(kind, png, mark.size_mm)?,
            None => check_size(kind, mark.size_mm)?,
        }
    }
    for (number, page) in (1..).zip(pages) {
        check_words(number, page)?;
    }
    Ok(())
}

fn check_words(number: usize, page: &Page) -> Result<(), ComposeError> {
    let words = page.lines.iter().map(|line| line.words.len()).sum::<usize>();
    if words > MAX_WORDS {
        return Err(ComposeError::TooManyWords { page: number, words });
    }
    let side = |pixels: u32| f32::from(u16::try_from(pixels).unwrap_or(u16::MAX));
    let [width, height] = page.size_px.map(side);
    for (word, place) in page.lines.iter().flat_map(|line| &line.words).zip(1..) {
        let [left, top, right, bottom] = word.rect;
        let is_on_page = left >= -width * BEYOND
            && top >= -height * BEYOND
            && right <= width * (1.0 + BEYOND)
            && bottom <= height * (1.0 + BEYOND)
            && left <= right
            && top <= bottom;
        if !is_on_page {
            return Err(ComposeError::WordOffPage { page: number, word: place });
        }
        if word.text.len() > MAX_WORD_BYTES {
            return Err(ComposeError::WordTooLong { page: number, word: place });
        }
    }
    Ok(())
}
