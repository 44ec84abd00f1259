use super::*;
use crate::testing::{png_of, seal_png, signature_png};

#[test]
fn a_blue_signature_and_a_red_seal_are_taken() {
    assert_eq!(check_mark(MarkKind::Signature, &signature_png(), [40.0, 18.0]), Ok(()));
    assert_eq!(check_mark(MarkKind::Seal, &seal_png(), [36.0, 36.0]), Ok(()));
}

#[test]
fn other_pictures_are_refused_with_the_reason() {
    let kind = MarkKind::Seal;
    let seal = |file: &[u8], size| check_mark(kind, file, size);
    let colour = MarkError::Colour { kind, colour: "red" };
    let blue_square = png_of([300, 300], |x, _| if x < 150 { [20, 30, 200, 255] } else { [0; 4] });
    assert_eq!(seal(&blue_square, [36.0, 36.0]), Err(colour));
    let kind_of_signature = MarkKind::Signature;
    let colour = MarkError::Colour { kind: kind_of_signature, colour: "blue" };
    assert_eq!(check_mark(kind_of_signature, &seal_png(), [36.0, 36.0]), Err(colour));
    assert_eq!(seal(&seal_png(), [36.0, 30.0]), Err(MarkError::Proportions { kind }));
    assert!(seal(&seal_png(), [36.0, f32::NAN]).is_err());
    let small = png_of([100, 100], |x, _| if x < 50 { [200, 0, 0, 255] } else { [0; 4] });
    assert_eq!(seal(&small, [36.0, 36.0]), Err(MarkError::TooFewDots { kind, dpi: 71.0 }));
    let sheet = png_of([300, 300], |_, _| [200, 0, 0, 255]);
    assert_eq!(seal(&sheet, [36.0, 36.0]), Err(MarkError::NotTransparent { kind }));
    let nothing = png_of([300, 300], |_, _| [200, 0, 0, 0]);
    assert_eq!(seal(&nothing, [36.0, 36.0]), Err(MarkError::Empty { kind }));
    assert!(matches!(seal(b"GIF89a", [36.0, 36.0]), Err(MarkError::NoPng { .. })));
    let file = seal_png();
    assert!(matches!(seal(&file[..file.len() / 2], [36.0, 36.0]), Err(MarkError::NoPng { .. })));
    assert_eq!(seal(&vec![0; MAX_MARK_BYTES + 1], [36.0, 36.0]), Err(MarkError::TooLarge { kind }));
}
