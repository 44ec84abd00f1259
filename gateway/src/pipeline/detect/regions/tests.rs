#![expect(clippy::cast_possible_truncation, reason = "small numbers of tests")]

use proptest::prelude::*;
use rten_tensor::NdTensor;

use super::*;

/// A map with the given boxes at probability `p`.
fn map_of(boxes: &[(TurnedBox, f32)]) -> NdTensor<f32, 2> {
    let mut map = NdTensor::full([400, 600], 0.01);
    for (area, p) in boxes {
        for v in 0..(area.height * 2.0) as usize {
            for u in 0..(area.width * 2.0) as usize {
                let at = area.at(u as f32 / 2.0, v as f32 / 2.0);
                map[[at.y as usize, at.x as usize]] = *p;
            }
        }
    }
    map
}

fn core_at(x: f32, y: f32, width: f32, height: f32, angle: f32) -> TurnedBox {
    TurnedBox { centre: Point { x, y }, width, height, angle }
}

#[test]
fn an_empty_map_has_no_regions() {
    assert_eq!(find(map_of(&[]).view()), []);
    assert_eq!(find(NdTensor::full([32, 32], 0.29).view()), []);
}

#[test]
fn a_core_grows_by_area_times_ratio_over_perimeter() {
    let found = find(map_of(&[(core_at(300.0, 200.0, 200.0, 10.0, 0.0), 0.9)]).view());
    let [line] = found[..] else { panic!("{found:?}") };
    // 200 x 10 grows by 2000 * 1.6 / 420 = 7.6 on each side.
    assert!((line.height - 25.2).abs() < 3.0, "{line:?}");
    assert!((line.width - 215.2).abs() < 3.0, "{line:?}");
    assert!(line.angle.abs() < 0.01);
}

#[test]
fn faint_and_tiny_regions_are_no_text() {
    let faint = (core_at(300.0, 100.0, 200.0, 10.0, 0.0), 0.4);
    let tiny = (core_at(300.0, 300.0, 1.0, 1.0, 0.0), 0.9);
    assert_eq!(find(map_of(&[faint, tiny]).view()), []);
}

#[test]
fn two_lines_are_two_regions() {
    let lines = [(core_at(300.0, 100.0, 300.0, 9.0, 0.0), 0.9), (core_at(200.0, 130.0, 200.0, 9.0, 0.0), 0.8)];
    assert_eq!(find(map_of(&lines).view()).len(), 2);
}

#[test]
fn a_single_digit_takes_the_pages_skew() {
    let skew = 0.04;
    let long = (core_at(250.0, 100.0, 400.0, 12.0, skew), 0.9);
    // A diamond: the smallest rectangle around it stands on its corner.
    let digit = (core_at(300.0, 250.0, 14.0, 14.0, 0.7), 0.9);
    let mut found = find(map_of(&[long, digit]).view());
    found.sort_by(|a, b| a.width.total_cmp(&b.width));
    assert_eq!(found.len(), 2);
    assert!((found[0].angle - skew).abs() < 0.02, "{:?}", found[0]);
}

#[test]
fn regions_at_the_edge_stay_within_reach() {
    let mut map = NdTensor::full([64, 64], 0.0);
    for x in 0..64 {
        for y in (0..8).chain(56..64) {
            map[[y, x]] = 1.0;
        }
    }
    assert_eq!(find(map.view()).len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_line_is_found_where_it_was_drawn(
        x in 250.0..350f32, y in 120.0..280f32, width in 150.0..300f32, height in 6.0..15f32, angle in -0.2..0.2f32,
    ) {
        let drawn = core_at(x, y, width, height, angle);
        let found = find(map_of(&[(drawn, 0.95)]).view());
        prop_assert_eq!(found.len(), 1);
        let centre = found[0].centre;
        prop_assert!((centre.x - x).hypot(centre.y - y) < 2.5, "{:?} for {:?}", found[0], drawn);
        prop_assert!((found[0].angle - angle).abs() < 0.05, "{:?} for {:?}", found[0], drawn);
        prop_assert!(found[0].width > width && found[0].height > height);
    }

    #[test]
    fn any_map_is_answered(values in proptest::collection::vec(0.0..1f32, 16 * 24)) {
        let map = NdTensor::from_data([16, 24], values);
        for region in find(map.view()) {
            prop_assert!(region.width.is_finite() && region.height.is_finite() && region.angle.abs() <= 0.8);
        }
    }
}
