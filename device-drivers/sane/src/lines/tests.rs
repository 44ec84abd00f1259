use proptest::prelude::*;

use super::{Format, Lines};
use crate::ffi::Parameters;

fn format(parameters: Parameters) -> Format {
    Format::of(&parameters, 1).unwrap()
}

fn rows(format: Format, bytes: &[u8], piece: usize) -> (Vec<u8>, bool) {
    let (mut lines, mut rows) = (Lines::new(format), Vec::new());
    for piece in bytes.chunks(piece) {
        lines.push(piece, &mut rows);
    }
    (rows, lines.is_whole())
}

fn parameters(format: i32, depth: i32, width: i32, bytes: i32) -> Parameters {
    Parameters { format, last_frame: 1, bytes_per_line: bytes, pixels_per_line: width, lines: -1, depth }
}

#[test]
fn one_bit_a_pixel_is_black_where_it_is_set() {
    let (rows, whole) = rows(format(parameters(0, 1, 10, 2)), &[0b1010_0000, 0b0100_0000], 1);
    assert_eq!(rows, [0, 255, 0, 255, 255, 255, 255, 255, 255, 0]);
    assert!(whole);
}

#[test]
fn sixteen_bits_keep_the_upper_eight() {
    let samples: Vec<u8> = [0x1234_u16, 0xFF00, 0x00FF].iter().flat_map(|sample| sample.to_ne_bytes()).collect();
    assert_eq!(rows(format(parameters(1, 16, 1, 6)), &samples, 6).0, [0x12, 0xFF, 0x00]);
}

#[test]
fn what_is_behind_the_pixels_is_left_out() {
    assert_eq!(rows(format(parameters(0, 8, 2, 4)), &[1, 2, 9, 9, 3, 4, 9, 9], 3).0, [1, 2, 3, 4]);
}

proptest! {
    #[test]
    fn pieces_may_end_anywhere(bytes in prop::collection::vec(any::<u8>(), 0..400), piece in 1_usize..60, width in 1_i32..40, padding in 0_i32..5) {
        let format = format(parameters(0, 8, width, width + padding));
        let (in_pieces, whole) = rows(format, &bytes, piece);
        let line = usize::try_from(width + padding).unwrap();
        let expected: Vec<u8> = bytes.chunks_exact(line).flat_map(|line| &line[..usize::try_from(width).unwrap()]).copied().collect();
        prop_assert_eq!(in_pieces, expected);
        prop_assert_eq!(whole, bytes.len() % line == 0);
    }

    #[test]
    fn whatever_a_backend_describes_is_taken_or_refused(format in -2_i32..14, last_frame in 0_i32..2, bytes_per_line: i32, pixels_per_line: i32, lines: i32, depth in 0_i32..33) {
        let parameters = Parameters { format, last_frame, bytes_per_line, pixels_per_line, lines, depth };
        if let Ok(format) = Format::of(&parameters, 1) {
            prop_assert!(format.line_bytes > 0 && format.width > 0);
            let mut lines = Lines::new(format);
            let mut rows = Vec::new();
            lines.push(&[7; 100], &mut rows);
        }
    }
}
