#![expect(clippy::cast_possible_truncation, reason = "small numbers of tests")]

use image::{ExtendedColorType, ImageEncoder};
use proptest::prelude::*;

use super::*;

fn jpeg(width: u32, height: u32, channels: ExtendedColorType, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 95)
        .write_image(samples, width, height, channels)
        .unwrap();
    file
}

fn png(width: u32, height: u32, channels: ExtendedColorType, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    image::codecs::png::PngEncoder::new(&mut file).write_image(samples, width, height, channels).unwrap();
    file
}

/// Red, green, blue that differ from pixel to pixel.
fn pattern(width: u32, height: u32) -> Vec<u8> {
    (0..width * height).flat_map(|i| [(i % 251) as u8, (i % 13 * 19) as u8, (i / width % 200) as u8]).collect()
}

fn decode(bytes: &[u8]) -> Result<CapturedPage, PageError> {
    CapturedPage::decode(bytes, Limits::default())
}

/// The error for bytes that must not become a page.
fn refused(bytes: &[u8]) -> PageError {
    decode(bytes).err().expect("these bytes are no page")
}

#[test]
fn a_png_comes_out_pixel_by_pixel() {
    let rgb = pattern(37, 21);
    let page = decode(&png(37, 21, ExtendedColorType::Rgb8, &rgb)).unwrap();
    assert_eq!((page.width(), page.height()), (37, 21));
    assert_eq!(page.rgb, rgb);
    assert_eq!(page.pixel(3, 2), [rgb[(2 * 37 + 3) * 3], rgb[(2 * 37 + 3) * 3 + 1], rgb[(2 * 37 + 3) * 3 + 2]]);
}

#[test]
fn grey_sixteen_bit_and_transparent_pngs_become_rgb_on_white_paper() {
    let grey = decode(&png(2, 1, ExtendedColorType::L8, &[10, 200])).unwrap();
    assert_eq!(grey.rgb, [10, 10, 10, 200, 200, 200]);
    let deep: Vec<u8> = [0x1234u16, 0xFFFF, 0].iter().flat_map(|v| v.to_ne_bytes()).collect();
    let deep = decode(&png(1, 1, ExtendedColorType::Rgb16, &deep)).unwrap();
    assert_eq!(deep.rgb, [0x12, 0xFF, 0]);
    let clear = decode(&png(2, 1, ExtendedColorType::Rgba8, &[9, 8, 7, 0, 100, 0, 0, 255])).unwrap();
    assert_eq!(clear.rgb, [255, 255, 255, 100, 0, 0]);
    let clear_grey = decode(&png(2, 1, ExtendedColorType::La8, &[0, 0, 0, 255])).unwrap();
    assert_eq!(clear_grey.rgb, [255, 255, 255, 0, 0, 0]);
}

#[test]
fn colour_and_grey_jpegs_become_rgb() {
    let colour = decode(&jpeg(16, 16, ExtendedColorType::Rgb8, &[200, 30, 30].repeat(256))).unwrap();
    let [r, g, b] = colour.pixel(8, 8);
    assert!(r.abs_diff(200) < 6 && g.abs_diff(30) < 6 && b.abs_diff(30) < 6, "{r} {g} {b}");
    let grey = decode(&jpeg(16, 16, ExtendedColorType::L8, &[77; 256])).unwrap();
    let [r, g, b] = grey.pixel(8, 8);
    assert!(r.abs_diff(77) < 4 && r == g && g == b, "{r} {g} {b}");
}

#[test]
fn nothing_and_other_formats_are_refused_by_name() {
    assert_eq!(refused(b""), PageError::Empty);
    for bytes in [&b"%PDF-1.7\n"[..], b"GIF89a\x01\0\x01\0", b"\xFF", b"\xFF\xD8", b"\x89PNG", &[0; 64]] {
        assert_eq!(refused(bytes), PageError::UnknownFormat, "{bytes:?}");
    }
}

#[test]
fn a_png_bomb_is_refused_by_its_head_alone() {
    let mut bomb = Vec::new();
    drop(png::Encoder::new(&mut bomb, 60_000, 60_000).write_header().unwrap());
    assert!(bomb.len() < 100);
    assert_eq!(refused(&bomb), PageError::TooLarge { width: 60_000, height: 60_000, limits: Limits::default() });
}

#[test]
fn a_jpeg_bomb_is_refused_by_its_head_alone() {
    let mut bomb = jpeg(8, 8, ExtendedColorType::L8, &[0; 64]);
    let head = bomb.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a baseline frame");
    bomb[head + 5..head + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(refused(&bomb), PageError::TooLarge { width: 65_535, height: 65_535, limits: Limits::default() });
}

#[test]
fn each_limit_counts_by_itself() {
    let file = png(30, 20, ExtendedColorType::L8, &[0; 600]);
    let limits = |width_px, height_px, pixels| Limits { width_px, height_px, pixels };
    let outcome = |limits| CapturedPage::decode(&file, limits).map(|page| page.width());
    assert_eq!(outcome(limits(30, 20, 600)), Ok(30));
    for tight in [limits(29, 20, 600), limits(30, 19, 600), limits(30, 20, 599)] {
        assert_eq!(outcome(tight), Err(PageError::TooLarge { width: 30, height: 20, limits: tight }));
    }
}

#[test]
fn a_head_that_promises_more_than_the_file_holds_is_truncated() {
    let mut short = Vec::new();
    let mut writer = png::Encoder::new(&mut short, 900, 900).write_header().unwrap();
    writer.write_chunk(png::chunk::IDAT, &[0x78, 0x01]).unwrap();
    drop(writer);
    assert!(matches!(refused(&short), PageError::Truncated | PageError::Malformed { .. }));
}

#[test]
fn a_jpeg_may_be_padded_after_its_end() {
    let mut file = jpeg(16, 16, ExtendedColorType::L8, &[77; 256]);
    file.extend([0; 1000]);
    assert_eq!(decode(&file).map(|page| page.width()), Ok(16));
}

#[test]
fn the_messages_name_the_limit_and_the_next_step() {
    let large = PageError::TooLarge { width: 20_000, height: 9, limits: Limits::default() }.to_string();
    assert!(large.contains("12000 x 17000") && large.contains("fewer dpi"), "{large}");
    assert!(PageError::Truncated.to_string().contains("scan the page again"));
}

proptest! {
    #[test]
    fn a_file_that_is_cut_off_is_never_a_page(part in 0.0..1.0f64, as_png: bool) {
        let rgb = pattern(96, 64);
        let whole = if as_png { png(96, 64, ExtendedColorType::Rgb8, &rgb) } else { jpeg(96, 64, ExtendedColorType::Rgb8, &rgb) };
        // The last 16 bytes of a PNG are a checksum and the end; without them the picture is still whole.
        let kept = ((whole.len() - if as_png { 16 } else { 0 }) as f64 * part) as usize;
        prop_assert!(decode(&whole[..kept]).is_err());
    }

    #[test]
    fn damaged_files_are_answered_and_never_crash(at in 0.0..1.0f64, with: u8, as_png: bool) {
        let rgb = pattern(48, 32);
        let mut file = if as_png { png(48, 32, ExtendedColorType::Rgb8, &rgb) } else { jpeg(48, 32, ExtendedColorType::Rgb8, &rgb) };
        let at = (file.len() as f64 * at) as usize;
        file[at] ^= with;
        if let Ok(page) = decode(&file) {
            prop_assert_eq!(page.rgb.len(), page.width() * page.height() * 3);
        }
    }

    #[test]
    fn any_bytes_after_a_magic_number_are_answered(tail in proptest::collection::vec(any::<u8>(), 0..400), as_png: bool) {
        let magic: &[u8] = if as_png { b"\x89PNG\r\n\x1A\n" } else { b"\xFF\xD8\xFF" };
        prop_assert!(decode(&[magic, &tail].concat()).is_err());
    }

    #[test]
    fn reducing_keeps_the_mean_and_the_shape(width in 1u32..200, height in 1u32..200, side in 8usize..100, value: u8) {
        let page = decode(&png(width, height, ExtendedColorType::L8, &vec![value; (width * height) as usize])).unwrap();
        let small = reduce::reduce(&page, side);
        prop_assert!(small.rgb.iter().all(|&v| v == value));
        prop_assert_eq!(small.rgb.len(), small.width * small.height * 3);
        prop_assert_eq!(small.width.max(small.height), side.min(width.max(height) as usize));
        prop_assert!(small.shrunk_by >= 1.0);
        prop_assert!((small.width as f32 * small.shrunk_by - width as f32).abs() <= small.shrunk_by.max(width as f32 * 1e-5));
    }
}

#[test]
fn reducing_averages_what_it_joins() {
    let page = decode(&png(4, 2, ExtendedColorType::L8, &[0, 100, 200, 200, 100, 200, 0, 0])).unwrap();
    let small = reduce::reduce(&page, 2);
    assert_eq!((small.width, small.height, small.shrunk_by), (2, 1, 2.0));
    assert_eq!(small.rgb, [100; 6]);
}

#[test]
fn a_quarter_turn_brings_the_left_edge_to_the_top() {
    let rgb: Vec<u8> = (0..6).flat_map(|value| [value, value, value]).collect();
    let page = CapturedPage::of(3, 2, rgb).unwrap();
    let turned = page.quarter_turned();
    assert_eq!((turned.width(), turned.height()), (2, 3));
    let values: Vec<u8> = (0..3).flat_map(|y| [turned.pixel(0, y)[0], turned.pixel(1, y)[0]]).collect();
    assert_eq!(values, [3, 0, 4, 1, 5, 2]);
}
