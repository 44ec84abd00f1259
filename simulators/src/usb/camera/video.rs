//! A video file: Motion JPEG, one whole JPEG behind the other and nothing else, as `ffmpeg -i IN -an -c:v mjpeg -f mjpeg
//! OUT.mjpeg` writes it. Such a file does not tell its rate. Each picture is kept as it is, and decoded only where a camera
//! has another size.
//!
//! Document: ITU-T T.81, Annex B ("Compressed data formats").

use std::ops::Range;
use std::path::{Path, PathBuf};

use image::RgbImage;

use super::pictures::PictureError;

/// Pictures a second, unless said otherwise: what ffmpeg takes for such a file's rate.
pub const FPS: u16 = 25;
/// Largest file, bytes.
const FILE_MAX: u64 = 256 << 20;

/// Markers, Table B.1.
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// The pictures of a file.
#[derive(Debug)]
pub(super) struct Video {
    path: PathBuf,
    bytes: Vec<u8>,
    pictures: Vec<Picture>,
}

/// Where a picture is, and its width and height.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Picture {
    place: Range<usize>,
    size: (u32, u32),
}

/// A place where the next part of a picture should be and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken {
    at: usize,
    problem: &'static str,
}

impl Video {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is not Motion JPEG from its first byte to its last, or too large.
    pub(super) fn open(path: &Path) -> Result<Self, PictureError> {
        let read = |source| PictureError::Read { path: path.to_owned(), source };
        if std::fs::metadata(path).map_err(read)?.len() > FILE_MAX {
            return Err(PictureError::TooLarge { path: path.to_owned(), most: FILE_MAX });
        }
        let bytes = std::fs::read(path).map_err(read)?;
        let pictures = split(&bytes).map_err(|Broken { at, problem }| PictureError::NoVideo {
            path: path.to_owned(),
            at,
            problem,
        })?;
        let video = Self { path: path.to_owned(), bytes, pictures };
        // Whether all can be decoded would take too long to find out; if the first can, the file is what it seems to be.
        video.decoded(0).map_err(|source| PictureError::NoJpeg { path: path.to_owned(), source })?;
        Ok(video)
    }

    /// How many pictures; at least one.
    pub(super) fn count(&self) -> usize {
        self.pictures.len()
    }

    pub(super) fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or("video")
    }

    /// A picture as it is in the file.
    pub(super) fn jpeg(&self, number: usize) -> &[u8] {
        &self.bytes[self.pictures[number].place.clone()]
    }

    /// Its width and height.
    pub(super) fn size(&self, number: usize) -> (u32, u32) {
        self.pictures[number].size
    }

    /// Its pixels.
    ///
    /// # Errors
    /// When its data are not what its markers promise.
    pub(super) fn decoded(&self, number: usize) -> Result<RgbImage, image::ImageError> {
        image::load_from_memory_with_format(self.jpeg(number), image::ImageFormat::Jpeg).map(|image| image.into_rgb8())
    }
}

/// The pictures of a file, which leave no byte over.
fn split(bytes: &[u8]) -> Result<Vec<Picture>, Broken> {
    let (mut pictures, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let picture = picture(bytes, at)?;
        at = picture.place.end;
        pictures.push(picture);
    }
    if pictures.is_empty() {
        return Err(Broken { at: 0, problem: "it is empty" });
    }
    Ok(pictures)
}

/// The picture that begins here.
fn picture(bytes: &[u8], start: usize) -> Result<Picture, Broken> {
    if bytes.get(start..start + 2) != Some(&[0xff, SOI]) {
        return Err(Broken { at: start, problem: "no JPEG begins there" });
    }
    let cut = Broken { at: bytes.len(), problem: "it ends in the middle of a picture" };
    let (mut at, mut size) = (start + 2, None);
    loop {
        let segment = at;
        if bytes.get(at).ok_or(cut)? != &0xff {
            return Err(Broken { at: segment, problem: "no segment of a JPEG begins there" });
        }
        // Any number of 0xff may fill (B.1.1.2).
        at += bytes[at..].iter().take_while(|byte| **byte == 0xff).count();
        let marker = *bytes.get(at).ok_or(cut)?;
        at += 1;
        match marker {
            EOI => break,
            // TEM and RSTm have no length.
            0x01 | 0xd0..=0xd7 => continue,
            0x00 | SOI => return Err(Broken { at: segment, problem: "no segment of a JPEG begins there" }),
            _ => {}
        }
        let length = bytes.get(at..at + 2).ok_or(cut)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let body = bytes.get(at + 2..at + length.max(2)).ok_or(cut)?;
        // SOF0 to SOF15, among which DHT, JPG and DAC lie: precision, lines, samples a line (B.2.2).
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let number = |place| body.get(place..place + 2).map(|two| u32::from(two[0]) << 8 | u32::from(two[1]));
            size = number(3).zip(number(1)).filter(|(width, height)| *width > 0 && *height > 0);
        }
        if length < 2 {
            return Err(Broken { at: segment, problem: "a segment has an impossible length" });
        }
        at += length;
        if marker == SOS {
            at += scan(&bytes[at..]).ok_or(cut)?;
        }
    }
    let size = size.ok_or(Broken { at: start, problem: "the picture there has no size" })?;
    Ok(Picture { place: start..at, size })
}

/// Bytes of compressed data, up to the next marker: in the data 0xff is followed by 0x00 or RSTm (B.1.1.5).
fn scan(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|two| two[0] == 0xff && !matches!(two[1], 0x00 | 0xff | 0xd0..=0xd7))
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use proptest::prelude::*;

    use super::*;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 7]));
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes).encode_image(&picture).unwrap();
        bytes
    }

    fn opened(bytes: &[u8]) -> Result<Video, PictureError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("video.mjpeg");
        std::fs::write(&path, bytes).unwrap();
        Video::open(&path)
    }

    #[test]
    fn the_pictures_of_a_file_are_told_apart_and_stay_as_they_are() {
        let pictures = [jpeg(16, 8), jpeg(32, 24), jpeg(16, 8)];
        let video = opened(&pictures.concat()).unwrap();
        assert_eq!((video.count(), video.name()), (3, "video.mjpeg"));
        assert_eq!([0, 1, 2].map(|number| video.jpeg(number).to_vec()), pictures);
        assert_eq!((video.size(1), video.decoded(1).unwrap().dimensions()), ((32, 24), (32, 24)));
    }

    #[test]
    fn a_file_that_is_no_video_says_where_and_what_to_do() {
        let picture = jpeg(16, 8);
        let told = |bytes: &[u8]| opened(bytes).unwrap_err().to_string();
        assert!(told(b"").contains("it is empty") && told(b"").contains("ffmpeg"), "{}", told(b""));
        assert!(told(b"RIFF....AVI ").contains("byte 0: no JPEG begins there"));
        let cut = [&picture[..], &picture[..picture.len() - 1]].concat();
        assert!(told(&cut).contains(&format!("byte {}: it ends in the middle", cut.len())), "{}", told(&cut));
        let more = [&picture[..], b"\0"].concat();
        assert!(told(&more).contains(&format!("byte {}: no JPEG", picture.len())), "{}", told(&more));
        let mut wrong = picture.clone();
        let scan = wrong.windows(2).position(|two| two == [0xff, SOS]).unwrap();
        wrong.truncate(scan);
        wrong.extend([0xff, EOI]);
        assert!(matches!(opened(&wrong), Err(PictureError::NoJpeg { .. })), "markers without data");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_video_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..900) {
            let _ = split(&bytes);
            let mut damaged = [jpeg(16, 8), jpeg(16, 8)].concat();
            let at = at % damaged.len();
            damaged.splice(at..(at + bytes.len()).min(damaged.len()), bytes);
            if let Ok(pictures) = split(&damaged) {
                prop_assert_eq!(pictures.last().unwrap().place.end, damaged.len());
                prop_assert!(pictures.windows(2).all(|two| two[0].place.end == two[1].place.start));
            }
        }
    }
}
