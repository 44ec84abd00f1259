//! Data group 2: a portrait (ICAO Doc 9303-10, section 4.7.2; ISO/IEC 19794-5:2005).

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, Rgb, RgbImage};

use super::person::{Person, Sex};
use super::profile::ProfileError;
use super::tlv;
use crate::random::Random;

/// Size of the drawn portrait.
const SIZE: (u32, u32) = (360, 480);

/// A JPEG or JPEG 2000 file and its size.
#[derive(Debug)]
pub(super) struct Portrait {
    jpeg: Vec<u8>,
    size: (u32, u32),
}

impl Portrait {
    /// The person's file, or a head that belongs to nobody.
    pub(super) fn of(person: &Person) -> Result<Self, ProfileError> {
        let Some(path) = &person.portrait else { return Ok(Self::draw()) };
        let jpeg = std::fs::read(path).map_err(|source| ProfileError::Portrait { path: path.clone(), source })?;
        if let Some(size) = jpeg_2000_size(&jpeg) {
            return Ok(Self { jpeg, size });
        }
        let picture = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg)
            .map_err(|source| ProfileError::Picture { path: path.clone(), source })?;
        Ok(Self { jpeg, size: (picture.width(), picture.height()) })
    }

    fn draw() -> Self {
        let mut random = Random::new(1, "portrait");
        let picture = RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
            let grain = random.bits().to_le_bytes()[0] & 0x07;
            Rgb(colour(x, y).map(|part| part.saturating_sub(grain)))
        });
        let mut jpeg = Cursor::new(Vec::new());
        JpegEncoder::new_with_quality(&mut jpeg, 85)
            .encode_image(&picture)
            .expect("a picture in memory can be written as JPEG");
        Self { jpeg: jpeg.into_inner(), size: SIZE }
    }

    /// The file of data group 2.
    pub(super) fn data_group(&self, person: &Person) -> Vec<u8> {
        // Biometric header template (Doc 9303-10, table 38): version, face, owner and kind of the format.
        let header = tlv::of(
            0xa1,
            &[
                &tlv::tlv(0x80, &[0x01, 0x01]),
                &tlv::tlv(0x81, &[0x02]),
                &tlv::tlv(0x87, &[0x01, 0x01]),
                &tlv::tlv(0x88, &[0x00, 0x08]),
            ],
        );
        let template = tlv::of(0x7f60, &[&header, &tlv::tlv(0x5f2e, &self.record(person))]);
        tlv::tlv(0x75, &tlv::of(0x7f61, &[&tlv::tlv(0x02, &[1]), &template]))
    }

    /// Facial record (ISO/IEC 19794-5:2005, section 5): header of 14 bytes, information of 20 bytes about the face and of
    /// 12 bytes about the picture.
    fn record(&self, person: &Person) -> Vec<u8> {
        let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
        let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX).to_be_bytes();
        let face = 20 + 12 + self.jpeg.len();
        let mut out = b"FAC\x00010\x00".to_vec();
        out.extend(length(14 + face));
        out.extend([0, 1]);
        out.extend(length(face));
        let sex = match person.sex {
            Sex::Male => 1,
            Sex::Female => 2,
        };
        // No feature points; sex; eyes, hair, properties, expression, pose: not said.
        out.extend([0, 0, sex, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        // Full frontal; JPEG or JPEG 2000.
        out.extend([1, u8::from(jpeg_2000_size(&self.jpeg).is_some())]);
        out.extend(side(self.size.0));
        out.extend(side(self.size.1));
        // sRGB, source, device and quality not said.
        out.extend([1, 0, 0, 0, 0, 0]);
        out.extend(&self.jpeg);
        out
    }
}

/// The size of a JPEG 2000 picture; `None` if it is none (ISO/IEC 15444-1, A.5.1: behind the marker SIZ, its length and
/// capabilities stand the width and the height).
fn jpeg_2000_size(file: &[u8]) -> Option<(u32, u32)> {
    let at = file.windows(4).position(|bytes| bytes == [0xff, 0x4f, 0xff, 0x51])? + 8;
    let number = |at: usize| Some(u32::from_be_bytes(*file.get(at..)?.first_chunk()?));
    Some((number(at)?, number(at + 4)?))
}

fn colour(x: u32, y: u32) -> [u8; 3] {
    let inside = |centre: (i64, i64), radius: (i64, i64)| {
        let across = (i64::from(x) - centre.0) * radius.1;
        let down = (i64::from(y) - centre.1) * radius.0;
        let edge = radius.0 * radius.1;
        across * across + down * down <= edge * edge
    };
    if inside((145, 215), (12, 7)) || inside((215, 215), (12, 7)) {
        [40, 40, 60]
    } else if inside((180, 300), (30, 7)) {
        [170, 80, 80]
    } else if inside((180, 235), (80, 110)) {
        [225, 190, 165]
    } else if inside((180, 205), (95, 120)) {
        [50, 40, 35]
    } else if inside((180, 500), (160, 130)) {
        [60, 90, 150]
    } else {
        [235, 240, 245]
    }
}
