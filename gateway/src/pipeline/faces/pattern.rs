//! The fine regular pattern of a print's screen or a display's pixels: peaks in the spectrum of a face that skin has not.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::detect::Face;
use crate::pipeline::page::CapturedPage;

/// Side of the piece of the face that is looked at, pixels of the camera.
const SIDE: usize = 128;
/// Patterns of 2.1 to 12 pixels: what is coarser belongs to the face.
const RADII: std::ops::Range<usize> = 11..61;
/// JPEG packs squares of 8 pixels, whose edges are a pattern too: multiples of 16 on the axes are passed over.
const SQUARES: usize = SIDE / 8;

/// How far the highest peak stands above the other waves of its length, in natural logarithms of the amplitude; 0 for a face
/// too small to be looked at.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places in the picture, compared before")]
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
pub(super) fn strength(picture: &CapturedPage, face: &Face) -> f32 {
    let half = SIDE as f32 / 2.0;
    let (left, top) = (face.x + face.width / 2.0 - half, face.y + face.height / 2.0 - half);
    let fits = |from: f32, side: usize| from >= 0.0 && from + SIDE as f32 <= side as f32;
    if !fits(left, picture.width()) || !fits(top, picture.height()) || face.width < half || face.height < half {
        return 0.0;
    }
    let (left, top) = (left as usize, top as usize);
    let window: Vec<f32> =
        (0..SIDE).map(|at| 0.5 - 0.5 * (std::f32::consts::TAU * at as f32 / SIDE as f32).cos()).collect();
    let mut waves = Vec::with_capacity(SIDE * SIDE);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let [red, green, blue] = picture.pixel(left + x, top + y).map(f32::from);
            waves.push(Complex::new((red + green + blue) * window[x] * window[y], 0.0));
        }
    }
    let fft = FftPlanner::new().plan_fft_forward(SIDE);
    let waves = transposed(&transformed(transposed(&transformed(waves, &fft)), &fft));
    peak(&waves)
}

fn transformed(mut rows: Vec<Complex<f32>>, fft: &Arc<dyn Fft<f32>>) -> Vec<Complex<f32>> {
    fft.process(&mut rows);
    rows
}

fn transposed(square: &[Complex<f32>]) -> Vec<Complex<f32>> {
    (0..SIDE * SIDE).map(|at| square[at % SIDE * SIDE + at / SIDE]).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a radius below 128")]
#[expect(clippy::cast_precision_loss, reason = "numbers of waves")]
fn peak(waves: &[Complex<f32>]) -> f32 {
    let mut rings = vec![Vec::new(); RADII.end];
    // The other half of the spectrum of a real picture mirrors this one.
    for v in 0..SIDE / 2 {
        for u in 0..SIDE {
            let along = u.min(SIDE - u);
            let radius = (along as f32).hypot(v as f32).round() as usize;
            let near_square = |wave: usize| (wave + 1) % SQUARES <= 2;
            let of_jpeg = (v <= 1 && near_square(along)) || (along <= 1 && near_square(v));
            if RADII.contains(&radius) && !of_jpeg {
                rings[radius].push(waves[v * SIDE + u].norm().max(1e-3).ln());
            }
        }
    }
    let mut highest: f32 = 0.0;
    for ring in rings.iter_mut().filter(|ring| ring.len() >= 8) {
        ring.sort_by(f32::total_cmp);
        highest = highest.max(ring[ring.len() - 1] - ring[ring.len() / 2]);
    }
    highest
}
