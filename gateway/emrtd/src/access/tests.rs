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
