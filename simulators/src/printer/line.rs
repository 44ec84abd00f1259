//! One line of print: what was put into the line buffer, and the rows of dots that it becomes.

use super::bitmap::Bitmap;
use super::charset::joined;
use super::command::Align;
use super::font::Font;

/// A character in the line.
#[derive(Debug, Clone)]
struct Glyph {
    character: char,
    x: u32,
    width: u16,
    height: u16,
    look: Look,
}

/// How characters look, besides their size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Thicker by one dot.
    pub bold: bool,
    /// Dots of the line below.
    pub underline: u8,
    /// White on black.
    pub reverse: bool,
}

/// The line buffer.
#[derive(Debug, Default)]
pub struct Line {
    glyphs: Vec<Glyph>,
    pictures: Vec<(u32, Bitmap)>,
    /// Where the next thing goes, in dots from the left of the area.
    pub x: u32,
    end: u32,
}

impl Line {
    /// True when nothing was put in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.glyphs.is_empty() && self.pictures.is_empty()
    }

    /// Puts a character in; a combining mark joins the one before it.
    pub fn character(&mut self, character: char, (width, height): (u16, u16), spacing: u16, look: Look) {
        if let Some(last) = self.glyphs.last_mut()
            && let Some(whole) = joined(last.character, character)
        {
            last.character = whole;
            return;
        }
        self.glyphs.push(Glyph { character, x: self.x, width, height, look });
        self.x += u32::from(width) + u32::from(spacing);
        self.end = self.end.max(self.x);
    }

    /// Puts a picture in.
    pub fn picture(&mut self, picture: Bitmap) {
        let x = self.x;
        self.x += picture.width();
        self.end = self.end.max(self.x);
        self.pictures.push((x, picture));
    }

    /// The characters as text.
    #[must_use]
    pub fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.character).collect::<String>().trim_end().to_owned()
    }

    /// The line as dots on paper `paper` wide, in an area that begins at `left` and is `area` wide; empties the buffer.
    pub fn print(&mut self, font: &mut Font, paper: u32, left: u32, area: u32, align: Align, turned: bool) -> Bitmap {
        let line = std::mem::take(self);
        let heights = line.glyphs.iter().map(|glyph| u32::from(glyph.height));
        let height = heights.chain(line.pictures.iter().map(|(_, picture)| picture.height())).max().unwrap_or(0);
        let mut content = Bitmap::new(line.end.min(area), height);
        for (x, picture) in &line.pictures {
            content.add(picture, *x, height - picture.height(), (1, 1));
        }
        for glyph in &line.glyphs {
            draw(&mut content, font, glyph, height - u32::from(glyph.height));
        }
        if turned {
            content = content.upside_down();
        }
        let mut dots = Bitmap::new(paper, height);
        dots.add(&content, left + indent(align, area, content.width()), 0, (1, 1));
        dots
    }
}

/// How far something so wide stands from the left of the area.
#[must_use]
pub fn indent(align: Align, area: u32, width: u32) -> u32 {
    let free = area.saturating_sub(width);
    match align {
        Align::Left => 0,
        Align::Centre => free / 2,
        Align::Right => free,
    }
}

fn draw(content: &mut Bitmap, font: &mut Font, glyph: &Glyph, top: u32) {
    let (width, height) = (u32::from(glyph.width), u32::from(glyph.height));
    let cell = font.draw(glyph.character, glyph.width, glyph.height);
    content.add(cell, glyph.x, top, (1, 1));
    if glyph.look.bold {
        content.add(cell, glyph.x + 1, top, (1, 1));
    }
    let under = u32::from(glyph.look.underline);
    content.fill(glyph.x, top + height.saturating_sub(under), width, under);
    if glyph.look.reverse {
        for y in top..top + height {
            for x in glyph.x..glyph.x + width {
                content.flip(x, y);
            }
        }
    }
}
