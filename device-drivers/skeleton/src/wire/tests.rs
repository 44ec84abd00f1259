use super::{LINE_MAX, WireError, parse_answer};
use kiosk_driver_sdk::protocol::ups::PowerSource;

#[test]
fn an_answer_is_read_when_its_line_is_complete() {
    assert_eq!(parse_answer(b"mains 81"), None);
    let status = parse_answer(b"battery 40 low\n").unwrap().unwrap();
    assert_eq!((status.power, status.charge_percent, status.battery_low), (PowerSource::Battery, Some(40.0), true));
}

#[test]
fn a_wrong_answer_is_told_apart_by_what_is_wrong() {
    let problem = |bytes: &[u8]| parse_answer(bytes).unwrap().unwrap_err();
    assert_eq!(problem(b"solar 40\n"), WireError::Power("solar".into()));
    assert_eq!(problem(b"mains NaN\n"), WireError::Charge("NaN".into()));
    assert_eq!(problem(b"mains 101\n"), WireError::Charge("101".into()));
    assert_eq!(problem(b"mains\n"), WireError::NotALine);
    assert_eq!(problem(&[b'x'; LINE_MAX + 1]), WireError::TooLong);
    assert_eq!(problem(b"\xff\xfe 1\n"), WireError::NotALine);
}
