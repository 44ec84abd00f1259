//! Pictures of identity cards, as a scanner or a camera shows them.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage, imageops};
use kiosk_simulators::usb::reader::identity::{Profile, ZONE_FONT};

/// How a picture comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Straight from the drawing.
    Clean,
    /// Turned by less than a degree, a little soft and noisy.
    Scanned,
    /// Turned by some degrees, uneven light, soft and noisy, packed hard.
    Photographed,
}

/// The back of a card, so many pixels wide, on a grey bed; a JPEG file.
///
/// # Panics
/// If the font is not there.
pub fn seen(profile: &Profile, width: u32, with_code: bool, look: Look, seed: u64) -> Vec<u8> {
    let card = profile.back(width, with_code, Path::new(ZONE_FONT)).expect("`make setup` installs fonts-ocr-b");
    let (turned, soft, noise, shade, quality) = match look {
        Look::Clean => (0.0, 0.0, 0.0, 0.0, 95),
        Look::Scanned => (0.8, 0.6, 6.0, 0.0, 75),
        Look::Photographed => (3.0, 0.9, 9.0, 0.35, 60),
    };
    let mut chance = Chance(seed * 2 + 1);
    let picture = on_bed(&card, turned * chance.signed());
    let mut picture = if soft > 0.0 { imageops::blur(&picture, soft) } else { picture };
    #[expect(clippy::cast_precision_loss, reason = "some thousand pixels")]
    let width = picture.width() as f32;
    for (x, _, pixel) in picture.enumerate_pixels_mut() {
        #[expect(clippy::cast_precision_loss, reason = "some thousand pixels")]
        let light = 1.0 - shade * x as f32 / width;
        let grain = noise * chance.signed();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int casts saturate")]
        pixel.0.iter_mut().for_each(|value| *value = f32::from(*value).mul_add(light, grain) as u8);
    }
    jpeg(&picture, quality)
}

/// A picture as a JPEG file.
///
/// # Panics
/// Never: memory does not fail to be written.
pub fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality).encode_image(picture).expect("memory can be written");
    out
}

/// The card in the middle of a bed, turned by so many degrees.
#[expect(clippy::cast_precision_loss, reason = "some thousand pixels")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int casts saturate")]
fn on_bed(card: &RgbImage, degrees: f32) -> RgbImage {
    let (width, height) = (card.width() as f32, card.height() as f32);
    let (sin, cos) = degrees.to_radians().sin_cos();
    RgbImage::from_fn((width * 1.1) as u32, (height * 1.2) as u32, |x, y| {
        let (x, y) = (x as f32 - width * 0.55, y as f32 - height * 0.6);
        let (x, y) = (x * cos + y * sin + width / 2.0, y * cos - x * sin + height / 2.0);
        let inside = x >= 0.0 && y >= 0.0 && x < width - 1.0 && y < height - 1.0;
        let between = inside.then(|| imageops::sample_bilinear(card, x / (width - 1.0), y / (height - 1.0))).flatten();
        between.unwrap_or(Rgb([90, 92, 96]))
    })
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    /// -1 to 1.
    fn signed(&mut self) -> f32 {
        // A linear congruential generator; the constants are Knuth's.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss, reason = "24 bits")]
        let part = (self.0 >> 40) as f32 / (1 << 24) as f32;
        part * 2.0 - 1.0
    }
}
