//! What the camera sees: JPEG files, a video file, or a test picture. A file's picture of just the size that is asked for is
//! sent byte for byte; any other is scaled to fit, with black around it.
//!
//! The test picture shows coloured bars and a digit that counts frames, and tells each frame's number to machines: a JPEG
//! in a comment `frame=N unix_us=T`, YUYV in the top left corner, 32 squares of 8 pixels, white for 1, most significant
//! bit first.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage, imageops};

use super::format::{Choice, Format, Size};
use super::video::Video;

/// Most files of a folder.
const FILES_MAX: usize = 64;
/// Largest file.
const FILE_MAX: u64 = 16 << 20;
/// How good pictures are that are coded here.
const QUALITY: u8 = 85;
/// Pixels of a square that tells a bit.
const SQUARE: usize = 8;
/// How long a picture of a folder stays unless said otherwise.
const HOLD: Duration = Duration::from_secs(1);
/// The test picture's digits.
const DIGITS: u64 = 10;

/// What a camera is to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Shows {
    /// The test picture.
    #[default]
    Test,
    /// The JPEG files of a folder, by name, one after the other.
    Folder(PathBuf),
    /// A Motion JPEG file, again and again.
    Video {
        /// Which.
        file: PathBuf,
        /// Its pictures a second, which it does not tell itself.
        fps: u16,
    },
}

/// Why there are no pictures.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// Of what.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not a JPEG.
    #[error("{} is not a JPEG picture", .path.display())]
    NoJpeg {
        /// Of what.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// Not a Motion JPEG file.
    #[error(
        "{} is not a Motion JPEG file; byte {at}: {problem} (`ffmpeg -i IN -an -c:v mjpeg -q:v 3 -f mjpeg OUT.mjpeg` makes one)",
        .path.display()
    )]
    NoVideo {
        /// Of what.
        path: PathBuf,
        /// Where, from the beginning.
        at: usize,
        /// What is wrong there.
        problem: &'static str,
    },
    /// Too large.
    #[error("{} is larger than {most} bytes", .path.display())]
    TooLarge {
        /// Of what.
        path: PathBuf,
        /// The most that is taken.
        most: u64,
    },
    /// Nothing there.
    #[error("{} holds no file whose name ends in .jpg or .jpeg", .0.display())]
    Empty(PathBuf),
}

#[derive(Debug)]
enum Source {
    File {
        name: String,
        jpeg: Vec<u8>,
        picture: RgbImage,
    },
    /// One picture of a video.
    Frame(Arc<Video>, usize),
    Digit(u64),
}

/// The pictures.
#[derive(Debug)]
pub struct Pictures {
    sources: Vec<Source>,
    /// How long each stays; the test picture changes with each frame.
    pub hold: Duration,
    /// As they were coded last, by their place; those of a video are too many to be kept.
    coded: HashMap<usize, Vec<u8>>,
    coded_as: Option<(Format, Size)>,
    /// Those of the test picture that are being coded: a stream need not wait for all.
    coming: Option<Receiver<(usize, Vec<u8>)>>,
}

impl Pictures {
    fn new(sources: Vec<Source>) -> Self {
        Self { sources, hold: HOLD, coded: HashMap::new(), coded_as: None, coming: None }
    }

    /// What is to be seen.
    ///
    /// # Errors
    /// When a file is not what it should be.
    pub fn of(shows: &Shows) -> Result<Self, PictureError> {
        match shows {
            Shows::Test => Ok(Self::test()),
            Shows::Folder(folder) => Self::folder(folder),
            Shows::Video { file, fps } => Self::video(file, *fps),
        }
    }

    /// The test picture.
    #[must_use]
    pub fn test() -> Self {
        Self::new((0..DIGITS).map(Source::Digit).collect())
    }

    /// One file.
    ///
    /// # Errors
    /// When it is not a JPEG file.
    pub fn file(path: &Path) -> Result<Self, PictureError> {
        Ok(Self::new(vec![Source::open(path)?]))
    }

    /// The JPEG files of a folder, by name.
    ///
    /// # Errors
    /// When there is none, or one is not a JPEG file.
    pub fn folder(path: &Path) -> Result<Self, PictureError> {
        let read = |source| PictureError::Read { path: path.to_owned(), source };
        let entries = std::fs::read_dir(path).map_err(read)?;
        let mut files: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| is_jpeg(path)).collect();
        files.sort();
        files.truncate(FILES_MAX);
        if files.is_empty() {
            return Err(PictureError::Empty(path.to_owned()));
        }
        Ok(Self::new(files.iter().map(|file| Source::open(file)).collect::<Result<_, _>>()?))
    }

    /// These, one after the other, each so long.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    pub fn scenes(pictures: Vec<RgbImage>, hold: Duration) -> Self {
        assert!(!pictures.is_empty(), "a camera sees something");
        let name = |number: usize| format!("scene {number}");
        let sources = pictures.into_iter().enumerate();
        let sources = sources.map(|(at, picture)| Source::File { name: name(at), jpeg: jpeg(&picture), picture });
        Self { hold, ..Self::new(sources.collect()) }
    }

    /// The pictures of a Motion JPEG file, so many a second, and from the beginning again at its end.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn video(path: &Path, fps: u16) -> Result<Self, PictureError> {
        let video = Arc::new(Video::open(path)?);
        let pictures = (0..video.count()).map(|number| Source::Frame(Arc::clone(&video), number)).collect();
        Ok(Self { hold: Duration::from_secs(1) / u32::from(fps.max(1)), ..Self::new(pictures) })
    }

    /// The names of the files.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.sources.iter().filter_map(Source::name).collect()
    }

    /// A frame by its number.
    pub fn frame(&mut self, number: u64, choice: Choice) -> Vec<u8> {
        let Choice { format, size, .. } = choice;
        let is_test = matches!(self.sources[0], Source::Digit(_));
        if self.coded_as != Some((format, size)) {
            self.coded.clear();
            self.coded_as = Some((format, size));
            self.coming = is_test.then(|| code_digits(format, size));
        }
        if let Some(coming) = &self.coming {
            self.coded.extend(coming.try_iter());
        }
        let time = u128::from(number) * choice.interval().as_nanos();
        let step = if is_test { u128::from(number) } else { time / self.hold.as_nanos().max(1) };
        let mut place = usize::try_from(step % self.sources.len() as u128).unwrap_or(0);
        if is_test && !self.coded.contains_key(&place) {
            // Not coded yet; the frame's number counts on.
            place = 0;
        }
        let source = &self.sources[place];
        if let Source::Frame(..) = source {
            return source.coded(format, size);
        }
        let mut frame = self.coded.entry(place).or_insert_with(|| source.coded(format, size)).clone();
        match (is_test, format) {
            (false, _) => {}
            (true, Format::Mjpeg) => stamp(&mut frame, number),
            (true, Format::Yuyv) => mark(&mut frame, number, size),
        }
        frame
    }
}

/// Codes all but the first digit, each as soon as there is time for it; ends early when nobody wants them any more.
fn code_digits(format: Format, size: Size) -> Receiver<(usize, Vec<u8>)> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for (place, digit) in (0..DIGITS).enumerate().skip(1) {
            if sender.send((place, Source::Digit(digit).coded(format, size))).is_err() {
                return;
            }
        }
    });
    receiver
}

fn is_jpeg(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jpg") || ending.eq_ignore_ascii_case("jpeg"))
}

impl Source {
    /// Once for each video and for the test picture.
    fn name(&self) -> Option<&str> {
        match self {
            Source::File { name, .. } => Some(name),
            Source::Frame(video, 0) => Some(video.name()),
            Source::Digit(0) => Some("test picture"),
            Source::Frame(..) | Source::Digit(_) => None,
        }
    }

    fn open(path: &Path) -> Result<Self, PictureError> {
        let read = |source| PictureError::Read { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(read)?.len() > FILE_MAX {
            return Err(PictureError::TooLarge { path: path.to_owned(), most: FILE_MAX });
        }
        let jpeg = std::fs::read(path).map_err(read)?;
        let picture = image::load_from_memory_with_format(&jpeg, image::ImageFormat::Jpeg);
        let picture = picture.map_err(|source| PictureError::NoJpeg { path: path.to_owned(), source })?.into_rgb8();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Source::File { name, jpeg, picture })
    }

    fn coded(&self, format: Format, size: Size) -> Vec<u8> {
        let wanted = (u32::from(size.width), u32::from(size.height));
        let picture = match self {
            Source::File { jpeg, picture, .. } if picture.dimensions() == wanted && format == Format::Mjpeg => {
                return jpeg.clone();
            }
            Source::Frame(video, number) if video.size(*number) == wanted && format == Format::Mjpeg => {
                return video.jpeg(*number).to_vec();
            }
            Source::File { picture, .. } => fitted(picture, wanted),
            // Damaged data are black here; a camera of the video's own size sends them as they are.
            Source::Frame(video, number) => match video.decoded(*number) {
                Ok(picture) => fitted(&picture, wanted),
                Err(_) => RgbImage::new(wanted.0, wanted.1),
            },
            Source::Digit(digit) => test_picture(*digit, wanted),
        };
        match format {
            Format::Mjpeg => jpeg(&picture),
            Format::Yuyv => yuyv(&picture),
        }
    }
}

fn fitted(picture: &RgbImage, (width, height): (u32, u32)) -> RgbImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let scaled = image::DynamicImage::from(picture.clone()).resize(width, height, imageops::FilterType::Triangle);
    let mut out = RgbImage::new(width, height);
    let (left, top) = ((width - scaled.width()) / 2, (height - scaled.height()) / 2);
    imageops::replace(&mut out, &scaled.into_rgb8(), left.into(), top.into());
    out
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    // Memory does not fail to be written.
    let _ = JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(picture);
    out.into_inner()
}

/// ITU-R BT.601 in the range of studios, colour taken from the first pixel of two.
fn yuyv(picture: &RgbImage) -> Vec<u8> {
    let byte = |value: i32| u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX);
    let mut out = Vec::with_capacity(picture.as_raw().len() / 3 * 2);
    for pair in picture.as_raw().chunks_exact(6) {
        let [r, g, b, r2, g2, b2] = [0, 1, 2, 3, 4, 5].map(|place| i32::from(pair[place]));
        let luma = |r: i32, g: i32, b: i32| byte(((66 * r + 129 * g + 25 * b + 128) >> 8) + 16);
        let u = byte(((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128);
        let v = byte(((112 * r - 94 * g - 18 * b + 128) >> 8) + 128);
        out.extend([luma(r, g, b), u, luma(r2, g2, b2), v]);
    }
    out
}

/// Which of the seven strokes a digit has, by row: top, upper left, upper right, middle, lower left, lower right, bottom.
const STROKES: [[bool; 7]; 10] = [
    [true, true, true, false, true, true, true],
    [false, false, true, false, false, true, false],
    [true, false, true, true, true, false, true],
    [true, false, true, true, false, true, true],
    [false, true, true, true, false, true, false],
    [true, true, false, true, false, true, true],
    [true, true, false, true, true, true, true],
    [true, false, true, false, false, true, false],
    [true; 7],
    [true, true, true, true, false, true, true],
];

fn test_picture(digit: u64, (width, height): (u32, u32)) -> RgbImage {
    const BARS: [[u8; 3]; 8] = [
        [235, 235, 235],
        [219, 219, 16],
        [16, 219, 219],
        [16, 219, 16],
        [219, 16, 219],
        [219, 16, 16],
        [16, 16, 219],
        [16, 16, 16],
    ];
    let mut picture = RgbImage::from_fn(width, height, |x, _| Rgb(BARS[(x * 8 / width) as usize % 8]));
    let unit = height / 16;
    let (left, top, long, thick) = ((width - 4 * unit) / 2, 4 * unit, 4 * unit, unit / 2);
    let strokes = STROKES[usize::try_from(digit).unwrap_or(0) % STROKES.len()];
    let places = [
        (left, top, long, thick),
        (left, top, thick, long),
        (left + long - thick, top, thick, long),
        (left, top + long, long, thick),
        (left, top + long, thick, long),
        (left + long - thick, top + long, thick, long),
        (left, top + 2 * long - thick, long, thick),
    ];
    for ((x, y, w, h), _) in places.into_iter().zip(strokes).filter(|(_, drawn)| *drawn) {
        for (across, down) in (0..w).flat_map(|across| (0..h).map(move |down| (across, down))) {
            picture.put_pixel(x + across, y + down, Rgb([0, 0, 0]));
        }
    }
    picture
}

/// Puts a comment after the JPEG's first marker.
fn stamp(jpeg: &mut Vec<u8>, number: u64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    let text = format!("frame={number} unix_us={now}");
    let length = u16::try_from(text.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
    // COM (ITU-T T.81, table B.1).
    let segment = [&[0xff, 0xfe], &length[..], text.as_bytes()].concat();
    jpeg.splice(2..2, segment);
}

/// Paints the number's bits.
fn mark(yuyv: &mut [u8], number: u64, size: Size) {
    let row_bytes = usize::from(size.width) * 2;
    for row in yuyv.chunks_exact_mut(row_bytes).take(SQUARE) {
        for (square, bytes) in row.chunks_exact_mut(SQUARE * 2).take(32).enumerate() {
            let white = number >> (31 - square) & 1 == 1;
            for pixel in bytes.chunks_exact_mut(2) {
                pixel.copy_from_slice(&[if white { 235 } else { 16 }, 128]);
            }
        }
    }
}
