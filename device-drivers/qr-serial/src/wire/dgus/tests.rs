use proptest::prelude::*;

use super::*;

#[test]
fn frames_are_those_of_the_document() {
    // The guide's examples: write 0004 to variable 1000, and read it.
    assert_eq!(Write { address: 0x1000, data: vec![0, 4] }.bytes(), [0x5A, 0xA5, 0x05, 0x82, 0x10, 0x00, 0x00, 0x04]);
    assert_eq!(Read { address: 0x1000 }.bytes(), [0x5A, 0xA5, 0x04, 0x83, 0x10, 0x00, 0x01]);
}

#[test]
fn answers_are_told_from_what_the_panel_says_by_itself() {
    let write = Write { address: 0x1000, data: vec![0, 4] };
    let done = [0x5A, 0xA5, 0x03, 0x82, 0x4F, 0x4B];
    assert_eq!(write.parse(&done), Parsed::Whole(Heard::Answer(()), 6));
    assert_eq!(write.parse(&[0x5A, 0xA5, 0x03, 0x82, 0x00, 0x4B]), Parsed::Whole(Heard::Refused(0), 6));
    let touched = [0x5A, 0xA5, 0x06, 0x83, 0x10, 0x01, 0x01, 0x00, 0x02];
    assert_eq!(write.parse(&touched), Parsed::Whole(Heard::Other, 9));
    assert_eq!(Read { address: 0x1000 }.parse(&touched), Parsed::Whole(Heard::Other, 9), "of another variable");
    assert_eq!(Read { address: 0x1001 }.parse(&touched), Parsed::Whole(Heard::Answer(2), 9));
    assert_eq!(write.parse(&[0x5A, 0xA5, 0x00]), Parsed::Garbage, "a frame without an instruction");
}

#[test]
fn texts_end_with_their_word_and_fill_whole_ones() {
    assert_eq!(qr_words("abc"), b"abc\0\0\0");
    assert_eq!(qr_words("ab"), b"ab\0\0");
    assert_eq!(text_words("aầ").unwrap(), [0x00, 0x61, 0x1E, 0xA7, 0xFF, 0xFF]);
    assert_eq!(text_words(""), Some(vec![0xFF, 0xFF]));
    assert_eq!(text_words("🙂"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), headed: bool) {
        if headed {
            bytes.splice(0..0, HEADER);
        }
        match (Read { address: 0x5000 }).parse(&bytes) {
            Parsed::Whole(_, length) => prop_assert!((4..=bytes.len()).contains(&length)),
            Parsed::More => prop_assert!(bytes.len() < 258),
            Parsed::Garbage => prop_assert!(!bytes.is_empty()),
        }
    }

    #[test]
    fn pieces_have_all_words_at_their_addresses(address in 0_u16..0x8000, words in proptest::collection::vec(any::<[u8; 2]>(), 0..600)) {
        let mut memory = vec![None; 0x1_0000];
        for piece in Write::pieces(address, &words.concat()) {
            prop_assert!(piece.bytes().len() <= 258);
            for (place, word) in piece.data.chunks(2).enumerate() {
                memory[usize::from(piece.address) + place] = Some(word.to_vec());
            }
        }
        let end = usize::from(address) + words.len();
        let written: Vec<_> = memory[usize::from(address)..end].iter().flatten().flatten().copied().collect();
        prop_assert_eq!(written, words.concat());
        prop_assert_eq!(memory.iter().flatten().count(), words.len());
    }
}
