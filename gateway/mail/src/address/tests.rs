use proptest::prelude::*;

use super::*;

#[test]
fn usual_addresses_are_taken_as_they_are() {
    for text in ["an@dan.example", "nguyen.van-an+ban.sao@mail.dan.example", "o'neil_99@a-b.example"] {
        let parsed = Recipient::parse(text);
        assert_eq!(parsed.map(|it| it.as_str().to_owned()), Ok(text.to_owned()));
    }
}

#[test]
fn a_domain_beyond_ascii_gets_its_ascii_form() {
    let address = Recipient::parse("an@thư-điện-tử.example").unwrap();
    assert!(address.as_str().starts_with("an@xn--") && address.as_str().is_ascii());
    assert!(!address.needs_utf8());
    assert_eq!(Recipient::parse("an@THƯ-ĐIỆN-TỬ.EXAMPLE").unwrap(), address);
}

#[test]
fn letters_beyond_ascii_before_the_at_are_one_however_they_were_typed() {
    let composed = Recipient::parse("nguyễn.văn.an@dan.example").unwrap();
    let apart: String = "nguyễn.văn.an@dan.example".nfd().collect();
    assert_ne!(apart, "nguyễn.văn.an@dan.example");
    assert_eq!(Recipient::parse(&apart).unwrap(), composed);
    assert!(composed.needs_utf8());
}

#[test]
fn what_is_no_address_is_refused_and_not_repeated() {
    let long_local = format!("{}@dan.example", "a".repeat(65));
    let long = format!("{0}@{0}.{0}.{0}.{0}.example", "a".repeat(60));
    let cases = [
        ("", AddressError::NoAt),
        ("an.example", AddressError::NoAt),
        ("@dan.example", AddressError::Local),
        (".an@dan.example", AddressError::Local),
        ("an..an@dan.example", AddressError::Local),
        ("an an@dan.example", AddressError::Local),
        (" an@dan.example", AddressError::Local),
        ("an@an@dan.example", AddressError::Local),
        ("\"an an\"@dan.example", AddressError::Local),
        ("An <an@dan.example>", AddressError::Local),
        ("an>\r\nRCPT TO:<binh@dan.example", AddressError::Local),
        ("an\r\nBcc: binh@dan.example", AddressError::Local),
        ("an\u{200b}@dan.example", AddressError::Local),
        ("an\u{202e}@dan.example", AddressError::Local),
        ("an\0@dan.example", AddressError::Local),
        (&long_local, AddressError::Local),
        ("an@", AddressError::Domain),
        ("an@localhost", AddressError::Domain),
        ("an@192.0.2.1", AddressError::Domain),
        ("an@[192.0.2.1]", AddressError::Domain),
        ("an@dan..example", AddressError::Domain),
        ("an@-dan.example", AddressError::Domain),
        ("an@dan_dan.example", AddressError::Domain),
        ("an@dan.example ", AddressError::Domain),
        ("an@dan.example>", AddressError::Domain),
        ("an@dan.example\r\n", AddressError::Domain),
        ("an@dan.example.", AddressError::Domain),
        (&long, AddressError::TooLong),
        (&"a@".repeat(1_000), AddressError::TooLong),
    ];
    for (text, error) in cases {
        assert_eq!(Recipient::parse(text), Err(error), "{text:?}");
        assert!(!error.to_string().contains("dan"));
    }
}

#[test]
fn nothing_of_it_is_shown() {
    let address = Recipient::parse("an@dan.example").unwrap();
    assert_eq!(format!("{address:?} {:?}", Some(&address)), "[personal] Some([personal])");
}

proptest! {
    #[test]
    fn whatever_is_taken_fits_into_a_command(text in r"[\PC\pC]{0,20}(@[\PC\pC]{0,20})?") {
        if let Ok(address) = Recipient::parse(&text) {
            let taken = address.as_str();
            prop_assert!(taken.len() <= LONGEST);
            prop_assert!(!taken.chars().any(|sign| sign.is_control() || sign.is_whitespace() || "<>\",:;()[]\\".contains(sign)));
            prop_assert_eq!(taken.matches('@').count(), 1);
            prop_assert_eq!(Recipient::parse(taken), Ok(address));
        }
    }
}
