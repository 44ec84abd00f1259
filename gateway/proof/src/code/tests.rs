use proptest::prelude::*;

use super::*;

fn prefix() -> AgencyPrefix {
    AgencyPrefix::new("HN1").unwrap()
}

fn read_values(values: &[u8]) -> Result<VerificationCode, CodeError> {
    let text: String = values.iter().map(|value| symbol(*value)).collect();
    VerificationCode::read(&text, &prefix())
}

fn is_mistyped(values: &[u8]) -> bool {
    matches!(read_values(values), Err(CodeError::CheckFailed { .. }))
}

#[test]
fn a_code_has_its_form_and_is_read_back() {
    let code = VerificationCode::draw(&prefix()).unwrap();
    let text = code.expose();
    assert_eq!(text.len(), 26);
    assert!(text.starts_with("HN1-"));
    assert_eq!(text.bytes().filter(|sign| *sign == b'-').count(), 5);
    assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [3, 4, 4, 4, 4, 2]);
    assert_eq!(VerificationCode::read(&text, &prefix()).unwrap(), code);
}

/// The form is what is printed on paper for decades: it must not change. Computed by a program of its own in Python.
#[test]
fn a_code_stays_what_it_is() {
    let code = VerificationCode::of(&prefix(), [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x13, 0x57]);
    assert_eq!(code.expose(), "HN1-04HM-ASW9-NF6Y-Y4TQ-PA");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(
        hex(code.index(&CodeKey::new([7; 32])).as_bytes()),
        "c6202239acee51be1e8543c0a3b9b97e12b8419bbd419ae434687184666c7f4c"
    );
    assert_eq!(hex(code.hash().as_bytes()), "4c6f9d6730e0e08e997f82c6c095b8ad");
}

#[test]
fn a_person_may_write_it_in_many_ways() {
    let code = (0..)
        .map(|_| VerificationCode::draw(&prefix()).unwrap())
        .find(|code| {
            let text = code.expose();
            text[4..].contains('1') && text.contains('0')
        })
        .unwrap();
    let text = code.expose();
    let ways = [
        text.to_lowercase(),
        text.replace('-', ""),
        text.replace('-', " "),
        text.replace('-', "\u{2013}"),
        format!("  {}\n", text.replace('-', " - ")),
        text.replace('1', "I").replace('0', "O"),
        text.replace('1', "l").replace('0', "o"),
        text.chars().map(|sign| format!("{sign}\u{a0}")).collect(),
    ];
    for way in ways {
        assert_eq!(VerificationCode::read(&way, &prefix()).as_ref(), Ok(&code));
    }
}

#[test]
fn a_wrong_form_is_not_called_a_typing_error() {
    let text = VerificationCode::draw(&prefix()).unwrap().expose();
    let read = |typed: &str| VerificationCode::read(typed, &prefix()).unwrap_err();
    assert_eq!(read(""), CodeError::Length { found: 0, expected: 21 });
    assert_eq!(read(&text[..25]), CodeError::Length { found: 20, expected: 21 });
    assert_eq!(read(&format!("{text}0")), CodeError::Length { found: 22, expected: 21 });
    assert_eq!(read(&"0".repeat(1_000_000)), CodeError::Length { found: 1_000_000, expected: 21 });
    assert_eq!(read(&format!("U{}", &text[1..])), CodeError::Sign { position: 1 });
    assert_eq!(read(&format!("{}Đ{}", &text[..5], &text[6..])), CodeError::Sign { position: 6 });
    assert_eq!(read(&format!("{}\u{17f}{}", &text[..5], &text[6..])), CodeError::Sign { position: 6 });
}

#[test]
fn another_agencys_code_is_told_from_a_mistyped_one() {
    let other = AgencyPrefix::new("HN2").unwrap();
    let text = VerificationCode::draw(&other).unwrap().expose();
    assert_eq!(VerificationCode::read(&text, &prefix()), Err(CodeError::OtherAgency));
    let text = VerificationCode::draw(&prefix()).unwrap().expose();
    let mistyped = text.replacen("HN1", "HN2", 1);
    assert_eq!(VerificationCode::read(&mistyped, &prefix()), Err(CodeError::CheckFailed { position: Some(3) }));
}

#[test]
fn every_single_error_is_found_with_its_place() {
    for _ in 0..200 {
        let code = VerificationCode::draw(&prefix()).unwrap();
        let text = code.expose();
        for place in 0..code.values.len() {
            for error in 1..32 {
                let mut values = code.values.clone();
                values[place] ^= error;
                let Err(CodeError::CheckFailed { position: Some(position) }) = read_values(&values) else {
                    panic!("place {place}, error {error}");
                };
                let shown = VerificationCode { values }.expose();
                let differ = (0..text.len()).find(|at| text.as_bytes()[*at] != shown.as_bytes()[*at]).unwrap();
                assert_eq!(position, differ + 1);
            }
        }
    }
}

#[test]
fn every_two_errors_are_found() {
    for _ in 0..6 {
        let code = VerificationCode::draw(&prefix()).unwrap();
        for first in 0..code.values.len() {
            for second in first + 1..code.values.len() {
                for (one, other) in (1..32).flat_map(|one| (1..32).map(move |other| (one, other))) {
                    let mut values = code.values.clone();
                    values[first] ^= one;
                    values[second] ^= other;
                    assert!(check::verify(&values).is_err(), "{first} {one} {second} {other}");
                }
            }
        }
    }
}

#[test]
fn every_swap_is_found() {
    for _ in 0..2_000 {
        let code = VerificationCode::draw(&prefix()).unwrap();
        for first in 0..code.values.len() {
            for second in first + 1..code.values.len() {
                let mut values = code.values.clone();
                values.swap(first, second);
                if values != code.values {
                    assert!(check::verify(&values).is_err());
                    if second == first + 1 {
                        assert!(is_mistyped(&values));
                    }
                }
            }
        }
    }
}

#[test]
fn prefixes_hold_nothing_that_could_be_misread() {
    for wrong in ["", "HN-", "HÀ1", "hn1", "OK", "I", "L1", "U", "123456789"] {
        assert_eq!(AgencyPrefix::new(wrong), Err(CodeError::Prefix), "{wrong}");
    }
    for right in ["H", "HN1", "01234567"] {
        let prefix = AgencyPrefix::new(right).unwrap();
        let code = VerificationCode::draw(&prefix).unwrap();
        assert_eq!(VerificationCode::read(&code.expose(), &prefix).unwrap(), code);
        assert_eq!(prefix.to_string(), right);
    }
}

#[test]
fn no_message_holds_a_code() {
    let code = VerificationCode::draw(&prefix()).unwrap();
    assert_eq!(format!("{code} {code:?} {:?}", CodeKey::new([7; 32])), "[code] [code] [key]");
}

#[test]
fn the_register_finds_a_code_by_its_index() {
    let code = VerificationCode::of(&prefix(), [0; 10]);
    let key = CodeKey::new([7; 32]);
    assert_eq!(code.index(&key), VerificationCode::read(&code.expose(), &prefix()).unwrap().index(&key));
    assert_ne!(code.index(&key), code.index(&CodeKey::new([8; 32])));
    assert_ne!(code.index(&key), VerificationCode::of(&prefix(), [1; 10]).index(&key));
    assert_eq!(CodeIndex::from_bytes(*code.index(&key).as_bytes()), code.index(&key));
}

proptest! {
    #[test]
    fn whatever_is_typed_is_answered(typed in any::<String>()) {
        let _ = VerificationCode::read(&typed, &prefix());
    }

    #[test]
    fn whatever_looks_like_a_code_is_answered(typed in "HN1[0-9A-Za-z -]{15,26}") {
        if let Ok(code) = VerificationCode::read(&typed, &prefix()) {
            let again = VerificationCode::read(&code.expose(), &prefix());
            prop_assert_eq!(again.as_ref(), Ok(&code));
        }
    }

    #[test]
    fn all_random_bits_count(random in any::<[u8; 10]>(), bit in 0usize..80) {
        let mut other = random;
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert_ne!(VerificationCode::of(&prefix(), random).expose(), VerificationCode::of(&prefix(), other).expose());
    }
}
