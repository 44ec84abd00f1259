//! Reads machine readable zones (ICAO 9303-3, OCR-B): PP-OCRv5 mobile recognition, run by rten, which may answer with the
//! zone's 37 characters only. What the check digits do not confirm is not read.

use std::ops::RangeInclusive;

use kiosk_emrtd::Mrz;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::ReadError;
use crate::pipeline::cut::{Ink, LineCut};
use crate::pipeline::geometry::TurnedBox;
use crate::pipeline::network::Network;
use crate::pipeline::page::CapturedPage;

/// Height of the network's picture of a line, pixels.
const HEIGHT: usize = 48;
/// Lines of a zone are so many times as wide as high: a TD1 line has 30 characters on 76 mm, about 4 mm high with what
/// detection adds, 14 to 20 times; one of a passport has 44. Lines of a page's text are mostly slimmer.
const SLIMNESS: RangeInclusive<f32> = 9.0..=34.0;
/// The most lines that are read, the slimmest first: a zone has three.
const LINES_MAX: usize = 24;
/// Lines and characters of the kinds of zones (ICAO 9303, parts 5, 6 and 4).
const KINDS: [(usize, usize); 3] = [(3, 30), (2, 36), (2, 44)];
/// Fillers at the end of a line are not always seen, or one too often; the line is then of about its length.
const FILLERS_LOST: usize = 12;

/// The network's number for no character.
const BLANK: usize = 0;
/// Its numbers for the characters of zones: lines of its dictionary, counted from 1 (`ppocrv5_dict.txt`).
const DIGITS: std::ops::Range<usize> = 16_163..16_173;
const FILLER: usize = 16_175;
const LETTERS: std::ops::Range<usize> = 16_179..16_205;

/// Why a line was not read.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// The runtime refused the picture.
    #[error("the network that reads machine readable zones failed on a line {width} pixels wide")]
    Run {
        /// Its width, pixels.
        width: usize,
        /// Why.
        #[source]
        source: rten::RunError,
    },
    /// The network's answer has another shape: it is another network.
    #[error("the network that reads machine readable zones answered with another shape than PP-OCRv5's")]
    Shape,
}

/// The network.
pub(super) struct ZoneReader(Network);

impl ZoneReader {
    /// Loads the network from the bytes of its ONNX file; it will run on `threads` threads.
    pub(super) fn load(onnx: Vec<u8>, threads: usize) -> Result<Self, rten::LoadError> {
        Network::load(onnx, threads).map(Self)
    }

    /// The zone among the lines of `picture`, upright or upside down, its lines joined; `None` if none of them has right check
    /// digits. `progress` hears lines read and lines in all, and may end it.
    pub(super) fn find(
        &self,
        picture: &CapturedPage,
        boxes: &[TurnedBox],
        progress: &mut dyn FnMut(usize, usize) -> Result<(), ReadError>,
    ) -> Result<Option<String>, ReadError> {
        let mut lines: Vec<TurnedBox> =
            boxes.iter().copied().filter(|line| SLIMNESS.contains(&slimness(line))).collect();
        lines.sort_by(|a, b| slimness(b).total_cmp(&slimness(a)));
        lines.truncate(LINES_MAX);
        let other = lines.iter().copied().map(upside_down).collect();
        let (total, mut done) = (2 * lines.len(), 0);
        for mut lines in [lines, other] {
            lines.sort_by(|a, b| down(a).total_cmp(&down(b)));
            let mut texts = Vec::with_capacity(lines.len());
            for line in &lines {
                progress(done, total)?;
                texts.push(self.line(picture, line).map_err(ReadError::Zone)?);
                done += 1;
            }
            if let Some(zone) = zone_of(&texts) {
                return Ok(Some(zone));
            }
        }
        Ok(None)
    }

    /// What a line says.
    fn line(&self, picture: &CapturedPage, line: &TurnedBox) -> Result<String, ZoneError> {
        let cut = LineCut::new(picture, line, Ink::All).picture;
        let width = cut.width;
        // PP-OCR recognition: planes, (value / 255 - 0.5) / 0.5; all planes alike, for the cut is grey.
        let mut input = NdTensor::<f32, 4>::full([1, 3, HEIGHT, width], 1.0);
        for y in 0..cut.height.min(HEIGHT) {
            for x in 0..width {
                let value = f32::from(cut.pixels[y * width + x]) / 127.5 - 1.0;
                for channel in 0..3 {
                    input[[0, channel, y, x]] = value;
                }
            }
        }
        let output = self.0.run(&input, &[]).map_err(|source| ZoneError::Run { width, source })?;
        let output = output.into_iter().next().ok_or(ZoneError::Shape)?;
        let scores: NdTensor<f32, 3> = output.try_into().map_err(|_| ZoneError::Shape)?;
        let [one, steps, classes] = scores.shape();
        if one != 1 || classes < LETTERS.end {
            return Err(ZoneError::Shape);
        }
        let known = || std::iter::once(BLANK).chain(DIGITS).chain(std::iter::once(FILLER)).chain(LETTERS);
        let best = |step: usize| {
            known().max_by(|a, b| scores[[0, step, *a]].total_cmp(&scores[[0, step, *b]])).unwrap_or(BLANK)
        };
        // Connectionist temporal classification: a character goes on until another or a blank comes.
        let mut text = String::new();
        let mut before = BLANK;
        for class in (0..steps).map(best) {
            if class != before {
                text.extend(character(class));
            }
            before = class;
        }
        Ok(text)
    }
}

/// The character of one of the network's numbers.
fn character(class: usize) -> Option<char> {
    let from = |first: u8, at: usize| u8::try_from(at).ok().map(|at| char::from(first + at));
    match class {
        FILLER => Some('<'),
        _ if DIGITS.contains(&class) => from(b'0', class - DIGITS.start),
        _ if LETTERS.contains(&class) => from(b'A', class - LETTERS.start),
        _ => None,
    }
}

/// The first lines, one below the other, that make a zone.
fn zone_of(texts: &[String]) -> Option<String> {
    KINDS.iter().find_map(|(lines, length)| {
        texts.windows(*lines).find_map(|texts| {
            let zone: Option<Vec<String>> = texts.iter().map(|text| of_length(text, *length)).collect();
            zone.map(|lines| lines.concat()).filter(|zone| Mrz::read(zone).is_ok())
        })
    })
}

/// A line brought to its length by the fillers at its end.
fn of_length(text: &str, length: usize) -> Option<String> {
    let told = text.trim_end_matches('<');
    let near = text.len() + FILLERS_LOST >= length && text.len() <= length + FILLERS_LOST;
    (near && told.len() <= length).then(|| format!("{told:<<length$}"))
}

fn slimness(line: &TurnedBox) -> f32 {
    line.width / line.height.max(1.0)
}

/// The same box, read the other way round.
fn upside_down(line: TurnedBox) -> TurnedBox {
    TurnedBox { angle: line.angle + std::f32::consts::PI, ..line }
}

/// How far down a line lies, as its reader sees it.
fn down(line: &TurnedBox) -> f32 {
    let (sin, cos) = line.angle.sin_cos();
    line.centre.y * cos - line.centre.x * sin
}

#[cfg(test)]
mod tests;
