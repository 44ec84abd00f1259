//! What a camera offers, and what is chosen of it. Pure: what a device says comes in, a choice comes out.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::camera::CameraSize;

use crate::config::{Format, Size};
use crate::trouble::Trouble;

/// The size of live pictures where nothing else is configured: the largest that is not above it.
const PREVIEW_USUAL: Size = Size { width: 1280, height: 720 };

/// Pixel formats that are understood, the best first (Linux, `Documentation/userspace-api/media/v4l`, "Image Formats").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Pixels {
    /// `V4L2_PIX_FMT_MJPEG`, `V4L2_PIX_FMT_JPEG`: passed on as it is.
    Jpeg,
    /// `V4L2_PIX_FMT_YUYV`: Y Cb Y Cr for two pixels.
    Yuyv,
    /// `V4L2_PIX_FMT_UYVY`: Cb Y Cr Y for two pixels.
    Uyvy,
    /// `V4L2_PIX_FMT_NV12`: all Y, then Cb Cr for squares of four pixels.
    Nv12,
    /// `V4L2_PIX_FMT_GREY`: Y only.
    Grey,
}

impl Pixels {
    /// What a four-letter code means, if it is understood.
    pub(crate) fn of(fourcc: u32) -> Option<Self> {
        Some(match &fourcc.to_le_bytes() {
            b"MJPG" | b"JPEG" => Self::Jpeg,
            b"YUYV" => Self::Yuyv,
            b"UYVY" => Self::Uyvy,
            b"NV12" => Self::Nv12,
            b"GREY" => Self::Grey,
            _ => return None,
        })
    }
}

/// Seconds between two pictures, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) numerator: u32,
    pub(crate) denominator: u32,
}

impl Interval {
    /// `None` if it is not a time.
    pub(crate) fn new([numerator, denominator]: [u32; 2]) -> Option<Self> {
        (numerator > 0 && denominator > 0).then_some(Self { numerator, denominator })
    }

    #[expect(clippy::cast_possible_truncation, reason = "a rate of pictures needs no more digits")]
    pub(crate) fn fps(self) -> f32 {
        (f64::from(self.denominator) / f64::from(self.numerator)) as f32
    }
}

/// One size in one pixel format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) fourcc: u32,
    pub(crate) pixels: Pixels,
    pub(crate) size: Size,
    /// The paces at this size; none if the device does not tell.
    pub(crate) intervals: Vec<Interval>,
}

/// What the camera is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) fourcc: u32,
    pub(crate) pixels: Pixels,
    pub(crate) size: Size,
    pub(crate) interval: Option<Interval>,
}

/// All that a camera offers and this driver understands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offers(Vec<Offer>);

impl Offers {
    /// Of what the device told.
    ///
    /// # Errors
    /// If nothing of it is of use.
    pub(crate) fn new(mut offers: Vec<Offer>, format: Format) -> Result<Self, Trouble> {
        let (any, all) = (!offers.is_empty(), offers.len());
        offers.retain(|offer| match format {
            Format::Auto => true,
            Format::Mjpeg => offer.pixels == Pixels::Jpeg,
            Format::Raw => offer.pixels != Pixels::Jpeg,
        });
        if offers.is_empty() {
            return Err(Trouble::Config(if any {
                format!("none of the camera's {all} sizes has the format of config.format; leave that setting out")
            } else {
                "the camera offers no size in MJPEG, YUYV, UYVY, NV12 or GREY".to_owned()
            }));
        }
        offers.sort_by_key(|offer| {
            (u64::from(offer.size.width) * u64::from(offer.size.height), offer.size, offer.pixels)
        });
        offers.dedup_by_key(|offer| (offer.size, offer.pixels));
        Ok(Self(offers))
    }

    /// Each size once, smallest first.
    pub(crate) fn sizes(&self) -> Vec<CameraSize> {
        let mut sizes: Vec<&Offer> = self.0.iter().collect();
        // The best format of a size comes first.
        sizes.dedup_by_key(|offer| offer.size);
        sizes.into_iter().map(Offer::told).collect()
    }

    /// The mode for live pictures.
    ///
    /// # Errors
    /// [`Trouble::Config`] if the camera does not have the size, naming those that it has.
    pub(crate) fn preview(&self, wanted: Option<Size>, fps: u16) -> Result<Mode, Trouble> {
        let offer = match wanted {
            Some(size) => self.at(size).ok_or_else(|| {
                Trouble::Config(format!(
                    "the camera has no pictures of {size} (config.preview); it has {}",
                    self.listed()
                ))
            })?,
            None => {
                let fits = |offer: &&Offer| {
                    offer.size.width <= PREVIEW_USUAL.width && offer.size.height <= PREVIEW_USUAL.height
                };
                let usual = self.0.iter().rev().find(fits).unwrap_or_else(|| self.smallest());
                self.at(usual.size).unwrap_or(usual)
            }
        };
        Ok(offer.mode(Some(fps)))
    }

    /// The mode for one picture: of this size, or the largest.
    ///
    /// # Errors
    /// [`Trouble::Unsupported`] if the camera does not have the size, [`Trouble::Invalid`] if half of it is missing.
    pub(crate) fn capture(&self, width: Option<u32>, height: Option<u32>) -> Result<Mode, Trouble> {
        let size = match (width, height) {
            (Some(width), Some(height)) => Size { width, height },
            (None, None) => self.0.last().unwrap_or_else(|| self.smallest()).size,
            (Some(_), None) => return Err(half("payload.height")),
            (None, Some(_)) => return Err(half("payload.width")),
        };
        let offer = self.at(size).ok_or_else(|| {
            Trouble::Unsupported(format!("the camera has no pictures of {size}; it has {}", self.listed()))
        })?;
        Ok(offer.mode(None))
    }

    /// The best format of a size.
    fn at(&self, size: Size) -> Option<&Offer> {
        self.0.iter().find(|offer| offer.size == size)
    }

    fn smallest(&self) -> &Offer {
        self.0.first().expect("offers are not made of nothing")
    }

    fn listed(&self) -> String {
        let sizes = self.sizes();
        sizes.iter().map(|size| format!("{}x{}", size.width, size.height)).collect::<Vec<_>>().join(", ")
    }
}

fn half(field: &'static str) -> Trouble {
    Trouble::Invalid { field, problem: "a size is width and height: say both or none".into() }
}

impl Offer {
    fn told(&self) -> CameraSize {
        let fps = self.intervals.iter().map(|interval| interval.fps()).max_by(f32::total_cmp);
        CameraSize { width: self.size.width, height: self.size.height, fps, jpeg: self.pixels == Pixels::Jpeg }
    }

    /// With the quickest pace that is not above `fps`, else the slowest that there is; without `fps` the quickest.
    fn mode(&self, fps: Option<u16>) -> Mode {
        let limit = fps.map_or(f32::INFINITY, |fps| f32::from(fps) + 0.5);
        let by_pace = |a: &&Interval, b: &&Interval| a.fps().total_cmp(&b.fps());
        let within = self.intervals.iter().filter(|interval| interval.fps() <= limit).max_by(by_pace);
        let interval = within.or_else(|| self.intervals.iter().min_by(by_pace)).copied();
        Mode { fourcc: self.fourcc, pixels: self.pixels, size: self.size, interval }
    }
}

impl Mode {
    /// As capabilities tell it.
    pub(crate) fn told(&self) -> CameraSize {
        CameraSize {
            width: self.size.width,
            height: self.size.height,
            fps: self.interval.map(Interval::fps),
            jpeg: self.pixels == Pixels::Jpeg,
        }
    }
}

/// A mode as people write it: `1280x720 MJPG`.
impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.size, fourcc_text(self.fourcc))
    }
}

/// A four-letter code as text.
pub(crate) fn fourcc_text(fourcc: u32) -> String {
    fourcc.to_le_bytes().iter().flat_map(|byte| byte.escape_ascii()).map(char::from).collect()
}
