//! Rectangles that lie askew on a page. Pure arithmetic: no pixels here.

use kiosk_protocol::ocr::{Point, Quad};

/// A rectangle turned around its centre. `width` runs along the direction of reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TurnedBox {
    pub(crate) centre: Point,
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// How far the direction of reading is turned from the x axis, clockwise on the page, radians.
    pub(crate) angle: f32,
}

impl TurnedBox {
    /// The smallest box at `angle` around `points`; `None` without points.
    pub(crate) fn around(points: &[Point], angle: f32) -> Option<Self> {
        let (sin, cos) = angle.sin_cos();
        let mut low = Point { x: f32::MAX, y: f32::MAX };
        let mut high = Point { x: f32::MIN, y: f32::MIN };
        for p in points {
            let (u, v) = (p.x * cos + p.y * sin, p.y * cos - p.x * sin);
            low = Point { x: low.x.min(u), y: low.y.min(v) };
            high = Point { x: high.x.max(u), y: high.y.max(v) };
        }
        if points.is_empty() {
            return None;
        }
        let (u, v) = ((low.x + high.x) / 2.0, (low.y + high.y) / 2.0);
        let centre = Point { x: u * cos - v * sin, y: u * sin + v * cos };
        Some(Self { centre, width: high.x - low.x, height: high.y - low.y, angle })
    }

    /// The same box with its sides moved outwards by `along` (left and right) and `across` (top and bottom).
    pub(crate) fn grown(self, along: f32, across: f32) -> Self {
        Self { width: self.width + 2.0 * along, height: self.height + 2.0 * across, ..self }
    }

    /// The same box in a picture `factor` times the size.
    pub(crate) fn scaled(self, factor: f32) -> Self {
        let centre = Point { x: self.centre.x * factor, y: self.centre.y * factor };
        Self { centre, width: self.width * factor, height: self.height * factor, ..self }
    }

    /// The point of the page that lies `along` from the box's left edge and `across` from its top edge.
    pub(crate) fn at(&self, along: f32, across: f32) -> Point {
        let (sin, cos) = self.angle.sin_cos();
        let (u, v) = (along - self.width / 2.0, across - self.height / 2.0);
        Point { x: self.centre.x + u * cos - v * sin, y: self.centre.y + u * sin + v * cos }
    }

    /// The four corners, clockwise from the top left one as the text is read.
    pub(crate) fn corners(&self) -> Quad {
        self.part(0.0, 0.0, self.width, self.height)
    }

    /// The corners of a part of the box, given from the box's left and top edge.
    pub(crate) fn part(&self, left: f32, top: f32, right: f32, bottom: f32) -> Quad {
        [self.at(left, top), self.at(right, top), self.at(right, bottom), self.at(left, bottom)]
    }
}

/// The direction of the longer side of a rectangle given by its corners in order, as an angle from -45 to 45 degrees
/// (radians): text stands upright on a page that came out of a scanner, and a box higher than wide is one letter.
pub(crate) fn reading_angle(corners: &[Point; 4]) -> f32 {
    let side = |a: Point, b: Point| (b.x - a.x, b.y - a.y);
    let (first, second) = (side(corners[0], corners[1]), side(corners[1], corners[2]));
    let longer = if first.0.hypot(first.1) >= second.0.hypot(second.1) { first } else { second };
    let quarter = std::f32::consts::FRAC_PI_2;
    let angle = longer.1.atan2(longer.0);
    angle - (angle / quarter).round() * quarter
}

/// The middle of `values` when each counts as often as its weight says; `None` without weight.
pub(crate) fn weighted_median(values: &mut [(f32, f32)]) -> Option<f32> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half: f32 = values.iter().map(|(_, weight)| weight).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    values
        .iter()
        .find(|(_, weight)| {
            sum += weight;
            half > 0.0 && sum >= half
        })
        .map(|(value, _)| *value)
}

#[cfg(test)]
mod tests;
