use proptest::prelude::*;

use super::*;

#[test]
fn elements_are_read_with_long_tags_and_lengths() {
    let bytes = [&[0x7F, 0x49, 0x82, 0x01, 0x00][..], &[7; 256], &[0x04, 0x00]].concat();
    assert_eq!(head(&bytes), Ok(Head { tag: 0x7F49, bytes: 5, length: 256 }));
    let (tlv, rest) = split(&bytes).unwrap();
    assert_eq!((tlv.tag, tlv.value), (0x7F49, &[7; 256][..]));
    assert_eq!(rest, [4, 0]);
    assert_eq!(find(&bytes, 4), Ok(Some(&[][..])));
    assert_eq!(get(&bytes, 5), Err(TlvError::Missing(5)));
    assert_eq!(only(&bytes, 0x7F49), Err(TlvError::Trailing));
}

#[test]
fn what_is_no_element_is_told() {
    for (bytes, error) in [
        (&[][..], TlvError::Truncated),
        (&[0x7F], TlvError::Truncated),
        (&[0x04], TlvError::Truncated),
        (&[0x04, 0x02, 0x01], TlvError::Truncated),
        (&[0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], TlvError::Truncated),
        (&[0x04, 0x80], TlvError::Length),
        (&[0x04, 0x85, 1, 1, 1, 1, 1], TlvError::Length),
        (&[0x7F, 0x81, 0x81, 0x01, 0x00], TlvError::Tag),
    ] {
        assert_eq!(split(bytes), Err(error), "{bytes:02X?}");
        assert!(each(bytes).count() <= 1);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(tag in prop_oneof![1..0x1E_u32, Just(0x7F49), Just(0x5F1F), Just(0x7F61)], value: Vec<u8>) {
        let written = write(tag, &value);
        prop_assert_eq!(only(&written, tag), Ok(value.as_slice()));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
        let total: usize = each(&bytes).map(|tlv| tlv.map_or(0, |tlv| tlv.value.len())).sum();
        prop_assert!(total <= bytes.len());
    }
}
