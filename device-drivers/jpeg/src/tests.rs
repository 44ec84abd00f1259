use jpeg_encoder::{ColorType, Encoder};
use proptest::prelude::*;

use crate::{JpegError as E, check, tables};

fn picture(width: u16, height: u16) -> Vec<u8> {
    let pixels: Vec<u8> =
        (0..usize::from(width) * usize::from(height) * 3).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect();
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, 80).encode(&pixels, width, height, ColorType::Rgb).unwrap();
    jpeg
}

/// The same picture as a Motion JPEG camera sends it: without its Huffman tables.
fn without_tables(jpeg: &[u8]) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]])) + 2;
        if jpeg[at + 1] != 0xC4 {
            out.extend_from_slice(&jpeg[at..at + length]);
        }
        at += length;
    }
    out.extend_from_slice(&jpeg[at..]);
    out
}

#[test]
fn a_whole_picture_tells_its_size_and_stays_as_it_is() {
    let jpeg = picture(40, 24);
    let seen = check(&jpeg).unwrap();
    assert_eq!((seen.width, seen.height, seen.end), (40, 24, jpeg.len()));
    assert!(matches!(seen.complete(), std::borrow::Cow::Borrowed(bytes) if bytes == jpeg));
}

#[test]
fn padding_behind_the_end_is_no_part_of_the_picture() {
    let mut jpeg = picture(16, 16);
    let end = jpeg.len();
    jpeg.extend([0; 100]);
    assert_eq!(check(&jpeg).unwrap().end, end);
}

#[test]
fn a_picture_cut_anywhere_is_no_picture() {
    let jpeg = picture(40, 24);
    for length in 0..jpeg.len() {
        assert!(check(&jpeg[..length]).is_err(), "{length} of {} bytes", jpeg.len());
    }
}

#[test]
fn a_thumbnail_in_the_head_does_not_end_the_picture() {
    let (small, jpeg) = (picture(8, 8), picture(40, 24));
    let length = u16::try_from(small.len() + 2).unwrap().to_be_bytes();
    let with_thumbnail = [&jpeg[..2], &[0xFF, 0xE1], &length, &small, &jpeg[2..]].concat();
    assert_eq!(check(&with_thumbnail).unwrap().width, 40);
    let cut = &with_thumbnail[..with_thumbnail.len() - 10];
    assert_eq!(check(cut), Err(E::CutShort { bytes: cut.len() }));
}

#[test]
fn left_out_tables_are_put_back_so_that_any_decoder_reads_the_picture() {
    let jpeg = picture(40, 24);
    let bare = without_tables(&jpeg);
    assert!(bare.len() + 300 < jpeg.len());
    let completed = check(&bare).unwrap().complete().into_owned();
    assert_eq!(completed.len(), bare.len() + tables::SEGMENT.len());
    assert_eq!(check(&completed).unwrap().complete().as_ref(), completed);
    let (expected, got) = (image::load_from_memory(&jpeg).unwrap(), image::load_from_memory(&completed).unwrap());
    assert_eq!(expected, got);
}

#[test]
fn what_is_no_jpeg_is_told_apart_from_what_is_cut() {
    assert_eq!(check(b""), Err(E::NotJpeg));
    assert_eq!(check(b"\x89PNG\r\n\x1a\n"), Err(E::NotJpeg));
    assert_eq!(check(&[0xFF, 0xD8, 0x12]), Err(E::NoMarker { at: 2 }));
    assert_eq!(check(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 1]), Err(E::BadLength { at: 4 }));
    assert_eq!(check(&[0xFF, 0xD8, 0xFF, 0xD9]), Err(E::NoSize));
    assert_eq!(check(&[0xFF, 0xD8, 0xFF, 0xFF, 0xFF]), Err(E::CutShort { bytes: 5 }));
    // A scan before any frame header, and a frame without height.
    assert_eq!(check(&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2, 0xFF, 0xD9]), Err(E::NoSize));
    let flat = [0xFF, 0xD8, 0xFF, 0xC0, 0, 8, 8, 0, 0, 0, 9, 1, 0xFF, 0xDA, 0, 2, 0xFF, 0xD9];
    assert_eq!(check(&flat), Err(E::NoSize));
}

proptest! {
    #[test]
    fn any_bytes_are_a_picture_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = check(&bytes);
        let jpeg = [&[0xFF, 0xD8][..], &bytes].concat();
        if let Ok(picture) = check(&jpeg) {
            prop_assert!(picture.end <= jpeg.len());
            prop_assert!(picture.complete().len() >= jpeg.len());
        }
    }

    #[test]
    fn a_damaged_picture_is_a_picture_or_an_error(at in 0usize..600, byte in any::<u8>()) {
        let mut jpeg = picture(16, 16);
        let at = at % jpeg.len();
        jpeg[at] = byte;
        if let Ok(picture) = check(&jpeg) {
            prop_assert!(picture.end <= jpeg.len() && picture.width > 0 && picture.height > 0);
        }
    }
}
