//! Texts as glyphs for the file.

use krilla::text::{GlyphId, KrillaGlyph};

use crate::fonts::{Drawn, Letters, composed};

/// What is drawn, out of sight, for a letter that the font lacks. What is copied out of the file is the letter.
const STAND_IN: char = '?';

/// The glyphs of a text, each with its part of the text.
pub(crate) fn glyphs(letters: &Letters, text: &str) -> Vec<KrillaGlyph> {
    let stand_in = letters.glyph(STAND_IN).unwrap_or(Drawn { id: GlyphId::new(0), advance: 0.0 });
    let glyph = |(at, character): (usize, char)| {
        let Drawn { id, advance } = letters.glyph(character).unwrap_or(stand_in);
        KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, at..at + character.len_utf8(), None)
    };
    text.char_indices().map(glyph).collect()
}

/// A word that was read, as it may stand in a file: composed, and without characters that PDF/A does not let be copied out
/// (ISO 19005-2, section 6.2.11.7: none of U+0000, U+FEFF, U+FFFE), controls and private ones.
pub(crate) fn readable(word: &str) -> String {
    let word = composed(word);
    let kept = word.chars().map(|character| if character.is_whitespace() { ' ' } else { character });
    let kept: String = kept.filter(|&character| !is_unreadable(character)).collect();
    kept.trim().to_owned()
}

fn is_unreadable(character: char) -> bool {
    let code = u32::from(character);
    character.is_control()
        || matches!(code, 0xE000..=0xF8FF | 0xF_0000.. | 0xFDD0..=0xFDEF | 0xFEFF)
        // The last two of each plane are no characters.
        || code & 0xFFFE == 0xFFFE
        // Marks that turn the direction of text around.
        || matches!(code, 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069)
}
