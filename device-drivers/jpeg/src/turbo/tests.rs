use proptest::prelude::*;

use super::{Samples, Turbo, TurboError};

fn gradient(width: u16, height: usize, samples: Samples) -> Vec<u8> {
    let width = usize::from(width);
    let sample = |at: usize| (at / samples.bytes() % width * 255 / width.max(1)).to_le_bytes()[0];
    (0..width * height * samples.bytes()).map(sample).collect()
}

#[test]
fn another_decoder_sees_the_picture_that_was_packed() {
    let mut compressor = Turbo::load().unwrap().compressor().unwrap();
    for (width, height, samples) in
        [(64, 64, Samples::Rgb), (1, 1, Samples::Gray), (1, 3000, Samples::Rgb), (333, 17, Samples::Rgb)]
    {
        let pixels = gradient(width, height, samples);
        let file = compressor.pack(&pixels, width, samples, 90).unwrap();
        let seen = crate::check(file).unwrap();
        assert_eq!((seen.width, seen.height as usize, seen.end), (width.into(), height, file.len()));
        let decoded = image::load_from_memory(file).unwrap();
        assert_eq!(usize::from(decoded.color().channel_count()), samples.bytes());
        let far = decoded.as_bytes().iter().zip(&pixels).filter(|(one, other)| one.abs_diff(**other) > 24).count();
        assert_eq!(far, 0, "{width} x {height}");
    }
}

#[test]
fn samples_that_are_not_as_many_as_the_sides_say_never_reach_the_library() {
    let mut compressor = Turbo::load().unwrap().compressor().unwrap();
    for (bytes, width) in [(0, 10), (29, 10), (30, 0), (31, 10), (65_501 * 3, 65_501), (65_501 * 3, 1)] {
        let error = compressor.pack(&vec![0; bytes], width, Samples::Rgb, 90).unwrap_err();
        assert!(matches!(error, TurboError::Size { .. }), "{bytes} bytes, {width} wide: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn noise_of_any_size_and_quality_fits_into_its_room(width in 1_u16..200, height in 1_usize..100, quality: u8, seed: u64, gray: bool) {
        let samples = if gray { Samples::Gray } else { Samples::Rgb };
        let mut state = seed | 1;
        let pixels: Vec<u8> = (0..usize::from(width) * height * samples.bytes()).map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        }).collect();
        let mut compressor = Turbo::load().unwrap().compressor().unwrap();
        let file = compressor.pack(&pixels, width, samples, quality).unwrap().to_vec();
        let decoded = image::load_from_memory(&file).unwrap();
        prop_assert_eq!((decoded.width(), decoded.height() as usize), (u32::from(width), height));
    }
}
