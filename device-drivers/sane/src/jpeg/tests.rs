use image::{DynamicImage, GenericImageView};
use proptest::prelude::*;

use kiosk_jpeg::turbo::Turbo;

use super::{Compressors, Jpeg, STRIP_ROWS, Samples, Shape, set_height};

/// A picture with soft and hard parts.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a picture")]
fn picture(width: u16, height: usize, channels: usize) -> Vec<u8> {
    let sample = |at: usize| {
        let (x, y, channel) = (at / channels % usize::from(width), at / channels / usize::from(width), at % channels);
        let soft = 128.0 + 100.0 * ((x as f64 / 23.0).sin() * (y as f64 / 17.0 + channel as f64).cos());
        if (x / 40 + y / 40) % 3 == 0 { 240 } else { soft as u8 }
    };
    (0..usize::from(width) * height * channels).map(sample).collect()
}

fn encode(shape: Shape, rows: &[u8], piece: usize, height: u16) -> Vec<u8> {
    let compressors = Compressors::start(Turbo::load().unwrap());
    let (mut jpeg, mut file) = (Jpeg::new(&compressors, shape), Vec::new());
    for rows in rows.chunks(piece * usize::from(shape.width) * shape.samples.bytes()) {
        jpeg.rows().extend_from_slice(rows);
        jpeg.advance(height, &mut file).unwrap();
    }
    jpeg.finish(height, &mut file).unwrap();
    file
}

fn shape(width: u16, channels: usize) -> Shape {
    Shape { width, samples: if channels == 1 { Samples::Gray } else { Samples::Rgb }, quality: 92, dpi: 300 }
}

fn difference(picture: &DynamicImage, rows: &[u8], channels: usize) -> f64 {
    let raw = if channels == 1 { picture.to_luma8().into_raw() } else { picture.to_rgb8().into_raw() };
    assert_eq!(raw.len(), rows.len());
    let sum: u64 = raw.iter().zip(rows).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let mean = sum as f64 / rows.len() as f64;
    mean
}

#[test]
fn strips_make_one_picture_that_another_decoder_reads() {
    for (width, height, channels) in
        [(200, 300, 1), (333, 257, 3), (1000, 64, 3), (17, 1, 1), (1, 129, 3), (640, 1200, 1)]
    {
        let rows = picture(width, height, channels);
        let file = encode(shape(width, channels), &rows, 7, u16::try_from(height).unwrap());
        let decoded = image::load_from_memory(&file).unwrap();
        assert_eq!(decoded.dimensions(), (width.into(), u32::try_from(height).unwrap()));
        let mean = difference(&decoded, &rows, channels);
        assert!(mean < if channels == 1 { 1.5 } else { 5.0 }, "{width}x{height}x{channels}: {mean}");
    }
}

#[test]
fn it_is_the_same_picture_as_made_in_one_piece() {
    let rows = picture(500, 400, 3);
    let mut compressor = Turbo::load().unwrap().compressor().unwrap();
    let whole = compressor.pack(&rows, 500, Samples::Rgb, 92).unwrap();
    let strips = encode(shape(500, 3), &rows, 400, 400);
    let decode = |file: &[u8]| image::load_from_memory(file).unwrap().into_rgb8();
    // Where strips meet, one that fills up its last row of units differs from one that goes on; here all are full.
    assert_eq!(400 % 16, 0);
    assert_eq!(decode(&strips), decode(whole));
}

#[test]
fn the_head_names_the_resolution_and_the_restart_interval() {
    let file = encode(shape(100, 1), &picture(100, 200, 1), 10, 200);
    // JFIF, density in dots per inch (JFIF 1.02).
    assert_eq!(&file[..2], [0xFF, 0xD8]);
    assert_eq!(&file[13..18], [1, 1, 44, 1, 44]);
    let restarts = file.windows(2).filter(|pair| pair[0] == 0xFF && (0xD0..=0xD7).contains(&pair[1])).count();
    assert_eq!(restarts, 200_usize.div_ceil(STRIP_ROWS) - 1);
}

#[test]
fn the_first_bytes_are_there_before_the_last_rows() {
    let rows = picture(800, 1000, 3);
    let compressors = Compressors::start(Turbo::load().unwrap());
    let (mut jpeg, mut file) = (Jpeg::new(&compressors, shape(800, 3)), Vec::new());
    for piece in rows.chunks(800 * 3 * 16).take(60) {
        jpeg.rows().extend_from_slice(piece);
        jpeg.advance(1000, &mut file).unwrap();
    }
    assert!(file.len() > 1000, "{}", file.len());
}

#[test]
fn a_height_can_be_written_afterwards() {
    let mut file = encode(shape(50, 1), &picture(50, 77, 1), 77, 0);
    set_height(&mut file, 77);
    assert_eq!(image::load_from_memory(&file).unwrap().dimensions(), (50, 77));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_size_in_any_pieces(width in 1_u16..300, height in 1_u16..300, channels in prop::sample::select(vec![1_usize, 3]), piece in 1_usize..200) {
        let rows = picture(width, height.into(), channels);
        let file = encode(shape(width, channels), &rows, piece, height);
        let decoded = image::load_from_memory(&file).unwrap();
        prop_assert_eq!(decoded.dimensions(), (u32::from(width), u32::from(height)));
        prop_assert_eq!(decoded.color().channel_count(), if channels == 1 { 1 } else { 3 });
    }
}
