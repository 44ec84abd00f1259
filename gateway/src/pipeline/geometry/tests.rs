use proptest::prelude::*;

use super::*;

fn near(a: Point, b: Point, within: f32) -> bool {
    (a.x - b.x).hypot(a.y - b.y) <= within
}

#[test]
fn an_upright_box_has_its_corners_clockwise_from_the_top_left() {
    let area = TurnedBox { centre: Point { x: 50.0, y: 20.0 }, width: 80.0, height: 10.0, angle: 0.0 };
    let expected = [(10.0, 15.0), (90.0, 15.0), (90.0, 25.0), (10.0, 25.0)].map(|(x, y)| Point { x, y });
    assert_eq!(area.corners(), expected);
}

#[test]
fn a_box_around_nothing_is_none() {
    assert_eq!(TurnedBox::around(&[], 0.3), None);
}

#[test]
fn text_that_falls_to_the_right_has_a_positive_angle() {
    let corners = [(0.0, 0.0), (100.0, 10.0), (99.0, 20.0), (-1.0, 10.0)].map(|(x, y)| Point { x, y });
    assert!((reading_angle(&corners) - 0.1f32.atan()).abs() < 1e-4);
}

#[test]
fn the_angle_does_not_depend_on_the_corner_that_comes_first() {
    let area = TurnedBox { centre: Point { x: 50.0, y: 20.0 }, width: 80.0, height: 10.0, angle: -0.2 };
    let mut corners = area.corners();
    for _ in 0..4 {
        corners.rotate_left(1);
        assert!((reading_angle(&corners) + 0.2).abs() < 1e-4);
        corners.reverse();
        assert!((reading_angle(&corners) + 0.2).abs() < 1e-4);
    }
}

#[test]
fn the_weighted_median_is_pulled_by_weight_not_by_number() {
    assert_eq!(weighted_median(&mut [(9.0, 1.0), (1.0, 10.0), (8.0, 1.0)]), Some(1.0));
    assert_eq!(weighted_median(&mut [(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), Some(2.0));
    assert_eq!(weighted_median(&mut []), None);
    assert_eq!(weighted_median(&mut [(5.0, 0.0)]), None);
}

fn any_box() -> impl Strategy<Value = TurnedBox> {
    (0.0..5000f32, 0.0..5000f32, 1.0..2000f32, 1.0..200f32, -0.78..0.78f32)
        .prop_map(|(x, y, width, height, angle)| TurnedBox { centre: Point { x, y }, width, height, angle })
}

proptest! {
    #[test]
    fn the_box_around_a_boxs_corners_is_that_box(area in any_box()) {
        let again = TurnedBox::around(&area.corners(), area.angle).unwrap();
        prop_assert!(near(again.centre, area.centre, 0.05));
        prop_assert!((again.width - area.width).abs() < 0.05 && (again.height - area.height).abs() < 0.05);
    }

    #[test]
    fn the_longer_side_of_a_wide_box_gives_its_angle(area in any_box()) {
        prop_assume!(area.width > 1.5 * area.height && area.width > 20.0);
        prop_assert!((reading_angle(&area.corners()) - area.angle).abs() < 1e-2);
    }

    #[test]
    fn scaling_scales_each_corner(area in any_box(), factor in 0.1..8.0f32) {
        for (was, is) in area.corners().into_iter().zip(area.scaled(factor).corners()) {
            let scaled = Point { x: was.x * factor, y: was.y * factor };
            prop_assert!(near(scaled, is, 0.05 * factor.max(1.0)));
        }
    }

    #[test]
    fn growing_leaves_the_old_box_inside(area in any_box(), along in 0.0..50f32, across in 0.0..50f32) {
        let old = area.grown(along, across).part(along, across, along + area.width, across + area.height);
        for (a, b) in old.into_iter().zip(area.corners()) {
            prop_assert!(near(a, b, 0.05));
        }
    }
}
