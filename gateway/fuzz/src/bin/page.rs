//! Pictures of pages, JPEG and PNG, and of signature and seal. A copy that is made of one can be signed.
#![no_main]

use std::sync::LazyLock;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use kiosk_compose::{DEFAULT_TEMPLATE, Fonts, MarkKind, PageImage, Template, check_mark, compose};
use kiosk_fuzz::{request, seeds};
use kiosk_pades::testing::{day, pki};
use kiosk_pades::{SignatureField, judge, sign};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

#[path = "../../../compose/src/testing.rs"]
mod testing;

static PARTS: LazyLock<(Fonts, Template)> = LazyLock::new(|| {
    let fonts = Fonts::installed().expect("the fonts");
    let template = Template::load(DEFAULT_TEMPLATE, &fonts).expect("the template");
    (fonts, template)
});

fn made() -> Vec<Vec<u8>> {
    let page = |width, height, format| {
        let text = |x: u32, y: u32| if y % 40 < 6 && x % 90 < 70 && y > height / 2 { [20, 30, 90] } else { [255; 3] };
        let pixels = RgbImage::from_fn(width, height, |x, y| Rgb(text(x, y)));
        let mut file = std::io::Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(pixels).write_to(&mut file, format).expect("to memory");
        file.into_inner()
    };
    vec![
        page(900, 600, ImageFormat::Jpeg),
        page(320, 320, ImageFormat::Jpeg),
        page(900, 600, ImageFormat::Png),
        page(320, 320, ImageFormat::Png),
        testing::signature_png(),
        testing::seal_png(),
    ]
}

/// What the file says of its size, so that it is not refused for that.
fn size(file: &[u8]) -> [u32; 2] {
    let two = |at: usize| file.get(at..at + 2).map_or(0, |two| u32::from(u16::from_be_bytes([two[0], two[1]])));
    if file.starts_with(b"\x89PNG") {
        return [two(18), two(22)];
    }
    let frame = file.windows(2).position(|two| matches!(two, [0xFF, 0xC0 | 0xC1]));
    frame.map_or([320, 320], |at| [two(at + 7), two(at + 5)])
}

fn check(file: &[u8]) -> bool {
    let kind = if file.starts_with(b"\x89PNG") { PageImage::Png } else { PageImage::Jpeg };
    let (fonts, template) = &*PARTS;
    let Ok(copy) = compose(request(kind(file.to_vec()), size(file)), template, fonts) else { return false };
    assert_eq!(copy.image_sha256, [<[u8; 32]>::from(Sha256::digest(file))]);
    let seal = SignatureField {
        page: copy.seal.page,
        rect: Some(copy.seal.rect),
        ..SignatureField::invisible("Seal", day(1))
    };
    let signed = sign(&copy.pdf, &seal, &mut pki().signer(&pki().officer), None).expect("a copy can be signed");
    let report = judge(&signed, &pki().roots(), day(1), None).expect("and judged");
    assert_eq!((report.signatures[0].intact.clone(), report.pages), (Ok(()), Some(copy.pages.len())));
    true
}

fuzz_target!(
    init: {
        let seeds = seeds("page", made);
        assert!(check(&seeds[0]) && check(&seeds[2]), "the seeds are no pages");
    },
    |data: &[u8]| {
        check(data);
        let _ = check_mark(MarkKind::Signature, data, [40.0, 18.0]);
        let _ = check_mark(MarkKind::Seal, data, [36.0, 36.0]);
    }
);
