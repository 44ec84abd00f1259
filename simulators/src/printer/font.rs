//! Characters as dots: a TrueType font of the system fitted into the printer's cells. No layout here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ab_glyph::{Font as _, FontVec, PxScale, ScaleFont as _, point};

use super::bitmap::Bitmap;

/// Where Debian's package fonts-dejavu-core puts a monospaced font that has all Vietnamese letters.
pub const DEFAULT_FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";
/// A dot is printed where the letter covers more of it than this.
const COVERAGE: f32 = 0.42;
/// Drawn characters kept.
const CACHE: usize = 2048;

/// Why there is no font.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// The file is not there.
    #[error("cannot read the font {path}; install fonts-dejavu-core, or name a monospaced TrueType file with --font")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no font.
    #[error("{path} is no TrueType font; name a monospaced TrueType file with --font")]
    NoFont {
        /// The file.
        path: PathBuf,
    },
}

/// The printer's letters.
#[derive(Debug)]
pub struct Font {
    font: FontVec,
    drawn: HashMap<(char, u16, u16), Bitmap>,
}

impl Font {
    /// Reads a TrueType file.
    ///
    /// # Errors
    /// When it is not there or is no font.
    pub fn open(path: &Path) -> Result<Self, FontError> {
        let bytes = std::fs::read(path).map_err(|source| FontError::Read { path: path.to_owned(), source })?;
        let font = FontVec::try_from_vec(bytes).map_err(|_| FontError::NoFont { path: path.to_owned() })?;
        Ok(Self { font, drawn: HashMap::new() })
    }

    /// A character drawn into a cell of this many dots.
    pub fn draw(&mut self, character: char, width: u16, height: u16) -> &Bitmap {
        if self.drawn.len() >= CACHE {
            self.drawn.clear();
        }
        let font = &self.font;
        self.drawn.entry((character, width, height)).or_insert_with(|| draw(font, character, width, height))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "dots of a cell of at most 96 by 192")]
fn draw(font: &FontVec, character: char, width: u16, height: u16) -> Bitmap {
    let mut cell = Bitmap::new(width.into(), height.into());
    let id = font.glyph_id(character);
    let advance = font.h_advance_unscaled(id);
    if advance <= 0.0 {
        return cell;
    }
    let scale = PxScale { x: f32::from(width) * font.height_unscaled() / advance, y: height.into() };
    let ascent = font.as_scaled(scale).ascent();
    let Some(outline) = font.outline_glyph(id.with_scale_and_position(scale, point(0.0, ascent))) else {
        return cell;
    };
    let bounds = outline.px_bounds();
    outline.draw(|x, y, coverage| {
        let (x, y) = (bounds.min.x as i32 + x as i32, bounds.min.y as i32 + y as i32);
        if coverage > COVERAGE && x >= 0 && y >= 0 {
            cell.set(x as u32, y as u32);
        }
    });
    cell
}
