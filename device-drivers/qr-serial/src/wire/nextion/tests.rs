use proptest::prelude::*;

use super::*;

fn framed(body: &[u8]) -> Vec<u8> {
    [body, END].concat()
}

#[test]
fn instructions_are_those_of_the_document() {
    assert_eq!(Instruction::answer_all().bytes(), b"bkcmd=3\xFF\xFF\xFF");
    assert_eq!(Instruction::visible("qr0", true).bytes(), b"vis qr0,1\xFF\xFF\xFF");
    assert_eq!(Instruction::text("t0", r#"a "b" \c"#).bytes(), b"t0.txt=\"a \\\"b\\\" \\\\c\"\xFF\xFF\xFF");
    assert_eq!(SendMe.bytes(), b"sendme\xFF\xFF\xFF");
    let text = Instruction::text("qr0", "ầ");
    assert_eq!(text.length(), text.bytes().len());
}

#[test]
fn answers_are_told_from_what_the_panel_says_by_itself() {
    let heard = |body: &[u8]| Instruction::answer_all().parse(&framed(body));
    let whole = |heard: Heard<()>, body: usize| Parsed::Whole(heard, body + 3);
    assert_eq!(heard(&[0x01]), whole(Heard::Answer(()), 1));
    assert_eq!(heard(&[0x00]), whole(Heard::Refused(0x00), 1));
    assert_eq!(heard(&[0x1A]), whole(Heard::Refused(0x1A), 1));
    assert_eq!(heard(&[0x00, 0x00, 0x00]), whole(Heard::Restarted, 3));
    assert_eq!(heard(&[0x88]), whole(Heard::Restarted, 1));
    assert_eq!(heard(&[0x65, 0, 2, 1]), whole(Heard::Other, 4));
    assert_eq!(heard(&[0x67, 0, 0xFF, 0, 0xFF, 1]), whole(Heard::Other, 6), "a coordinate of 255 ends nothing");
    assert_eq!(heard(b"pabc"), whole(Heard::Other, 4));
    assert_eq!(SendMe.parse(&framed(&[0x66, 7])), Parsed::Whole(Heard::Answer(7), 5));
    assert_eq!(SendMe.parse(&framed(&[0x66, 0xFF])), Parsed::Whole(Heard::Answer(0xFF), 5));
    assert_eq!(SendMe.parse(&framed(&[0x01])), Parsed::Whole(Heard::Other, 4));
}

#[test]
fn what_is_no_message_is_garbage_at_once() {
    for bytes in [&[0x42][..], &[0x01, 0x02], &[0x66, 1, 0xFF, 0], &[0x00, 0x00, 0x01]] {
        assert_eq!(SendMe.parse(bytes), Parsed::Garbage, "{bytes:02X?}");
    }
    assert_eq!(SendMe.parse(&[b'p'; ANSWER_MAX]), Parsed::Garbage, "a text without an end");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        match Instruction::answer_all().parse(&bytes) {
            Parsed::Whole(_, length) => prop_assert!((4..=bytes.len()).contains(&length)),
            Parsed::More => prop_assert!(bytes.len() < ANSWER_MAX),
            Parsed::Garbage => prop_assert!(!bytes.is_empty()),
        }
    }

    #[test]
    fn a_message_that_comes_in_pieces_is_waited_for(page: u8, cut in 0_usize..5) {
        let all = framed(&[0x66, page]);
        prop_assert_eq!(SendMe.parse(&all[..cut]), Parsed::More);
    }

    #[test]
    fn no_text_ends_its_quotes_early(text in "[ -~\\PC]{0,40}") {
        let bytes = Instruction::text("t0", &text).bytes();
        let inner = &bytes[b"t0.txt=\"".len()..bytes.len() - 4];
        let mut escaped = false;
        for &byte in inner {
            prop_assert!(escaped || byte != b'"');
            escaped = !escaped && byte == b'\\';
        }
        prop_assert!(!escaped);
    }
}
