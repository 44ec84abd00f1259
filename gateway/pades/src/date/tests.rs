use super::*;

#[test]
fn times_are_written_with_their_zone_and_read_in_any() {
    let time = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    assert_eq!(write(time), "D:20231115051320+07'00'");
    for text in ["D:20231115051320+07'00'", "D:20231114221320Z", "20231114221320", "D:20231114171320-05'00"] {
        assert_eq!(read(text.as_bytes()), Some(time), "{text}");
    }
    assert_eq!(read(b"D:2023"), Some(UNIX_EPOCH + Duration::from_secs(1_672_531_200)));
    for text in ["", "D:", "D:20231315", "D:20231114999999Z", "D:\u{e9}2023"] {
        assert_eq!(read(text.as_bytes()), None, "{text}");
    }
}
