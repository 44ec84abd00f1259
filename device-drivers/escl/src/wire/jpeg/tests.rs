use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};
use proptest::prelude::*;

use super::{JpegError, JpegWatch, Size};

/// A picture from an independent encoder.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| image::Rgb([x, y, x * y].map(|v| v.to_le_bytes()[0])));
    let mut bytes = Vec::new();
    JpegEncoder::new(&mut bytes).encode(&pixels, width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn watch(pieces: &[&[u8]]) -> Result<Size, JpegError> {
    let mut watch = JpegWatch::new();
    for piece in pieces {
        watch.push(piece)?;
    }
    watch.finish()
}

#[test]
fn the_size_is_that_of_the_pictures_own_header() {
    assert_eq!(watch(&[&picture(123, 45)]), Ok(Size { width: 123, height: 45 }));
}

#[test]
fn padding_behind_the_end_does_no_harm() {
    assert_eq!(watch(&[&picture(20, 10), &[0; 64]]), Ok(Size { width: 20, height: 10 }));
}

#[test]
fn an_end_within_a_thumbnail_is_not_the_end() {
    let inner = picture(8, 8);
    let outer = picture(64, 32);
    let mut bytes = outer[..2].to_vec();
    bytes.extend([0xFF, 0xE1]);
    bytes.extend(u16::try_from(inner.len() + 2).unwrap().to_be_bytes());
    bytes.extend(&inner);
    let thumbnail_ends = bytes.len();
    bytes.extend(&outer[2..]);
    assert_eq!(watch(&[&bytes]), Ok(Size { width: 64, height: 32 }));
    assert!(matches!(watch(&[&bytes[..thumbnail_ends]]), Err(JpegError::CutShort { .. })));
}

#[test]
fn a_height_that_was_left_open_comes_from_the_segment_behind_the_data() {
    let mut bytes =
        vec![0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 0, 0, 20, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0];
    bytes.extend([0x12, 0xFF, 0x00, 0xFF, 0xD0, 0x34]);
    let mut open = bytes.clone();
    open.extend([0xFF, 0xD9]);
    assert_eq!(watch(&[&open]), Err(JpegError::NoSize));
    bytes.extend([0xFF, 0xDC, 0, 4, 0, 30, 0xFF, 0xD9]);
    assert_eq!(watch(&[&bytes]), Ok(Size { width: 20, height: 30 }));
}

#[test]
fn what_is_no_jpeg_is_refused_with_its_first_bytes() {
    assert_eq!(watch(&[b"<html>"]), Err(JpegError::NotJpeg));
    assert_eq!(watch(&[b"\xFF", b"\xFF"]), Err(JpegError::NotJpeg));
    assert_eq!(watch(&[&[0xFF, 0xD8, 0x00]]), Err(JpegError::NoMarker { at: 2 }));
    assert_eq!(watch(&[&[0xFF, 0xD8, 0xFF, 0xD8]]), Err(JpegError::NoMarker { at: 3 }));
    assert_eq!(watch(&[&[0xFF, 0xD8, 0xFF, 0xE0, 0, 1]]), Err(JpegError::BadLength { at: 5 }));
    assert_eq!(watch(&[&[0xFF, 0xD8, 0xFF, 0xC0, 0, 4]]), Err(JpegError::BadLength { at: 5 }));
    assert_eq!(watch(&[&[0xFF, 0xD8, 0xFF, 0xD9]]), Err(JpegError::NoSize));
    assert_eq!(watch(&[]), Err(JpegError::CutShort { bytes: 0 }));
}

proptest! {
    #[test]
    fn a_picture_may_come_in_any_pieces(width in 1_u32..80, height in 1_u32..80, piece in 1_usize..200) {
        let bytes = picture(width, height);
        let pieces: Vec<&[u8]> = bytes.chunks(piece).collect();
        prop_assert_eq!(watch(&pieces), Ok(Size { width, height }));
    }

    #[test]
    fn a_picture_that_is_cut_anywhere_is_never_a_page(cut in 0.0_f64..1.0) {
        let bytes = picture(40, 40);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a small length")]
        let cut = (bytes.len() as f64 * cut) as usize;
        let at = u64::try_from(cut).unwrap();
        prop_assert_eq!(watch(&[&bytes[..cut]]), Err(JpegError::CutShort { bytes: at }));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), piece in 1_usize..40) {
        let mut jpeg = vec![0xFF, 0xD8, 0xFF];
        jpeg.extend(&bytes);
        let pieces: Vec<&[u8]> = jpeg.chunks(piece).collect();
        let whole = watch(&[&jpeg]);
        prop_assert_eq!(watch(&pieces), whole);
    }

    #[test]
    fn a_changed_picture_is_told_the_same_however_it_comes(at in any::<prop::sample::Index>(), with in proptest::collection::vec(any::<u8>(), 1..5), piece in 1_usize..90) {
        let mut bytes = picture(30, 20);
        let at = at.index(bytes.len());
        let end = (at + with.len()).min(bytes.len());
        bytes.splice(at..end, with);
        let pieces: Vec<&[u8]> = bytes.chunks(piece).collect();
        let whole = watch(&[&bytes]);
        prop_assert_eq!(watch(&pieces), whole);
        if let Ok(Size { width, height }) = whole {
            prop_assert!((1..=65_535).contains(&width) && (1..=65_535).contains(&height));
        }
    }
}
