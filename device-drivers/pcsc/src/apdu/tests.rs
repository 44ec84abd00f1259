use kiosk_driver_sdk::protocol::error::ErrorCode;
use kiosk_driver_sdk::protocol::personal::PersonalText;
use proptest::prelude::*;

use super::{COMMAND_MAX, RESPONSES_MAX, check_response, commands, digits, is_success, shown};

fn texts(texts: &[&str]) -> Vec<PersonalText> {
    texts.iter().map(|text| PersonalText::new(*text)).collect()
}

#[test]
fn commands_are_hexadecimal_digits_in_either_case() {
    let read = commands(&texts(&["00a4040C07A0000002471001", "00b00000"])).unwrap();
    assert_eq!(read[0], [0x00, 0xa4, 0x04, 0x0c, 0x07, 0xa0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]);
    assert_eq!(read[1], [0x00, 0xb0, 0x00, 0x00]);
}

#[test]
fn what_is_no_command_is_refused_with_its_place_and_without_its_text() {
    for wrong in ["", "00b000", "00b0000", "00b0000g", "00 b0 00 00", "00b0000é", "0x00b00000", "+1-200b0"] {
        let failure = commands(&texts(&["00b00000", wrong])).unwrap_err();
        assert_eq!((failure.code, failure.field.as_deref()), (ErrorCode::InvalidRequest, Some("payload.commands[1]")));
        assert!(wrong.is_empty() || !failure.detail.contains(wrong), "{failure}");
    }
}

#[test]
fn length_and_number_of_commands_are_limited() {
    assert_eq!(commands(&texts(&[&"00".repeat(COMMAND_MAX)])).unwrap()[0].len(), COMMAND_MAX);
    assert!(commands(&texts(&[&"00".repeat(COMMAND_MAX + 1)])).is_err());
    assert_eq!(commands(&texts(&["00b00000"; 64])).unwrap().len(), 64);
    for wrong in [texts(&["00b00000"; 65]), Vec::new()] {
        assert_eq!(commands(&wrong).unwrap_err().field.as_deref(), Some("payload.commands"));
    }
}

#[test]
fn a_response_needs_a_status_word_and_all_must_fit_into_one_reply() {
    for wrong in [&[][..], &[0x90]] {
        assert_eq!(check_response(wrong, 0).unwrap_err().code, ErrorCode::CardFault);
    }
    assert!(check_response(&[0x90, 0x00], RESPONSES_MAX - 2).is_ok());
    assert_eq!(check_response(&[0x90, 0x00], RESPONSES_MAX - 1).unwrap_err().code, ErrorCode::TooLarge);
}

#[test]
fn only_9000_is_success() {
    assert!(is_success(&[0x90, 0x00]) && is_success(&[1, 2, 3, 0x90, 0x00]));
    for other in [&[0x61, 0x10][..], &[0x6c, 0x08], &[0x90], &[0x90, 0x01], &[]] {
        assert!(!is_success(other));
    }
}

#[test]
fn responses_are_lower_case_digits_and_do_not_show_in_a_log() {
    assert_eq!(shown(&[0x00, 0xab, 0x90, 0x00]).expose(), "00ab9000");
    assert_eq!(format!("{:?}", shown(&[0x00, 0xab, 0x90, 0x00])), "[personal]");
}

proptest! {
    #[test]
    fn any_text_is_a_command_or_a_clear_refusal(text in "\\PC{0,40}") {
        match commands(&texts(&[&text])) {
            Ok(read) => prop_assert_eq!(digits(&read[0]), text.to_ascii_lowercase()),
            Err(failure) => prop_assert_eq!(failure.code, ErrorCode::InvalidRequest),
        }
    }

    #[test]
    fn digits_and_bytes_are_the_same(bytes in proptest::collection::vec(any::<u8>(), 4..300)) {
        prop_assert_eq!(&commands(&[shown(&bytes)]).unwrap()[0], &bytes);
    }
}
