//! Templates, which an agency writes. One that is loaded makes copies.
#![no_main]

use std::sync::LazyLock;

use kiosk_compose::{ComposeError, DEFAULT_TEMPLATE, Fonts, Language, PageImage, Template, compose};
use kiosk_fuzz::{request, seeds};
use libfuzzer_sys::fuzz_target;

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::installed().expect("the fonts"));

/// The built-in one, and without its comments and empty lines.
fn made() -> Vec<Vec<u8>> {
    let short = DEFAULT_TEMPLATE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let short = short.collect::<Vec<_>>().join("\n");
    vec![short.clone().into_bytes(), short.replace("last-page", "added-page").into_bytes(), DEFAULT_TEMPLATE.into()]
}

fn check(text: &str) -> bool {
    let Ok(template) = Template::load(text, &FONTS) else { return false };
    for language in [Language::Vietnamese, Language::VietnameseAndEnglish] {
        let mut request = request(PageImage::Rgb(vec![255; 900 * 400 * 3]), [900, 400]);
        request.facts.language = language;
        match compose(request, &template, &FONTS) {
            Ok(copy) => assert!(copy.pdf.starts_with(b"%PDF-1.7")),
            Err(ComposeError::FirstPageTooNarrow { .. }) => {}
            Err(error) => panic!("it was loaded, and does not fit: {error:?}"),
        }
    }
    true
}

fuzz_target!(
    init: {
        let seeds = seeds("template", made);
        assert!(seeds.iter().all(|seed| std::str::from_utf8(seed).is_ok_and(check)), "the seeds are no templates");
    },
    |text: &str| {
        check(text);
    }
);
