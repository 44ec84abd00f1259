//! QR codes in a picture.

use super::page::CapturedPage;
use super::page::reduce::reduce;

/// Longer sides of the pictures that are looked at, pixels: fine enough for a code of 13 mm on an A4 page of 300 dpi, then
/// coarse enough for one whose modules are many noisy pixels wide.
const LONGER_SIDES: [usize; 2] = [3_600, 1_200];

/// The texts of the codes in `picture`, each once.
#[must_use]
pub fn codes(picture: &CapturedPage) -> Vec<String> {
    let mut found = Vec::new();
    let mut looked_at = 0;
    for longer_side in LONGER_SIDES {
        let small = reduce(picture, longer_side);
        if small.width == looked_at {
            continue;
        }
        looked_at = small.width;
        let luma = |x: usize, y: usize| {
            let at = (y * small.width + x) * 3;
            // Recommendation ITU-R BT.601, section 2.5.1, in whole numbers.
            let [r, g, b] = [0, 1, 2].map(|channel| u32::from(small.rgb[at + channel]));
            u8::try_from((r * 299 + g * 587 + b * 114) / 1_000).unwrap_or(u8::MAX)
        };
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(small.width, small.height, luma);
        let texts = prepared.detect_grids().into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text);
        found.extend(texts);
    }
    found.sort();
    found.dedup();
    found
}
