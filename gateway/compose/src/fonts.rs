//! The letters: three TrueType files with the widths of Times New Roman, which the caller gives or the system has.

use std::path::{Path, PathBuf};

use krilla::text::{Font, GlyphId};
use serde::Deserialize;
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

/// The Debian package with the fonts that are used if no others are given (SIL Open Font Licence 1.1).
pub const FONT_PACKAGE: &str = "fonts-liberation2";
/// Where it puts them: Debian 12, and Debian 13, where the package draws in fonts-liberation.
const FOLDERS: [&str; 2] = ["/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/truetype/liberation"];
/// The largest font file, bytes.
const MAX_FONT_BYTES: usize = 16 << 20;
/// All characters up to here are looked up: Latin with its Vietnamese part (U+1EA0 to U+1EF9), punctuation, currency.
const CHARACTERS: u32 = 0x2200;
/// What a font must have beside ASCII: the dots of previews, and Vietnamese letters, capitals as well.
const NEEDED: &str = "…aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ";

/// Why there are no fonts.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// No folder of the system has them.
    #[error("the fonts are not installed; install the Debian package {FONT_PACKAGE}, or give a folder with fonts")]
    NotInstalled,
    /// A file cannot be read.
    #[error("cannot read the font {path}; install the Debian package {FONT_PACKAGE}, or give a folder with fonts")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no font.
    #[error("the {style:?} font is no TrueType font with outlines; take those of the Debian package {FONT_PACKAGE}")]
    NoFont {
        /// Which one.
        style: Style,
    },
    /// A font has not all letters.
    #[error("the {style:?} font has no `{character}`; take those of the Debian package {FONT_PACKAGE}")]
    NoGlyph {
        /// Which one.
        style: Style,
        /// The first character that it has not.
        character: char,
    },
}

/// A style of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Upright.
    Regular,
    /// Upright and bold.
    Bold,
    /// Italic.
    Italic,
}

/// The fonts of a copy, one for each style. They are cheap to share by reference; load them once.
pub struct Fonts {
    regular: Letters,
    bold: Letters,
    italic: Letters,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fonts").finish_non_exhaustive()
    }
}

impl Fonts {
    /// Of three TrueType files.
    ///
    /// # Errors
    /// If one is no font, or lacks a Vietnamese letter.
    pub fn new(regular: Vec<u8>, bold: Vec<u8>, italic: Vec<u8>) -> Result<Self, FontError> {
        Ok(Self {
            regular: Letters::new(regular, Style::Regular)?,
            bold: Letters::new(bold, Style::Bold)?,
            italic: Letters::new(italic, Style::Italic)?,
        })
    }

    /// Of the files `LiberationSerif-Regular.ttf`, `-Bold.ttf` and `-Italic.ttf` in a folder.
    ///
    /// # Errors
    /// [`FontError`], with the name of the package to install.
    pub fn open(folder: &Path) -> Result<Self, FontError> {
        let read = |style: &str| {
            let path = folder.join(format!("LiberationSerif-{style}.ttf"));
            std::fs::read(&path).map_err(|source| FontError::Read { path, source })
        };
        Self::new(read("Regular")?, read("Bold")?, read("Italic")?)
    }

    /// Of the files that the package [`FONT_PACKAGE`] installs.
    ///
    /// # Errors
    /// [`FontError`], with the name of the package to install.
    pub fn installed() -> Result<Self, FontError> {
        let folder = FOLDERS.iter().map(Path::new).find(|folder| folder.join("LiberationSerif-Regular.ttf").is_file());
        Self::open(folder.ok_or(FontError::NotInstalled)?)
    }

    pub(crate) fn style(&self, style: Style) -> &Letters {
        match style {
            Style::Regular => &self.regular,
            Style::Bold => &self.bold,
            Style::Italic => &self.italic,
        }
    }
}

/// One glyph, and how far it moves the pen, in parts of the size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) id: GlyphId,
    pub(crate) advance: f32,
}

/// The letters of one style.
pub(crate) struct Letters {
    pub(crate) font: Font,
    /// How far letters reach above the base line, in parts of the size: what the file says of the font.
    pub(crate) ascent: f32,
    /// How far they reach below it.
    pub(crate) descent: f32,
    glyphs: Vec<Option<Drawn>>,
}

impl Letters {
    fn new(bytes: Vec<u8>, style: Style) -> Result<Self, FontError> {
        let no_font = || FontError::NoFont { style };
        if bytes.len() > MAX_FONT_BYTES {
            return Err(no_font());
        }
        let face = Face::parse(&bytes, 0).map_err(|_| no_font())?;
        if face.tables().glyf.is_none() || face.tables().hmtx.is_none() {
            return Err(no_font());
        }
        // The header's rule for TrueType (OpenType, table `head`).
        let units = face.units_per_em();
        if !(16..=16_384).contains(&units) {
            return Err(no_font());
        }
        let of_size = |units_of: i16| f32::from(units_of) / f32::from(units);
        let ascent = of_size(face.typographic_ascender().unwrap_or_else(|| face.ascender()));
        let descent = -of_size(face.typographic_descender().unwrap_or_else(|| face.descender()));
        if ascent <= 0.0 || descent < 0.0 {
            return Err(no_font());
        }
        let glyphs: Vec<Option<Drawn>> =
            (0..CHARACTERS).map(|code| glyph(&face, units, char::from_u32(code)?)).collect();
        let letters = Self { font: Font::new(bytes.into(), 0).ok_or_else(no_font)?, ascent, descent, glyphs };
        let needed = (' '..='~').chain(NEEDED.chars()).chain(NEEDED.chars().flat_map(char::to_uppercase));
        for character in needed {
            if letters.glyph(character).is_none() {
                return Err(FontError::NoGlyph { style, character });
            }
        }
        Ok(letters)
    }

    /// The glyph of a character.
    pub(crate) fn glyph(&self, character: char) -> Option<Drawn> {
        *self.glyphs.get(usize::try_from(u32::from(character)).ok()?)?
    }

    /// The first character of a text for which there is no glyph.
    pub(crate) fn missing(&self, text: &str) -> Option<char> {
        text.chars().find(|&character| self.glyph(character).is_none())
    }

    /// How wide a text is, in parts of the size.
    pub(crate) fn width(&self, text: &str) -> f32 {
        text.chars().filter_map(|character| self.glyph(character)).map(|glyph| glyph.advance).sum()
    }
}

fn glyph(face: &Face<'_>, units: u16, character: char) -> Option<Drawn> {
    let id = face.glyph_index(character).filter(|id| id.0 != 0)?;
    let advance = f32::from(face.glyph_hor_advance(id)?) / f32::from(units);
    Some(Drawn { id: GlyphId::new(id.0.into()), advance })
}

/// A text as the copy has it: composed letters (Unicode NFC), and only characters that may stand in a file.
pub(crate) fn composed(text: &str) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests;
