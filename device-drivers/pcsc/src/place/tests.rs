use kiosk_driver_sdk::{Address, OpenError};
use proptest::prelude::*;

use super::{Miss, Wanted};

fn wanted(text: &str) -> Result<Wanted, OpenError> {
    Wanted::of(&Address::parse(text).unwrap())
}

fn readers() -> Vec<String> {
    ["ACS ACR39U ICC Reader 00 00", "Gemalto PC Twin Reader (A1B2) 01 00", "Gemalto PC Twin Reader (C3D4) 02 00"]
        .map(String::from)
        .into()
}

#[test]
fn a_reader_is_meant_by_its_name_or_a_part_of_it() {
    for (text, at) in [
        ("pcsc:ACS ACR39U ICC Reader 00 00", 0),
        ("pcsc:acr39u", 0),
        ("pcsc: A1B2 ", 1),
        ("pcsc:Twin Reader (C3D4)", 2),
    ] {
        assert_eq!(wanted(text).unwrap().choose(&readers()), Ok(at), "{text}");
    }
}

#[test]
fn a_name_in_full_is_meant_even_if_it_is_a_part_of_another() {
    let readers = ["Reader 00 00 00".to_owned(), "Reader 00 00".to_owned()];
    assert_eq!(wanted("pcsc:Reader 00 00").unwrap().choose(&readers), Ok(1));
}

#[test]
fn several_readers_that_fit_are_told_with_their_addresses() {
    for text in ["pcsc:Gemalto", "pcsc:any"] {
        let miss = wanted(text).unwrap().choose(&readers()).unwrap_err();
        assert!(
            matches!(&miss, Miss::Several { names } if names.contains("`pcsc:Gemalto PC Twin Reader (C3D4) 02 00`"))
        );
        assert!(matches!(OpenError::from(miss), OpenError::BadConfig(_)), "{text}");
    }
}

#[test]
fn a_reader_that_is_not_there_is_absent_with_those_that_are() {
    let miss = wanted("pcsc:Omnikey").unwrap().choose(&readers()).unwrap_err();
    assert!(matches!(OpenError::from(miss), OpenError::Absent(text) if text.contains("ACR39U")));
    let none = wanted("pcsc:any").unwrap().choose(&[]).unwrap_err();
    assert!(matches!(OpenError::from(none), OpenError::Absent(text) if text.contains("none")));
    assert_eq!(wanted("pcsc:any").unwrap().choose(&readers()[..1]), Ok(0));
}

#[test]
fn a_wrong_address_is_bad_configuration_and_says_how_it_should_look() {
    for text in ["pcsc:  ", "tcp:localhost:1", "usb:1234", "usb:08e6:3437?colour=red"] {
        let error = wanted(text).unwrap_err();
        assert!(matches!(error, OpenError::BadConfig(_)), "{text}: {error:?}");
    }
    assert!(matches!(wanted("usb:08e6:3437?serial=A1"), Ok(Wanted::Usb(_))));
}

proptest! {
    #[test]
    fn whatever_pcscd_calls_its_readers_one_or_none_is_chosen(
        names in proptest::collection::vec("\\PC{0,12}", 0..5), name in "\\PC{1,6}"
    ) {
        // What looks like an option of an address is refused before the driver sees it.
        if let Ok(address) = Address::parse(&format!("pcsc:{name}"))
            && let Ok(wanted) = Wanted::of(&address)
            && let Ok(at) = wanted.choose(&names)
        {
            prop_assert!(at < names.len());
        }
    }
}
