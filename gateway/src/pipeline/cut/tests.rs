use super::*;
use crate::pipeline::page::{CapturedPage, Limits};

const PAPER: [u8; 3] = [240, 238, 230];
const BLACK: [u8; 3] = [20, 20, 25];
const STAMP: [u8; 3] = [210, 40, 50];

/// A page of 200 x 100 whose pixels are what `colour` says.
fn page(colour: impl Fn(u32, u32) -> [u8; 3]) -> CapturedPage {
    let picture = image::RgbImage::from_fn(200, 100, |x, y| image::Rgb(colour(x, y)));
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    CapturedPage::decode(&file.into_inner(), Limits::default()).unwrap()
}

/// A line of 120 x 24 in the middle.
fn line(angle: f32) -> TurnedBox {
    TurnedBox { centre: Point { x: 100.0, y: 50.0 }, width: 120.0, height: 24.0, angle }
}

/// Upright bars, 3 pixels of ink to 5 of paper, as letters.
fn bars(x: u32, y: u32) -> bool {
    x % 8 < 3 && (42..58).contains(&y)
}

#[test]
fn a_picture_has_the_height_that_was_measured() {
    let cut = LineCut::new(&page(|_, _| PAPER), &line(0.0), Ink::All);
    assert_eq!((cut.picture.width, cut.picture.height), (240, 48));
    assert_eq!(cut.picture.pixels.len(), cut.picture.width * cut.picture.height);
    assert!(cut.picture.pixels.iter().all(|p| p.abs_diff(238) <= 1));
}

#[test]
fn what_is_in_the_picture_is_found_again_on_the_page() {
    for angle in [0.0, 0.1, -0.2] {
        let spot = Point { x: 130.0, y: 55.0 };
        let page = page(|x, y| {
            let (dx, dy) = (x as f32 + 0.5 - spot.x, y as f32 + 0.5 - spot.y);
            if dx.hypot(dy) < 3.0 { BLACK } else { PAPER }
        });
        let cut = LineCut::new(&page, &line(angle), Ink::All);
        let dark = cut.picture.pixels.iter().enumerate().filter(|(_, p)| **p < 100).map(|(i, _)| i);
        let (xs, ys): (Vec<usize>, Vec<usize>) = dark.map(|i| (i % cut.picture.width, i / cut.picture.width)).unzip();
        let mean = |v: &[usize]| v.iter().sum::<usize>() as f32 / v.len() as f32 + 0.5;
        let (x, y) = (mean(&xs), mean(&ys));
        let [found, ..] = cut.on_page([x, y, x, y]);
        assert!((found.x - spot.x).hypot(found.y - spot.y) < 0.7, "{found:?} at {angle}");
    }
}

#[test]
fn a_line_beyond_the_pages_edge_is_cut_without_a_crash() {
    let outside = TurnedBox { centre: Point { x: 2.0, y: -3.0 }, width: 900.0, height: 0.2, angle: 0.7 };
    for ink in [Ink::All, Ink::NotRed] {
        let cut = LineCut::new(&page(|_, _| PAPER), &outside, ink);
        assert!(cut.picture.width <= MAX_WIDTH);
    }
    assert_eq!(ink_to_read(&page(|_, _| PAPER), &outside), Ink::All);
}

#[test]
fn a_large_scan_is_averaged_not_thinned_out() {
    // Ink on every second column: half grey once 96 rows become 48.
    let page = page(|x, _| if x % 2 == 0 { [0; 3] } else { [255; 3] });
    let tall = TurnedBox { centre: Point { x: 100.0, y: 50.0 }, width: 160.0, height: 96.0, angle: 0.0 };
    let cut = LineCut::new(&page, &tall, Ink::All);
    let middle = cut.picture.pixels[(cut.picture.height / 2) * cut.picture.width + cut.picture.width / 2];
    assert!(middle.abs_diff(128) < 30, "{middle}");
}

#[test]
fn under_a_stamp_red_is_left_out() {
    let stamped = page(|x, y| {
        if bars(x, y) {
            BLACK
        } else if x > 90 {
            STAMP
        } else {
            PAPER
        }
    });
    assert_eq!(ink_to_read(&stamped, &line(0.0)), Ink::NotRed);
}

#[test]
fn red_letters_and_plain_letters_are_read_with_all_ink() {
    assert_eq!(ink_to_read(&page(|x, y| if bars(x, y) { STAMP } else { PAPER }), &line(0.0)), Ink::All);
    assert_eq!(ink_to_read(&page(|x, y| if bars(x, y) { BLACK } else { PAPER }), &line(0.0)), Ink::All);
}
