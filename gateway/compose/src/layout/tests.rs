use proptest::prelude::*;

use super::*;
use crate::request::{Language, Request};
use crate::template::{DEFAULT_TEMPLATE, specimen};

fn parts() -> (Template, Fonts) {
    let fonts = Fonts::installed().unwrap();
    (Template::load(DEFAULT_TEMPLATE, &fonts).unwrap(), fonts)
}

fn verification(request: &Request) -> crate::request::Verification {
    request.verification.clone().unwrap_or_else(crate::template::usual_verification)
}

fn overlap(a: Rect, b: Rect) -> bool {
    let hair = 0.01;
    a.left + hair < b.right && b.left + hair < a.right && a.top + hair < b.bottom && b.top + hair < a.bottom
}

/// Nothing overlaps but the seal and the signature, and nothing leaves the block.
fn is_tidy(block: &Block) {
    for (number, one) in block.items.iter().enumerate() {
        if matches!(one.what, What::Frame { .. } | What::NoCode) {
            continue;
        }
        let (all, own) = (block.rect.grown(0.01), one.rect);
        let is_inside = own.left >= all.left && own.right <= all.right && own.bottom <= all.bottom;
        // What stands above the attestation on an added page is above its frame.
        assert!(is_inside && own.top >= 0.0, "{one:?} leaves {all:?}");
        for other in &block.items[number + 1..] {
            if matches!((&one.what, &other.what), (What::Signature, What::Seal)) {
                let covered = (other.rect.right - own.left) / own.width();
                assert!((covered - 1.0 / 3.0).abs() < 0.001, "the seal covers a third: {covered}");
                assert!(other.rect.left < own.left, "on its left");
                continue;
            }
            assert!(!overlap(own, other.rect), "{one:?} overlaps {other:?}");
        }
    }
}

fn texts(block: &Block) -> Vec<&str> {
    let text = |item: &'_ Item| matches!(item.what, What::Text { .. });
    let texts = block.items.iter().filter(|item| text(item));
    texts.map(|item| if let What::Text { text, .. } = &item.what { text.as_str() } else { "" }).collect()
}

fn lay_out(request: &Request, width: f32) -> Result<Block, LayoutError> {
    let (template, fonts) = parts();
    let code = Code::new(&verification(request).qr).unwrap();
    attestation(&template, &Values::of(request), &fonts, &code, width)
}

#[test]
fn the_attestation_is_tidy_on_all_papers() {
    for language in [Language::Vietnamese, Language::VietnameseAndEnglish] {
        let request = specimen(language);
        for width in [118.0, 150.0, 180.0, 190.0] {
            is_tidy(&lay_out(&request, mm(width)).unwrap());
        }
        assert!(lay_out(&request, mm(60.0)).is_err(), "a card has no room for it");
        for width in [-5.0, 0.0, 1.0, 20.0, 45.0, f32::NAN] {
            assert!(lay_out(&request, width).is_err(), "{width}");
        }
    }
}

#[test]
fn a_long_agency_wraps_into_lines_of_about_one_length() {
    let mut request = specimen(Language::Vietnamese);
    request.facts.agency = "Ủy ban nhân dân phường Nguyễn Thị Minh Khai, thành phố Hồ Chí Minh".to_owned();
    let block = lay_out(&request, mm(180.0)).unwrap();
    is_tidy(&block);
    let lines = texts(&block);
    let first = lines.iter().position(|line| line.starts_with("ỦY BAN")).unwrap();
    assert_eq!(lines[first..first + 2], ["ỦY BAN NHÂN DÂN PHƯỜNG NGUYỄN THỊ", "MINH KHAI, THÀNH PHỐ HỒ CHÍ MINH"]);
}

#[test]
fn addresses_go_on_after_their_signs() {
    let fonts = Fonts::installed().unwrap();
    let letters = fonts.style(Style::Regular);
    let wrapped = wrap::wrap("tại https://chungthuc.example.vn/c/abc  đây", letters, 10.0, 80.0, 7).unwrap();
    assert_eq!(wrapped, ["tại", "https://chungthuc.", "example.vn/c/abc", "đây"]);
    let wide = wrap::wrap("không-có mmmmmmmmmmmmmmmmmmmm", letters, 10.0, 80.0, 7);
    assert!(matches!(wide, Err(LayoutError::WordTooWide { line: 7, .. })));
    assert_eq!(wrap::wrap("  ", letters, 10.0, 80.0, 7), Ok(Vec::new()));
}

#[test]
fn a_code_that_does_not_fit_is_refused() {
    let mut request = specimen(Language::Vietnamese);
    request.verification.as_mut().unwrap().qr = vec![b'x'; 2000];
    assert!(lay_out(&request, mm(180.0)).is_ok());
    assert!(matches!(lay_out(&request, mm(130.0)), Err(LayoutError::CodeTooWide { .. })));
    assert!(Code::new(&[0; 4000]).is_none());
}

#[test]
fn the_usual_code_is_of_version_11() {
    assert_eq!(Code::new(&crate::template::usual_verification().qr).unwrap().modules(), 61.0 + 8.0);
}

#[test]
fn a_preview_has_the_blocks_of_the_copy() {
    let (template, fonts) = parts();
    let close = |a: Rect, b: Rect| {
        let apart = [a.left - b.left, a.top - b.top, a.right - b.right, a.bottom - b.bottom];
        apart.iter().all(|apart| apart.abs() < 0.01)
    };
    for language in [Language::Vietnamese, Language::VietnameseAndEnglish] {
        let copy = specimen(language);
        let mut preview = copy.clone();
        (preview.facts.number, preview.facts.certified_at, preview.verification) = (None, None, None);
        let first = |request| first_page(&template, &Values::of(request), &fonts, A4[0]).unwrap();
        let (own, shown) = (first(&copy), first(&preview));
        assert!(close(own.rect, shown.rect), "{own:?} {shown:?}");
        for width in [118.0, 130.0, 150.0, 180.0, 190.0] {
            let (own, shown) = (lay_out(&copy, mm(width)).unwrap(), lay_out(&preview, mm(width)).unwrap());
            is_tidy(&shown);
            assert!(close(own.rect, shown.rect), "{width} {own:?} {shown:?}");
            let place = |block: &Block, is: fn(&What) -> bool| {
                block.items.iter().find(|item| is(&item.what)).map(|item| item.rect).unwrap()
            };
            let is_code: fn(&What) -> bool = |what| matches!(what, What::Code { .. } | What::NoCode);
            for is in [is_code, |what| *what == What::Signature, |what| *what == What::Seal] {
                assert!(close(place(&own, is), place(&shown, is)), "{width}");
            }
            let texts = texts(&shown);
            assert!(texts.contains(&"BẢN XEM TRƯỚC") && texts.contains(&"Preview") && texts.contains(&"……"));
            assert!(!shown.items.iter().any(|item| matches!(item.what, What::Code { .. })), "no code");
        }
    }
}

/// Names as people and wards have them, and longer ones.
fn name() -> impl Strategy<Value = String> {
    let word =
        "(Nguyễn|Ủy|ban|nhân|dân|phường|Đường|Quỳnh|Hương|TRƯỜNG|Thụy|Khánh|Ngô|–|xã|Hà|Nội|[A-Za-zđĐơưạ]{1,12})";
    proptest::collection::vec(word, 1..16).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn names_of_any_length_keep_the_blocks_tidy(
        (officer, title, agency) in (name(), name(), name()),
        number in 1_u64..,
        width in 110.0_f32..200.0,
        signature in [20.0_f32..60.0, 10.0_f32..30.0],
        seal in 25.0_f32..40.0,
        english in any::<bool>(),
    ) {
        let language = if english { Language::VietnameseAndEnglish } else { Language::Vietnamese };
        let mut request = specimen(language);
        request.facts.number = Some(number);
        (request.facts.officer, request.facts.officer_title, request.facts.agency) = (officer, title, agency);
        request.signature.size_mm = signature;
        request.seal.size_mm = [seal, seal];
        if let Ok(block) = lay_out(&request, mm(width)) {
            is_tidy(&block);
        }
        let (template, fonts) = parts();
        let (values, code) = (Values::of(&request), Code::new(&verification(&request).qr).unwrap());
        if let Ok(block) = added_page(&template, &values, &fonts, &code) {
            is_tidy(&block);
            prop_assert!(block.rect.bottom <= A4[1] - mm(12.0) && block.rect.right <= A4[0] - mm(14.9));
        }
        let block = first_page(&template, &values, &fonts, A4[0]).unwrap();
        is_tidy(&block);
        prop_assert!(block.rect.width() <= mm(85.1));
    }
}
