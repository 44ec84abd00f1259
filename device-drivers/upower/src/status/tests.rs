use proptest::prelude::*;
use zbus::Str;

use super::*;

fn properties(pairs: &[(&str, Variant<'static>)]) -> Properties {
    let owned = |value: &Variant<'static>| OwnedVariant::try_from(value.try_clone().expect("plain")).expect("plain");
    Properties::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), owned(value))).collect())
}

fn power(state: u32) -> PowerSource {
    properties(&[("State", Variant::U32(state))]).status().power
}

#[test]
fn only_a_state_that_says_so_is_mains() {
    assert_eq!([1, 4, 5].map(power), [PowerSource::Mains; 3]);
    assert_eq!([2, 3].map(power), [PowerSource::Battery; 2]);
    assert_eq!([0, 6, 7, u32::MAX].map(power), [PowerSource::Unknown; 4]);
    assert_eq!(properties(&[]).status().power, PowerSource::Unknown);
    assert_eq!(properties(&[("State", Variant::I32(4))]).status().power, PowerSource::Unknown, "of another type");
}

#[test]
fn a_warning_counts_as_low_only_where_the_battery_is_used() {
    let low = |state, level| {
        properties(&[("State", Variant::U32(state)), ("WarningLevel", Variant::U32(level))]).status().battery_low
    };
    assert!(low(DISCHARGING, 3) && low(DISCHARGING, 4) && low(DISCHARGING, 5) && low(EMPTY, 0));
    assert!(!low(DISCHARGING, 1) && !low(CHARGING, 4));
}

#[test]
fn figures_that_cannot_be_are_absent() {
    for percentage in [f64::NAN, -1.0, 100.5, f64::INFINITY] {
        assert_eq!(properties(&[("Percentage", Variant::F64(percentage))]).status().charge_percent, None);
    }
    assert_eq!(properties(&[("Percentage", Variant::F64(81.5))]).status().charge_percent, Some(81.5));
    for seconds in [0, -5, i64::MAX] {
        assert_eq!(properties(&[("TimeToEmpty", Variant::I64(seconds))]).status().runtime_s, None);
    }
    assert_eq!(properties(&[("TimeToEmpty", Variant::I64(1200))]).status().runtime_s, Some(1200));
}

#[test]
fn texts_lose_control_characters_and_length() {
    let text = |text: &'static str| properties(&[("Model", Variant::Str(Str::from_static(text)))]).text("Model");
    assert_eq!(text("  Back\u{1b}-UPS\n "), Some("Back-UPS".into()));
    assert_eq!(text("\u{0}"), None);
    let long: &'static str = Box::leak("x".repeat(1000).into_boxed_str());
    assert_eq!(text(long).map(|text| text.len()), Some(TEXT_MAX));
}

#[test]
fn age_is_known_only_where_it_can_be() {
    let now = UNIX_EPOCH + Duration::from_secs(1_000);
    let age = |updated| properties(&[("UpdateTime", Variant::U64(updated))]).age(now);
    assert_eq!(age(990), Some(Duration::from_secs(10)));
    assert_eq!((age(0), age(2_000)), (None, None));
}

proptest! {
    #[test]
    fn no_values_are_a_panic(state in any::<u32>(), kind in any::<u32>(), percentage in any::<f64>(), left in any::<i64>(), at in any::<u64>()) {
        let all = properties(&[
            ("State", Variant::U32(state)),
            ("Type", Variant::U32(kind)),
            ("Percentage", Variant::F64(percentage)),
            ("TimeToEmpty", Variant::I64(left)),
            ("UpdateTime", Variant::U64(at)),
        ]);
        let status = all.status();
        prop_assert!(status.charge_percent.is_none_or(|charge| (0.0..=100.0).contains(&charge)));
        prop_assert_eq!(all.is_ups(), kind == 3);
        let _ = all.age(SystemTime::now());
    }

    #[test]
    fn values_of_any_type_are_no_panic_and_claim_nothing(values in proptest::collection::vec((0..NAMES.len(), variant()), 0..12)) {
        let said = Properties::new(values.iter().map(|(name, value)| (NAMES[*name].to_owned(), value.clone())).collect());
        let status = said.status();
        let state = values.iter().rev().find(|(name, _)| NAMES[*name] == "State").map(|(_, value)| &**value);
        if !matches!(state, Some(Variant::U32(1 | 4 | 5))) {
            prop_assert_ne!(status.power, PowerSource::Mains);
        }
        prop_assert!(status.charge_percent.is_none_or(|charge| (0.0..=100.0).contains(&charge)));
        let _ = (said.is_ups(), said.age(SystemTime::now()));
        for name in ["Vendor", "Model", "Serial"] {
            prop_assert!(said.text(name).is_none_or(|text| !text.is_empty() && !text.chars().any(char::is_control)));
        }
    }
}

const NAMES: [&str; 10] = [
    "Type",
    "State",
    "IsPresent",
    "WarningLevel",
    "Percentage",
    "TimeToEmpty",
    "UpdateTime",
    "Vendor",
    "Model",
    "Serial",
];

/// A value of any of the types that D-Bus has, more or less.
fn variant() -> impl Strategy<Value = OwnedVariant> {
    let owned = |value: Variant<'static>| OwnedVariant::try_from(value).expect("plain");
    prop_oneof![
        (0_u32..8).prop_map(Variant::U32),
        any::<u32>().prop_map(Variant::U32),
        any::<i32>().prop_map(Variant::I32),
        any::<u8>().prop_map(Variant::U8),
        any::<i64>().prop_map(Variant::I64),
        any::<u64>().prop_map(Variant::U64),
        any::<f64>().prop_map(Variant::F64),
        any::<bool>().prop_map(Variant::Bool),
        ".{0,200}".prop_map(Variant::from),
        proptest::collection::vec(any::<u32>(), 0..4).prop_map(Variant::from),
    ]
    .prop_map(owned)
}
