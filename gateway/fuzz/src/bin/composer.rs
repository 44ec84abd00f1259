//! What goes between who wants a copy and the process that composes it, both ways: requests as they come, and JSON with
//! pictures in right frames; and answers.
#![no_main]

use std::sync::LazyLock;

use kiosk_compose::program::serve;
use kiosk_compose::{DEFAULT_TEMPLATE, Fonts, PageImage, Request, Template, TextLine, Word, fuzzing};
use kiosk_fuzz::{BETWEEN, joined, parts, request, seeds};
use libfuzzer_sys::fuzz_target;

static PARTS: LazyLock<(Fonts, Template)> = LazyLock::new(|| {
    let fonts = Fonts::installed().expect("the fonts");
    let template = Template::load(DEFAULT_TEMPLATE, &fonts).expect("the template");
    (fonts, template)
});

fn framed(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().flat_map(|part| [&(part.len() as u32).to_be_bytes()[..], part].concat()).collect()
}

fn answered(asked: &[u8]) -> Option<Vec<u8>> {
    let mut answer = Vec::new();
    let (fonts, template) = &*PARTS;
    serve(&mut &asked[..], &mut answer, template, fonts).ok().map(|()| answer)
}

fn made() -> Vec<Vec<u8>> {
    let json = |request: &Request| serde_json::to_vec(request).expect("JSON");
    let mut small = std::io::Cursor::new(Vec::new());
    let pixels = image::DynamicImage::ImageRgb8(image::RgbImage::from_pixel(900, 600, image::Rgb([255; 3])));
    pixels.write_to(&mut small, image::ImageFormat::Jpeg).expect("to memory");
    let small = small.into_inner();
    let mut whole = request(PageImage::Jpeg(Vec::new()), [900, 600]);
    let word = |text: &str, left: f32| Word { text: text.to_owned(), rect: [left, 100.0, left + 80.0, 130.0] };
    whole.pages[0].lines = vec![TextLine { words: vec![word("Giấy", 50.0), word("khai\u{301} sinh", 140.0)] }];
    let mut preview = whole.clone();
    (preview.facts.number, preview.facts.certified_at, preview.verification) = (None, None, None);
    let mut with_seal = whole.clone();
    with_seal.seal.png = Some(Vec::new());
    let qr = [b'x'; 200];
    let copy = answered(&framed(&[&json(&whole), &small, &qr])).expect("an answer");
    let refused = answered(&framed(&[&json(&whole), &qr, &qr])).expect("an answer");
    vec![
        joined(&[&json(&whole), &small, &qr]),
        joined(&[&json(&preview), &small]),
        joined(&[&json(&with_seal), &small, &qr, b"none"]),
        framed(&[&json(&whole), &small, &qr]),
        copy,
        refused,
    ]
}

fuzz_target!(
    init: {
        let seeds = seeds("composer", made);
        assert!(asked(&seeds[0]) && asked(&seeds[1]) && !asked(&seeds[2]), "the seeds are no requests");
        assert!(fuzzing::answer(&seeds[4]), "the seed is no answer");
    },
    |data: &[u8]| {
        asked(data);
        fuzzing::answer(data);
    }
);

/// Whether there is a copy.
fn asked(data: &[u8]) -> bool {
    let request =
        if data.windows(BETWEEN.len()).any(|window| window == BETWEEN) { framed(&parts(data)) } else { data.to_vec() };
    let Some(answer) = answered(&request) else { return false };
    assert!(fuzzing::answer(&answer), "what is answered can be read");
    assert_eq!(answered(&request).as_ref(), Some(&answer), "equal requests, equal bytes");
    answer.windows(5).any(|window| window == b"%PDF-")
}
