use kiosk_driver_sdk::protocol::barcode::Symbology;
use proptest::prelude::*;

use super::{CHARS_MAX, Garbled, Raw, scanned, text_of_bytes};

fn raw(text: &str) -> Result<Raw, Garbled> {
    Ok(Raw { text: text.into(), aim: None })
}

#[test]
fn the_code_of_an_identity_card_arrives_whole() {
    let card = "099200000001|012345678|NGUYỄN VĂN A|01012000|Nam|Số 1, phố Hàng Gai, Hoàn Kiếm, Hà Nội|01012021";
    let code = scanned(raw(&text_of_bytes(card.as_bytes())), false).unwrap().unwrap();
    assert_eq!((code.text.expose(), code.removed), (card, 0));
    assert!(!format!("{code:?}").contains("NGUY"));
}

#[test]
fn control_characters_never_pass_and_are_counted() {
    let code = scanned(raw("a\u{1b}[2J\r\n\tb\u{7f}\u{9b}c\u{202e}d"), false).unwrap().unwrap();
    assert_eq!((code.text.expose(), code.removed), ("a[2Jbcd", 7));
    let gs1 = scanned(raw("0108934563138165\u{1d}17261231"), false).unwrap().unwrap();
    assert_eq!((gs1.text.expose(), gs1.removed), ("0108934563138165\n17261231", 0));
}

#[test]
fn bytes_that_are_not_utf_8_are_latin_1() {
    assert_eq!(text_of_bytes(b"caf\xe9"), "café");
    assert_eq!(text_of_bytes("Đ".as_bytes()), "Đ");
}

#[test]
fn the_aim_identifier_is_the_kind_of_code_where_it_is_expected() {
    for (text, kind) in [
        ("]Q3x", Symbology::Qr),
        ("]d2x", Symbology::DataMatrix),
        ("]E0x", Symbology::EanUpc),
        ("]C1x", Symbology::Code128),
        ("]A0x", Symbology::Code39),
        ("]e0x", Symbology::Other),
    ] {
        let code = scanned(raw(text), true).unwrap().unwrap();
        assert_eq!((code.symbology, code.text.expose()), (Some(kind), "x"), "{text}");
        assert_eq!(scanned(raw(text), false).unwrap().unwrap().text.expose(), text);
    }
    for plain in ["]", "]Q", "x]Q1", "]éé"] {
        let code = scanned(raw(plain), true).unwrap().unwrap();
        assert_eq!((code.symbology, code.text.expose()), (None, plain));
    }
}

#[test]
fn too_long_a_code_is_refused_and_an_empty_one_is_none() {
    assert!(scanned(raw(&"ễ".repeat(CHARS_MAX)), false).unwrap().is_some());
    assert_eq!(scanned(raw(&"x".repeat(CHARS_MAX + 1)), false), Err(Garbled::TooLong));
    assert_eq!(scanned(raw(""), false), Ok(None));
    assert_eq!(scanned(raw("\r\n"), false), Ok(None));
}

proptest! {
    #[test]
    fn whatever_comes_the_text_has_no_control_but_line_feeds(bytes in proptest::collection::vec(any::<u8>(), 0..200), aim in any::<bool>()) {
        if let Some(code) = scanned(raw(&text_of_bytes(&bytes)), aim).unwrap() {
            let text = code.text.expose();
            prop_assert!(text.chars().all(|char| char == '\n' || !char.is_control()));
            prop_assert!(text.chars().count() + usize::from(code.removed) <= 200);
        }
    }
}
