//! What `make bench` measures: each figure beside its floor or peer, as a ratio in one run. These machines are noisy:
//! rounds alternate, and the median of the rounds' ratios is what counts.

pub mod apdu;
pub mod camera;
pub mod cards;
pub mod copies;
pub mod faces;
pub mod identity;
pub mod liveness;
pub mod reading;
pub mod receipt;
pub mod rest;
pub mod round_trip;
pub mod sane;
pub mod scan;

use std::time::Duration;

/// The value at this part (0 to 1) of the sorted values.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index")]
fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part).round() as usize]
}

fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
