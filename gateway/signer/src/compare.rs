//! Where two readings of the same paper differ, word by word. Values in, values out.
//!
//! White space, the form of Unicode and the dots of blanks to be filled in are no difference; each letter, digit and sign is.

#[cfg(test)]
mod tests;

use std::time::Instant;

use kiosk_protocol::approval::{ReadPlace, ScanDifference};
use kiosk_protocol::ocr::{DocumentText, Point, Quad, TextWord};
use kiosk_protocol::personal::PersonalText;
use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};
use unicode_normalization::UnicodeNormalization;

/// Most differences that are told.
const MOST: usize = 200;
/// Most characters of one side of a difference.
const TEXT_MOST: usize = 100;
/// What the lines are dotted with that somebody writes on: how many of them are read is chance.
const BLANKS: [char; 4] = ['.', '…', '·', '_'];

/// The differences of all pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Differences {
    /// The first [`MOST`], page by page.
    pub(crate) told: Vec<ScanDifference>,
    /// How many there are.
    pub(crate) count: u32,
}

/// A word as it is compared.
struct Word<'a> {
    text: String,
    read: &'a TextWord,
    /// The line that it stands in.
    line: usize,
}

/// Compares two readings of each page, in order. After `until` it goes on less exactly: it then tells equal words as different.
pub(crate) fn differences<'a>(
    readings: impl IntoIterator<Item = (&'a DocumentText, &'a DocumentText)>,
    until: Instant,
) -> Differences {
    let mut found = Differences::default();
    for (page, (first, second)) in (1..).zip(readings) {
        let (first, second) = (words(first), words(second));
        let steps = capture_diff_slices_deadline(Algorithm::Myers, &texts(&first), &texts(&second), Some(until));
        for step in steps {
            if step.tag() != DiffTag::Equal {
                found.compare(page, &first[step.old_range()], &second[step.new_range()]);
            }
        }
    }
    found
}

impl Differences {
    /// Two runs of words, each in the other's place.
    fn compare(&mut self, page: u32, first: &[Word<'_>], second: &[Word<'_>]) {
        // Where a word ends is white space.
        if letters(first).eq(letters(second)) {
            return;
        }
        let one_by_one = first.len() == second.len();
        let parts = |words| if one_by_one { word_by_word(words) } else { line_by_line(words) };
        let (mut first, mut second) = (parts(first).into_iter(), parts(second).into_iter());
        loop {
            let (first, second) = (first.next(), second.next());
            if first.is_none() && second.is_none() {
                return;
            }
            self.count = self.count.saturating_add(1);
            if self.told.len() < MOST {
                self.told.push(ScanDifference { page, first: first.map(place), second: second.map(place) });
            }
        }
    }
}

fn texts<'a>(words: &'a [Word<'_>]) -> Vec<&'a str> {
    words.iter().map(|word| word.text.as_str()).collect()
}

fn letters<'a>(words: &'a [Word<'_>]) -> impl Iterator<Item = char> + 'a {
    words.iter().flat_map(|word| word.text.chars())
}

fn words(reading: &DocumentText) -> Vec<Word<'_>> {
    let all = reading.lines.iter().enumerate().flat_map(|(line, read)| read.words.iter().map(move |word| (line, word)));
    let compared = all.map(|(line, read)| {
        let text = read.text.expose().nfc().filter(|letter| !letter.is_whitespace()).collect();
        Word { text, read, line }
    });
    compared.filter(|word| !word.text.chars().all(|letter| BLANKS.contains(&letter))).collect()
}

fn word_by_word<'a, 'b>(words: &'a [Word<'b>]) -> Vec<&'a [Word<'b>]> {
    words.chunks(1).collect()
}

fn line_by_line<'a, 'b>(words: &'a [Word<'b>]) -> Vec<&'a [Word<'b>]> {
    words.chunk_by(|word, next| word.line == next.line).collect()
}

/// What the words say, and the box around them.
fn place(words: &[Word<'_>]) -> ReadPlace {
    let spaced = words.iter().enumerate().flat_map(|(at, word)| {
        let space = (at > 0).then_some(' ');
        space.into_iter().chain(word.read.text.expose().chars())
    });
    let text: String = spaced.take(TEXT_MOST).collect();
    let quad = match words {
        [one] => one.read.quad,
        several => around(several.iter().flat_map(|word| word.read.quad)),
    };
    ReadPlace { text: PersonalText::new(text), quad }
}

fn around(points: impl Iterator<Item = Point>) -> Quad {
    let (mut least, mut most) = (Point { x: f32::MAX, y: f32::MAX }, Point { x: f32::MIN, y: f32::MIN });
    for point in points {
        least = Point { x: least.x.min(point.x), y: least.y.min(point.y) };
        most = Point { x: most.x.max(point.x), y: most.y.max(point.y) };
    }
    [least, Point { x: most.x, y: least.y }, most, Point { x: least.x, y: most.y }]
}
