use proptest::prelude::*;

use super::{Field, input_fields, value};

/// The example of HID 1.11, appendix E.10: a mouse.
const MOUSE: &[u8] = &[
    0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x01, 0xa1, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29, 0x03, 0x15, 0x00, 0x25,
    0x01, 0x95, 0x03, 0x75, 0x01, 0x81, 0x02, 0x95, 0x01, 0x75, 0x05, 0x81, 0x01, 0x05, 0x01, 0x09, 0x30, 0x09, 0x31,
    0x15, 0x81, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x02, 0x81, 0x06, 0xc0, 0xc0,
];

#[test]
fn the_standards_own_mouse_is_understood() {
    let field = |usage, at, size| Field { report: None, usage, at, size, count: 1 };
    let expected = [
        field(0x0009_0001, 0, 1),
        field(0x0009_0002, 1, 1),
        field(0x0009_0003, 2, 1),
        field(0x0001_0030, 8, 8),
        field(0x0001_0031, 16, 8),
    ];
    assert_eq!(input_fields(MOUSE), expected);
    let report = [0b101, 0x7f, 0x81];
    let values: Vec<u32> = expected.iter().map(|field| value(&report, field, 0).unwrap()).collect();
    assert_eq!(values, [1, 0, 1, 0x7f, 0x81]);
    assert_eq!(value(&report[..2], &expected[4], 0), None);
}

#[test]
fn numbered_reports_are_counted_each_for_itself_and_pushed_states_come_back() {
    let fields = input_fields(&[
        0x05, 0x8c, 0x75, 0x08, 0x95, 0x01, 0x85, 0x01, 0x09, 0x10, 0x81, 0x02, // report 1
        0xa4, 0x85, 0x02, 0x05, 0x01, 0x95, 0x03, 0x09, 0x3b, 0x81, 0x02, 0xb4, // report 2, then as before
        0x0b, 0x34, 0x12, 0x8d, 0x00, 0x81, 0x02, // a usage with its own page
    ]);
    let got: Vec<_> = fields.iter().map(|field| (field.report, field.usage, field.at, field.count)).collect();
    assert_eq!(got, [(Some(1), 0x008c_0010, 0, 1), (Some(2), 0x0001_003b, 0, 3), (Some(1), 0x008d_1234, 8, 1)]);
}

#[test]
fn sizes_that_no_report_has_end_the_list() {
    let huge = [0x05, 0x8c, 0x09, 0xfe, 0x77, 0xff, 0xff, 0xff, 0xff, 0x97, 0xff, 0xff, 0xff, 0xff, 0x81, 0x02];
    assert_eq!(input_fields(&huge), []);
    assert_eq!(input_fields(&[0xb4]), []);
    assert_eq!(input_fields(&[0xfe, 0xff, 0x00]), []);
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..600), report in proptest::collection::vec(any::<u8>(), 0..70)) {
        for field in input_fields(&bytes) {
            let _ = value(&report, &field, field.count.saturating_sub(1));
        }
    }

    #[test]
    fn a_broken_mouse_breaks_nothing(at in 0..MOUSE.len(), byte in any::<u8>()) {
        let mut bytes = MOUSE.to_vec();
        bytes[at] = byte;
        prop_assert!(input_fields(&bytes).len() <= 1_024);
    }
}
