use proptest::prelude::*;

use super::*;

/// The specimens of ICAO 9303-4 to -6, and the form of a Vietnamese card with invented data.
const PASSPORT: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const CARD: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const LONG_NUMBER: &str =
    "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";

/// A Vietnamese card's lines for a number, with the check digits put in.
fn vietnamese(citizen: &str) -> String {
    let digit = |text: &str| char::from(check_digit(text.as_bytes()).unwrap());
    let own = &citizen[3..];
    let first = format!("IDVNM{own}{}{citizen}<<{}", digit(own), 0);
    let (birth, expiry) = ("900101", "300101");
    let dates = (format!("{birth}{}", digit(birth)), format!("{expiry}{}", digit(expiry)));
    let all = format!("{}{}{}<<<<<<<<<<<", &first[5..], dates.0, dates.1);
    let second = format!("{}M{}VNM<<<<<<<<<<<{}", dates.0, dates.1, digit(&all));
    format!("{first}\n{second}\nNGUYEN<<VAN<AN<<<<<<<<<<<<<<<<")
}

#[test]
fn the_specimens_are_read() {
    let passport = Mrz::read(PASSPORT).unwrap();
    assert_eq!((passport.surname.as_str(), passport.given_names.as_str()), ("ERIKSSON", "ANNA MARIA"));
    assert_eq!((passport.document_code.as_str(), passport.document_number.as_str()), ("P", "L898902C3"));
    assert_eq!((passport.optional_data.as_str(), passport.sex), ("ZE184226B", 'F'));
    let card = Mrz::read(CARD).unwrap();
    assert_eq!((card.document_number.as_str(), card.date_of_birth.as_str()), ("D23145890", "740812"));
    assert_eq!((card.nationality.as_str(), card.date_of_expiry.as_str()), ("UTO", "120415"));
    let long = Mrz::read(LONG_NUMBER).unwrap();
    assert_eq!((long.document_number.as_str(), long.optional_data.as_str()), ("D23145890734", ""));
}

#[test]
fn a_vietnamese_card_has_the_citizens_number_behind_its_own() {
    let card = Mrz::read(&vietnamese("099200000001")).unwrap();
    assert_eq!((card.document_code.as_str(), card.issuing_state.as_str()), ("ID", "VNM"));
    assert_eq!(card.document_number, "200000001");
    assert!(card.optional_data.starts_with("099200000001"), "{}", card.optional_data);
    assert_eq!((card.surname.as_str(), card.given_names.as_str()), ("NGUYEN", "VAN AN"));
    assert_eq!(format!("{card:?}"), "Mrz(…)");
}

#[test]
fn each_misread_digit_is_found_by_a_check_digit() {
    for text in [PASSPORT.to_owned(), CARD.to_owned(), vietnamese("099200000001")] {
        assert!(Mrz::read(&text).is_ok());
        let checked = text.find('\n').unwrap() + 1;
        for at in checked..checked + 6 {
            let mut changed = text.clone().into_bytes();
            if changed[at].is_ascii_digit() {
                changed[at] = b'0' + (changed[at] - b'0' + 1) % 10;
                let changed = String::from_utf8(changed).unwrap();
                assert!(matches!(Mrz::read(&changed), Err(MrzError::Check(_))), "{changed}");
            }
        }
    }
    assert_eq!(Mrz::read("P<UTO"), Err(MrzError::Length));
    assert_eq!(Mrz::read(&PASSPORT.to_lowercase()), Err(MrzError::Characters));
}

proptest! {
    #[test]
    fn no_text_makes_it_fall(text in "[A-Z0-9<]{72}|[A-Z0-9<]{88}|[A-Z0-9<]{90}|.{0,100}") {
        let _ = Mrz::read(&text);
    }
}
