use proptest::prelude::*;

use super::*;
use crate::request::{Language, Page, TextLine, Word};
use crate::template::specimen;
use crate::units::Area;

/// A request with all that can be in one.
fn request() -> Request {
    let mut request = specimen(Language::VietnameseAndEnglish);
    let word = |text: &str, rect| Word { text: text.to_owned(), rect };
    let words = vec![
        word("Nguyễn", [0.1, f32::MIN_POSITIVE, 1.0 / 3.0, -0.0]),
        word("", [f32::NAN, f32::INFINITY, 1e-40, 7.0]),
    ];
    let pictures = [PageImage::Jpeg(vec![1; 5]), PageImage::Png(Vec::new()), PageImage::Rgb(vec![3; 70_000])];
    request.pages = pictures
        .map(|image| Page { image, size_px: [3, 4], dpi: 200.0, lines: vec![TextLine { words: words.clone() }] })
        .into();
    request.seal.png = Some(vec![9; 11]);
    request
}

fn sent(mut request: Request) -> Vec<u8> {
    pieces(&mut request).unwrap().concat()
}

#[test]
fn a_request_arrives_bit_for_bit() {
    let bytes = sent(request());
    let mut read = read_request(&mut bytes.as_slice()).unwrap();
    let (word, page) = (&read.pages[1].lines[0].words[1], &read.pages[2]);
    assert_eq!(word.rect.map(f32::to_bits), [f32::NAN, f32::INFINITY, 1e-40, 7.0].map(f32::to_bits));
    assert!(matches!(&page.image, PageImage::Rgb(bytes) if *bytes == vec![3; 70_000]));
    assert!(matches!(&read.pages[1].image, PageImage::Png(bytes) if bytes.is_empty()));
    assert_eq!((&read.signature.png, &read.seal.png), (&None, &Some(vec![9; 11])));
    assert_eq!(read.facts.certified_at, request().facts.certified_at);
    assert_eq!(read.verification.as_ref().unwrap().qr, request().verification.unwrap().qr);
    assert!(pieces(&mut read).unwrap().concat() == bytes, "and goes on as it came");
    let mut preview = request();
    (preview.facts.number, preview.facts.certified_at, preview.verification) = (None, None, None);
    assert!(read_request(&mut sent(preview).as_slice()).unwrap().is_preview());
}

#[test]
fn a_cut_request_is_none() {
    let bytes = sent(request());
    for end in (0..bytes.len()).step_by(997).chain([bytes.len() - 1]) {
        let read = read_request(&mut &bytes[..end]);
        assert!(matches!(read, Err(WireError::Pipe(_))), "{end}");
    }
}

#[test]
fn lengths_are_compared_before_anything_is_kept() {
    for length in [HEAD_MAX + 1, u32::MAX] {
        assert!(matches!(read_request(&mut length.to_be_bytes().as_slice()), Err(WireError::TooLarge)));
    }
    // The first picture's length.
    let mut bytes = sent(request());
    let at = 4 + usize::try_from(u32::from_be_bytes(bytes[..4].try_into().unwrap())).unwrap();
    bytes[at..at + 4].copy_from_slice(&(BLOB_MAX + 1).to_be_bytes());
    assert!(matches!(read_request(&mut bytes.as_slice()), Err(WireError::TooLarge)));
    bytes[4] = b'!';
    assert!(matches!(read_request(&mut bytes.as_slice()), Err(WireError::Garbled(_))));

    let mut large = request();
    let PageImage::Rgb(rgb) = &mut large.pages[2].image else { panic!("it is RGB") };
    rgb.resize(usize::try_from(BLOB_MAX).unwrap() + 1, 0);
    assert!(matches!(pieces(&mut large), Err(WireError::TooLarge)));
    let mut wordy = request();
    let text = "x".repeat(1 << 20);
    wordy.pages[0].lines[0].words = vec![Word { text, rect: [0.0; 4] }; 33];
    assert!(matches!(pieces(&mut wordy), Err(WireError::TooLarge)));
}

fn copy(pdf: Vec<u8>) -> ComposedCopy {
    let area = Area { page: 1, rect: [0.1, 2.0, 3.3, 1e9] };
    ComposedCopy {
        pdf,
        pages: vec![[595.3, 841.9], [1.0, 2.0]],
        signature: area,
        seal: area,
        attestation: area,
        first_page: area,
        code: area,
        image_sha256: vec![[7; 32]],
    }
}

fn answered(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_answer(&mut bytes, answer).unwrap();
    bytes
}

#[test]
fn an_answer_is_taken_in_pieces_of_any_size() {
    let bytes = answered(&Answer::Copy(copy(vec![5; 3000])));
    for size in [1, 3, 4, 5, 1000, bytes.len()] {
        let mut intake = Intake::new();
        for piece in bytes.chunks(size) {
            intake.take(piece).unwrap();
        }
        assert!(matches!(intake.finish(), Ok(Answer::Copy(read)) if read == copy(vec![5; 3000])), "{size}");
    }
    for end in 0..bytes.len() {
        let mut intake = Intake::new();
        intake.take(&bytes[..end]).unwrap();
        assert_eq!(intake.finish().err(), Some(NoAnswer::Cut), "{end}");
    }
    let refusal = answered(&Answer::Refused(Refusal::too_large()));
    let mut intake = Intake::new();
    intake.take(&refusal).unwrap();
    assert!(matches!(intake.finish(), Ok(Answer::Refused(read)) if read == Refusal::too_large()));
}

#[test]
fn what_is_no_answer_is_not_kept() {
    let taken = |bytes: &[u8]| Intake::new().take(bytes).err();
    assert_eq!(taken(&(ANSWER_MAX + 1).to_be_bytes()), Some(NoAnswer::TooLong));
    assert_eq!(taken(b"\0\0\0\x02[]"), Some(NoAnswer::Garbled));
    assert_eq!(taken(b"\0\0\0\0"), Some(NoAnswer::Garbled));
    let bytes = answered(&Answer::Refused(Refusal::too_large()));
    assert_eq!(taken(&[&bytes[..], b"x"].concat()), Some(NoAnswer::TooLong), "more behind its end");
    let head = bytes.len() - 4;
    let long = [&bytes[..head], &(PDF_MAX + 1).to_be_bytes()].concat();
    assert_eq!(taken(&long), Some(NoAnswer::TooLong));
    assert_eq!(taken(&[&bytes[..head], b"\0\0\0\x01x"].concat()), Some(NoAnswer::Garbled), "a refusal with a file");
}

proptest! {
    #[test]
    fn no_bytes_make_it_fall(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        let _ = read_request(&mut bytes.as_slice());
        let mut intake = Intake::new();
        let _ = intake.take(&bytes);
        let mut changed = sent(request());
        let at = at.index(changed.len());
        let end = (at + bytes.len()).min(changed.len());
        changed[at..end].copy_from_slice(&bytes[..end - at]);
        let _ = read_request(&mut changed.as_slice());
    }
}
