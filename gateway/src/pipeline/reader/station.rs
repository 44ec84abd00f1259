//! Reads one line at a time: the recognisers of one thread, and which of them is asked.

use kiosk_protocol::ocr::{Language, TextLine, TextWord};
use kiosk_protocol::personal::PersonalText;

use crate::pipeline::cut::{LineCut, ink_to_read};
use crate::pipeline::geometry::TurnedBox;
use crate::pipeline::models::{ModelError, ModelPaths};
use crate::pipeline::page::CapturedPage;
use crate::pipeline::tesseract::{Library, LineRecogniser, TesseractError, Word};

/// A line of fewer Latin letters says too little to tell English from Vietnamese.
const TELLING: usize = 8;

/// Which languages a page may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Vietnamese,
    English,
    Both,
}

impl Expected {
    /// What a request's list of languages means; an empty list is both.
    pub(super) fn of(languages: &[Language]) -> Self {
        match (languages.contains(&Language::Vi), languages.contains(&Language::En)) {
            (true, false) => Self::Vietnamese,
            (false, true) => Self::English,
            _ => Self::Both,
        }
    }
}

/// The recognisers of one thread.
pub(super) struct Station {
    vietnamese: LineRecogniser,
    english: LineRecogniser,
}

impl Station {
    /// Loads both.
    pub(super) fn load(library: &Library, paths: &ModelPaths) -> Result<Self, ModelError> {
        let load = |data| LineRecogniser::load(library, &paths.tessdata, data).map_err(ModelError::Tesseract);
        Ok(Self { vietnamese: load(paths.vietnamese()?)?, english: load(paths.english()?)? })
    }

    /// Reads one line; `None` if there are no letters in it.
    pub(super) fn read(
        &mut self,
        page: &CapturedPage,
        line: &TurnedBox,
        expected: Expected,
    ) -> Result<Option<TextLine>, TesseractError> {
        let cut = LineCut::new(page, line, ink_to_read(page, line));
        let words = match expected {
            Expected::Vietnamese => self.vietnamese.recognise(&cut.picture)?,
            Expected::English => self.english.recognise(&cut.picture)?,
            Expected::Both => {
                let vietnamese = self.vietnamese.recognise(&cut.picture)?;
                if may_be_english(&vietnamese) {
                    let english = self.english.recognise(&cut.picture)?;
                    if confidence(&english) > confidence(&vietnamese) { english } else { vietnamese }
                } else {
                    vietnamese
                }
            }
        };
        Ok((!words.is_empty()).then(|| on_page(line, &cut, words)))
    }
}

/// Hardly a Vietnamese line has no mark on any letter.
fn may_be_english(words: &[Word]) -> bool {
    let mut letters = words.iter().flat_map(|word| word.text.chars()).filter(|c| c.is_alphabetic());
    let (mut count, mut plain) = (0, true);
    for letter in &mut letters {
        count += 1;
        plain &= letter.is_ascii();
    }
    plain && count >= TELLING
}

fn on_page(line: &TurnedBox, cut: &LineCut, words: Vec<Word>) -> TextLine {
    let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let text = PersonalText::new(text.join(" "));
    let confidence = confidence(&words);
    let words = words.into_iter().map(|word| TextWord {
        quad: cut.on_page(word.bounds),
        confidence: word.confidence,
        text: PersonalText::new(word.text),
    });
    TextLine { text, confidence, quad: line.corners(), words: words.collect() }
}

/// The mean of the words' confidence, weighted by their letters.
#[expect(clippy::cast_precision_loss, reason = "letters of a line")]
fn confidence(words: &[Word]) -> f32 {
    let letters = |word: &Word| word.text.chars().count() as f32;
    let all: f32 = words.iter().map(letters).sum();
    if all == 0.0 { 0.0 } else { words.iter().map(|word| word.confidence * letters(word)).sum::<f32>() / all }
}

#[cfg(test)]
mod tests;
