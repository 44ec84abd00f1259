use super::*;
use crate::testing::hex;

/// ICAO 9303-11, appendix D.2, and appendix G.1 for PACE.
#[test]
fn seeds_are_those_of_the_worked_examples() {
    let key = AccessKey::mrz("L898902C", "690806", "940623").unwrap();
    assert_eq!(key.bac_seed().unwrap().as_slice(), hex("239AB9CB282DAF66231DC5A4DF6BFBAE"));
    let key = AccessKey::mrz("T22000129", "640812", "101031").unwrap();
    let (kind, secret) = key.password();
    assert_eq!((kind, secret.as_slice()), (1, hex("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD").as_slice()));
    // D.2, a number of more than nine characters.
    let key = AccessKey::mrz("D23145890734", "340712", "950712").unwrap();
    assert_eq!(key.bac_seed().unwrap().as_slice(), hex("B366AD857DDCA2B08C0E299811714730"));
}

#[test]
fn a_card_access_number_opens_by_pace_only() {
    let key = AccessKey::can("123456").unwrap();
    assert_eq!(key.password(), (2, Zeroizing::new(b"123456".to_vec())));
    assert!(key.bac_seed().is_none());
}

#[test]
fn what_cannot_be_access_data_is_refused_and_never_shown() {
    for (number, birth, expiry, error) in [
        ("", "690806", "940623", AccessError::Number),
        ("Đ12345678", "690806", "940623", AccessError::Number),
        ("12345678901234567890123", "690806", "940623", AccessError::Number),
        ("L898902C", "1969-08", "940623", AccessError::Date),
        ("L898902C", "690806", "23", AccessError::Date),
    ] {
        assert_eq!(AccessKey::mrz(number, birth, expiry).err(), Some(error), "{number} {birth} {expiry}");
    }
    for number in ["", "12345", "12345a", "1234567890123"] {
        assert_eq!(AccessKey::can(number).err(), Some(AccessError::Can));
    }
    assert_eq!(format!("{:?}", AccessKey::can("123456").unwrap()), "AccessKey(CAN)");
}

#[test]
fn the_code_of_a_vietnamese_card_gives_what_may_open_it() {
    let keys = |birth: &str, issue: &str| {
        let code = format!("099200000001||Nguyễn Văn An|{birth}|Nam|Xã A, tỉnh B|{issue}");
        AccessKey::of_vietnamese_code(&code).unwrap()
    };
    let same = |key: &AccessKey, other: &AccessKey| key.password() == other.password();
    let mrz = |birth, expiry| AccessKey::mrz("200000001", birth, expiry).unwrap();
    let can = AccessKey::can("000001").unwrap();
    // Until the next of the ages 14, 25, 40, 60 that is more than two years away; the next of all is tried as well.
    for (birth, issue, ends) in [
        // Less than a year before the age of 25: good until 40.
        ("15062000", "01072024", ["000615", "400615", "250615"].as_slice()),
        ("15062000", "01072022", &["000615", "250615"]),
        ("15061970", "01072029", &["700615", "991231", "300615"]),
        ("15061950", "01072024", &["500615", "991231"]),
        ("29022004", "01072027", &["040229", "440229", "290228"]),
    ] {
        let keys = keys(birth, issue);
        let (last, keys) = keys.split_last().unwrap();
        assert!(same(last, &can));
        assert_eq!(keys.len(), ends.len() - 1, "{birth} {issue}");
        for (key, end) in keys.iter().zip(&ends[1..]) {
            assert!(same(key, &mrz(ends[0], end)), "{birth} {issue}: not {end}");
        }
    }
}

#[test]
fn what_is_no_code_of_a_card_opens_nothing() {
    for text in [
        "",
        "https://example.invalid/",
        "099200000001",
        "99200000001||A|15062000|Nam|B|01072024",
        "09920000000x||A|15062000|Nam|B|01072024",
        "099200000001||A|31022000|Nam|B|01072024",
        "099200000001||A|15062000|Nam|B|",
        "099200000001||A|15062000|Nam|B|01071999",
    ] {
        assert!(matches!(AccessKey::of_vietnamese_code(text), Err(AccessError::Code)), "{text}");
    }
}
