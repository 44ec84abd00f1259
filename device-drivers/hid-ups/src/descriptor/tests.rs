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
    let figures = |wanted: &[Wanted]| -> Vec<(u8, Figure, usize, usize)> {
        let spots = wanted.iter().flat_map(|wanted| wanted.spots.iter().map(|spot| (wanted.id, spot)));
        spots.map(|(id, spot)| (id, spot.figure, spot.bit, spot.bits)).collect()
    };
    assert_eq!(
        figures(&plan.features),
        [
            (1, Figure::AcPresent, 8, 1),
            (1, Figure::Discharging, 9, 1),
            (1, Figure::RemainingCapacity, 16, 8),
            (1, Figure::RunTimeToEmpty, 24, 16),
        ]
    );
    assert_eq!(figures(&plan.inputs), [(2, Figure::AcPresent, 8, 1), (2, Figure::Discharging, 9, 1)]);
    assert_eq!(plan.features[0].bytes, 5);
    assert_eq!(plan.capabilities(), UpsCapabilities { charge: true, runtime: true, load: false });
}

#[test]
fn what_says_nothing_of_power_is_no_ups() {
    assert_eq!(Plan::of(MOUSE), Err(NoUps::NoPower));
    assert!(matches!(Plan::of(&[]), Err(NoUps::Descriptor(_))));
}

#[test]
fn a_descriptor_that_breaks_off_is_told() {
    assert!(matches!(Plan::of(&[0x05, 0x84, 0x26, 0x01]), Err(NoUps::Descriptor(_))));
}

proptest! {
    /// The kernel has parsed a descriptor before there is a node; what it lets through is far tamer than this.
    #[test]
    fn a_damaged_descriptor_is_no_panic(at in 0..UPS.len(), byte: u8, end in 0..=UPS.len()) {
        let mut damaged = UPS.to_vec();
        damaged[at] = byte;
        damaged.truncate(end);
        // Report size and count are bounded by the kernel (HID_MAX_USAGES): large ones are not tried here.
        let bounded = damaged.windows(2).all(|pair| !matches!(pair[0], 0x95..=0x97) || pair[1] <= 8);
        prop_assume!(bounded && !damaged.contains(&0x97) && !damaged.contains(&0x96));
        let _ = Plan::of(&damaged);
    }
}
