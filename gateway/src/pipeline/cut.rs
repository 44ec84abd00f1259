//! Cuts a line out of a page: upright, grey, of the height that suits the recogniser. A red stamp over black letters is
//! left out.

use kiosk_protocol::ocr::{Point, Quad};

use super::geometry::TurnedBox;
use super::page::CapturedPage;
use super::tesseract::GreyImage;

/// Height of a line's box in its picture, pixels (measured: `models/README.md`).
const HEIGHT: f32 = 48.0;
/// The widest picture of a line, pixels; no line of a page is 300 times as wide as high.
const MAX_WIDTH: usize = 16_000;
/// From this difference of red to the stronger of green and blue on, a pixel is red ink.
const RED: u8 = 40;
/// From this part of red pixels on, a line may be under a stamp.
const STAMPED: f32 = 0.01;
/// If leaving out red keeps this part of a line's contrast, its letters are of another colour.
const CONTRAST_KEPT: f32 = 0.75;

/// What of the page's ink is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// All of it (luma).
    All,
    /// All but red, as through a red filter.
    NotRed,
}

/// A line cut out of its page.
pub(crate) struct LineCut {
    /// The picture for the recogniser.
    pub(crate) picture: GreyImage,
    /// The part of the page that the picture shows.
    area: TurnedBox,
    /// Pixels of the picture for one of the page.
    scale: f32,
}

impl LineCut {
    /// Cuts `line` out of `page`.
    pub(crate) fn new(page: &CapturedPage, line: &TurnedBox, ink: Ink) -> Self {
        let scale = HEIGHT / line.height.max(1.0);
        let width = whole(line.width * scale).clamp(1, MAX_WIDTH);
        let height = whole(line.height * scale).max(1);
        // No rim of paper around it: on tinted or unevenly lit paper its edge reads as a letter (measured: 1.26 % of
        // characters wrong with one, 1.06 % without).
        let pixels = resample(page, line, ink, scale, width, height);
        Self { picture: GreyImage { width, height, pixels }, area: *line, scale }
    }

    /// The place on the page of a part of the picture: left, top, right, bottom in its pixels.
    pub(crate) fn on_page(&self, bounds: [f32; 4]) -> Quad {
        let [left, top, right, bottom] = bounds.map(|edge| edge / self.scale);
        self.area.part(left, top, right, bottom)
    }
}

/// What of a line's ink to look at. Under a red stamp the black letters stand out once red is left out; where the letters
/// themselves are red, nothing dark is left without it.
pub(crate) fn ink_to_read(page: &CapturedPage, line: &TurnedBox) -> Ink {
    // Every second pixel of every second row.
    let (columns, rows) = (whole(line.width / 2.0).max(1), whole(line.height / 2.0).max(1));
    let (mut red, mut all, mut not_red) = (0usize, Vec::new(), Vec::new());
    for row in 0..rows {
        for column in 0..columns {
            #[expect(clippy::cast_precision_loss, reason = "pixels of a page")]
            let at = line.at(column as f32 * 2.0 + 1.0, row as f32 * 2.0 + 1.0);
            let x = whole(at.x).min(page.width() - 1);
            let y = whole(at.y).min(page.height() - 1);
            let [r, g, b] = page.pixel(x, y);
            red += usize::from(r.saturating_sub(g.max(b)) > RED);
            all.push(brightness([r, g, b], Ink::All));
            not_red.push(brightness([r, g, b], Ink::NotRed));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "pixels of a line")]
    let stamped = red as f32 >= STAMPED * (columns * rows) as f32;
    if stamped && contrast(&mut not_red) >= CONTRAST_KEPT * contrast(&mut all) { Ink::NotRed } else { Ink::All }
}

/// The difference between paper and ink: the brightest tenth against the darkest fiftieth.
fn contrast(values: &mut [f32]) -> f32 {
    values.sort_by(f32::total_cmp);
    values[values.len() * 9 / 10] - values[values.len() / 50]
}

/// The pixels of `area`, upright, `scale` times the size; each the mean of what it covers.
#[expect(clippy::cast_precision_loss, reason = "pixels of a page")]
fn resample(page: &CapturedPage, area: &TurnedBox, ink: Ink, scale: f32, width: usize, height: usize) -> Vec<u8> {
    let steps = whole((1.0 / scale).ceil()).max(1);
    let offsets: Vec<f32> = (0..steps).map(|i| (i as f32 + 0.5) / steps as f32).collect();
    let (sin, cos) = area.angle.sin_cos();
    let corner = area.at(0.0, 0.0);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let mut sum = 0.0;
            for v in &offsets {
                for u in &offsets {
                    let (along, across) = ((x as f32 + u) / scale, (y as f32 + v) / scale);
                    let at =
                        Point { x: corner.x + along * cos - across * sin, y: corner.y + along * sin + across * cos };
                    sum += sample(page, at, ink);
                }
            }
            pixels.push(byte(sum / (steps * steps) as f32));
        }
    }
    pixels
}

/// The brightness at a point between pixels; beyond the page's edge the last pixel goes on.
#[expect(clippy::cast_precision_loss, reason = "pixels of a page")]
fn sample(page: &CapturedPage, at: Point, ink: Ink) -> f32 {
    let x = (at.x - 0.5).clamp(0.0, (page.width() - 1) as f32);
    let y = (at.y - 0.5).clamp(0.0, (page.height() - 1) as f32);
    let (left, top) = (whole(x), whole(y));
    let (right, bottom) = ((left + 1).min(page.width() - 1), (top + 1).min(page.height() - 1));
    let (fx, fy) = (x - left as f32, y - top as f32);
    let grey = |x, y| brightness(page.pixel(x, y), ink);
    let upper = grey(left, top) * (1.0 - fx) + grey(right, top) * fx;
    let lower = grey(left, bottom) * (1.0 - fx) + grey(right, bottom) * fx;
    upper * (1.0 - fy) + lower * fy
}

fn brightness(pixel: [u8; 3], ink: Ink) -> f32 {
    let [r, g, b] = pixel.map(f32::from);
    match ink {
        // Recommendation ITU-R BT.601, section 2.5.1.
        Ink::All => 0.299 * r + 0.587 * g + 0.114 * b,
        Ink::NotRed => r,
    }
}

/// The whole part; 0 for what is negative or no number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int casts saturate")]
fn whole(value: f32) -> usize {
    value as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to int casts saturate")]
fn byte(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests;
