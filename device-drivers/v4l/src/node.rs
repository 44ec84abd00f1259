//! An open node of the kernel's: is it a camera, what does it offer, and set it to a mode.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode as FileMode, OFlags, open};
use rustix::io::Errno;

use crate::config::Size;
use crate::ffi;
use crate::ffi::abi::{self, cap};
use crate::mode::{Interval, Mode, Offer, Pixels, fourcc_text};
use crate::trouble::Trouble;

/// Most pixel formats, sizes of one and paces of one size that are looked at; the largest real lists have about 90.
const INDEX_MAX: u32 = 256;
/// Largest picture that is taken, bytes: 4096 x 3072 with two bytes a pixel has 24 MiB.
const IMAGE_MAX: u32 = 64 << 20;

/// The sizes that are offered of a camera that makes any size between two.
const USUAL_SIZES: [(u32, u32); 10] = [
    (320, 240),
    (640, 480),
    (800, 600),
    (1024, 768),
    (1280, 720),
    (1280, 960),
    (1600, 1200),
    (1920, 1080),
    (2592, 1944),
    (3840, 2160),
];

/// An open node.
pub(crate) struct Node {
    file: OwnedFd,
    path: PathBuf,
    card: String,
}

/// What a camera was set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) mode: Mode,
    /// Bytes of one line of pixels, and what follows it until the next begins.
    pub(crate) bytes_per_line: u32,
    /// Brightness is from 0 to 255, as in JPEG; else from 16 to 235, as in television.
    pub(crate) full_range: bool,
}

impl Node {
    /// Opens the first of these nodes that is a camera.
    ///
    /// # Errors
    /// Why none is: that of the first.
    pub(crate) fn open_one(paths: &[PathBuf]) -> Result<Self, Trouble> {
        let mut first = None;
        for path in paths {
            match Self::open(path) {
                Ok(node) => return Ok(node),
                Err(trouble) => first = first.or(Some(trouble)),
            }
        }
        Err(first.unwrap_or_else(|| Trouble::NotAttached("there is no node of a camera".into())))
    }

    fn open(path: &Path) -> Result<Self, Trouble> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = open(path, flags, FileMode::empty()).map_err(|error| match error {
            Errno::NOENT | Errno::NODEV | Errno::NXIO => Trouble::NotAttached(format!(
                "there is no camera at {}; `kiosk-gateway discover` lists them",
                path.display()
            )),
            error => Trouble::of(error, "to be opened", path),
        })?;
        let mut told = abi::Capability::default();
        ffi::query_capability(file.as_fd(), &mut told).map_err(|error| match error {
            Errno::NOTTY | Errno::INVAL => not_a_camera(path, "it is no Video4Linux device"),
            error => Trouble::of(error, "to say what it is", path),
        })?;
        let whole = told.capabilities & cap::DEVICE_CAPS == 0;
        let can = if whole { told.capabilities } else { told.device_caps };
        if can & cap::VIDEO_CAPTURE == 0 {
            let why = if can & cap::VIDEO_CAPTURE_MPLANE == 0 {
                "it takes no pictures (cameras have a second node for data about them: try the one before it)"
            } else {
                "it gives pictures in several planes only, which this driver does not read"
            };
            return Err(not_a_camera(path, why));
        }
        if can & cap::STREAMING == 0 {
            return Err(not_a_camera(path, "it cannot stream"));
        }
        Ok(Self { file, path: path.to_owned(), card: text(&told.card) })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the kernel's driver calls it.
    pub(crate) fn card(&self) -> &str {
        &self.card
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// What went wrong with a call.
    pub(crate) fn trouble(&self, error: Errno, what: &'static str) -> Trouble {
        Trouble::of(error, what, &self.path)
    }

    /// All that it offers in formats that are understood.
    pub(crate) fn offers(&self) -> Result<Vec<Offer>, Trouble> {
        let mut offers = Vec::new();
        for index in 0..INDEX_MAX {
            let mut format =
                abi::FormatDescription { index, queue: abi::VIDEO_CAPTURE, ..abi::FormatDescription::default() };
            match ffi::enum_format(self.fd(), &mut format) {
                Ok(()) => {}
                Err(Errno::INVAL) => break,
                Err(error) => return Err(self.trouble(error, "to list its formats")),
            }
            let Some(pixels) = Pixels::of(format.fourcc) else { continue };
            for size in self.sizes(format.fourcc)? {
                let intervals = self.intervals(format.fourcc, size);
                offers.push(Offer { fourcc: format.fourcc, pixels, size, intervals });
            }
        }
        Ok(offers)
    }

    fn sizes(&self, fourcc: u32) -> Result<BTreeSet<Size>, Trouble> {
        let mut sizes = BTreeSet::new();
        for index in 0..INDEX_MAX {
            let mut size = abi::FrameSize { index, fourcc, ..abi::FrameSize::default() };
            match ffi::enum_frame_size(self.fd(), &mut size) {
                Ok(()) => {}
                // A device without such a list has no more to say.
                Err(Errno::INVAL | Errno::NOTTY) => break,
                Err(error) => return Err(self.trouble(error, "to list its sizes")),
            }
            if size.form == abi::DISCRETE {
                sizes.insert(Size { width: size.size[0], height: size.size[1] });
            } else {
                sizes.extend(between(size.size));
                break;
            }
        }
        sizes.retain(|size| (16..=16_384).contains(&size.width) && (16..=16_384).contains(&size.height));
        Ok(sizes)
    }

    /// The paces of a size. A device that does not tell them has some nevertheless.
    fn intervals(&self, fourcc: u32, size: Size) -> Vec<Interval> {
        let mut intervals = Vec::new();
        for index in 0..INDEX_MAX {
            let Size { width, height } = size;
            let mut pace = abi::FrameInterval { index, fourcc, width, height, ..abi::FrameInterval::default() };
            if ffi::enum_frame_interval(self.fd(), &mut pace).is_err() {
                break;
            }
            intervals.extend(Interval::new(pace.interval[0]));
            if pace.form != abi::DISCRETE {
                intervals.extend(Interval::new(pace.interval[1]));
                break;
            }
        }
        intervals
    }

    /// Sets the mode. Nobody may be streaming.
    pub(crate) fn set(&self, mode: &Mode) -> Result<Layout, Trouble> {
        let mut format = abi::Format {
            queue: abi::VIDEO_CAPTURE,
            width: mode.size.width,
            height: mode.size.height,
            fourcc: mode.fourcc,
            field: abi::FIELD_NONE,
            ..abi::Format::default()
        };
        ffi::set_format(self.fd(), &mut format).map_err(|error| self.trouble(error, "the size of its pictures"))?;
        let set = (format.width, format.height, format.fourcc);
        if set != (mode.size.width, mode.size.height, mode.fourcc) || format.image_bytes > IMAGE_MAX {
            let set = format!("{}x{} {}", format.width, format.height, fourcc_text(format.fourcc));
            return Err(Trouble::OtherFormat { asked: mode.to_string(), set });
        }
        if let Some(interval) = mode.interval {
            self.set_interval(interval)?;
        }
        let full_range = match format.quantization {
            abi::QUANTIZATION_FULL => true,
            abi::QUANTIZATION_DEFAULT => format.colorspace == abi::COLORSPACE_JPEG,
            _ => false,
        };
        Ok(Layout { mode: *mode, bytes_per_line: format.bytes_per_line, full_range })
    }

    /// Sets the pace, where it can be set; a camera that has a pace of its own keeps it.
    fn set_interval(&self, interval: Interval) -> Result<(), Trouble> {
        let mut pace = abi::StreamParameters { queue: abi::VIDEO_CAPTURE, ..abi::StreamParameters::default() };
        let told = ffi::get_parameters(self.fd(), &mut pace);
        if told.is_err() || pace.capability & abi::INTERVAL_CAN_BE_SET == 0 {
            return Ok(());
        }
        pace.interval = [interval.numerator, interval.denominator];
        match ffi::set_parameters(self.fd(), &mut pace) {
            Err(error) if self.trouble(error, "its pace").is_gone() || error == Errno::BUSY => {
                Err(self.trouble(error, "its pace"))
            }
            _ => Ok(()),
        }
    }
}

fn not_a_camera(path: &Path, why: &str) -> Trouble {
    Trouble::NotACamera { path: path.into(), why: why.into() }
}

/// The usual sizes that lie on the steps of a camera, and its largest.
fn between([least_w, most_w, step_w, least_h, most_h, step_h]: [u32; 6]) -> Vec<Size> {
    let on_step = |value: u32, least: u32, most: u32, step: u32| {
        (least..=most).contains(&value) && (value - least).is_multiple_of(step.max(1))
    };
    let fits = |&(width, height): &(u32, u32)| {
        on_step(width, least_w, most_w, step_w) && on_step(height, least_h, most_h, step_h)
    };
    let usual = USUAL_SIZES.into_iter().filter(fits).map(|(width, height)| Size { width, height });
    usual.chain([Size { width: most_w, height: most_h }]).collect()
}

/// Text that the device may have chosen: up to its first zero, without control characters.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_a_camera_with_any_size_the_usual_ones_are_offered() {
        let sizes = between([160, 1920, 16, 120, 1080, 8]);
        let told: Vec<String> = sizes.iter().map(Size::to_string).collect();
        assert_eq!(
            told,
            ["320x240", "640x480", "800x600", "1024x768", "1280x720", "1280x960", "1920x1080", "1920x1080"]
        );
        assert_eq!(between([64, 64, 0, 48, 48, 0]), [Size { width: 64, height: 48 }]);
        assert_eq!(between([9, 1, 0, 9, 1, 0]).len(), 1, "nonsense is no reason to fail");
    }

    proptest! {
        #[test]
        fn whatever_a_device_says_of_its_sizes_and_its_name_is_taken(sizes: [u32; 6], name: [u8; 32]) {
            let sizes = between(sizes);
            prop_assert!((1..=USUAL_SIZES.len() + 1).contains(&sizes.len()));
            prop_assert!(!text(&name).chars().any(char::is_control));
        }
    }

    #[test]
    fn what_is_no_camera_says_so() {
        let error = Node::open_one(&["/dev/null".into()]).err().unwrap();
        assert!(matches!(&error, Trouble::NotACamera { why, .. } if why.contains("Video4Linux")), "{error}");
        let error = Node::open_one(&["/dev/video-that-is-not-there".into()]).err().unwrap();
        assert!(error.is_gone() && error.to_string().contains("discover"), "{error}");
    }
}
