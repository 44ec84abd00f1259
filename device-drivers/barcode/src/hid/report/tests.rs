use std::collections::VecDeque;
use std::time::{Duration, Instant};

use kiosk_hid_reports::Description;
use proptest::prelude::*;

use super::{Layout, Reassembler};
use crate::code::BYTES_MAX;

const PAUSE: Duration = Duration::from_millis(500);
const DATA: usize = 12;

/// A scanner with small reports: number 5; byte count, then data, then flag, then symbology (an order of our own, so that
/// nothing but the descriptor can tell where each is).
const DESCRIPTOR: &[u8] = &[
    0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x12, 0xa1, 0x02, 0x85, 0x05, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,
    0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // count
    0x05, 0x8c, 0x95, 0x0c, 0x09, 0xfe, 0x82, 0x02, 0x01, // 12 bytes of data
    0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, 0x95, 0x07, 0x81, 0x03, // flag and padding
    0x75, 0x08, 0x95, 0x03, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // symbology
    0xc0, 0xc0,
];

fn reassembler() -> Reassembler {
    let layout = Layout::of(&Description::of(DESCRIPTOR)).unwrap();
    assert!(layout.tells_symbology());
    Reassembler::new(layout, PAUSE)
}

fn report(text: &[u8], more: bool, aim: &[u8; 3]) -> Vec<u8> {
    let mut report = vec![5, u8::try_from(text.len()).unwrap()];
    report.extend_from_slice(text);
    report.resize(2 + DATA, 0xee);
    report.push(u8::from(more) | 0xfe);
    report.extend_from_slice(aim);
    report
}

fn heard(reassembler: &mut Reassembler, report: &[u8], now: Instant) -> Vec<(String, Option<[u8; 2]>)> {
    let mut heard = VecDeque::new();
    reassembler.take(report, now, &mut heard);
    let shown = |heard: crate::code::Heard| match heard {
        Ok(raw) => (raw.text, raw.aim),
        Err(garbled) => (format!("{garbled:?}"), None),
    };
    heard.into_iter().map(shown).collect()
}

#[test]
fn a_long_code_is_put_together_from_its_reports() {
    let (mut scanner, now) = (reassembler(), Instant::now());
    let card = "099200000001|012345678|NGUYỄN VĂN A|01012000|Nam|Hà Nội";
    let pieces: Vec<&[u8]> = card.as_bytes().chunks(DATA).collect();
    let (last, first) = pieces.split_last().unwrap();
    for piece in first {
        assert_eq!(heard(&mut scanner, &report(piece, true, b"]Q1"), now), []);
    }
    assert_eq!(heard(&mut scanner, &report(last, false, b"]Q1"), now), [(card.to_owned(), Some(*b"Q1"))]);
    assert_eq!(heard(&mut scanner, &report(b"next", false, b"\0\0\0"), now), [("next".to_owned(), None)]);
}

#[test]
fn reports_that_are_not_as_described_are_told_and_the_next_code_is_heard() {
    let (mut scanner, now) = (reassembler(), Instant::now());
    let mut too_much = report(b"abc", false, b"]Q1");
    too_much[1] = 200;
    let whole = report(b"abc", false, b"]Q1");
    for wrong in [&too_much[..], &whole[..8], &[5]] {
        heard(&mut scanner, &report(b"begun", true, b"]Q1"), now);
        assert_eq!(heard(&mut scanner, wrong, now), [("Wrong".to_owned(), None)]);
        assert_eq!(heard(&mut scanner, &whole, now), [("abc".to_owned(), Some(*b"Q1"))]);
    }
    // Of another report of the same device nothing is heard.
    assert_eq!(heard(&mut scanner, &[9, 1, 2, 3], now), []);
    assert_eq!(heard(&mut scanner, &[], now), []);
}

#[test]
fn a_code_whose_rest_does_not_come_is_given_up() {
    let (mut scanner, now) = (reassembler(), Instant::now());
    heard(&mut scanner, &report(b"begun", true, b"]Q1"), now);
    let next = heard(&mut scanner, &report(b"next", false, b"]C0"), now + PAUSE);
    assert_eq!(next, [("Lost".to_owned(), None), ("next".to_owned(), Some(*b"C0"))]);
}

#[test]
fn what_was_forgotten_in_the_middle_is_forgotten_to_its_end() {
    let (mut scanner, now) = (reassembler(), Instant::now());
    heard(&mut scanner, &report(b"begun", true, b"]Q1"), now);
    scanner.forget();
    assert_eq!(heard(&mut scanner, &report(b"more", true, b"]Q1"), now), []);
    assert_eq!(heard(&mut scanner, &report(b"end", false, b"]Q1"), now), []);
    assert_eq!(heard(&mut scanner, &report(b"next", false, b"]Q1"), now), [("next".to_owned(), Some(*b"Q1"))]);
    scanner.forget();
    assert_eq!(heard(&mut scanner, &report(b"next", false, b"]Q1"), now).len(), 1);
}

#[test]
fn a_code_that_does_not_stop_is_told_once() {
    let (mut scanner, now) = (reassembler(), Instant::now());
    let reports = BYTES_MAX / DATA * 3;
    let told: Vec<_> =
        (0..reports).flat_map(|_| heard(&mut scanner, &report(&[b'x'; DATA], true, b"]Q1"), now)).collect();
    assert_eq!(told, [("TooLong".to_owned(), None)]);
    assert_eq!(heard(&mut scanner, &report(b"end", false, b"]Q1"), now), []);
    assert_eq!(heard(&mut scanner, &report(b"next", false, b"]Q1"), now).len(), 1);
}

#[test]
fn a_device_without_decoded_data_is_no_scanner() {
    assert_eq!(Layout::of(&Description::of(&DESCRIPTOR[..20])), None);
    assert_eq!(Layout::of(&Description::default()), None);
}

proptest! {
    #[test]
    fn any_reports_leave_it_able_to_hear_the_next_code(
        reports in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..40)
    ) {
        let (mut scanner, now) = (reassembler(), Instant::now());
        for mut report in reports {
            if let Some(first) = report.first_mut() { *first = 5; }
            heard(&mut scanner, &report, now);
        }
        heard(&mut scanner, &report(b"end", false, b"]Q1"), now);
        prop_assert_eq!(heard(&mut scanner, &report(b"next", false, b"]Q1"), now), [("next".to_owned(), Some(*b"Q1"))]);
    }

    #[test]
    fn a_damaged_descriptor_and_damaged_reports_break_nothing(
        at in 0..DESCRIPTOR.len(),
        byte: u8,
        reports in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)
    ) {
        let mut descriptor = DESCRIPTOR.to_vec();
        descriptor[at] = byte;
        let Some(layout) = Layout::of(&Description::of(&descriptor)) else { return Ok(()) };
        let (mut scanner, now) = (Reassembler::new(layout, PAUSE), Instant::now());
        for mut report in reports {
            if let Some(first) = report.first_mut() { *first = 5; }
            for (text, _) in heard(&mut scanner, &report, now) {
                prop_assert!(text.len() <= BYTES_MAX * 2);
            }
        }
    }
}
