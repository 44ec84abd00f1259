use super::*;
use crate::letter::Language;
use crate::letter::tests::letter;

fn made(letter: &Letter, copy: Copy) -> String {
    let from = Recipient::parse("khong-tra-loi@hanoi.example").unwrap();
    String::from_utf8(of(letter, &from, "UBND phường Hoàn Kiếm", copy).unwrap()).unwrap()
}

#[test]
fn dots_at_the_beginning_of_a_line_are_doubled_also_between_parts() {
    let message = b".a\r\n.\r\n..b\r\nc.\r\n";
    for most in 1..=message.len() {
        let parts: Vec<u8> = (0..message.len()).step_by(most).flat_map(|start| stuffed(message, start, most)).collect();
        assert_eq!(parts, b"..a\r\n..\r\n...b\r\nc.\r\n", "{most}");
    }
}

#[test]
fn a_message_is_ascii_in_short_lines_with_whole_ends() {
    for copy in [Copy::Attached, Copy::ToFetch] {
        let mut letter = letter();
        letter.agency = "Ủy ban nhân dân phường Hoàn Kiếm, thành phố Hà Nội ".repeat(4).trim().to_owned();
        letter.file.as_mut().unwrap().bytes = vec![b'.'; 100_000];
        let made = made(&letter, copy);
        assert!(made.is_ascii());
        assert!(made.ends_with("\r\n"));
        assert!(!made.replace("\r\n", "").contains(['\r', '\n']));
        assert!(made.split("\r\n").all(|line| line.len() <= 998));
        assert_eq!(made.contains("application/pdf"), copy == Copy::Attached);
    }
}

#[test]
fn the_language_that_was_chosen_comes_first() {
    let mut letter = letter();
    let place = |text: &str, part: &str| text.find(part).unwrap();
    let text = words::text(&letter, Copy::Attached);
    assert!(place(&text, "Mã tra cứu") < place(&text, "Verification code"));
    letter.language = Language::English;
    let text = words::text(&letter, Copy::Attached);
    assert!(place(&text, "Verification code") < place(&text, "Mã tra cứu"));
    assert!(words::subject(&letter).is_ascii() || words::subject(&letter).contains("SCTĐT"));
}
