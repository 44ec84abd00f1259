use proptest::prelude::*;

use super::*;

fn load(toml: &str) -> Result<Template, TemplateError> {
    Template::load(toml, &Fonts::installed().unwrap())
}

/// The default template with a part of it replaced, and what is said of that.
fn changed(from: &str, to: &str) -> TemplateError {
    assert!(DEFAULT_TEMPLATE.contains(from), "{from} is in the default template");
    load(&DEFAULT_TEMPLATE.replacen(from, to, 1)).expect_err(to)
}

fn line_of(text: &str) -> usize {
    DEFAULT_TEMPLATE.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn the_default_template_is_taken_and_says_what_its_comments_promise() {
    load(DEFAULT_TEMPLATE).unwrap();
    for name in Field::names().split(", ") {
        assert!(DEFAULT_TEMPLATE.contains(&format!("{{{name}}}")), "{name} is told in the comments");
    }
}

#[test]
fn mistakes_are_told_with_their_line() {
    let line = line_of("Số chứng thực");
    let name = "numbr".to_owned();
    assert_eq!(changed("{number}    Quyển", "{numbr}    Quyển"), TemplateError::UnknownPlaceholder { line, name });
    let mixed = changed("Số chứng thực: {number}", "Số chứng thực: {Number}");
    assert_eq!(mixed, TemplateError::UnknownPlaceholder { line, name: "Number".to_owned() });
    let open = changed("Quyển số: {book}", "Quyển số: {book");
    assert_eq!(open, TemplateError::Brace { line });
    assert_eq!(changed("Số chứng thực: {number}", "Số chứng thực: number}"), TemplateError::Brace { line });
    let line = line_of("size_pt = 13");
    let size = |value| TemplateError::Size { line, what: "size_pt", value, from: 7.0, to: 24.0 };
    assert_eq!(changed("size_pt = 13", "size_pt = 6"), size(6.0));
    assert_eq!(changed("size_pt = 13", "size_pt = 300"), size(300.0));
    let line = line_of("qr_module_mm");
    let small = TemplateError::Size { line, what: "qr_module_mm", value: 0.3, from: 0.4, to: 1.5 };
    assert_eq!(changed("qr_module_mm = 0.5", "qr_module_mm = 0.3"), small);
    let line = line_of("order =");
    assert_eq!(changed("\"head\", \"signing\"", "\"head\", \"head\""), TemplateError::Order { line });
    let line = line_of("margins_mm");
    let margin = TemplateError::Size { line, what: "left", value: 1.0, from: 5.0, to: 50.0 };
    assert_eq!(changed("left = 15", "left = 1"), margin);
    let TemplateError::Toml { line, .. } = changed("frame_pt = 0.6", "frame = 0.6") else { panic!("no such key") };
    assert!(line >= line_of("[attestation]"));
    assert!(matches!(changed("version = 1", "version = 2"), TemplateError::Version(2)));
    assert!(matches!(changed("version = 1", "version = "), TemplateError::Toml { .. }));
}

#[test]
fn what_the_law_asks_for_may_not_be_left_out() {
    for (from, to) in [
        ("CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH", "BẢN SAO"),
        ("Số chứng thực: {number}", "Số chứng thực"),
        ("Quyển số: {book}\"", "Quyển số\""),
        ("tháng {month} năm", "tháng năm"),
        ("vi = \"{OFFICER_TITLE}\"", "vi = \"Chủ tịch\""),
        ("vi = \"{AGENCY}\"", "vi = \"UBND\""),
        ("vi = \"{officer}\"", "vi = \"\""),
        ("vi = \"{code}\"", "vi = \"\""),
        ("vi = \"{url}\"", "vi = \"\""),
        ("chuyển đổi từ", "làm từ"),
        (", lúc {converted_at}", ""),
        ("chuyển đổi: {agency}", "chuyển đổi"),
        ("{FORM_OF_COPY}", "Bản sao"),
        ("Thời gian ký: {certified_iso}", "Thời gian ký"),
    ] {
        let error = changed(from, to);
        assert!(matches!(error, TemplateError::Missing { .. }), "{from}: {error:?}");
    }
    // The book may also be written in parts.
    let parts = "Quyển số: {volume}-SCTĐT/BS năm {book_year}\"";
    load(&DEFAULT_TEMPLATE.replacen("Quyển số: {book}\"", parts, 1)).unwrap();
}

#[test]
fn what_does_not_fit_or_cannot_be_written_is_told_when_it_is_loaded() {
    let line = line_of("Scan the code") - 1;
    let error = changed("Quét mã hoặc", "Quét 漢");
    assert_eq!(error, TemplateError::Layout(LayoutError::NoGlyph { line, character: '漢' }));
    let wide = "m".repeat(80);
    assert!(matches!(
        changed("Quét mã hoặc", &wide),
        TemplateError::Layout(LayoutError::WordTooWide { line: own, .. }) if own == line
    ));
    let high = "Bản điện tử ".repeat(400);
    let error = changed("Bản điện tử này", &high);
    assert!(matches!(error, TemplateError::Layout(LayoutError::TooHigh { .. })), "{error:?}");
    assert!(matches!(load(&"#".repeat(70_000)), Err(TemplateError::TooLarge(_))));
    let many = DEFAULT_TEMPLATE.to_owned() + &"[[added_page.head]]\nvi = \"a\"\nsize_pt = 8\n".repeat(60);
    assert!(matches!(load(&many), Err(TemplateError::TooManyLines(_))));
}

#[test]
fn placeholders_are_filled_in() {
    let mut request = specimen(crate::request::Language::Vietnamese);
    request.facts.certified_at = crate::time::LocalTime::from_unix(1_770_000_000);
    let values = Values::of(&request);
    let fill = |text| Text::read(text, 1).unwrap().fill(&values);
    assert_eq!(fill("{{{number}}} {book}"), "{1234567} 12/2030-SCTĐT/BS");
    assert_eq!(fill("ngày {day} tháng {month} năm {year}"), "ngày 02 tháng 02 năm 2026");
    assert_eq!(fill("{officer} {OFFICER}"), "Nguyễn Phương Hoàng Thụy Khánh NGUYỄN PHƯƠNG HOÀNG THỤY KHÁNH");
    assert_eq!(fill("{certified_iso}"), "2026-02-02T09:40:00+07:00");
}

#[test]
fn a_preview_has_dots_as_wide_as_what_comes_in_their_place() {
    let copy = specimen(crate::request::Language::Vietnamese);
    let mut preview = copy.clone();
    (preview.facts.number, preview.facts.certified_at, preview.verification) = (None, None, None);
    let fill = |request, text| Text::read(text, 1).unwrap().fill(&Values::of(request));
    for (text, dots) in [
        ("Số {number}, quyển {book}", "Số ……, quyển 12/2030-SCTĐT/BS"),
        ("ngày {day} tháng {month} năm {year}", "ngày … tháng … năm ……"),
        ("{certified_iso}", "……-…-…T…:…:…+07:00"),
        ("{certified_at}", "… giờ … phút … giây ngày …/…/……"),
        ("{url} {code} {CODE}", "…… …… ……"),
        ("{converted_iso} {officer}", "2030-12-30T23:59:59+07:00 Nguyễn Phương Hoàng Thụy Khánh"),
    ] {
        assert_eq!(fill(&preview, text), dots);
    }
    let fonts = Fonts::installed().unwrap();
    // Times's italic dots are an eighth narrower.
    for (style, apart) in [(Style::Regular, 0.001), (Style::Bold, 0.001), (Style::Italic, 1.0)] {
        for text in ["{certified_iso}", "{certified_at}", "{year}", "{day}"] {
            let width = |request| fonts.style(style).width(&fill(request, text));
            assert!((width(&copy) - width(&preview)).abs() < apart, "{style:?} {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_template_makes_it_fall(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), "[ -~\n{}ạ漢]{0,6}"), 1..6),
    ) {
        let mut toml: Vec<char> = DEFAULT_TEMPLATE.chars().collect();
        for (at, text) in changes {
            let at = at.index(toml.len());
            toml.splice(at..(at + 3).min(toml.len()), text.chars());
        }
        let _ = load(&toml.into_iter().collect::<String>());
    }
}
