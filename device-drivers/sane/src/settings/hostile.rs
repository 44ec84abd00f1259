//! Whatever a backend says of its options: the driver neither falls nor takes more memory than its caps, and says in words
//! what it cannot use.

use kiosk_driver_sdk::protocol::scanner::{ColorMode, ScanArea, ScanRequest, ScanSource};
use proptest::prelude::*;

use super::{Habits, apply, survey};
use crate::ffi::scripted::{Opt, Script, State, functions};
use crate::ffi::{Constraint, Parameters, Range, Sane, VALUE_MAX};
use crate::names;
use crate::options::Options;

const NAMES: [&str; 16] = [
    names::SOURCE,
    names::MODE,
    names::RESOLUTION,
    names::X_RESOLUTION,
    names::Y_RESOLUTION,
    names::DEPTH,
    names::CORNERS[0],
    names::CORNERS[1],
    names::CORNERS[2],
    names::CORNERS[3],
    names::PAGE_WIDTH,
    names::PAGE_HEIGHT,
    names::COVER_OPEN,
    "adf-mode",
    "duplex",
    "",
];

fn number() -> impl Strategy<Value = i32> {
    prop_oneof![any::<i32>(), -2..700_i32, Just(i32::MIN), Just(i32::MAX), Just(0)]
}

fn constraint() -> impl Strategy<Value = Constraint> {
    let word = prop_oneof![Just("Flatbed".to_owned()), Just("ADF".to_owned()), Just("Color".to_owned()), ".{0,20}"];
    let word = word.prop_map(|word| word.replace('\0', ""));
    prop_oneof![
        Just(Constraint::None),
        (number(), number(), number()).prop_map(|(min, max, quant)| Constraint::Range(Range { min, max, quant })),
        prop::collection::vec(number(), 0..6).prop_map(Constraint::Words),
        prop::collection::vec(word, 0..5).prop_map(Constraint::Strings),
    ]
}

fn option() -> impl Strategy<Value = Opt> {
    let size = prop::option::weighted(0.3, prop_oneof![number(), Just(65_536), Just(65_537)]);
    let value = prop::collection::vec(any::<u8>(), 0..70);
    let parts =
        (prop::sample::select(&NAMES[..]), -1..7_i32, -1..9_i32, 0..128_i32, constraint(), value, size, 0..8_i32);
    parts.prop_map(|(name, kind, unit, cap, constraint, value, size, info)| Opt {
        name,
        kind,
        unit,
        cap,
        constraint,
        value,
        size,
        info,
    })
}

fn request() -> impl Strategy<Value = ScanRequest> {
    let source = prop::sample::select(vec![ScanSource::Flatbed, ScanSource::Adf, ScanSource::AdfDuplex]);
    let color = prop::sample::select(vec![ColorMode::Color, ColorMode::Gray]);
    let area = (any::<f32>(), any::<f32>(), any::<f32>(), any::<f32>());
    let area = area.prop_map(|(x_mm, y_mm, width_mm, height_mm)| ScanArea { x_mm, y_mm, width_mm, height_mm });
    let whole = (source, color, any::<u16>(), prop::option::of(area), prop::option::of(any::<u16>()));
    whole.prop_map(|(source, color, resolution_dpi, area, max_pages)| ScanRequest {
        source,
        resolution_dpi,
        color,
        area,
        max_pages,
    })
}

proptest! {
    #[test]
    fn no_options_make_it_fall(
        options in prop::collection::vec(option(), 0..14),
        (format, pixels_per_line, lines) in (number(), number(), number()),
        request in request(),
        sheet_fed: bool,
    ) {
        let parameters = Parameters { format, pixels_per_line, lines, ..Parameters::default() };
        let script = Script::new(State { options, parameters, ..State::default() });
        let sane = Sane::init(functions()).unwrap();
        let device = sane.open(&script.name).unwrap();
        let mut options = Options::of(&device);
        let habits = Habits { sheet_fed, ..Habits::default() };
        if let Ok(found) = survey(&device, &mut options, &habits) {
            prop_assert!(!found.sources.is_empty());
        }
        if let Err(trouble) = apply(&mut options, &request, &habits) {
            prop_assert!(!trouble.to_string().is_empty());
        }
        for name in NAMES {
            let _ = options.number(name);
        }
    }
}

#[test]
fn a_value_that_is_longer_than_the_cap_is_not_exchanged() {
    let too_long = i32::try_from(VALUE_MAX).unwrap() + 1;
    for size in [too_long, i32::MAX, 0, -1, i32::MIN] {
        let option = Opt { size: Some(size), ..Opt::int(names::RESOLUTION, 4, 300, Constraint::None) };
        let script = Script::new(State { options: vec![option], ..State::default() });
        let sane = Sane::init(functions()).unwrap();
        let device = sane.open(&script.name).unwrap();
        let mut options = Options::of(&device);
        assert_eq!(options.number(names::RESOLUTION), None, "{size}");
        let error = options.set(names::RESOLUTION, &300.into()).unwrap_err().to_string();
        assert!(error.contains("no value of a size that this driver exchanges"), "{size}: {error}");
    }
}
