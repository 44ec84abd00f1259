use proptest::prelude::*;

use super::*;

/// What an independent reader finds in a picture.
fn read(picture: &Picture) -> Option<String> {
    let grey = DynamicImage::ImageRgb8(picture.pixels().clone()).into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey.as_raw()[y * width + x]);
    prepared.detect_grids().first().and_then(|grid| grid.decode().ok()).map(|(_, text)| text)
}

fn font() -> Font {
    Font::load().unwrap()
}

#[test]
fn a_code_with_a_caption_can_be_read_by_others() {
    let text = "https://kiosk.example.vn/v?c=7K4Q-9TXM-2B8D";
    for size in [(800, 480), (480, 800), (240, 240), (1920, 1080)] {
        let picture = Picture::of_code(text, Some("Lệ phí chứng thực: 8.000 ₫"), size, &font()).unwrap();
        assert_eq!(picture.pixels().dimensions(), size);
        assert_eq!(read(&picture).as_deref(), Some(text), "{size:?}");
        let bottom = picture.pixels().rows().rev().take(size.1 as usize / 8);
        assert!(bottom.flatten().any(|pixel| pixel.0[0] < 64), "the caption is there");
    }
}

#[test]
fn vietnamese_text_is_read_whole() {
    let text = "Ủy ban nhân dân phường Cửa Nam";
    assert_eq!(read(&Picture::of_code(text, None, (600, 600), &font()).unwrap()).as_deref(), Some(text));
}

#[test]
fn a_display_that_is_too_small_and_a_text_that_is_too_long_are_told() {
    assert!(matches!(Picture::of_code("x", None, (40, 40), &font()), Err(PictureError::NoRoom)));
    assert!(matches!(Picture::of_code(&"x".repeat(5_000), None, (800, 800), &font()), Err(PictureError::TooLong)));
}

#[test]
fn a_picture_is_fitted_and_its_shape_kept() {
    let wide = Picture(RgbImage::from_pixel(400, 100, Rgb([0, 0, 200]))).png();
    let shown = Picture::of_image(&wide, None, (200, 200), &font()).unwrap();
    let blue = |y: u32| shown.pixels().get_pixel(100, y).0[2] > 150 && shown.pixels().get_pixel(100, y).0[0] < 50;
    assert!(blue(100) && blue(80) && !blue(60) && !blue(140));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn bytes_that_are_no_picture_are_told(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), png: bool) {
        let magic: &[u8] = if png { b"\x89PNG\r\n\x1a\n" } else { &[0xFF, 0xD8, 0xFF] };
        bytes.splice(0..0, magic.iter().copied());
        prop_assert!(matches!(Picture::of_image(&bytes, None, (100, 100), &font()), Err(PictureError::Unreadable(_))));
    }

    #[test]
    fn any_caption_can_be_drawn(caption in ".{0,80}") {
        prop_assert!(Picture::of_code("x", Some(&caption), (320, 240), &font()).is_ok());
    }
}
