//! What is printed on the back of a card: the machine readable zone, and on cards since 2024 the QR code. A picture for
//! cameras, scanners and printers; it imitates no real card closely.

use std::path::{Path, PathBuf};

use ab_glyph::{Font as _, FontVec, PxScale, point};
use image::{Rgb, RgbImage};
use qrcode::{EcLevel, QrCode};

use super::mrz::Mrz;
use super::profile::Profile;

/// Where Debian's package fonts-ocr-b puts the letters of machine readable zones.
pub const ZONE_FONT: &str = "/usr/share/fonts/opentype/ocr-b/OCRB.otf";
/// Width and height of a card, millimetres (ISO/IEC 7810, ID-1).
const CARD: (f32, f32) = (85.60, 53.98);
/// From one letter of the zone to the next, millimetres: ten an inch (ICAO Doc 9303-3, section 4.4).
const PITCH: f32 = 2.54;
/// From one line of the zone to the next, millimetres.
const LINE: f32 = 4.6;
/// The zone's left edge and the foot of its last line, millimetres from the card's left and lower edge.
const ZONE: (f32, f32) = (4.7, 5.4);
/// Letters of a line.
const LETTERS: usize = 30;
/// Side of the QR code, millimetres, and its distance from the upper and right edge.
const CODE: (f32, f32) = (17.0, 4.0);
/// Pixels of a millimetre.
const DENSITIES: std::ops::RangeInclusive<f32> = 1.0..=48.0;
const INK: Rgb<u8> = Rgb([34, 34, 40]);

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The letters cannot be had.
    #[error("cannot use the font {path:?}; install fonts-ocr-b")]
    Font {
        /// Its path.
        path: PathBuf,
    },
    /// The code cannot be drawn.
    #[error("the person's data does not fit a QR code")]
    Code,
}

impl Profile {
    /// The text of the card's QR code: what scanners read from Vietnamese cards.
    #[must_use]
    pub fn code(&self) -> String {
        let person = &self.person;
        let day = |date: super::Date| date.to_string().replace('/', "");
        let (birth, issue) = (day(person.birth_date), day(person.issue_date));
        let (number, old, name) = (&person.number, &person.old_number, &person.full_name);
        format!("{number}|{old}|{name}|{birth}|{}|{}|{issue}", person.sex.text(), person.residence)
    }

    /// Its machine readable zone, 90 letters.
    #[must_use]
    pub fn zone(&self) -> String {
        Mrz::new(&self.person).text
    }

    /// The card's back, so many pixels wide, with or without the QR code. The zone's letters come from the file `font`,
    /// [`ZONE_FONT`].
    ///
    /// # Errors
    /// When the font is not there, or the data too long for a code.
    pub fn back(&self, width_px: u32, with_code: bool, font: &Path) -> Result<RgbImage, PrintError> {
        let no_font = || PrintError::Font { path: font.to_owned() };
        let letters = std::fs::read(font).map_err(|_| no_font())?;
        let letters = FontVec::try_from_vec(letters).map_err(|_| no_font())?;
        let scale = (pixels(width_px) / CARD.0).clamp(*DENSITIES.start(), *DENSITIES.end());
        let mut card = paper(whole(CARD.0 * scale), whole(CARD.1 * scale), scale);
        let zone = self.zone();
        for (row, line) in (0_u8..).zip([&zone[..LETTERS], &zone[LETTERS..2 * LETTERS], &zone[2 * LETTERS..]]) {
            let foot = CARD.1 - ZONE.1 - LINE * f32::from(2 - row.min(2));
            for (column, letter) in (0_u8..).zip(line.chars()) {
                let at = (ZONE.0 + PITCH * f32::from(column), foot);
                draw(&mut card, &letters, letter, (at.0 * scale, at.1 * scale), PITCH * scale);
            }
        }
        if with_code {
            code(&mut card, &self.code(), scale)?;
        }
        Ok(card)
    }
}

/// Tinted paper with waves.
fn paper(width: u32, height: u32, scale: f32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (pixels(x) / scale, pixels(y) / scale);
        let wave = ((x * 1.9 + (y * 0.7).sin() * 2.0).sin() + (y * 2.3 - (x * 0.4).sin() * 3.0).sin()) * 6.0;
        let shade = |base: f32, strength: f32| byte(base + wave * strength);
        Rgb([shade(226.0, 1.0), shade(236.0, 0.6), shade(224.0, 1.0)])
    })
}

/// One letter, its left edge and foot at a place; as wide as `pitch`.
fn draw(card: &mut RgbImage, font: &FontVec, letter: char, at: (f32, f32), pitch: f32) {
    let id = font.glyph_id(letter);
    let advance = font.h_advance_unscaled(id);
    if advance <= 0.0 {
        return;
    }
    let scale = PxScale::from(pitch / advance * font.height_unscaled());
    let Some(outline) = font.outline_glyph(id.with_scale_and_position(scale, point(at.0, at.1))) else { return };
    let bounds = outline.px_bounds();
    outline.draw(|x, y, coverage| {
        let place = (pixels(x) + bounds.min.x, pixels(y) + bounds.min.y);
        if place.0 >= 0.0 && place.1 >= 0.0 {
            mix(card, whole(place.0), whole(place.1), coverage);
        }
    });
}

fn code(card: &mut RgbImage, text: &str, scale: f32) -> Result<(), PrintError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PrintError::Code)?;
    let (side, margin) = CODE;
    let modules = code.width();
    let (left, top) = ((CARD.0 - margin - side) * scale, margin * scale);
    let module = side * scale / pixels(u32::try_from(modules).unwrap_or(u32::MAX));
    // Paper of its own, four modules wide around it (ISO/IEC 18004, section 5.3.8).
    let inside = |at: f32, from: f32, rim: f32| at >= from - rim && at < from + side * scale + rim;
    for (x, y, pixel) in card.enumerate_pixels_mut() {
        let (x, y) = (pixels(x) + 0.5, pixels(y) + 0.5);
        if !inside(x, left, 4.0 * module) || !inside(y, top, 4.0 * module) {
            continue;
        }
        let at = |at: f32, from: f32| if at < from { modules } else { whole((at - from) / module) as usize };
        let (column, row) = (at(x, left), at(y, top));
        let dark = column < modules && row < modules && code[(column, row)] == qrcode::Color::Dark;
        *pixel = if dark { INK } else { Rgb([248, 250, 247]) };
    }
    Ok(())
}

fn mix(card: &mut RgbImage, x: u32, y: u32, coverage: f32) {
    if let Some(pixel) = card.get_pixel_mut_checked(x, y) {
        for (value, ink) in pixel.0.iter_mut().zip(INK.0) {
            *value = byte(f32::from(*value) * (1.0 - coverage) + f32::from(ink) * coverage);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand pixels")]
fn pixels(count: u32) -> f32 {
    count as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int casts saturate")]
fn whole(value: f32) -> u32 {
    value as u32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int casts saturate")]
fn byte(value: f32) -> u8 {
    value.round() as u8
}
