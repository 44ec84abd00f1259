use proptest::prelude::*;

use super::{Description, Field, Kind};

/// The example of HID 1.11, appendix E.10: a mouse.
const MOUSE: &[u8] = &[
    0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x01, 0xa1, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29, 0x03, 0x15, 0x00, 0x25,
    0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02, 0x95, 0x01, 0x75, 0x05, 0x81, 0x01, 0x05, 0x01, 0x09, 0x30, 0x09, 0x31,
    0x15, 0x81, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06, 0xc0, 0xc0,
];

/// Two reports as UPSes have them: charge in a feature report with a physical extent, signed power in an input report.
const EXTENTS: &[u8] = &[
    0x05, 0x85, 0x85, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x35, 0x00, 0x45, 0x64, 0x75, 0x08, 0x95, 0x01, 0x09, 0x66,
    0xb1, 0x02, // 0 to 255 means 0 to 100
    0x35, 0x00, 0x45, 0x00, 0x85, 0x02, 0x16, 0x00, 0x80, 0x26, 0xff, 0x7f, 0x75, 0x10, 0x09, 0x68, 0x81, 0x02,
];

fn fields(descriptor: &[u8]) -> Vec<Field> {
    Description::of(descriptor).fields
}

#[test]
fn the_standards_own_mouse_is_understood() {
    let description = Description::of(MOUSE);
    let got: Vec<_> = description.fields.iter().map(|field| (field.usage, field.at, field.size, field.count)).collect();
    let expected = [
        (0x0009_0001, 0, 1, 1),
        (0x0009_0002, 1, 1, 1),
        (0x0009_0003, 2, 1, 1),
        (0x0001_0030, 8, 8, 1),
        (0x0001_0031, 16, 8, 1),
    ];
    assert_eq!(got, expected);
    assert!(description.whole && description.fields.iter().all(|field| field.kind == Kind::Input));
    assert_eq!((description.bytes(Kind::Input, None), description.bytes(Kind::Feature, None)), (3, 0));
    let report = [0b101, 0x7f, 0x81];
    let raw: Vec<u32> = description.fields.iter().map(|field| field.raw(&report, 0).unwrap()).collect();
    assert_eq!(raw, [1, 0, 1, 0x7f, 0x81]);
    let values = [3, 4].map(|at| description.fields[at].value(&report, 0).unwrap());
    assert_eq!(values, [127.0, -127.0], "the axes go from -127 to 127");
    assert_eq!(description.fields[4].value(&report[..2], 0), None);
}

#[test]
fn extents_give_values_their_sign_and_their_scale() {
    let description = Description::of(EXTENTS);
    let [charge, power] = description.fields[..] else { panic!("{description:?}") };
    assert_eq!((charge.kind, charge.physical, charge.value(&[255], 0)), (Kind::Feature, Some((0, 100)), Some(100.0)));
    assert_eq!((power.kind, power.physical, power.value(&[0xff, 0xff], 0)), (Kind::Input, None, Some(-1.0)));
    assert_eq!(description.bytes(Kind::Input, Some(2)), 2);
}

#[test]
fn numbered_reports_are_counted_each_for_itself_and_pushed_states_come_back() {
    let fields = fields(&[
        0x05, 0x8c, 0x75, 0x08, 0x95, 0x01, 0x85, 0x01, 0x09, 0x10, 0x81, 0x02, // report 1
        0xa4, 0x85, 0x02, 0x05, 0x01, 0x95, 0x03, 0x09, 0x3b, 0x81, 0x02, 0xb4, // report 2, then as before
        0x0b, 0x34, 0x12, 0x8d, 0x00, 0x81, 0x02, // a usage with its own page
        0x09, 0x11, 0xb1, 0x02, // a feature report of the same number
    ]);
    let got: Vec<_> =
        fields.iter().map(|field| (field.kind, field.report, field.usage, field.at, field.count)).collect();
    let expected = [
        (Kind::Input, Some(1), 0x008c_0010, 0, 1),
        (Kind::Input, Some(2), 0x0001_003b, 0, 3),
        (Kind::Input, Some(1), 0x008d_1234, 8, 1),
        (Kind::Feature, Some(1), 0x008c_0011, 0, 1),
    ];
    assert_eq!(got, expected);
}

#[test]
fn what_no_report_has_ends_the_list_and_is_told() {
    let huge = [0x05, 0x8c, 0x09, 0xfe, 0x77, 0xff, 0xff, 0xff, 0xff, 0x97, 0xff, 0xff, 0xff, 0xff, 0x81, 0x02];
    for (descriptor, whole) in [(&huge[..], false), (&[0xb4], false), (&[0xfe, 0xff, 0x00], false), (&[], true)] {
        let description = Description::of(descriptor);
        assert_eq!((description.whole, description.fields.len()), (whole, 0), "{descriptor:?}");
    }
    // In the middle of an item.
    assert!(!Description::of(&EXTENTS[..7]).whole);
}

#[test]
fn the_largest_reports_that_a_kernel_lets_through_take_no_room() {
    // 12,288 values in each of as many reports as a descriptor can have.
    let mut descriptor = vec![0x06, 0x85, 0x00, 0x75, 0x01, 0x96, 0x00, 0x30];
    for number in 1..=255 {
        descriptor.extend([0x85, number, 0x09, 0x66, 0xb1, 0x02, 0x09, 0x66, 0x81, 0x02]);
    }
    let description = Description::of(&descriptor);
    assert!(description.whole);
    assert_eq!(description.fields.len(), 510);
    assert!(description.fields.iter().all(|field| field.count == 12_288));
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..600), report in proptest::collection::vec(any::<u8>(), 0..70)) {
        for field in fields(&bytes) {
            let last = field.count.saturating_sub(1);
            prop_assert!(field.raw(&report, last).is_some() || field.value(&report, last).is_none());
            prop_assert!(field.value(&report, u32::MAX).is_none_or(f64::is_finite));
        }
    }

    #[test]
    fn broken_descriptors_break_nothing(at in 0..MOUSE.len(), byte in any::<u8>(), end in 0..=MOUSE.len(), ups: bool) {
        let mut bytes = if ups { EXTENTS.to_vec() } else { MOUSE.to_vec() };
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(end);
        prop_assert!(fields(&bytes).len() <= 1_024);
    }
}
