//! Reduces a page for the detection network by averaging areas. One factor for both sides, so that angles stay.

use super::CapturedPage;

/// A reduced page.
pub(crate) struct ReducedPage {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// 8-bit red, green, blue, row after row.
    pub(crate) rgb: Vec<u8>,
    /// Lengths on the page are this many times those here; at least 1.
    pub(crate) shrunk_by: f32,
}

/// Reduces `page` until its longer side has at most `longer_side` pixels; never enlarges.
#[expect(clippy::cast_precision_loss, reason = "sides of a page, at most 17,000")]
pub(crate) fn reduce(page: &CapturedPage, longer_side: usize) -> ReducedPage {
    let longer = page.width().max(page.height());
    let target = longer.min(longer_side);
    // Bounds of output pixel i: i * longer / target, in whole pixels; every page pixel counts once.
    let bound = |i: usize| i * longer / target;
    let side = |pixels: usize| (pixels * target / longer).max(1);
    let (width, height) = (side(page.width()), side(page.height()));
    let columns: Vec<(usize, usize)> = (0..width).map(|x| (bound(x), bound(x + 1).min(page.width()))).collect();
    let mut rgb = Vec::with_capacity(width * height * 3);
    let mut sums = vec![[0u32; 3]; width];
    for y in 0..height {
        sums.fill([0; 3]);
        let (top, bottom) = (bound(y), bound(y + 1).min(page.height()));
        for row in (top..bottom).map(|row| page.row(row)) {
            for (sum, &(left, right)) in sums.iter_mut().zip(&columns) {
                for pixel in row[left * 3..right * 3].chunks_exact(3) {
                    for (channel, value) in sum.iter_mut().zip(pixel) {
                        *channel += u32::from(*value);
                    }
                }
            }
        }
        for (sum, &(left, right)) in sums.iter().zip(&columns) {
            let count = u32::try_from((right - left) * (bottom - top)).expect("an area of a page").max(1);
            rgb.extend(sum.map(|v| u8::try_from(v / count).expect("a mean of bytes is a byte")));
        }
    }
    ReducedPage { width, height, rgb, shrunk_by: longer as f32 / target as f32 }
}
