//! Where something is on a page, and where there is room: the page in cells of one millimetre, each with or without ink.
//!
//! Nothing that is on the paper may be covered, so what is doubtful is ink: a weak pattern, a shadow, two specks of dust.

use crate::units::{PT_PER_MM, Rect, floor, mm};

/// Paper that is darker than this is not white, and nothing on it is free (the darkest of red, green and blue).
const LEAST_WHITE: usize = 170;
/// What is this much darker than the paper is ink. Noise and uneven light of scans stay below it, weak colours do not.
const DARKER: usize = 30;
/// The part of a cell's pixels that ink has: 2 % are two of the 64 pixels of a cell at 200 dpi, less than a full stop.
const SHARE_PERCENT: u32 = 2;

/// A page in cells of one millimetre.
#[derive(Clone, Debug)]
pub(crate) struct Ink {
    columns: usize,
    rows: usize,
    inked: Vec<bool>,
}

impl Ink {
    /// Of a page's pixels, three bytes each.
    pub(crate) fn of(rgb: &[u8], [width, height]: [u32; 2], dpi: f32) -> Self {
        let side = |pixels: u32| usize::try_from(pixels).unwrap_or_default();
        let (width, height) = (side(width), side(height));
        // The cell of each column and row of pixels: at most 12,000, so they are exact.
        let cell = |at: usize| floor(f32::from(u16::try_from(at).unwrap_or(u16::MAX)) * 25.4 / dpi);
        let columns = cell(width.saturating_sub(1)) + 1;
        let rows = cell(height.saturating_sub(1)) + 1;
        let column_of: Vec<usize> = (0..width).map(cell).collect();

        let paper = paper(rgb);
        let mut counts = vec![(0_u32, 0_u32); columns * rows];
        let edge = paper.saturating_sub(DARKER);
        for (y, row) in rgb.chunks_exact((width * 3).max(3)).enumerate() {
            let cells = &mut counts[cell(y) * columns..][..columns];
            for (pixel, &column) in row.chunks_exact(3).zip(&column_of) {
                let darkest = pixel[0].min(pixel[1]).min(pixel[2]);
                cells[column].0 += u32::from(usize::from(darkest) < edge);
                cells[column].1 += 1;
            }
        }
        let is_inked = |&(dark, all): &(u32, u32)| paper < LEAST_WHITE || dark * 100 > all * SHARE_PERCENT;
        Self { columns, rows, inked: counts.iter().map(is_inked).collect() }
    }

    /// A page without anything on it, points.
    #[cfg(test)]
    pub(crate) fn blank(width: f32, height: f32) -> Self {
        let (columns, rows) = (floor(width / PT_PER_MM) + 1, floor(height / PT_PER_MM) + 1);
        Self { columns, rows, inked: vec![false; columns * rows] }
    }

    /// Marks a place as taken.
    pub(crate) fn take(&mut self, rect: Rect) {
        let columns = Self::cells(rect.left, rect.right, self.columns);
        for row in Self::cells(rect.top, rect.bottom, self.rows) {
            self.inked[row * self.columns..][columns.clone()].fill(true);
        }
    }

    /// Whether nothing is in a place; what is not on the page is not free.
    pub(crate) fn is_free(&self, rect: Rect) -> bool {
        rect.left >= 0.0
            && rect.top >= 0.0
            && rect.right <= cell_edge(self.columns) + 0.001
            && rect.bottom <= cell_edge(self.rows) + 0.001
            && Self::cells(rect.top, rect.bottom, self.rows).all(|row| self.row_is_free(row, rect))
    }

    /// The lowest strip from `area.left` to `area.right` and within `area` that has nothing in it and is `height` points
    /// high: its upper edge, as near to what stands above it as may be.
    pub(crate) fn lowest_room(&self, area: Rect, height: f32) -> Option<f32> {
        let mut bottom = area.bottom.min(cell_edge(self.rows));
        let mut top = bottom;
        for row in Self::cells(area.top, bottom, self.rows).rev() {
            if self.row_is_free(row, area) {
                top = cell_edge(row).max(area.top);
                continue;
            }
            if bottom - top >= height {
                return Some(top);
            }
            bottom = cell_edge(row);
            top = bottom;
        }
        (bottom - top >= height).then_some(top)
    }

    fn row_is_free(&self, row: usize, rect: Rect) -> bool {
        let columns = Self::cells(rect.left, rect.right, self.columns);
        !self.inked[row * self.columns..][columns].contains(&true)
    }

    /// The cells between two edges, points.
    fn cells(from: f32, to: f32, all: usize) -> std::ops::Range<usize> {
        // An edge that is a cell's edge but for rounding is that edge.
        let hair = 0.001;
        let last = floor((to / PT_PER_MM - hair).ceil().max(0.0)).min(all);
        floor((from / PT_PER_MM + hair).max(0.0)).min(last)..last
    }
}

/// Where a cell begins, points. There are at most 600.
fn cell_edge(cell: usize) -> f32 {
    mm(f32::from(u16::try_from(cell).unwrap_or(u16::MAX)))
}

/// How white the paper is: what the middle one of all pixels has of the darkest of its colours.
fn paper(rgb: &[u8]) -> usize {
    let mut histogram = [0_usize; 256];
    // Every fifth pixel is enough, and no raster of print repeats with it.
    let mut all = 0;
    for pixel in rgb.chunks_exact(3).step_by(5) {
        histogram[usize::from(pixel[0].min(pixel[1]).min(pixel[2]))] += 1;
        all += 1;
    }
    let mut seen = 0;
    let middle = histogram.iter().position(|&count| {
        seen += count;
        seen * 2 > all
    });
    middle.unwrap_or_default()
}

#[cfg(test)]
mod tests;
