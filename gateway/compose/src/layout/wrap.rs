//! Texts into lines of a width.

use super::LayoutError;
use crate::fonts::Letters;
use crate::units::PT_PER_MM;

/// After these an address may go on in the next line.
const BREAKS: [char; 8] = ['/', '?', '#', '&', '=', '-', '.', '_'];

/// How finely lines are made equally long, parts of their width.
const STEPS: u8 = 24;

/// As [`wrap`], with no more lines than it and these about equally long: no last line of one word under a title.
pub(super) fn balance(
    text: &str,
    letters: &Letters,
    size: f32,
    width: f32,
    line: usize,
) -> Result<Vec<String>, LayoutError> {
    let lines = wrap(text, letters, size, width, line)?;
    if lines.len() < 2 {
        return Ok(lines);
    }
    let narrower = (STEPS / 3..STEPS).map(|step| width * f32::from(step) / f32::from(STEPS));
    let mut balanced = narrower.filter_map(|width| wrap(text, letters, size, width, line).ok());
    Ok(balanced.find(|balanced| balanced.len() == lines.len()).unwrap_or(lines))
}

/// Wraps a text between words; a word that is wider than a line (an address) after one of its signs.
pub(super) fn wrap(
    text: &str,
    letters: &Letters,
    size: f32,
    width: f32,
    line: usize,
) -> Result<Vec<String>, LayoutError> {
    if let Some(character) = letters.missing(text) {
        return Err(LayoutError::NoGlyph { line, character });
    }
    let fits = |text: &str| letters.width(text) * size <= width;
    let mut lines = Vec::new();
    let mut current = String::new();
    // The spaces before a word, as they are written: some lines keep things apart with more than one.
    let mut rest = text.trim_matches(' ');
    while !rest.is_empty() {
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let word_end = rest[spaces..].find(' ').map_or(rest.len(), |end| spaces + end);
        let (gap, word) = (&rest[..spaces], &rest[spaces..word_end]);
        rest = &rest[word_end..];
        let longer = format!("{current}{gap}{word}");
        if fits(&longer) {
            current = longer;
            continue;
        }
        if !current.is_empty() {
            lines.push(std::mem::take(&mut current));
        }
        let mut word = word;
        while !fits(word) {
            let end = word.char_indices().filter(|(_, sign)| BREAKS.contains(sign)).map(|(at, _)| at + 1);
            let end = end.take_while(|&end| fits(&word[..end])).last();
            let end = end.ok_or(LayoutError::WordTooWide { line, width_mm: width / PT_PER_MM })?;
            lines.push(word[..end].to_owned());
            word = &word[end..];
        }
        current = word.to_owned();
    }
    if !current.is_empty() {
        lines.push(current);
    }
    Ok(lines)
}
