//! Dots, black or not, packed eight to a byte.

/// A rectangle of dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: u32,
    height: u32,
    bits: Vec<u8>,
}

impl Bitmap {
    /// A white one.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, bits: vec![0; width.div_ceil(8) as usize * height as usize] }
    }

    /// Dots across.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Dots down.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Makes a dot black; outside is nothing.
    pub fn set(&mut self, x: u32, y: u32) {
        if let Some((byte, mask)) = self.place(x, y) {
            self.bits[byte] |= mask;
        }
    }

    /// Turns a dot over; outside is nothing.
    pub fn flip(&mut self, x: u32, y: u32) {
        if let Some((byte, mask)) = self.place(x, y) {
            self.bits[byte] ^= mask;
        }
    }

    /// True for a black dot; outside is white.
    #[must_use]
    pub fn get(&self, x: u32, y: u32) -> bool {
        self.place(x, y).is_some_and(|(byte, mask)| self.bits[byte] & mask != 0)
    }

    /// One row, most significant bit first.
    #[must_use]
    pub fn row(&self, y: u32) -> &[u8] {
        let bytes = self.width.div_ceil(8) as usize;
        self.bits.chunks(bytes.max(1)).nth(y as usize).unwrap_or_default()
    }

    /// Adds the black dots of another, moved and magnified.
    pub fn add(&mut self, other: &Bitmap, x: u32, y: u32, scale: (u32, u32)) {
        for from_y in 0..other.height {
            for from_x in 0..other.width {
                if other.get(from_x, from_y) {
                    self.fill(x + from_x * scale.0, y + from_y * scale.1, scale.0, scale.1);
                }
            }
        }
    }

    /// Blackens a rectangle.
    pub fn fill(&mut self, x: u32, y: u32, width: u32, height: u32) {
        for y in y..(y + height).min(self.height) {
            for x in x..(x + width).min(self.width) {
                self.set(x, y);
            }
        }
    }

    /// Turned by 180 degrees.
    #[must_use]
    pub fn upside_down(&self) -> Self {
        let mut turned = Self::new(self.width, self.height);
        turned.add_turned(self);
        turned
    }

    fn add_turned(&mut self, other: &Bitmap) {
        for y in 0..other.height {
            for x in 0..other.width {
                if other.get(x, y) {
                    self.set(self.width - 1 - x, self.height - 1 - y);
                }
            }
        }
    }

    fn place(&self, x: u32, y: u32) -> Option<(usize, u8)> {
        (x < self.width && y < self.height)
            .then(|| (y as usize * self.width.div_ceil(8) as usize + (x / 8) as usize, 0x80 >> (x % 8)))
    }
}
