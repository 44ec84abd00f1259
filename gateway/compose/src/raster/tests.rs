#![expect(clippy::cast_possible_truncation, reason = "small pictures")]

use jpeg_encoder::{ColorType, Encoder};
use proptest::prelude::*;

use super::*;
use crate::testing::packed;

/// 50.8 × 76.2 mm at 200 dpi.
const SIZE: [u32; 2] = [400, 600];

fn pixels(channels: usize) -> Vec<u8> {
    (0..SIZE[0] as usize * SIZE[1] as usize * channels).map(|at| (at / 97 * 31 % 251) as u8).collect()
}

fn jpeg(color: ColorType, channels: usize, progressive: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_progressive(progressive);
    encoder.encode(&pixels(channels), SIZE[0] as u16, SIZE[1] as u16, color).unwrap();
    file
}

fn plain() -> Vec<u8> {
    jpeg(ColorType::Rgb, 3, false)
}

fn read_jpeg(file: Vec<u8>) -> Result<Raster, PageFault> {
    read(PageImage::Jpeg(file), SIZE, 200.0, true)
}

fn fault(file: Vec<u8>) -> PageFault {
    read_jpeg(file).err().expect("it is refused")
}

/// The file with a segment before all others.
fn with_segment(file: &[u8], marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = (contents.len() + 2) as u16;
    [&file[..2], &[0xFF, marker], &length.to_be_bytes(), contents, &file[2..]].concat()
}

/// Where the frame header's contents begin.
fn frame(file: &[u8]) -> usize {
    file.windows(4).position(|four| four[0] == 0xFF && (0xC0..=0xC2).contains(&four[1]) && four[2] == 0).unwrap() + 4
}

#[test]
fn baseline_files_are_passed_through() {
    use jpeg_encoder::SamplingFactor::{F_1_1, F_1_2, F_2_1, F_2_2, F_4_1};
    let made = [F_1_1, F_1_2, F_2_1, F_2_2, F_4_1].into_iter().flat_map(|sampling| {
        [(0, false), (1, false), (50, false), (0, true)].map(|(interval, optimized)| {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, 85);
            encoder.set_sampling_factor(sampling);
            encoder.set_optimized_huffman_tables(optimized);
            if interval > 0 {
                encoder.set_restart_interval(interval);
            }
            encoder.encode(&pixels(3), SIZE[0] as u16, SIZE[1] as u16, ColorType::Rgb).unwrap();
            file
        })
    });
    for file in made {
        let raster = read_jpeg(file.clone()).unwrap();
        assert_eq!((raster.bytes, raster.size_pt), (file.len(), [144.0, 216.0]));
        let digest: [u8; 32] = Sha256::digest(&file).into();
        assert_eq!(raster.digest, digest);
    }
    let padded = [plain(), vec![0; 500]].concat();
    assert!(read_jpeg(padded).is_ok(), "some scanners pad their files");
    let two = [plain(), plain()].concat();
    assert_eq!(fault(two), PageFault::Damaged("there is more behind its end".to_owned()));
    let file = plain();
    let padded = [&file[..file.len() - 2], &[0; 30], &[0xFF, 0xFF, 0xD9]].concat();
    assert!(read_jpeg(padded).is_ok(), "also before the end marker");
}

#[test]
fn colours_that_could_be_two_things_go_in_as_pixels() {
    let adobe = with_segment(&plain(), 0xEE, b"Adobe\0\x64\0\0\0\0\0");
    let raster = read_jpeg(adobe).unwrap();
    assert_eq!(raster.bytes, 400 * 600 * 3);
}

#[test]
fn a_profile_that_is_not_sound_is_left_out() {
    let mut profile = vec![0; 200];
    profile[..4].copy_from_slice(&200_u32.to_be_bytes());
    (profile[8], profile[131]) = (4, 1);
    for (at, words) in [(12, b"scnr"), (16, b"RGB "), (20, b"XYZ "), (36, b"acsp")] {
        profile[at..at + 4].copy_from_slice(words);
    }
    profile[132..144].copy_from_slice(b"desc\0\0\0\x90\0\0\0\x38");
    let read = |profile: &[u8]| {
        let file = with_segment(&plain(), 0xE2, &[b"ICC_PROFILE\0\x01\x01", profile].concat());
        (read_jpeg(file.clone()).unwrap().bytes, file.len())
    };
    let (kept, bytes) = read(&profile);
    assert_eq!(kept, bytes, "passed through");
    for at in [0, 8, 12, 16, 36, 131, 140] {
        let mut other = profile.clone();
        other[at] ^= 0x55;
        assert_eq!(read(&other).0, 400 * 600 * 3, "{at}");
    }
    assert_eq!(read(&profile[..100]).0, 400 * 600 * 3);
}

#[test]
fn files_that_are_no_page_are_refused_with_the_reason() {
    assert_eq!(fault(jpeg(ColorType::Luma, 1, false)), PageFault::Grey);
    assert_eq!(fault(jpeg(ColorType::Cmyk, 4, false)), PageFault::Cmyk);
    let mut twelve = plain();
    let at = frame(&twelve);
    twelve[at] = 12;
    assert_eq!(fault(twelve), PageFault::Bits(12));
    let mut arithmetic = plain();
    arithmetic[at - 3] = 0xC9;
    assert_eq!(fault(arithmetic), PageFault::JpegKind);
    for turned in [
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0",
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0",
    ] {
        assert_eq!(fault(with_segment(&plain(), 0xE1, turned)), PageFault::Turned(6));
    }
    let upright = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0";
    assert!(read_jpeg(with_segment(&plain(), 0xE1, upright)).is_ok());
    assert_eq!(fault(jpeg(ColorType::Rgb, 3, true)), PageFault::JpegKind);
    assert!(matches!(fault(b"%PDF-1.7".to_vec()), PageFault::Damaged(_)));
    assert!(matches!(fault(Vec::new()), PageFault::Damaged(_)));
}

#[test]
fn a_file_that_was_cut_is_refused_wherever_it_was_cut() {
    let file = plain();
    for part in 1..20 {
        let mut cut = file[..file.len() * part / 20].to_vec();
        let refused = fault(cut.clone());
        assert!(matches!(refused, PageFault::Cut), "{part}/20: {refused:?}");
        // Also if the scanner still writes the end marker.
        cut.extend([0xFF, 0xD9]);
        let refused = fault(cut);
        assert!(matches!(refused, PageFault::Cut | PageFault::Damaged(_)), "{part}/20: {refused:?}");
    }
    assert_eq!(fault(file[..file.len() - 2].to_vec()), PageFault::Cut);
}

#[test]
fn a_head_with_another_size_is_refused() {
    let mut low = plain();
    let at = frame(&low);
    low[at + 1..at + 3].copy_from_slice(&400_u16.to_be_bytes());
    assert_eq!(fault(low.clone()), PageFault::OtherSize { said: SIZE, found: [400, 400] });
    // Also if who calls believes it.
    let believed = |file, height| read(PageImage::Jpeg(file), [400, height], 200.0, false).err();
    assert_eq!(believed(low, 400), Some(PageFault::Damaged("it has more rows than its head says".to_owned())));
    let mut high = plain();
    high[at + 1..at + 3].copy_from_slice(&900_u16.to_be_bytes());
    assert_eq!(believed(high, 900), Some(PageFault::Cut));
}

#[test]
fn sizes_and_dots_are_judged_before_anything_is_decoded() {
    let read = |size, dpi| read(PageImage::Jpeg(Vec::new()), size, dpi, false).err().unwrap();
    assert_eq!(read(SIZE, 150.0), PageFault::TooFewDots { dpi: 150.0 });
    assert_eq!(read(SIZE, 199.9), PageFault::TooFewDots { dpi: 199.9 });
    assert_eq!(read(SIZE, 0.0), PageFault::Dots { dpi: 0.0 });
    assert!(matches!(read(SIZE, f32::NAN), PageFault::Dots { .. }));
    assert!(matches!(read([u32::MAX, u32::MAX], 300.0), PageFault::TooLarge { .. }));
    assert!(matches!(read([12_000, 12_000], 600.0), PageFault::TooLarge { .. }));
    assert!(matches!(read([0, 600], 200.0), PageFault::Paper { .. }));
    assert!(matches!(read([100, 600], 200.0), PageFault::Paper { .. }));
}

#[test]
fn png_files_in_colour_are_taken_and_others_are_not() {
    use ::png::{BitDepth, ColorType as Png};
    let read =
        |color, depth, channels| read(PageImage::Png(packed(SIZE, color, depth, &pixels(channels))), SIZE, 200.0, true);
    assert_eq!(read(Png::Rgb, BitDepth::Eight, 3).unwrap().bytes, 400 * 600 * 3);
    assert_eq!(read(Png::Rgb, BitDepth::Sixteen, 6).unwrap().bytes, 400 * 600 * 3);
    assert_eq!(read(Png::Grayscale, BitDepth::Eight, 1).err(), Some(PageFault::Grey));
    assert_eq!(read(Png::Rgba, BitDepth::Eight, 4).err(), Some(PageFault::Transparent));
    let file = packed(SIZE, Png::Rgb, BitDepth::Eight, &pixels(3));
    for part in 1..10 {
        let cut = PageImage::Png(file[..file.len() * part / 10].to_vec());
        assert!(
            matches!(super::read(cut, SIZE, 200.0, false).err(), Some(PageFault::Cut | PageFault::Damaged(_))),
            "{part}"
        );
    }
    let cut = PageImage::Png(file[..file.len() - 4].to_vec());
    assert!(super::read(cut, SIZE, 200.0, false).is_err());
    let other = super::read(PageImage::Png(file), [401, 600], 200.0, false);
    assert!(matches!(other.err(), Some(PageFault::OtherSize { .. })));
}

#[test]
fn raw_pixels_must_fill_the_page() {
    assert!(read(PageImage::Rgb(pixels(3)), SIZE, 200.0, true).is_ok());
    assert!(matches!(read(PageImage::Rgb(pixels(2)), SIZE, 200.0, true), Err(PageFault::Damaged(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn damaged_files_are_refused_or_taken(
        progressive in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        in_head in any::<bool>(),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = jpeg(ColorType::Rgb, 3, progressive);
        let reach = if in_head { 700.min(file.len()) } else { file.len() };
        for (at, value) in changes {
            file[at.index(reach)] = value;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        // What is taken without being decoded can be decoded, and krilla takes it as well.
        if let Ok(raster) = read(PageImage::Jpeg(file.clone()), SIZE, 200.0, false) {
            prop_assert_eq!(raster.image.size(), (400, 600));
            prop_assert!(read_jpeg(file).is_ok());
        }
    }

    #[test]
    fn any_bytes_are_refused_or_taken(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_jpeg([&[0xFF, 0xD8][..], &bytes].concat());
        let _ = read(PageImage::Png([&b"\x89PNG\r\n\x1A\n"[..], &bytes].concat()), SIZE, 200.0, true);
    }
}
