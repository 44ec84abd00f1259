use super::*;

#[test]
fn times_are_vietnams() {
    for (seconds, text) in [
        (0, "1970-01-01T07:00:00+07:00"),
        (951_782_400, "2000-02-29T07:00:00+07:00"),
        (1_780_272_000, "2026-06-01T07:00:00+07:00"),
        (1_798_736_399, "2026-12-31T23:59:59+07:00"),
        (1_798_736_400, "2027-01-01T00:00:00+07:00"),
        (4_107_542_400, "2100-03-01T07:00:00+07:00"),
        (u64::MAX, "9999-12-31T23:59:59+07:00"),
    ] {
        let time = Time::of_seconds(seconds);
        assert_eq!(time.to_string(), text);
        assert_eq!(Time::parse(text), Some(time));
    }
    let time = Time::of_seconds(1_780_272_300);
    assert_eq!(
        (time.vietnamese().as_str(), time.english().as_str()),
        ("07:05 ngày 01/06/2026", "1 June 2026 at 07:05")
    );
    assert_eq!(serde_json::to_string(&time).unwrap(), "\"2026-06-01T07:05:00+07:00\"");
}

#[test]
fn a_time_may_be_written_in_many_ways_and_a_wrong_one_in_none() {
    let time = Some(Time::of_seconds(1_780_272_000));
    for text in [
        "2026-06-01T07:00",
        "2026-06-01 07:00:00",
        "2026-06-01T00:00:00Z",
        "2026-05-31T20:00-04:00",
        "2026-06-01T07:00:00+07:00",
    ] {
        assert_eq!(Time::parse(text), time, "{text}");
    }
    assert_eq!(Time::parse("2026-06-01"), Time::parse("2026-06-01T00:00"));
    for text in [
        "",
        "2026",
        "2026-6-1",
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-06-01T",
        "2026-06-01X",
        "2026-06-01T24:00",
        "2026-06-01T07:60",
        "2026-06-01T7:00",
        "2026-06-01T07:00+7",
        "2026-06-01T07:00+07:00:01",
        "1969-12-31",
        "1970-01-01",
        "ngày 01/06",
        "2026-06-01T07:00+",
        "2026-06-01T07:00ZZ",
        "20260601T0700",
    ] {
        assert_eq!(Time::parse(text), None, "{text}");
    }
}
