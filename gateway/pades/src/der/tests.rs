use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;

#[test]
fn elements_are_read_as_they_were_written() {
    for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1_0000] {
        let value = vec![7; length];
        let element = write(OCTETS, &[&value]);
        assert_eq!(only(&element, OCTETS).unwrap().rest(), value);
        assert_eq!(split(&element[..element.len() - 1]), Err(DerError::Truncated));
    }
    assert_eq!(write_number(&[0, 0, 0x80]), [2, 2, 0, 0x80]);
    assert_eq!(write_number(&[0]), [2, 1, 0]);
    assert_eq!(write_set(SET, vec![vec![4, 1, 2], vec![4, 1, 1]]), [0x31, 6, 4, 1, 1, 4, 1, 2]);
}

#[test]
fn what_der_does_not_allow_is_refused() {
    for bytes in [&[0x30, 0x80, 0, 0][..], &[4, 0x81, 1, 9], &[4, 0x82, 0, 0x80], &[0x1F, 0x81, 0, 0], &[4, 0x85]] {
        assert_eq!(split(bytes), Err(DerError::NotDer), "{bytes:02X?}");
    }
    assert_eq!(only(&[4, 0, 0], OCTETS).unwrap_err(), DerError::Trailing);
}

#[test]
fn times_of_both_kinds_are_read() {
    let read = |tag, text: &str| Reader::new(&write(tag, &[text.as_bytes()])).time();
    let moment = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    assert_eq!(read(UTC_TIME, "231114221320Z"), Ok(moment));
    assert_eq!(read(GENERALIZED_TIME, "20231114221320Z"), Ok(moment));
    assert_eq!(read(GENERALIZED_TIME, "20231114221320.25Z"), Ok(moment));
    for wrong in ["20231114221320", "20231314221320Z", "2023111422132xZ", "+0231114221320Z", ""] {
        assert!(read(GENERALIZED_TIME, wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut reader = Reader::new(&bytes);
        while let Ok(Some(_)) = reader.next() {}
        let _ = Reader::new(&bytes).time();
    }
}
