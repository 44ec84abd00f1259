//! The fine regular pattern of a print's screen or a display's pixels: peaks in the spectrum of a face that skin has not.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::detect::Face;
use super::thresholds::LiveLimits;
use crate::pipeline::page::CapturedPage;

/// Side of the piece of the face that is looked at, pixels of the camera.
const SIDE: usize = 128;
/// Patterns of 2.1 to 12 pixels: what is coarser belongs to the face.
const RADII: std::ops::Range<usize> = 11..61;
/// JPEG packs squares of 8 pixels, whose edges are a pattern too: multiples of 16 on the axes are passed over.
const SQUARES: usize = SIDE / 8;

/// So far around a wave its neighbours are looked for, from and to (in waves, along the wider axis): nearer ones the window
/// has smeared out of itself.
const NEIGHBOURS: (usize, usize) = (3, 8);

/// How much of a print's or screen's pattern a face has, in natural logarithms of the amplitude; 0 for a face too small to be
/// looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Pattern {
    /// How far the highest peak stands above the other waves of its length: of one that goes all over the spectrum.
    pub strength: f32,
    /// How far a wave stands above all that are a little longer, shorter or turned: of a lone one. An edge in the face is a
    /// ridge through the spectrum and is none.
    pub isolation: f32,
}

impl Pattern {
    /// That of a face.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "places in the picture, compared before"
    )]
    #[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
    pub(super) fn of(picture: &CapturedPage, face: &Face) -> Self {
        let half = SIDE as f32 / 2.0;
        let (left, top) = (face.x + face.width / 2.0 - half, face.y + face.height / 2.0 - half);
        let fits = |from: f32, side: usize| from >= 0.0 && from + SIDE as f32 <= side as f32;
        if !fits(left, picture.width()) || !fits(top, picture.height()) || face.width < half || face.height < half {
            return Self::default();
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
        let heights: Vec<f32> = waves.iter().map(|wave| wave.norm().max(1e-3).ln()).collect();
        Self { strength: strength(&heights), isolation: isolation(&heights) }
    }

    /// The higher of each.
    #[must_use]
    pub(super) fn max(self, other: Self) -> Self {
        Self { strength: self.strength.max(other.strength), isolation: self.isolation.max(other.isolation) }
    }

    /// Is it a print's or a screen's?
    pub fn is_doubtful(&self, limits: &LiveLimits) -> bool {
        self.strength > limits.pattern || self.isolation > limits.isolation
    }
}

fn transformed(mut rows: Vec<Complex<f32>>, fft: &Arc<dyn Fft<f32>>) -> Vec<Complex<f32>> {
    fft.process(&mut rows);
    rows
}

fn transposed(square: &[Complex<f32>]) -> Vec<Complex<f32>> {
    (0..SIDE * SIDE).map(|at| square[at % SIDE * SIDE + at / SIDE]).collect()
}

/// The waves that are looked at, by their places and lengths; the other half of the spectrum of a real picture mirrors them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a radius below 128")]
#[expect(clippy::cast_precision_loss, reason = "numbers of waves")]
fn looked_at() -> impl Iterator<Item = (usize, usize, usize)> {
    (0..SIDE / 2).flat_map(|v| (0..SIDE).map(move |u| (u, v))).filter_map(|(u, v)| {
        let radius = (across(u) as f32).hypot(v as f32).round() as usize;
        (RADII.contains(&radius) && !of_jpeg(u, v)).then_some((u, v, radius))
    })
}

/// The number of a wave, whichever way it goes.
fn across(wave: usize) -> usize {
    wave.min(SIDE - wave)
}

fn of_jpeg(u: usize, v: usize) -> bool {
    let near_square = |wave: usize| (wave + 1) % SQUARES <= 2;
    let (u, v) = (across(u), across(v));
    (v <= 1 && near_square(u)) || (u <= 1 && near_square(v))
}

fn strength(heights: &[f32]) -> f32 {
    let mut rings = vec![Vec::new(); RADII.end];
    for (u, v, radius) in looked_at() {
        rings[radius].push(heights[v * SIDE + u]);
    }
    let mut highest: f32 = 0.0;
    for ring in rings.iter_mut().filter(|ring| ring.len() >= 8) {
        ring.sort_by(f32::total_cmp);
        highest = highest.max(ring[ring.len() - 1] - ring[ring.len() / 2]);
    }
    highest
}

fn isolation(heights: &[f32]) -> f32 {
    let (near, far) = NEIGHBOURS;
    let around = |at: usize| (0..=2 * far).map(move |step| (step.abs_diff(far), (at + SIDE + step - far) % SIDE));
    let above_neighbours = |(u, v, _): (usize, usize, usize)| {
        let neighbours = around(v).flat_map(|(down, v)| around(u).map(move |(along, u)| (along.max(down), u, v)));
        let highest = neighbours
            .filter(|&(distance, u, v)| distance >= near && !of_jpeg(u, v))
            .fold(f32::NEG_INFINITY, |highest, (_, u, v)| highest.max(heights[v * SIDE + u]));
        heights[v * SIDE + u] - highest
    };
    looked_at().map(above_neighbours).fold(0.0, f32::max)
}
