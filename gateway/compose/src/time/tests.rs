use super::*;

#[test]
fn seconds_become_days_and_hours_in_vietnam() {
    // `TZ=Asia/Ho_Chi_Minh date -Iseconds -d @…`
    for (seconds, text) in [
        (0, "1970-01-01T07:00:00+07:00"),
        (951_757_199, "2000-02-28T23:59:59+07:00"),
        (951_757_200, "2000-02-29T00:00:00+07:00"),
        (951_843_600, "2000-03-01T00:00:00+07:00"),
        (1_796_008_500, "2026-11-30T10:15:00+07:00"),
        (1_798_736_400, "2027-01-01T00:00:00+07:00"),
        (4_107_517_199, "2100-02-28T23:59:59+07:00"),
        (4_107_517_200, "2100-03-01T00:00:00+07:00"),
        (YEAR_10000 - 1, "9999-12-31T23:59:59+07:00"),
    ] {
        let time = LocalTime::from_unix(seconds).unwrap();
        assert_eq!((time.iso().as_str(), time.unix()), (text, seconds));
    }
    assert_eq!(LocalTime::from_unix(-1), None);
    assert_eq!(LocalTime::from_unix(YEAR_10000), None);
    assert_eq!(LocalTime::from_unix(i64::MAX), None);
}

proptest::proptest! {
    #[test]
    fn days_and_hours_become_seconds_again(seconds in 0..YEAR_10000) {
        proptest::prop_assert_eq!(LocalTime::from_unix(seconds).unwrap().unix(), seconds);
    }
}
