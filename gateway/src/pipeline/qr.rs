//! QR codes in a picture.

use super::page::CapturedPage;
use super::page::reduce::reduce;

/// Longer sides of the pictures that are looked at, pixels: coarse enough for a code whose modules are many noisy pixels wide,
/// then fine enough for one of 13 mm on an A4 page of 300 dpi.
const COARSE: usize = 1_200;
const FINE: usize = 3_600;
/// A picture with a shorter longer side is looked at in double size, too: the decoder takes one sample a module, and of modules
/// of four soft pixels it finds more so.
const SMALL: usize = 1_800;

/// The first text of a code in `picture` that is `wanted`. `go_on` is asked before each of at most three searches, and may end
/// it: a search of a picture full of what looks like the corners of codes takes long.
///
/// # Errors
/// That of `go_on`.
pub fn find<E>(
    picture: &CapturedPage,
    wanted: impl Fn(&str) -> bool,
    mut go_on: impl FnMut() -> Result<(), E>,
) -> Result<Option<String>, E> {
    let longer = picture.width().max(picture.height());
    let passes: [(bool, usize, bool); 3] =
        [(longer > COARSE, COARSE, false), (true, FINE, false), (longer <= SMALL, FINE, true)];
    for (useful, longer_side, doubled) in passes {
        if !useful {
            continue;
        }
        go_on()?;
        let grey = Grey::of(picture, longer_side);
        let grey = if doubled { grey.doubled() } else { grey };
        if let Some(text) = grey.codes().into_iter().find(|text| wanted(text)) {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

struct Grey {
    width: usize,
    height: usize,
    luma: Vec<u8>,
}

impl Grey {
    fn of(picture: &CapturedPage, longer_side: usize) -> Self {
        let small = reduce(picture, longer_side);
        // Recommendation ITU-R BT.601, section 2.5.1, in whole numbers.
        let luma = |pixel: &[u8]| {
            let [r, g, b] = [0, 1, 2].map(|channel| u32::from(pixel[channel]));
            u8::try_from((r * 299 + g * 587 + b * 114) / 1_000).unwrap_or(u8::MAX)
        };
        Self { width: small.width, height: small.height, luma: small.rgb.chunks_exact(3).map(luma).collect() }
    }

    /// Twice the size; between pixels lies their mean.
    fn doubled(&self) -> Self {
        let (width, height) = (self.width * 2, self.height * 2);
        let at = |x: usize, y: usize| {
            let x = x.min(self.width - 1);
            u16::from(self.luma[y.min(self.height - 1) * self.width + x])
        };
        let between = |x: usize, y: usize| {
            let (left, top) = (x / 2, y / 2);
            let (right, below) = (left + x % 2, top + y % 2);
            let sum = at(left, top) + at(right, top) + at(left, below) + at(right, below);
            u8::try_from(sum / 4).unwrap_or(u8::MAX)
        };
        let luma = (0..height).flat_map(|y| (0..width).map(move |x| between(x, y))).collect();
        Self { width, height, luma }
    }

    fn codes(&self) -> Vec<String> {
        let luma = |x: usize, y: usize| self.luma[y * self.width + x];
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, luma);
        prepared.detect_grids().into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
    }
}
