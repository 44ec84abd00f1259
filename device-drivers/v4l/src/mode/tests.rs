use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn of_whatever_a_device_offers_something_is_chosen_that_it_offers(
        told in proptest::collection::vec((0usize..4, any::<[u32; 2]>(), any::<Vec<[u32; 2]>>()), 0..8),
        wanted: Option<[u32; 2]>, fps: u16
    ) {
        let offers: Vec<Offer> = told.into_iter().map(|(code, [width, height], paces)| Offer {
            intervals: paces.into_iter().filter_map(Interval::new).collect(),
            ..offer([b"MJPG", b"YUYV", b"NV12", b"GREY"][code], width, height, &[])
        }).collect();
        let Ok(offered) = Offers::new(offers.clone(), Format::Auto) else {
            prop_assert!(offers.is_empty());
            return Ok(());
        };
        let is_offered = |mode: &Mode| offers.iter().any(|offer| {
            (offer.size, offer.pixels) == (mode.size, mode.pixels)
                && mode.interval.is_none_or(|interval| offer.intervals.contains(&interval))
        });
        let wanted = wanted.map(|[width, height]| Size { width, height });
        let modes = [offered.preview(None, fps), offered.preview(wanted, fps), offered.capture(None, None)];
        prop_assert!(modes.iter().flatten().all(is_offered) && modes[0].is_ok() && modes[2].is_ok());
        prop_assert!((1..=offers.len()).contains(&offered.sizes().len()));
    }
}

fn offer(code: &[u8; 4], width: u32, height: u32, fps: &[u32]) -> Offer {
    let fourcc = u32::from_le_bytes(*code);
    Offer {
        fourcc,
        pixels: Pixels::of(fourcc).unwrap(),
        size: Size { width, height },
        intervals: fps.iter().map(|fps| Interval::new([1, *fps]).unwrap()).collect(),
    }
}

/// A usual camera: raw pictures quick only where they are small.
fn usual() -> Offers {
    let offers = vec![
        offer(b"YUYV", 640, 480, &[30, 15]),
        offer(b"YUYV", 1280, 720, &[10, 5]),
        offer(b"YUYV", 2592, 1944, &[2]),
        offer(b"MJPG", 1920, 1080, &[30]),
        offer(b"MJPG", 1280, 720, &[60, 30, 15, 5]),
        offer(b"MJPG", 640, 480, &[30]),
    ];
    Offers::new(offers, Format::Auto).unwrap()
}

#[test]
fn each_size_is_told_once_with_its_best_format_smallest_first() {
    let told: Vec<_> = usual().sizes().iter().map(|size| (size.width, size.height, size.fps, size.jpeg)).collect();
    let expected = [
        (640, 480, Some(30.0), true),
        (1280, 720, Some(60.0), true),
        (1920, 1080, Some(30.0), true),
        (2592, 1944, Some(2.0), false),
    ];
    assert_eq!(told, expected);
}

#[test]
fn live_pictures_are_720p_where_nothing_is_configured() {
    let mode = usual().preview(None, 30).unwrap();
    assert_eq!(mode.to_string(), "1280x720 MJPG");
    assert_eq!(mode.interval, Interval::new([1, 30]));
    let only_large = Offers::new(vec![offer(b"YUYV", 1920, 1080, &[])], Format::Auto).unwrap();
    assert_eq!(only_large.preview(None, 30).unwrap().size.width, 1920);
}

#[test]
fn the_pace_is_the_quickest_not_above_the_wish_else_the_slowest() {
    let fps = |wish| usual().preview(None, wish).unwrap().interval.unwrap().denominator;
    assert_eq!([fps(240), fps(60), fps(59), fps(20), fps(1)], [60, 60, 30, 15, 5]);
}

#[test]
fn the_largest_size_is_captured_where_none_is_asked_for() {
    assert_eq!(usual().capture(None, None).unwrap().to_string(), "2592x1944 YUYV");
    assert_eq!(usual().capture(Some(640), Some(480)).unwrap().to_string(), "640x480 MJPG");
}

#[test]
fn a_size_that_there_is_not_is_refused_with_those_that_there_are() {
    let error = usual().capture(Some(800), Some(600)).unwrap_err();
    assert!(matches!(&error, Trouble::Unsupported(text) if text.contains("640x480, 1280x720, 1920x1080, 2592x1944")));
    assert!(matches!(usual().capture(Some(800), None), Err(Trouble::Invalid { field: "payload.height", .. })));
    assert!(matches!(usual().capture(None, Some(800)), Err(Trouble::Invalid { field: "payload.width", .. })));
    let error = usual().preview(Some(Size { width: 1, height: 1 }), 30).unwrap_err();
    assert!(error.to_string().contains("config.preview"), "{error}");
}

#[test]
fn the_format_can_be_forced() {
    let raw = Offers::new(usual().0, Format::Raw).unwrap();
    assert!(raw.sizes().iter().all(|size| !size.jpeg));
    let jpeg = Offers::new(usual().0, Format::Mjpeg).unwrap();
    assert!(jpeg.sizes().iter().all(|size| size.jpeg));
    let none = Offers::new(raw.0, Format::Mjpeg).unwrap_err();
    assert!(none.to_string().contains("config.format"), "{none}");
    assert!(Offers::new(Vec::new(), Format::Auto).is_err());
}
