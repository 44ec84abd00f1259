use std::io::Cursor;

use image::{Rgb, RgbImage};

use super::super::child::Refusal;
use super::super::tests::sheet;
use super::{jpeg, laid};

fn blue() -> Vec<u8> {
    let mut file = Vec::new();
    let picture = RgbImage::from_pixel(400, 200, Rgb([0, 0, 255]));
    picture.write_to(&mut Cursor::new(&mut file), image::ImageFormat::Jpeg).unwrap();
    file
}

#[test]
fn a_jpeg_fills_its_sheet_in_its_own_proportions() {
    assert_eq!(jpeg(&blue(), &sheet()).unwrap().len(), 595 * 842 * 3);
    // It lies across, so it is turned.
    let page = laid(RgbImage::from_pixel(800, 400, Rgb([0, 0, 255])), &sheet());
    let page = RgbImage::from_raw(595, 842, page).unwrap();
    let dot = |x, y| page.get_pixel(x, y).0;
    assert_eq!((dot(297, 421), dot(297, 30), dot(20, 421)), ([0, 0, 255], [0, 0, 255], [255; 3]));
}

#[test]
fn a_jpeg_that_was_cut_off_is_no_page() {
    let whole = blue();
    for length in [6, whole.len() / 2, whole.len() - 2] {
        assert!(matches!(jpeg(&whole[..length], &sheet()), Err(Refusal::Unreadable(_))), "{length} bytes");
    }
}
