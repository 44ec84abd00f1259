use proptest::prelude::*;

use super::*;
use crate::testing::hex;
use crate::tlv::TlvError;

/// An element with a text.
fn element(tag: u32, text: &str) -> Vec<u8> {
    tlv::write(tag, text.as_bytes())
}

fn list(tags: &str) -> Vec<u8> {
    tlv::write(0x5C, &hex(tags))
}

fn several(elements: &[Vec<u8>]) -> Vec<u8> {
    let count = u8::try_from(elements.len()).unwrap();
    tlv::write(0xA0, &[tlv::write(2, &[count]), elements.concat()].concat())
}

/// The example of ICAO 9303-10, section 4.7.11.
fn example_11() -> Vec<u8> {
    let elements = [
        list("5F0E5F115F425F125F13"),
        element(0x5F0E, "SMITH<<JOHN<J"),
        element(0x5F11, "ANYTOWN<MN"),
        element(0x5F42, "123 MAPLE RD<ANYTOWN<MN"),
        element(0x5F12, "1-612-555-1212"),
        element(0x5F13, "TRAVEL<AGENT"),
    ];
    tlv::write(0x6B, &elements.concat())
}

/// The example of section 4.7.12.
fn example_12(other_person: &[u8]) -> Vec<u8> {
    let elements = [
        list("5F195F265F1A"),
        element(0x5F19, "UNITED STATES OF AMERICA"),
        element(0x5F26, "20020531"),
        other_person.to_vec(),
    ];
    tlv::write(0x6C, &elements.concat())
}

/// The example of section 4.7.16.
fn example_16() -> Vec<u8> {
    let person = |tag, recorded, name, telephone, address| {
        let elements = [(0x5F50, recorded), (0x5F51, name), (0x5F52, telephone), (0x5F53, address)];
        tlv::write(tag, &elements.map(|(tag, text)| element(tag, text)).concat())
    };
    let persons = [
        tlv::write(2, &[2]),
        person(0xA1, "20020101", "SMITH<<CHARLES<R", "19525551212", "123 MAPLE RD<ANYTOWN<MN<55100"),
        person(0xA2, "20020315", "BROWN<<MARY<J", "14155551212", "49 REDWOOD LN<OCEAN BREEZE<CA<94000"),
    ];
    tlv::write(0x70, &persons.concat())
}

fn shown(date: Option<Date>) -> Option<String> {
    date.map(|date| date.to_string())
}

#[test]
fn the_examples_of_the_document_are_read() {
    let (file_11, file_16) = (example_11(), example_16());
    assert_eq!((&file_11[..2], &file_16[..3]), (&[0x6B, 0x63][..], &[0x70, 0x81, 0xA2][..]), "their lengths");
    let holder = PersonalDetails::of_group(&file_11).unwrap();
    assert_eq!(holder.full_name().as_deref(), Some("SMITH JOHN J"));
    assert_eq!((holder.surname().as_deref(), holder.given_names().as_deref()), (Some("SMITH"), Some("JOHN J")));
    assert_eq!(holder.place_of_birth(), ["ANYTOWN", "MN"]);
    assert_eq!(holder.address(), ["123 MAPLE RD", "ANYTOWN", "MN"]);
    assert_eq!(holder.telephone().as_deref(), Some("1-612-555-1212"));
    assert_eq!(holder.profession().as_deref(), Some("TRAVEL AGENT"));
    assert_eq!((holder.title(), shown(holder.date_of_birth())), (None, None));
    assert!(holder.other_names().is_empty() && holder.other_documents().is_empty());

    let persons = PersonToNotify::of_group(&file_16).unwrap();
    let told: Vec<_> = persons.iter().map(|one| (one.name().unwrap(), shown(one.recorded()).unwrap())).collect();
    let expected = [("SMITH CHARLES R", "2002-01-01"), ("BROWN MARY J", "2002-03-15")];
    assert_eq!(told, expected.map(|(name, date)| (name.to_owned(), date.to_owned())));
    assert_eq!(persons[1].address(), ["49 REDWOOD LN", "OCEAN BREEZE", "CA", "94000"]);
    assert_eq!(persons[0].telephone().as_deref(), Some("19525551212"));

    let other = element(0x5F1A, "SMITH<<BRENDA<P");
    let in_list = example_12(&several(std::slice::from_ref(&other)));
    assert_eq!(in_list[..2], [0x6C, 0x45]);
    // Some write the element without the list around it.
    for file in [in_list, example_12(&other)] {
        let document = DocumentDetails::of_group(&file).unwrap();
        assert_eq!(document.issuing_authority().as_deref(), Some("UNITED STATES OF AMERICA"));
        assert_eq!(shown(document.date_of_issue()).as_deref(), Some("2002-05-31"));
        assert_eq!(document.other_persons(), ["SMITH BRENDA P"]);
    }
}

#[test]
fn values_may_be_several_and_in_letters_of_any_state() {
    let names = [element(0x5F0F, "NGUYỄN<<VĂN<BA"), element(0x5F0F, "BÚT<DANH")];
    let elements = [
        // The list names more than is there, and less.
        list("5F0E5F0F5F10"),
        element(0x5F0E, "NGUYỄN<<VĂN<AN<<<<"),
        several(&names),
        element(0x5F17, "C1234567<<C7654321<"),
        element(0x5F16, "a picture"),
    ];
    let holder = PersonalDetails::of_group(&tlv::write(0x6B, &elements.concat())).unwrap();
    assert_eq!(holder.given_names().as_deref(), Some("VĂN AN"));
    assert_eq!(holder.other_names(), ["NGUYỄN VĂN BA", "BÚT DANH"]);
    assert_eq!(holder.other_documents(), ["C1234567", "C7654321"]);
    assert_eq!(holder.personal_number(), None);
    let undivided = PersonalDetails::of_group(&tlv::write(0x6B, &element(0x5F0E, "Nguyễn Văn An"))).unwrap();
    assert_eq!((undivided.full_name().as_deref(), undivided.surname()), (Some("Nguyễn Văn An"), None));
    assert_eq!(undivided.given_names(), None);
}

#[test]
fn dates_are_read_as_text_and_as_packed_digits() {
    let of = |tag, value: &[u8]| {
        let known = element(0x5F19, "X");
        let file = tlv::write(0x6C, &[known, tlv::write(tag, value)].concat());
        let document = DocumentDetails::of_group(&file).unwrap();
        shown(if tag == 0x5F26 { document.date_of_issue() } else { document.date_of_personalization() })
    };
    for (tag, value, date) in [
        (0x5F26, b"20240102".to_vec(), Some("2024-01-02")),
        (0x5F26, hex("20240102"), Some("2024-01-02")),
        (0x5F55, b"20240102235959".to_vec(), Some("2024-01-02")),
        (0x5F55, hex("20240102235959"), Some("2024-01-02")),
        // What is not known is zeros.
        (0x5F26, b"20240000".to_vec(), Some("2024")),
        (0x5F26, hex("20240200"), Some("2024-02")),
        (0x5F26, b"00000000".to_vec(), None),
        (0x5F26, b"20240230".to_vec(), None),
        (0x5F26, hex("2024010A"), None),
        (0x5F26, b"2024-1-2".to_vec(), None),
        (0x5F26, b"240102".to_vec(), None),
        (0x5F26, vec![0xFF; 8], None),
        (0x5F26, vec![], None),
    ] {
        assert_eq!(of(tag, &value).as_deref(), date, "{value:02X?}");
    }
}

#[test]
fn what_is_no_such_group_or_too_much_is_told() {
    type Read = fn(&[u8]) -> Option<GroupError>;
    let readers: [(u32, Read); 3] = [
        (0x6B, |file| PersonalDetails::of_group(file).err()),
        (0x6C, |file| DocumentDetails::of_group(file).err()),
        (0x70, |file| PersonToNotify::of_group(file).err()),
    ];
    for ((tag, read), file) in readers.into_iter().zip([example_11(), example_12(&[]), example_16()]) {
        assert_eq!(read(&file), None);
        for at in 0..file.len() {
            assert!(read(&file[..at]).is_some(), "{tag:X} cut at {at}");
        }
        assert!(read(&[file, vec![0]].concat()).is_some(), "{tag:X} goes on");
        assert!(matches!(read(&tlv::write(tag, &[])), Some(GroupError::Tlv(TlvError::Missing(_)))));
        assert!(matches!(read(&tlv::write(tag, &list("5F0E"))), Some(GroupError::Tlv(TlvError::Missing(_)))));
        assert_eq!(read(&tlv::write(0x6D, &[])), Some(GroupError::Tlv(TlvError::Missing(tag))));
    }
    let long = |length| tlv::write(0x6B, &tlv::write(0x5F15, &vec![b'A'; length]));
    assert!(PersonalDetails::of_group(&long(4_096)).is_ok());
    assert_eq!(PersonalDetails::of_group(&long(4_097)).err(), Some(TlvError::Value(0x5F15).into()));
    let many = tlv::write(0x6B, &element(0x5F0F, "A<<B").repeat(5_000));
    assert_eq!(PersonalDetails::of_group(&many).unwrap().other_names().len(), 32);
    let crowd = tlv::write(0x70, &tlv::write(0xA1, &element(0x5F51, "A<<B")).repeat(5_000));
    assert_eq!(PersonToNotify::of_group(&crowd).unwrap().len(), 15);
}

#[test]
fn nothing_of_a_person_is_shown_in_logs() {
    let logged = format!(
        "{:?} {:?} {:?}",
        PersonalDetails::of_group(&example_11()).unwrap(),
        DocumentDetails::of_group(&example_12(&[])).unwrap(),
        PersonToNotify::of_group(&example_16()).unwrap()[0],
    );
    let expected = "PersonalDetails([5F0E, 5F11, 5F12, 5F13, 5F42]) DocumentDetails([5F19, 5F26]) \
                    PersonToNotify([5F50, 5F51, 5F52, 5F53])";
    assert_eq!(logged, expected);
}

proptest! {
    #[test]
    fn no_file_makes_it_fall(bytes: Vec<u8>, at in 0..170_usize, value: u8) {
        for (tag, mut file) in [(0x6B, example_11()), (0x6C, example_12(&[])), (0x70, example_16())] {
            if let Some(byte) = file.get_mut(at) {
                *byte = value;
            }
            for file in [file, tlv::write(tag, &bytes)] {
                if let Ok(holder) = PersonalDetails::of_group(&file) {
                    let _ = (holder.full_name(), holder.address(), holder.date_of_birth());
                }
                let _ = DocumentDetails::of_group(&file).map(|document| document.date_of_issue());
                let _ = PersonToNotify::of_group(&file).map(|persons| persons.len());
            }
        }
    }
}
