use proptest::prelude::*;

use kiosk_hid_reports::{Field, Kind};

use super::*;
use crate::descriptor::{Plan, Spot};

fn spot(figure: Figure, at: u32, size: u32) -> Spot {
    let (kind, logical) = (Kind::Feature, (0, i64::from(u32::MAX)));
    Spot { figure, field: Field { kind, report: None, usage: 0, at, size, count: 1, logical, physical: None } }
}

fn report(id: u8, spots: Vec<Spot>) -> Wanted {
    Wanted { id, bytes: 8, spots, has_flag: true }
}

fn power(flags: &[(Figure, bool)]) -> PowerSource {
    let mut power = Power::default();
    power.0.extend(flags.iter().map(|(figure, on)| (*figure, f64::from(u8::from(*on)))));
    power.status().power
}

#[test]
fn only_what_says_so_is_mains() {
    use Figure::{AcPresent, Charging, Discharging};
    assert_eq!(power(&[]), PowerSource::Unknown);
    assert_eq!(power(&[(Discharging, false)]), PowerSource::Unknown);
    assert_eq!(power(&[(AcPresent, true), (Discharging, false)]), PowerSource::Mains);
    assert_eq!(power(&[(Charging, true), (Discharging, false)]), PowerSource::Mains);
    assert_eq!(power(&[(AcPresent, true), (Discharging, true)]), PowerSource::Battery);
    assert_eq!(power(&[(AcPresent, false)]), PowerSource::Battery);
}

#[test]
fn values_are_taken_from_their_bits() {
    let known = [report(
        1,
        vec![
            spot(Figure::AcPresent, 0, 1),
            spot(Figure::BelowLimit, 2, 1),
            spot(Figure::RemainingCapacity, 8, 8),
            spot(Figure::RunTimeToEmpty, 16, 16),
            spot(Figure::PercentLoad, 32, 8),
        ],
    )];
    let mut power = Power::default();
    assert_eq!(power.take(&known, &[1, 0b101, 87, 0xB0, 0x04, 23]), Some(true));
    let status = power.status();
    assert_eq!((status.power, status.battery_low), (PowerSource::Mains, true));
    assert_eq!((status.charge_percent, status.runtime_s, status.load_percent), (Some(87.0), Some(1200), Some(23.0)));
}

#[test]
fn unnumbered_reports_count_from_the_byte_after_the_zero() {
    let mut power = Power::default();
    assert_eq!(power.take(&[report(0, vec![spot(Figure::RemainingCapacity, 0, 8)])], &[0, 55]), Some(false));
    assert_eq!(power.status().charge_percent, Some(55.0));
}

#[test]
fn a_charge_in_other_units_is_a_part_of_the_full_one() {
    let mut power = Power::default();
    power.0.extend([(Figure::RemainingCapacity, 1_800.0), (Figure::FullChargeCapacity, 7_200.0)]);
    assert_eq!(power.status().charge_percent, Some(25.0));
}

#[test]
fn a_report_that_is_too_short_changes_nothing_it_does_not_have() {
    let mut power = Power::default();
    let known = [report(1, vec![spot(Figure::AcPresent, 0, 1), spot(Figure::RunTimeToEmpty, 16, 16)])];
    assert_eq!(power.take(&known, &[1, 1]), Some(true));
    assert_eq!((power.status().power, power.status().runtime_s), (PowerSource::Mains, None));
    for nothing in [&[][..], &[1], &[9, 1]] {
        assert_eq!(power.take(&known, nothing), None, "{nothing:?}");
    }
}

#[test]
fn what_is_not_given_any_more_is_forgotten() {
    let mut power = Power::default();
    let known =
        [report(1, vec![spot(Figure::AcPresent, 0, 1)]), report(2, vec![spot(Figure::RemainingCapacity, 0, 8)])];
    power.take(&known, &[1, 1]);
    power.take(&known, &[2, 80]);
    power.forget(&known[0]);
    assert_eq!((power.status().power, power.status().charge_percent), (PowerSource::Unknown, Some(80.0)));
}

proptest! {
    #[test]
    fn no_report_is_a_panic_and_figures_stay_in_their_range(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let plan = Plan::of(crate::descriptor::tests::UPS).unwrap();
        let mut power = Power::default();
        power.take(&plan.features, &bytes);
        power.take(&plan.inputs, &bytes);
        let status = power.status();
        prop_assert!(status.charge_percent.is_none_or(|charge| (0.0..=100.0).contains(&charge)));
        prop_assert!(status.runtime_s.is_none_or(|seconds| seconds < 65_535));
    }
}
