use kiosk_protocol::ocr::Point;
use proptest::prelude::*;

use super::*;

/// A line by its left edge and its middle height on a page that is turned by `skew`.
fn line(left: f32, middle: f32, width: f32, skew: f32) -> TurnedBox {
    let (sin, cos) = skew.sin_cos();
    let (u, v) = (left + width / 2.0, middle);
    TurnedBox { centre: Point { x: u * cos - v * sin, y: u * sin + v * cos }, width, height: 30.0, angle: skew }
}

fn form(skew: f32) -> Vec<TurnedBox> {
    vec![
        line(100.0, 100.0, 400.0, skew),
        line(900.0, 104.0, 600.0, skew),
        line(100.0, 150.0, 1400.0, skew),
        line(100.0, 200.0, 500.0, skew),
        line(700.0, 195.0, 100.0, skew),
        line(1000.0, 203.0, 500.0, skew),
        line(300.0, 260.0, 30.0, skew),
    ]
}

#[test]
fn what_stands_side_by_side_goes_from_left_to_right() {
    let mut lines = form(0.0);
    lines.reverse();
    reading_order(&mut lines);
    assert_eq!(lines, form(0.0));
}

#[test]
fn no_lines_have_an_order() {
    let mut none = Vec::new();
    reading_order(&mut none);
    assert_eq!(none, []);
}

proptest! {
    #[test]
    fn the_order_does_not_depend_on_skew_or_on_how_lines_were_found(
        skew in -0.1..0.1f32, shuffled in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let expected = form(skew);
        let mut lines: Vec<TurnedBox> = shuffled.into_iter().map(|i| expected[i]).collect();
        reading_order(&mut lines);
        prop_assert_eq!(lines, expected);
    }
}
