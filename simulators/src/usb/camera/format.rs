//! What the camera offers: formats, sizes, rates.

use std::fmt;
use std::time::Duration;

/// How a picture is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Each frame a JPEG file.
    Mjpeg,
    /// Two pixels in four bytes: Y, U, Y, V.
    Yuyv,
}

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Pixels across; even.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
}

impl Size {
    /// Bytes of a picture in YUYV; more than a JPEG file of that size needs.
    #[must_use]
    pub fn bytes(self) -> u32 {
        u32::from(self.width) * u32::from(self.height) * 2
    }
}

/// The formats in the order of their indices, which begin with 1; the first is what a host gets that does not choose.
pub const FORMATS: [Format; 2] = [Format::Mjpeg, Format::Yuyv];

/// The sizes of each format in the order of their indices, which begin with 1.
pub const SIZES: [Size; 3] =
    [Size { width: 640, height: 480 }, Size { width: 1280, height: 720 }, Size { width: 1920, height: 1080 }];

/// Frames a second at this format and size; the first is what a host gets that does not choose.
#[must_use]
pub fn rates(format: Format, size: Size) -> &'static [u32] {
    match (format, size.width) {
        (Format::Mjpeg, _) | (Format::Yuyv, 640) => &[30, 15, 5],
        (Format::Yuyv, 1280) => &[10, 5],
        (Format::Yuyv, _) => &[5],
    }
}

/// A frame's time in units of 100 ns, as the class counts it.
#[must_use]
pub fn ticks(rate: u32) -> u32 {
    10_000_000 / rate
}

/// Another size than this, for a camera that lies.
#[must_use]
pub fn other_size(size: Size) -> Size {
    if size == SIZES[0] { SIZES[1] } else { SIZES[0] }
}

/// What a host has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The format.
    pub format: Format,
    /// The size.
    pub size: Size,
    /// Time of a frame, in units of 100 ns.
    pub ticks: u32,
}

impl Choice {
    /// Time of a frame.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_nanos(u64::from(self.ticks) * 100)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, size: Size { width, height }, ticks } = self;
        let format = match format {
            Format::Mjpeg => "MJPEG",
            Format::Yuyv => "YUYV",
        };
        write!(f, "{format} {width}x{height} at {:.0} frames a second", 1e7 / f64::from(*ticks))
    }
}
