use super::{ClockError, EARLIEST_MS, Reading, Trust};

const HOUR: i64 = 3_600_000;
const YEARS_20: i64 = 20 * 8766 * HOUR;
const NOW: i64 = EARLIEST_MS + 5000 * HOUR;

fn reading(utc_ms: i64, steady_ms: i64, synchronised: bool) -> Reading {
    Reading { utc_ms, steady_ms, synchronised }
}

#[test]
fn a_synchronised_clock_is_believed_and_stays_so_for_a_while() {
    let mut trust = Trust::default();
    assert_eq!(trust.judge(reading(NOW, 0, false), None), Err(ClockError::NotSynchronised));
    assert_eq!(trust.judge(reading(NOW, 0, true), None), Ok(NOW));
    // The network has gone; the clock runs on as the steady one does.
    assert_eq!(trust.judge(reading(NOW + HOUR + 299_000, HOUR, false), Some(NOW)), Ok(NOW + HOUR + 299_000));
}

#[test]
fn a_jump_is_told() {
    for jump in [HOUR, -HOUR, YEARS_20, 301_000, -301_000] {
        let mut trust = Trust::default();
        trust.judge(reading(NOW, 0, true), None).unwrap();
        let told = trust.judge(reading(NOW + jump, 10, false), None);
        assert_eq!(told, Err(ClockError::Jumped { by_ms: jump - 10 }));
    }
}

#[test]
fn a_clock_that_was_never_set_or_goes_back_gives_no_number() {
    let mut trust = Trust::default();
    let past = NOW - YEARS_20;
    assert_eq!(trust.judge(reading(past, 0, true), None), Err(ClockError::NeverSet { utc_ms: past }));
    assert_eq!(trust.judge(reading(NOW, 0, true), Some(NOW + 1)), Err(ClockError::WentBack { by_ms: 1 }));
    assert_eq!(trust.judge(reading(NOW, 0, true), Some(NOW)), Ok(NOW));
    let end = trust.judge(reading(i64::MAX, i64::MIN, false), Some(i64::MIN));
    assert!(matches!(end, Err(ClockError::Jumped { .. })));
}
