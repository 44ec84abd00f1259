use proptest::prelude::*;

use super::super::child::Refusal;
use super::super::sample::{pdf, red, stream};
use super::super::tests::pages;

#[test]
fn every_page_of_a_pdf_is_drawn() {
    for (objects, count, word) in [
        (red(3, "595 842"), 3, "as it is"),
        (red(1, "842 595"), 1, "one that lies across"),
        (red(1, "2000 3000"), 1, "one that is too large"),
    ] {
        let drawn = pages(pdf(&objects)).unwrap();
        assert_eq!(drawn.len(), count, "{word}");
        let is_red = |page: &Vec<u8>| page.chunks_exact(3).any(|dot| dot == [255, 0, 0]);
        assert!(drawn.iter().all(is_red), "{word}");
    }
}

#[test]
fn what_is_no_document_is_unreadable() {
    for wrong in [b"%PDF-1.4 and nothing more".to_vec(), pdf(&red(0, "595 842"))] {
        assert!(matches!(pages(wrong.clone()), Err(Refusal::Unreadable(_))), "{}", String::from_utf8_lossy(&wrong));
    }
    assert!(matches!(pages(pdf(&red(501, "595 842"))), Err(Refusal::TooLarge(_))));
}

#[test]
fn a_picture_that_is_no_picture_is_no_page() {
    let mut objects = red(1, "595 842");
    objects[2] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
        /Resources << /XObject << /I 5 0 R >> >> >>"
        .to_vec();
    objects[3] = stream("", b"100 0 0 100 0 0 cm /I Do");
    let picture = "/Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray";
    objects.push(stream(picture, &[0x55; 64]));
    assert_eq!(pages(pdf(&objects)).unwrap().len(), 1);
    objects[4] = stream(&format!("{picture} /Filter /DCTDecode"), b"no JPEG at all");
    let Err(Refusal::Unreadable(why)) = pages(pdf(&objects)) else { panic!("it was drawn") };
    assert!(why.contains("page 1"), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_damaged_pdf_has_all_its_pages_or_none(at in 0_usize..700, to: u8, cut in 0_usize..700) {
        let mut document = pdf(&red(2, "595 842"));
        let length = document.len();
        document[9 + at % (length - 9)] = to;
        document.truncate((length - cut % length).max(9));
        // A number that was changed in the middle may well make another document; fewer pages than it lists never come.
        let _ = pages(document);
    }

    #[test]
    fn no_bytes_make_the_drawing_fall(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = pages([b"%PDF-1.4\n", &bytes[..]].concat());
    }
}
