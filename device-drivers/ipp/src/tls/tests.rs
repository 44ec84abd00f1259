use super::{Tls, Trust};

const DIGITS: &str = "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff";

#[test]
fn a_fingerprint_is_read_with_or_without_colons() {
    let plain = Trust::of(Some(DIGITS), None).unwrap().unwrap();
    let pairs: Vec<&str> = DIGITS.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    assert_eq!(Trust::of(Some(&pairs.join(":")), None).unwrap().unwrap(), plain);
    assert!(matches!(plain, Trust::Certificate([0x00, 0x11, ..])));
    assert_eq!(Trust::of(None, None), Ok(None));
}

#[test]
fn what_is_none_says_what_to_write() {
    for wrong in
        ["", "12:34", &DIGITS[1..], &DIGITS.replace('7', "x"), &DIGITS.replace('7', "é"), &[DIGITS, "00"].concat()]
    {
        let why = Trust::of(Some(wrong), None).unwrap_err();
        assert!(why.contains("config.tls_sha256") && why.contains("64 hexadecimal"), "{wrong}: {why}");
    }
    assert!(Trust::of(Some(DIGITS), Some("x.pem".into())).unwrap_err().contains("not both"));
    let error = Tls::new("printer", &Trust::Authority("/nonexistent/ca.pem".into())).unwrap_err().to_string();
    assert!(error.contains("/nonexistent/ca.pem"), "{error}");
}
