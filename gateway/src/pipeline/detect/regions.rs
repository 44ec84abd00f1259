//! From a map of probabilities to boxes: the post-processing of differentiable binarisation (Liao et al., "Real-time
//! Scene Text Detection with Differentiable Binarization", AAAI 2020, section 3.4), with one change: short boxes take
//! the page's own skew, since the smallest rectangle around a single digit lies at any angle.

use kiosk_protocol::ocr::Point;
use rten_imageproc::{PointF, RetrievalMode, find_contours, min_area_rect};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

use crate::pipeline::geometry::{TurnedBox, reading_angle, weighted_median};

/// A pixel with at least this probability belongs to a line (PP-OCRv6 det, `thresh`).
const PIXEL: f32 = 0.3;
/// A region whose mean probability is lower is no text (PP-OCRv6 det, `box_thresh`).
const REGION: f32 = 0.5;
/// How far the core is grown: area x ratio / perimeter on each side (PP-OCRv6 det, `unclip_ratio`).
const GROW: f32 = 1.6;
/// A core whose shorter side is less is noise, pixels of the map (PP-OCR, `min_size`).
const MIN_SIDE: f32 = 3.0;
/// A page with more regions than this is no document; the largest are kept (PP-OCR, `max_candidates`).
const MAX_REGIONS: usize = 1000;
/// From this ratio of width to height on, a box knows its own angle.
const LONG: f32 = 5.0;
/// A shorter box whose angle is further from the page's takes the page's, radians (1 degree).
const STRAY: f32 = 0.0175;

/// The boxes of text in `map` (rows, columns; 0 to 1), grown to hold the letters' whole height, in pixels of the map.
pub(super) fn find(map: NdTensorView<'_, f32, 2>) -> Vec<TurnedBox> {
    let mask = dilated(map);
    let mut cores: Vec<(TurnedBox, Vec<Point>)> =
        find_contours(mask.view(), RetrievalMode::External).iter().filter_map(core).collect();
    cores.sort_by(|a, b| (b.0.width * b.0.height).total_cmp(&(a.0.width * a.0.height)));
    cores.truncate(MAX_REGIONS);

    let mut angles: Vec<(f32, f32)> =
        cores.iter().filter(|(b, _)| b.width >= LONG * b.height).map(|(b, _)| (b.angle, b.width)).collect();
    let skew = weighted_median(&mut angles).unwrap_or(0.0);

    cores
        .into_iter()
        .filter_map(|(own, contour)| {
            let stray = own.width < LONG * own.height && (own.angle - skew).abs() > STRAY;
            let fitted = if stray { TurnedBox::around(&contour, skew)? } else { own };
            (fitted.width.min(fitted.height) >= MIN_SIDE && mean_inside(map, &fitted) >= REGION).then(|| grown(fitted))
        })
        .collect()
}

/// The mask of text pixels, each widened by one to the right and below so that hair-thin gaps close.
fn dilated(map: NdTensorView<'_, f32, 2>) -> NdTensor<bool, 2> {
    let [rows, columns] = map.shape();
    let mut mask = NdTensor::full([rows, columns], false);
    for y in 0..rows {
        for x in 0..columns {
            if map[[y, x]] > PIXEL {
                for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    if y + dy < rows && x + dx < columns {
                        mask[[y + dy, x + dx]] = true;
                    }
                }
            }
        }
    }
    mask
}

/// The smallest rectangle around a contour, with the contour.
#[expect(clippy::cast_precision_loss, reason = "pixels of a reduced page, far below 2^24")]
fn core(contour: &[rten_imageproc::Point]) -> Option<(TurnedBox, Vec<Point>)> {
    let points: Vec<PointF> = contour.iter().map(|p| PointF::from_yx(p.y as f32, p.x as f32)).collect();
    let corners = min_area_rect(&points)?.corners().map(|p| Point { x: p.x, y: p.y });
    let contour: Vec<Point> = points.iter().map(|p| Point { x: p.x, y: p.y }).collect();
    let own = TurnedBox::around(&contour, reading_angle(&corners))?;
    Some((own, contour))
}

/// The mean probability inside a box.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels, clamped to the map"
)]
fn mean_inside(map: NdTensorView<'_, f32, 2>, area: &TurnedBox) -> f32 {
    let [rows, columns] = map.shape();
    let (across, along) = (area.height.max(1.0) as usize, area.width.max(1.0) as usize);
    let mut sum = 0.0;
    for v in 0..across {
        for u in 0..along {
            let p = area.at(u as f32 + 0.5, v as f32 + 0.5);
            let (x, y) =
                ((p.x.round().max(0.0) as usize).min(columns - 1), (p.y.round().max(0.0) as usize).min(rows - 1));
            sum += map[[y, x]];
        }
    }
    sum / (across * along) as f32
}

/// The network learns cores shrunk by a fixed ratio; this undoes it.
fn grown(core: TurnedBox) -> TurnedBox {
    let distance = core.width * core.height * GROW / (2.0 * (core.width + core.height));
    core.grown(distance, distance)
}

#[cfg(test)]
mod tests;
