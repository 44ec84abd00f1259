use kiosk_driver_sdk::protocol::page_printer::Sides;
use proptest::prelude::*;

use super::{Dots, HEADER, Raster, Sheet, SheetBack, compress, lines};

fn sheet(dots: Dots, width: u32, height: u32) -> Sheet {
    let media = "iso_a4_210x297mm".to_owned();
    Sheet { dots, dpi: 300, width, height, media, sides: Sides::OneSided, back: SheetBack::Normal }
}

/// Reads compressed lines as PWG 5102.4, section 4.2 tells a printer to.
fn decompress(mut bytes: &[u8], line_bytes: usize, unit: usize) -> Vec<u8> {
    let mut take = |count: usize| {
        let (taken, rest) = bytes.split_at(count);
        bytes = rest;
        (taken, rest.is_empty())
    };
    let mut out = Vec::new();
    loop {
        let (count, _) = take(1);
        let repeat = usize::from(count[0]) + 1;
        let (mut line, mut over) = (Vec::new(), false);
        while line.len() < line_bytes {
            let code = take(1).0[0];
            let dots = match code {
                0..=127 => {
                    let (dot, ended) = take(unit);
                    over = ended;
                    dot.repeat(usize::from(code) + 1)
                }
                128 => panic!("128 is not written"),
                129..=255 => {
                    let (dots, ended) = take((257 - usize::from(code)) * unit);
                    over = ended;
                    dots.to_vec()
                }
            };
            line.extend(dots);
        }
        assert_eq!(line.len(), line_bytes);
        out.extend(line.repeat(repeat));
        if over {
            return out;
        }
    }
}

#[test]
fn a_header_has_its_numbers_where_the_document_says() {
    let mut raster = Raster::new(Sheet { sides: Sides::TwoSidedShortEdge, ..sheet(Dots::Rgb8, 16, 2) });
    raster.page(&[255; 16 * 2 * 3]);
    let word = |at: usize| u32::from_be_bytes(raster.bytes[4 + at..8 + at].try_into().unwrap());
    assert_eq!(&raster.bytes[..14], b"RaS2PwgRaster\0");
    for (at, value) in [
        (272, 1),
        (276, 300),
        (280, 300),
        (368, 1),
        (372, 16),
        (376, 2),
        (384, 8),
        (388, 24),
        (392, 48),
        (400, 19),
        (420, 3),
        (456, 1),
        (460, 1),
    ] {
        assert_eq!(word(at), value, "at {at}");
    }
    assert_eq!(raster.bytes.len(), 4 + HEADER + 5, "two equal white lines of sixteen equal dots");
}

#[test]
fn back_sides_are_turned_as_the_printer_wants_them() {
    use Sides::{TwoSidedLongEdge as Long, TwoSidedShortEdge as Short};
    for (word, long, short) in [
        ("normal", (1, 1), (1, 1)),
        ("flipped", (1, -1), (-1, 1)),
        ("manual-tumble", (1, 1), (-1, -1)),
        ("rotated", (-1, -1), (1, 1)),
        ("something", (1, 1), (1, 1)),
    ] {
        let back = SheetBack::of(word);
        assert_eq!((back.transform(Long), back.transform(Short)), (long, short), "{word}");
        assert_eq!(back.transform(Sides::OneSided), (1, 1));
    }
    let rgb = [[1; 3], [2; 3], [3; 3], [4; 3]].concat();
    assert_eq!(lines(Dots::Gray8, 2, &rgb, (1, 1)), [1, 2, 3, 4]);
    assert_eq!(lines(Dots::Gray8, 2, &rgb, (-1, -1)), [4, 3, 2, 1]);
    assert_eq!(lines(Dots::Gray8, 2, &rgb, (1, -1)), [3, 4, 1, 2]);
}

#[test]
fn black_and_white_keeps_the_brightness() {
    let grey = vec![64; 64 * 64 * 3];
    let bits: u32 = lines(Dots::Black1, 64, &grey, (1, 1)).iter().map(|byte| byte.count_ones()).sum();
    assert!((64 * 64 * 70 / 100..64 * 64 * 80 / 100).contains(&bits), "three quarters are black: {bits}");
    assert_eq!(lines(Dots::Black1, 10, &[0; 30], (1, 1)), [0xFF, 0xC0], "what is behind the last dot is white");
}

#[test]
fn the_best_kind_of_dots_is_chosen() {
    let types = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    assert_eq!(Dots::choose(&types(&["black_1", "sgray_8", "srgb_8"]), true), Some(Dots::Rgb8));
    assert_eq!(Dots::choose(&types(&["black_1", "sgray_8", "srgb_8"]), false), Some(Dots::Gray8));
    assert_eq!(Dots::choose(&types(&["black_1"]), true), Some(Dots::Black1));
    assert_eq!(Dots::choose(&types(&["cmyk_8"]), true), None);
}

proptest! {
    #[test]
    fn what_is_compressed_comes_back(unit in prop::sample::select(vec![1_usize, 3]), dots in 1_usize..300, rows in 1_usize..12, seed in prop::collection::vec(0_u8..3, 1..40)) {
        let bytes: Vec<u8> = seed.iter().copied().cycle().take(unit * dots * rows).collect();
        let mut out = Vec::new();
        compress(&bytes, unit * dots, unit, &mut out);
        prop_assert_eq!(decompress(&out, unit * dots, unit), bytes);
    }
}
