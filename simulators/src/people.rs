//! People before the camera, and the portrait on the card of one of them. Their faces are files that this repository has
//! not (`tests/faces/README.md`): `make setup` and `make demo` fetch them.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, Luma, RgbImage, imageops};
use serde::{Deserialize, Serialize};

use crate::usb::reader::identity::{PrintError, Profile, ZONE_FONT};

/// Width and height of a face's file, pixels.
const FACE: (u32, u32) = (92, 112);
/// A face that fills a camera's picture as it should stands so many times its size before it.
pub const NEAR: f32 = 3.0;
/// Width of a card that is held up, pixels.
const CARD_WIDTH: u32 = 600;
/// How good the portrait on the card is packed.
const QUALITY: u8 = 90;

/// The holder of the card.
pub const HOLDER: u8 = 5;
/// The holder's picture on the card.
pub const ON_CARD: u8 = 10;
/// The holder before the camera.
pub const FRONT: u8 = 3;
/// The holder, turned to the own right.
pub const TURNED: u8 = 7;
/// Another person.
const OTHER: u8 = 26;
/// Who looks into the camera.
const OTHER_FRONT: u8 = 1;
/// And is turned to the own left.
const OTHER_TURNED: u8 = 5;

/// Who stands before the camera.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// The holder of the card, who turns the head to both sides again and again.
    #[default]
    Holder,
    /// Another person, who does the same.
    Other,
    /// Somebody who holds up a photograph of the holder.
    Photograph,
    /// Nobody.
    Nobody,
    /// Somebody who holds up the back of the holder's card, as it was before 2024: without a QR code.
    Card,
}

/// A face, or the letters of a card, cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be used (`make setup` fetches it): {problem}", path.display())]
pub struct FaceError {
    /// Its file.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: String,
}

/// The people.
#[derive(Debug, Clone)]
pub struct People {
    folder: PathBuf,
}

impl People {
    /// Those whose faces are in this folder, `sPERSON-PICTURE.pgm`.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The picture of a person: persons 1 to 40, pictures 1 to 10.
    ///
    /// # Errors
    /// When it is not there, or none.
    pub fn face(&self, person: u8, picture: u8) -> Result<GrayImage, FaceError> {
        let path = self.folder.join(format!("s{person}-{picture}.pgm"));
        let (width, height) = FACE;
        let read = || {
            let file = std::fs::read(&path).map_err(|error| error.to_string())?;
            // Netpbm's P5: width, height and the largest value, each ended by white space, before the pixels.
            let header = file.len().checked_sub((width * height) as usize).filter(|_| file.starts_with(b"P5"));
            let header = header.ok_or_else(|| format!("it is no grey picture of {width} x {height}"))?;
            GrayImage::from_raw(width, height, file[header..].to_vec()).ok_or_else(|| "it is cut short".to_owned())
        };
        read().map_err(|problem| FaceError { path: path.clone(), problem })
    }

    /// The portrait on the holder's card, a JPEG file.
    ///
    /// # Errors
    /// When the face is not there.
    pub fn portrait(&self) -> Result<Vec<u8>, FaceError> {
        Ok(jpeg_of(&self.face(HOLDER, ON_CARD)?))
    }

    /// What a camera sees, one picture after the other.
    ///
    /// # Errors
    /// When a face is not there.
    pub fn before(&self, before: Before) -> Result<Vec<RgbImage>, FaceError> {
        let holder = self.face(HOLDER, FRONT)?;
        Ok(match before {
            Before::Holder => turning(&holder, &self.face(HOLDER, TURNED)?),
            Before::Other => {
                let turned = imageops::flip_horizontal(&self.face(OTHER, OTHER_TURNED)?);
                turning(&self.face(OTHER, OTHER_FRONT)?, &turned)
            }
            Before::Photograph => vec![scene(Some(&holder), NEAR)],
            Before::Nobody => vec![scene(None, NEAR)],
            Before::Card => vec![card()?],
        })
    }
}

/// A card held up, nearly as wide as the picture.
fn card() -> Result<RgbImage, FaceError> {
    let font = Path::new(ZONE_FONT);
    let unusable = |error: PrintError| FaceError { path: font.to_owned(), problem: error.to_string() };
    let card = Profile::default().back(CARD_WIDTH, false, font).map_err(unusable)?;
    let mut scene = DynamicImage::ImageLuma8(GrayImage::from_pixel(640, 480, Luma([96]))).to_rgb8();
    let (left, top) = ((640 - i64::from(card.width())) / 2, (480 - i64::from(card.height())) / 2);
    imageops::overlay(&mut scene, &card, left, top);
    Ok(scene)
}

/// A face as a JPEG file.
#[must_use]
pub fn jpeg_of(face: &GrayImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let colour = DynamicImage::ImageLuma8(face.clone()).to_rgb8();
    // Memory does not fail to be written.
    let _ = JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(&colour);
    out.into_inner()
}

/// What a camera of 640 x 480 sees: the face in the middle, so many times its size, before a plain wall.
#[must_use]
pub fn scene(face: Option<&GrayImage>, times: f32) -> RgbImage {
    let mut scene = GrayImage::from_pixel(640, 480, Luma([150]));
    if let Some(face) = face {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred pixels")]
        #[expect(clippy::cast_precision_loss, reason = "about a hundred pixels")]
        let side = |pixels: u32| (pixels as f32 * times) as u32;
        let face = imageops::resize(face, side(face.width()), side(face.height()), imageops::FilterType::CatmullRom);
        let left = (640 - i64::from(face.width())) / 2;
        let top = (480 - i64::from(face.height())) / 2;
        imageops::overlay(&mut scene, &face, left, top);
    }
    DynamicImage::ImageLuma8(scene).to_rgb8()
}

/// Somebody who looks, turns to the own left, looks, turns to the right: `turned` is turned to the right, and mirrored to the
/// left.
#[must_use]
pub fn turning(front: &GrayImage, turned: &GrayImage) -> Vec<RgbImage> {
    let look = |face: &GrayImage| scene(Some(face), NEAR);
    vec![look(front), look(&imageops::flip_horizontal(turned)), look(front), look(turned)]
}
