//! Black and white dots.

/// A picture that grows downwards; one bit a dot, black = 1, the leftmost dot in the highest bit.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Raster {
    stride: usize,
    bits: Vec<u8>,
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is printed may be personal, and nobody reads dots.
        write!(f, "Raster({} × {})", self.width(), self.rows())
    }
}

impl Raster {
    /// A picture without rows, `width_dots` wide (a multiple of 8).
    pub(crate) fn new(width_dots: u16) -> Self {
        Self { stride: usize::from(width_dots) / 8, bits: Vec::new() }
    }

    /// These dots, in whole rows.
    pub(crate) fn of(width_dots: u16, bits: &[u8]) -> Self {
        let mut raster = Self::new(width_dots);
        let whole = bits.len() - bits.len() % raster.stride;
        raster.bits.extend_from_slice(&bits[..whole]);
        raster
    }

    /// Width, dots.
    pub(crate) fn width(&self) -> usize {
        self.stride * 8
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.bits.len() / self.stride
    }

    /// Adds white rows.
    pub(crate) fn grow(&mut self, rows: usize) {
        self.bits.resize(self.bits.len() + rows * self.stride, 0);
    }

    /// Makes one dot black; nothing happens outside the picture.
    pub(crate) fn set(&mut self, x: usize, y: usize) {
        if x < self.width() && y < self.rows() {
            self.bits[y * self.stride + x / 8] |= 0x80 >> (x % 8);
        }
    }

    /// Makes a rectangle black, as far as it lies within the picture.
    pub(crate) fn fill(&mut self, x: usize, y: usize, width: usize, height: usize) {
        for row in y..y + height {
            for column in x..x + width {
                self.set(column, row);
            }
        }
    }

    /// Is this dot black?
    #[cfg(test)]
    pub(crate) fn is_black(&self, x: usize, y: usize) -> bool {
        self.bits[y * self.stride + x / 8] & (0x80 >> (x % 8)) != 0
    }

    /// All rows, `width() / 8` bytes each.
    pub(crate) fn row_bytes(&self) -> std::slice::ChunksExact<'_, u8> {
        self.bits.chunks_exact(self.stride)
    }
}
