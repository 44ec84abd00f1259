#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, SystemTime};

use super::{Date, Mrz};

const CARD: &str = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<";

/// 28 November 2026.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(20_785 * 24)
}

fn zone(birth: &str, expiry: &str) -> Mrz {
    Mrz { date_of_birth: birth.into(), date_of_expiry: expiry.into(), ..Mrz::read(CARD).unwrap() }
}

#[test]
fn nobody_is_born_in_the_future_and_no_card_expired_long_ago() {
    assert_eq!(Date::of(now()).unwrap().to_string(), "2026-11-28");
    for (birth, whole) in [
        ("000615", "2000-06-15"),
        ("261128", "2026-11-28"),
        ("270101", "1927-01-01"),
        ("261129", "1926-11-29"),
        ("740812", "1974-08-12"),
    ] {
        assert_eq!(zone(birth, "120415").born(now()).unwrap().to_string(), whole);
    }
    for (expiry, whole) in
        [("400615", "2040-06-15"), ("120415", "2012-04-15"), ("690101", "2069-01-01"), ("991230", "1999-12-30")]
    {
        assert_eq!(zone("740812", expiry).expires().unwrap().to_string(), whole);
    }
    assert_eq!(zone("740812", "991231").expires(), None, "it never expires");
}

#[test]
fn parts_that_are_not_known_are_left_out_and_what_is_no_date_is_none() {
    for (birth, whole) in [("74<<<<", "1974"), ("7408<<", "1974-08"), ("74<<12", "1974")] {
        assert_eq!(zone(birth, "120415").born(now()).unwrap().to_string(), whole);
    }
    for birth in ["741301", "740230", "<<0101", "", "7408"] {
        assert_eq!(zone(birth, "120415").born(now()), None, "{birth}");
    }
}

#[test]
fn birthdays_come_as_the_calendar_has_them() {
    let born = Date::written("29/02/2004").unwrap();
    assert_eq!((born.years_later(25).in_zone(), born.years_later(40).in_zone()), ("290228".into(), "440229".into()));
    assert_eq!(Date::written("15062000"), Date::written("15/06/2000"));
    for text in ["31/02/2000", "2000-06-15", "1506200", "1506200x", "0đ062000"] {
        assert_eq!(Date::written(text), None, "{text}");
    }
}

#[test]
fn digits_of_a_date_may_leave_out_month_and_day() {
    for (digits, whole) in
        [("20000615", "2000-06-15"), ("20000600", "2000-06"), ("20000000", "2000"), ("20000015", "2000")]
    {
        assert_eq!(Date::of_digits(digits).unwrap().to_string(), whole);
    }
    for digits in ["00000615", "20001315", "20000631", "20000230", "2000061", "2000-6-1", "２０００", ""] {
        assert_eq!(Date::of_digits(digits), None, "{digits}");
    }
}
