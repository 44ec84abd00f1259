use proptest::prelude::*;

use super::super::paper::End;
use super::{black_box, feed, machine, picture};
use crate::printer::WIDTH_80_MM;
use crate::printer::barcode::symbol;

#[test]
fn text_stands_where_the_commands_put_it() {
    let mut printer = machine();
    feed(&mut printer, b"\x1b@H\n");
    let left = black_box(&picture(&printer.paper.current().png())).unwrap();
    assert!(left.2 < 12 && left.3 < 24, "{left:?}");
    feed(&mut printer, b"\x1dV\x00\x1ba\x02H\n\x1dV\x00\x1ba\x00\x1d!\x33H\n\x1dV\x00");
    let receipts: Vec<_> =
        printer.paper.receipts().map(|receipt| black_box(&picture(&receipt.png())).unwrap()).collect();
    assert!(receipts[1].0 > WIDTH_80_MM - 13, "{receipts:?}");
    assert!(receipts[2].2 > 30 && receipts[2].3 > 60 && receipts[2].3 < 96, "{receipts:?}");
}

#[test]
fn reverse_underline_and_upside_down_change_the_dots() {
    let dots = |start: &[u8]| {
        let mut printer = machine();
        feed(&mut printer, &[start, b"L\n"].concat());
        picture(&printer.paper.current().png())
    };
    let black = |image: &image::GrayImage| image.pixels().filter(|pixel| pixel[0] == 0).count();
    let plain = dots(b"");
    assert_eq!(black(&dots(b"\x1dB\x01")), 12 * 24 - black(&plain));
    assert!((0..12).all(|x| dots(b"\x1b-\x02").get_pixel(x, 23)[0] == 0));
    assert!(black(&dots(b"\x1bE\x01")) > black(&plain));
    let turned = dots(b"\x1b{\x01");
    assert!(turned != plain && black(&turned) == black(&plain));
    assert_eq!(turned.get_pixel(11 - 2, 23 - 10), plain.get_pixel(2, 10));
}

#[test]
fn vietnamese_in_its_code_page_is_text() {
    let mut printer = machine();
    feed(&mut printer, b"\x1bt\x34Ti\xea\xecng Vi\xea\xf2t \xf0\xe2y\n");
    assert_eq!(printer.paper.current().text, ["Tiếng Việt đây"]);
}

#[test]
fn long_lines_wrap_and_tabs_stop() {
    let mut printer = machine();
    feed(&mut printer, &[&[b'x'; 60][..], b"\na\tb\n"].concat());
    assert_eq!(printer.paper.current().text, ["x".repeat(48), "x".repeat(12), "ab".into()]);
    let tabbed = picture(&printer.paper.current().png());
    let line = image::imageops::crop_imm(&tabbed, 0, 60, WIDTH_80_MM, 24).to_image();
    let right = black_box(&line).unwrap().2;
    assert!((8 * 12..9 * 12).contains(&right), "{right}");
}

#[test]
fn a_picture_is_on_the_paper_dot_by_dot() {
    let mut printer = machine();
    feed(&mut printer, b"\x1dv0\x00\x02\x00\x02\x00\x80\x01\x00\xff");
    let image = picture(&printer.paper.current().png());
    let black: Vec<_> = image.enumerate_pixels().filter(|(_, _, dot)| dot[0] == 0).map(|(x, y, _)| (x, y)).collect();
    assert_eq!(black, [(0, 0), (15, 0), (8, 1), (9, 1), (10, 1), (11, 1), (12, 1), (13, 1), (14, 1), (15, 1)]);

    let mut stored = machine();
    feed(&mut stored, b"\x1d(L\x0e\x000p0\x01\x011\x10\x00\x02\x00\x80\x01\x00\xff\x1d(L\x02\x0002");
    assert_eq!(picture(&stored.paper.current().png()), image);

    let mut columns = machine();
    feed(&mut columns, b"\x1b*\x21\x01\x00\x80\x00\x01\n");
    let image = picture(&columns.paper.current().png());
    assert_eq!((image.get_pixel(0, 0)[0], image.get_pixel(0, 23)[0], image.get_pixel(0, 5)[0]), (0, 0, 255));
}

#[test]
fn a_qr_code_is_drawn_and_its_payload_told() {
    let mut printer = machine();
    feed(&mut printer, b"\x1ba\x01\x1d(k\x03\x001C\x04\x1d(k\x08\x001P0hello\x1d(k\x03\x001Q0\x1dV\x00");
    let receipt = printer.paper.receipts().next().unwrap();
    assert_eq!((receipt.qr.as_slice(), receipt.end), (&["hello".to_owned()][..], End::Cut));
    // Version 1 has 21 modules of 4 dots, centred.
    let side = 21 * 4;
    let left = (WIDTH_80_MM - side) / 2;
    assert_eq!(black_box(&picture(&receipt.png())), Some((left, 0, left + side - 1, side - 1)));
    let image = picture(&receipt.png());
    assert!((0..28).all(|x| image.get_pixel(left + x, 0)[0] == 0) && image.get_pixel(left + 5, 5)[0] == 255);
}

#[test]
fn barcodes_have_their_known_bars() {
    let text = |modules: &[bool]| modules.iter().map(|bar| if *bar { '1' } else { '0' }).collect::<String>();
    // The worked example of EAN-13 4006381333931.
    let (modules, shown) = symbol(67, b"400638133393").unwrap();
    assert_eq!(shown, "4006381333931");
    assert_eq!(
        text(&modules),
        "10100011010100111010111101111010001001011001101010100001010000101000010111010010000101100110101"
    );
    let (modules, shown) = symbol(73, b"{BHI").unwrap();
    // Start B, H, I, check (104 + 40 + 2 × 41) mod 103 = 20, stop.
    assert_eq!(text(&modules), "110100100001100010100011000100010110010011101100011101011");
    assert_eq!((modules.len(), shown.as_str()), (11 * 4 + 13, "HI"));
    let (modules, shown) = symbol(69, b"A").unwrap();
    assert_eq!((modules.len(), shown.as_str()), (3 * 15 + 2, "*A*"));
    assert!(symbol(67, b"12x").is_none() && symbol(73, b"no set").is_none() && symbol(69, b"a").is_none());
}

#[test]
fn a_barcode_with_text_is_higher_than_one_without() {
    let rows = |text: u8| {
        let mut printer = machine();
        feed(&mut printer, &[b"\x1dh\x32\x1dw\x02\x1dH", &[text][..], b"\x1dkE\x02AB"].concat());
        assert_eq!(printer.paper.current().barcodes[0].data, "*AB*");
        printer.paper.current().rows
    };
    assert_eq!((rows(0), rows(2), rows(3)), (50, 74, 98));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_print_something_or_nothing(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut printer = machine();
        feed(&mut printer, &bytes);
        prop_assert_eq!(printer.room(), crate::printer::BUFFER - unread(&printer));
    }

    #[test]
    fn any_data_is_a_barcode_or_none(system in 60u8..80, data in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Some((modules, _)) = symbol(system, &data) {
            prop_assert!(modules.first() == Some(&true) && modules.last() == Some(&true));
        }
    }
}

/// Bytes of a command that is not whole stay in the buffer, and few they are.
fn unread(printer: &crate::printer::machine::Machine) -> usize {
    let unread = usize::try_from(printer.to_json()["buffered"].as_u64().unwrap()).unwrap();
    assert!(unread < 24);
    unread
}
