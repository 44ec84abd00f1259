//! Millimetres, pixels and points, and rectangles of these.

use serde::{Deserialize, Serialize};

use crate::wire::bits;

/// Points in a millimetre: a point is 1/72 inch (ISO 32000-1, section 8.3.2.3).
pub(crate) const PT_PER_MM: f32 = 72.0 / 25.4;

/// Millimetres as points.
pub(crate) fn mm(millimetres: f32) -> f32 {
    millimetres * PT_PER_MM
}

/// The whole number below a length that is not negative; 0 for what is no number.
pub(crate) fn floor(length: f32) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "`as` stops at the ends of the range")]
    let whole = length as usize;
    whole
}

/// A rectangle in points, y growing downwards from the upper edge of a page or block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Rect {
    pub(crate) fn of_size(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    pub(crate) fn width(self) -> f32 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f32 {
        self.bottom - self.top
    }

    pub(crate) fn moved(self, x: f32, y: f32) -> Self {
        Self { left: self.left + x, top: self.top + y, right: self.right + x, bottom: self.bottom + y }
    }

    pub(crate) fn grown(self, by: f32) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }
}

/// A rectangle on a page of the file, as signature fields take it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The page, from 0.
    pub page: usize,
    /// Left, lower, right and upper edge, points (1/72 inch) from the page's lower left corner.
    #[serde(with = "bits")]
    pub rect: [f32; 4],
}

impl Area {
    pub(crate) fn of(page: usize, page_height: f32, rect: Rect) -> Self {
        Self { page, rect: [rect.left, page_height - rect.bottom, rect.right, page_height - rect.top] }
    }
}
