use std::error::Error;

use proptest::prelude::*;

use super::*;
use crate::request::{Language, Page, TextLine, Word};
use crate::template::{DEFAULT_TEMPLATE, specimen};
use crate::testing::{seal_png, signature_png};

/// A copy of one small page.
fn request() -> Request {
    let mut request = specimen(Language::Vietnamese);
    request.document.title = "Bản sao".to_owned();
    request.document.producer = "Kiosk gateway".to_owned();
    let image = PageImage::Rgb(vec![255; 760 * 500 * 3]);
    request.pages = vec![Page { image, size_px: [760, 500], dpi: 200.0, lines: Vec::new() }];
    request
}

fn composed(request: Request) -> Result<ComposedCopy, ComposeError> {
    let fonts = Fonts::installed().unwrap();
    compose(request, &Template::load(DEFAULT_TEMPLATE, &fonts).unwrap(), &fonts)
}

/// What is said of a request, with all causes.
fn refused(change: impl Fn(&mut Request)) -> String {
    let mut changed = request();
    change(&mut changed);
    let error = composed(changed).err().unwrap();
    let mut text = error.to_string();
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(one) = cause {
        text += &format!(": {one}");
        cause = one.source();
    }
    text
}

fn qr(request: &mut Request) -> &mut Vec<u8> {
    &mut request.verification.as_mut().unwrap().qr
}

fn word(text: &str, rect: [f32; 4]) -> Vec<TextLine> {
    vec![TextLine { words: vec![Word { text: text.to_owned(), rect }] }]
}

#[test]
fn a_small_page_is_composed() {
    let copy = composed(request()).unwrap();
    assert!(copy.pdf.starts_with(b"%PDF-1.7"));
    assert_eq!((copy.pages.len(), copy.image_sha256.len()), (2, 1));
}

#[test]
fn debug_output_names_nobody() {
    let mut request = request();
    request.pages[0].lines = word("Nguyệt", [0.0, 0.0, 9.0, 9.0]);
    let shown = format!("{request:?} {:?} {:?} {:?}", request.facts, request.pages, request.pages[0].lines);
    assert!(!shown.contains("Nguy") && !shown.contains("Khánh"), "{shown}");
    assert_eq!(format!("{:?}", composed(request).unwrap()), "ComposedCopy { .. }");
}

#[test]
fn what_is_wrong_with_a_request_is_told_with_the_next_step() {
    let off_page = "word 1 of page 1 is not on the page";
    for (said, text) in [
        (refused(|it| it.pages.clear()), "1 to 200"),
        (refused(|it| it.pages = vec![it.pages[0].clone(); 201]), "in parts"),
        (
            refused(|it| it.pages[0].dpi = 150.0),
            "page 1 cannot be used: it has 150 dots per inch, and the law asks for 200",
        ),
        (refused(|it| it.facts.officer = " ".to_owned()), "the officer's name is empty"),
        (refused(|it| it.facts.agency = "x".repeat(700)), "the agency is longer than 600 bytes"),
        (refused(|it| it.facts.place = "Hà\nNội".to_owned()), "control character"),
        (refused(|it| it.facts.number = None), "belong together"),
        (refused(|it| it.facts.certified_at = None), "belong together"),
        (refused(|it| it.verification = None), "belong together"),
        (refused(|it| it.facts.number = Some(0)), "the register number is 0"),
        (refused(|it| qr(it).clear()), "content of the QR code is empty"),
        (refused(|it| *qr(it) = vec![0; 3000]), "too long for any code"),
        (refused(|it| it.seal.size_mm = [360.0, 360.0]), "true size"),
        (refused(|it| it.seal.png = Some(signature_png())), "the picture of the seal"),
        (refused(|it| it.facts.officer = "Nguyễn ☃".to_owned()), "`☃`"),
        (refused(|it| it.facts.officer = "m".repeat(100)), "wider than its"),
        (refused(|it| it.pages[0].lines = word("a", [0.0, 0.0, 1400.0, 20.0])), off_page),
        (refused(|it| it.pages[0].lines = word("a", [f32::NAN, 0.0, 14.0, 20.0])), off_page),
        (refused(|it| it.pages[0].lines = word(&"a".repeat(300), [0.0, 0.0, 14.0, 20.0])), "longer than 256 bytes"),
        (refused(|it| it.pages[0].lines = vec![word("a", [0.0, 0.0, 9.0, 9.0])[0].clone(); 20_001]), "20001 words"),
    ] {
        assert!(said.contains(text), "{said}");
    }
}

#[test]
fn marks_are_drawn_if_they_are_given() {
    let mut with = request();
    (with.signature.png, with.seal.png) = (Some(signature_png()), Some(seal_png()));
    let copy = composed(with.clone()).unwrap();
    assert!(copy.pdf.len() > composed(request()).unwrap().pdf.len() + 5000);
    let fonts = Fonts::installed().unwrap();
    let template = Template::load(DEFAULT_TEMPLATE, &fonts).unwrap();
    let refused = compose_as_pdf_a1(with, &template, &fonts);
    assert!(matches!(refused, Err(ComposeError::Pdf(_))), "the validator sees what PDF/A-1 has not");
}

/// Words anywhere on the page.
fn words() -> impl Strategy<Value = Vec<(String, [f32; 4])>> {
    let word = ("\\PC{0,12}", [0.0_f32..760.0, 0.0_f32..500.0, 0.0_f32..760.0, 0.0_f32..500.0]);
    let word = word.prop_map(|(text, [a, b, c, d])| (text, [a.min(c), b.min(d), a.max(c), b.max(d)]));
    proptest::collection::vec(word, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_words_and_facts_are_composed_or_refused(
        words in words(),
        strange in proptest::collection::vec(any::<char>(), 0..20),
        officer in "\\PC{1,20}",
        qr in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut request = request();
        let words = words.into_iter().map(|(text, rect)| Word { text, rect }).collect();
        let strange = Word { text: strange.into_iter().collect(), rect: [10.0, 10.0, 300.0, 40.0] };
        request.pages[0].lines = vec![TextLine { words }, TextLine { words: vec![strange] }];
        let read = composed(request.clone());
        prop_assert!(read.is_ok(), "whatever was read, the copy is made: {:?}", read.err());
        request.facts.officer = officer;
        *self::qr(&mut request) = qr;
        let _ = composed(request);
    }
}
