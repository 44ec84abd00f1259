//! What is drawn where a signature is (ISO 32000-1, sections 8.9.5 and 8.10): the picture of a seal or of a signature by hand.

use std::io::{Cursor, Write};

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::{ColorType, DynamicImage, ImageDecoder, Limits};

use crate::pdf::update::Update;
use crate::pdf::{Dict, Id, Object};

/// Most pixels on one side of a picture.
const SIDE: u32 = 4096;

/// Why a picture is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It is neither PNG nor JPEG.
    #[error("a picture is neither PNG nor JPEG")]
    Kind,
    /// It cannot be read, or has more than 4096 pixels on a side.
    #[error("a picture cannot be read: {0}")]
    Malformed(String),
}

impl From<image::ImageError> for ImageError {
    fn from(error: image::ImageError) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Adds a form that fills a rectangle with a picture, or with nothing.
pub(super) fn add(update: &mut Update<'_>, rect: [f32; 4], image: Option<&[u8]>) -> Result<Id, ImageError> {
    let (width, height) = (Object::real(rect[2] - rect[0]), Object::real(rect[3] - rect[1]));
    let mut form = Dict::from([
        ("Type", Object::name("XObject")),
        ("Subtype", Object::name("Form")),
        ("BBox", Object::Array(vec![Object::Int(0), Object::Int(0), width.clone(), height.clone()])),
    ]);
    let mut content = Vec::new();
    let mut resources = Dict::default();
    if let Some(image) = image {
        let image = add_image(update, image)?;
        resources.set("XObject", Object::Dict(Dict::from([("Im", Object::Ref(image))])));
        content.extend_from_slice(b"q ");
        width.write(&mut content);
        content.extend_from_slice(b" 0 0 ");
        height.write(&mut content);
        content.extend_from_slice(b" 0 0 cm /Im Do Q");
    }
    form.set("Resources", Object::Dict(resources));
    Ok(update.add_stream(form, &content))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
    limits
}

fn add_image(update: &mut Update<'_>, image: &[u8]) -> Result<Id, ImageError> {
    if image.starts_with(&[0xFF, 0xD8, 0xFF]) {
        let mut decoder = JpegDecoder::new(Cursor::new(image))?;
        decoder.set_limits(limits())?;
        let size = decoder.dimensions();
        let space = match decoder.color_type() {
            ColorType::L8 => "DeviceGray",
            ColorType::Rgb8 => "DeviceRGB",
            _ => return Err(ImageError::Malformed("it is neither grey nor red, green and blue".to_owned())),
        };
        // As it is: unpacked and packed again it would lose.
        return Ok(update.add_stream(picture(size, space, "DCTDecode"), image));
    }
    if !image.starts_with(b"\x89PNG") {
        return Err(ImageError::Kind);
    }
    let decoder = PngDecoder::with_limits(Cursor::new(image), limits())?;
    let size = decoder.dimensions();
    let pixels = DynamicImage::from_decoder(decoder)?.into_rgba8();
    let alpha: Vec<u8> = pixels.pixels().map(|pixel| pixel.0[3]).collect();
    let colours: Vec<u8> = pixels.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]).collect();
    let mut dict = picture(size, "DeviceRGB", "FlateDecode");
    if alpha.iter().any(|alpha| *alpha != 255) {
        let mask = update.add_stream(picture(size, "DeviceGray", "FlateDecode"), &packed(&alpha)?);
        dict.set("SMask", Object::Ref(mask));
    }
    Ok(update.add_stream(dict, &packed(&colours)?))
}

fn picture((width, height): (u32, u32), space: &str, filter: &str) -> Dict {
    Dict::from([
        ("Type", Object::name("XObject")),
        ("Subtype", Object::name("Image")),
        ("Width", Object::Int(i64::from(width))),
        ("Height", Object::Int(i64::from(height))),
        ("ColorSpace", Object::name(space)),
        ("BitsPerComponent", Object::Int(8)),
        ("Filter", Object::name(filter)),
    ])
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map_err(|error| ImageError::Malformed(error.to_string()))
}
