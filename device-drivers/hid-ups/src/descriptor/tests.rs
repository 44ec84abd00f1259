use proptest::prelude::*;

use super::*;

/// A UPS in short: report 1 has two flags, charge and runtime as features; report 2 sends the flags by itself.
pub(crate) const UPS: &[u8] = &[
    0x05, 0x84, 0x09, 0x04, 0xA1, 0x01, // Power Device, UPS, application
    0x05, 0x85, 0x85, 0x01, // Battery System, report 1
    0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x02, 0x09, 0xD0, 0x09, 0x45, 0xB1, 0x02, // ACPresent, Discharging
    0x75, 0x06, 0x95, 0x01, 0xB1, 0x03, // padding
    0x26, 0xFF, 0x00, 0x75, 0x08, 0x09, 0x66, 0xB1, 0x02, // RemainingCapacity
    0x27, 0xFF, 0xFF, 0x00, 0x00, 0x75, 0x10, 0x09, 0x68, 0xB1, 0x02, // RunTimeToEmpty
    0x85, 0x02, 0x25, 0x01, 0x75, 0x01, 0x95, 0x02, 0x09, 0xD0, 0x09, 0x45, 0x81, 0x02, // the flags as input
    0x75, 0x06, 0x95, 0x01, 0x81, 0x03, 0xC0,
];

/// A mouse: buttons and axes.
const MOUSE: &[u8] = &[
    0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0x05, 0x09, 0x19, 0x01, 0x29, 0x08, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95,
    0x08, 0x81, 0x02, 0xC0,
];

#[test]
fn a_ups_is_known_by_what_its_reports_have() {
    let plan = Plan::of(UPS).unwrap();
    let figures = |wanted: &[Wanted]| -> Vec<(u8, Figure, u32, u32)> {
        let spots = wanted.iter().flat_map(|wanted| wanted.spots.iter().map(|spot| (wanted.id, spot)));
        spots.map(|(id, spot)| (id, spot.figure, spot.field.at, spot.field.size)).collect()
    };
    assert_eq!(
        figures(&plan.features),
        [
            (1, Figure::AcPresent, 0, 1),
            (1, Figure::Discharging, 1, 1),
            (1, Figure::RemainingCapacity, 8, 8),
            (1, Figure::RunTimeToEmpty, 16, 16),
        ]
    );
    assert_eq!(figures(&plan.inputs), [(2, Figure::AcPresent, 0, 1), (2, Figure::Discharging, 1, 1)]);
    assert_eq!(plan.features[0].bytes, 4);
    assert_eq!(plan.capabilities(), UpsCapabilities { charge: true, runtime: true, load: false });
}

#[test]
fn what_says_nothing_of_power_is_no_ups() {
    assert_eq!(Plan::of(MOUSE), Err(NoUps::NoPower));
    assert_eq!(Plan::of(&[]), Err(NoUps::NoPower));
}

#[test]
fn a_descriptor_that_breaks_off_is_told() {
    assert_eq!(Plan::of(&[0x05, 0x84, 0x26, 0x01]), Err(NoUps::Descriptor));
    assert_eq!(Plan::of(&UPS[..UPS.len() - 12]), Err(NoUps::Descriptor));
}

#[test]
fn what_says_how_the_power_is_is_asked_for_first() {
    let mut later = vec![0x05, 0x85, 0x85, 0x07, 0x25, 0x64, 0x75, 0x08, 0x95, 0x01, 0x09, 0x66, 0xB1, 0x02];
    later.extend_from_slice(UPS);
    let order: Vec<u8> = Plan::of(&later).unwrap().features.iter().map(|wanted| wanted.id).collect();
    assert_eq!(order, [1, 7]);
}

proptest! {
    #[test]
    fn a_damaged_descriptor_and_whatever_is_reported_then_is_no_panic(
        at in 0..UPS.len(), byte: u8, end in 0..=UPS.len(), report in proptest::collection::vec(any::<u8>(), 0..20)
    ) {
        let mut damaged = UPS.to_vec();
        damaged[at] = byte;
        damaged.truncate(end);
        if let Ok(plan) = Plan::of(&damaged) {
            let mut power = crate::power::Power::default();
            power.take(&plan.features, &report);
            power.take(&plan.inputs, &report);
            prop_assert!(power.status().charge_percent.is_none_or(|charge| (0.0..=100.0).contains(&charge)));
        }
    }

    #[test]
    fn any_bytes_are_a_ups_or_are_refused(descriptor in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Plan::of(&descriptor);
    }
}
