//! The files, judged by programs that none of us wrote: qpdf, poppler, Apache PDFBox Preflight, zbar.
//!
//! The files stay in the `tmp` folder of Cargo's target folder, `compose-*.pdf`, to be looked at.

#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test program")]

#[path = "peers/paper.rs"]
mod paper;
#[path = "peers/programs.rs"]
mod programs;
#[path = "../src/testing.rs"]
mod testing;

use std::path::{Path, PathBuf};

use kiosk_compose::{
    Area, ComposedCopy, DEFAULT_TEMPLATE, Fonts, Language, PageImage, Request, Template, compose, compose_as_pdf_a1,
};
use paper::{line, page_with_room, request, sample, sheet, with_marks, written};
use programs::{painted, preflight, qr, said, text};

fn parts() -> (Template, Fonts) {
    let fonts = Fonts::installed().unwrap();
    (Template::load(DEFAULT_TEMPLATE, &fonts).unwrap(), fonts)
}

/// Composes a copy and has every judge look at it.
fn judged(name: &str, request: Request) -> (ComposedCopy, PathBuf) {
    let (template, fonts) = parts();
    let pages = request.pages.len();
    let payload = String::from_utf8(request.verification.clone().unwrap().qr).unwrap();
    let copy = compose(request, &template, &fonts).unwrap();
    let pdf = written(name, &copy.pdf);
    said("qpdf", "qpdf", &["--check", text(&pdf)]);

    let fonts = said("poppler-utils", "pdffonts", &[text(&pdf)]);
    assert!(fonts.lines().count() > 2, "{fonts}");
    for font in fonts.lines().skip(2) {
        // Name, type (two words), encoding, embedded, subset, Unicode.
        let cells: Vec<&str> = font.split_whitespace().collect();
        assert_eq!(cells[cells.len() - 5..][..3], ["yes", "yes", "yes"], "{font}");
        assert!(font.contains("LiberationSerif"), "{font}");
    }

    let images = said("poppler-utils", "pdfimages", &["-list", text(&pdf)]);
    let images: Vec<Vec<&str>> = images.lines().skip(2).map(|row| row.split_whitespace().collect()).collect();
    let scans = images.iter().filter(|image| image[8] == "jpeg");
    for scan in scans.clone() {
        assert_eq!((scan[2], scan[6]), ("image", "3"), "in colour: {scan:?}");
        assert!(scan[12].parse::<u32>().unwrap() >= 200 && scan[13].parse::<u32>().unwrap() >= 200, "{scan:?}");
    }
    assert_eq!(scans.count(), pages);

    let info = said("poppler-utils", "pdfinfo", &["-f", "1", "-l", "999", "-box", text(&pdf)]);
    let boxes = info.lines().filter(|row| row.contains("MediaBox:"));
    let boxes = boxes.map(|row| row.split_whitespace().skip(3).map(|edge| edge.parse::<f32>().unwrap()).collect());
    let boxes: Vec<Vec<f32>> = boxes.collect();
    assert_eq!(boxes.len(), copy.pages.len(), "{info}");
    for (said, found) in copy.pages.iter().zip(boxes) {
        // Page, its number, the name; left, lower, right, upper with two places.
        let apart = (said[0] - found[2]).abs().max((said[1] - found[3]).abs());
        assert!(found[..2] == [0.0, 0.0] && apart < 0.01, "{said:?} {found:?}");
    }
    for words in ["Title:           Bản sao chứng thực điện tử số 1834", "Producer:        Kiosk gateway"]
    {
        assert!(info.contains(words), "{info}");
    }
    assert!(info.contains("PDF version:     1.7"), "{info}");
    let picture = painted(&pdf, copy.code, copy.pages[copy.code.page][1], 200, 5.0);
    assert_eq!(qr(&picture), payload, "{name}: the code is read at 200 dpi");
    (copy, pdf)
}

fn page_text(pdf: &Path, page: usize) -> String {
    let page = page.to_string();
    let text = said("poppler-utils", "pdftotext", &["-f", &page, "-l", &page, "-layout", text(pdf), "-"]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of a rectangle's width that another covers.
fn covered(seal: Area, signature: Area) -> f32 {
    (seal.rect[2] - signature.rect[0]) / (signature.rect[2] - signature.rect[0])
}

#[test]
fn a_page_with_room_takes_both_blocks() {
    let (copy, pdf) = judged("room", with_marks(request(vec![page_with_room()])));
    assert_eq!(copy.pages.len(), 1);
    let all = page_text(&pdf, 1);
    for words in [
        "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH",
        "Số chứng thực: 1834 Quyển số: 12/2026-SCTĐT/BS",
        "Hồng Mai, ngày 30 tháng 11 năm 2026",
        "CHỦ TỊCH",
        "Trần Thị Minh Nguyệt",
        "HN1-7K3M-Q0ZX-4T9C-VB2E-8D",
        "BẢN SAO CHỨNG THỰC ĐIỆN TỬ",
        "Thời gian ký: 2026-11-30T10:15:00+07:00",
        "chuyển đổi từ văn bản giấy gồm 01 trang, lúc 10 giờ 05 phút 30 giây ngày 30/11/2026",
    ] {
        assert!(all.contains(words), "{words} in {all}");
    }
    assert!((covered(copy.seal, copy.signature) - 1.0 / 3.0).abs() < 0.01);
    assert_eq!(((copy.seal.rect[2] - copy.seal.rect[0]) / 72.0 * 25.4).round(), 36.0, "true size");

    // What is painted stands where the signer's fields will.
    let around = 20.0;
    let is_red: fn([u8; 3]) -> bool = |[r, g, b]| r > 150 && g < 110 && b < 110;
    let is_blue: fn([u8; 3]) -> bool = |[r, g, b]| b > 100 && r < 90 && g < 110;
    // The seal's ring fills its picture, the scrawl leaves some free.
    for (area, is_own, margin) in [(copy.seal, is_red, 1.5), (copy.signature, is_blue, 12.0)] {
        let picture = image::open(painted(&pdf, area, copy.pages[0][1], 144, around)).unwrap().to_rgb8();
        let own = picture.enumerate_pixels().filter(|(.., pixel)| is_own(pixel.0));
        let (mut left, mut right) = (f32::MAX, 0.0_f32);
        for (x, ..) in own {
            (left, right) = (left.min(x as f32 / 2.0), right.max(x as f32 / 2.0));
        }
        let width = area.rect[2] - area.rect[0];
        assert!(left >= around - 0.6 && left < around + margin, "{area:?}: from {left}");
        assert!(right <= around + width + 0.6 && right > around + width - margin, "{area:?}: to {right}");
    }
}

#[test]
fn a_full_page_gets_a_strip_and_a_page_more() {
    let (copy, pdf) = judged("full", request(vec![sample("diploma")]));
    assert_eq!(copy.pages.len(), 2);
    assert_eq!(copy.pages[1].map(f32::round), [595.0, 842.0]);
    assert_eq!((copy.first_page.page, copy.attestation.page), (0, 1));
    assert!(page_text(&pdf, 2).contains("TRANG CHỨNG THỰC"));
}

#[test]
fn three_pages_a_long_agency_and_two_languages() {
    let pages = ["birth-certificate", "residence-form", "marriage-status"].map(sample);
    let mut request = with_marks(request(pages.to_vec()));
    request.facts.language = Language::VietnameseAndEnglish;
    request.facts.agency =
        "Ủy ban nhân dân phường Nguyễn Thị Minh Khai – Quỳnh Hương Thượng, thành phố Hồ Chí Minh (bộ phận một cửa)"
            .to_owned();
    request.facts.officer_title = "Phó Chủ tịch phụ trách văn hóa – xã hội".to_owned();
    request.facts.officer = "Công Tằng Tôn Nữ Thị Quỳnh Hương".to_owned();
    let (copy, pdf) = judged("three", request);
    assert_eq!(copy.image_sha256.len(), 3);
    let last = page_text(&pdf, copy.attestation.page + 1);
    assert!(last.contains("This copy is certified to be true to the original"), "{last}");
}

#[test]
fn a_landscape_page_and_a_small_one() {
    let landscape = sheet([297.0, 210.0], 200, "diploma", [15.0, 15.0, 195.0, 78.0], [50.0, 24.0]);
    let (copy, _) = judged("landscape", with_marks(request(vec![landscape])));
    assert_eq!(copy.pages.len(), 1);
    let small = sheet([148.0, 210.0], 300, "marriage-status", [20.0, 15.0, 150.0, 65.0], [9.0, 24.0]);
    let (copy, _) = judged("a5", with_marks(request(vec![small])));
    assert_eq!(copy.pages.len(), 1, "A5 has room for it");
    let card = sheet([95.0, 62.0], 300, "diploma", [60.0, 60.0, 140.0, 100.0], [8.0, 10.0]);
    let (copy, _) = judged("card", with_marks(request(vec![card])));
    assert_eq!(copy.pages.len(), 2);
}

#[test]
fn words_stand_where_they_were_read_and_keep_their_letters() {
    let mut page = page_with_room();
    // As some readers give it: letters and marks apart.
    let apart: String =
        unicode_normalization::UnicodeNormalization::nfd("Số định danh cá nhân: 099301007788").collect();
    page.lines = vec![
        line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 400.0, 250.0, 40.0),
        line("Độc lập - Tự do - Hạnh phúc", 500.0, 300.0, 36.0),
        line(&apart, 150.0, 700.0, 33.0),
        line("Ngành đào tạo: 漢字 phần mềm\u{FEFF} \u{E000}\u{0}", 150.0, 760.0, 33.0),
    ];
    let lines = page.lines.clone();
    let (copy, pdf) = judged("words", request(vec![page]));
    let all = page_text(&pdf, 1);
    for sentence in [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số định danh cá nhân: 099301007788",
        "Ngành đào tạo: 漢字 phần mềm",
    ] {
        assert!(all.contains(sentence), "{sentence} in {all}");
    }
    let boxes = said("poppler-utils", "pdftotext", &["-bbox", text(&pdf), "-"]);
    let strip = copy.pages[0][1] - 2339.0 * 72.0 / 200.0;
    let mut compared = 0;
    for word in lines[..3].iter().flat_map(|line| &line.words) {
        let name: String = unicode_normalization::UnicodeNormalization::nfc(word.text.as_str()).collect();
        let expected = word.rect.map(|edge| edge * 72.0 / 200.0);
        let found = boxes.lines().filter(|row| row.contains(&format!(">{name}</word>"))).map(edges);
        let nearest = found.map(|edges| {
            let [left, top, right, bottom] = edges;
            let apart = [left, top - strip, right, bottom - strip];
            apart.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
        });
        let nearest = nearest.fold(f32::MAX, f32::min);
        assert!(nearest < 2.0, "{name} is {nearest} points off");
        compared += 1;
    }
    assert_eq!(compared, 22);
}

/// The edges of a word of `pdftotext -bbox`.
fn edges(row: &str) -> [f32; 4] {
    let edge = |name: &str| {
        let from = row.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        row[from..].split('"').next().unwrap().parse().unwrap()
    };
    ["xMin", "yMin", "xMax", "yMax"].map(edge)
}

#[test]
fn jpeg_files_go_in_byte_for_byte() {
    let page = sample("residence-form");
    let PageImage::Jpeg(file) = page.image.clone() else { panic!("it is a JPEG file") };
    let (copy, pdf) = judged("bytes", request(vec![page]));
    let root = pdf.with_extension("image");
    said("poppler-utils", "pdfimages", &["-j", text(&pdf), text(&root)]);
    let mut out = root.into_os_string();
    out.push("-000.jpg");
    assert!(std::fs::read(&out).unwrap() == file, "what comes out of the file is what went in");
    assert_eq!(copy.image_sha256.len(), 1);
}

#[test]
fn nothing_of_the_paper_is_covered() {
    let (template, fonts) = parts();
    for (name, page) in [
        ("room", page_with_room()),
        ("a5", sheet([148.0, 210.0], 300, "marriage-status", [20.0, 15.0, 150.0, 65.0], [9.0, 24.0])),
        ("residence", sample("residence-form")),
    ] {
        let PageImage::Jpeg(file) = page.image.clone() else { panic!("it is a JPEG file") };
        let scan = image::load_from_memory(&file).unwrap().to_rgb8();
        let [width, height] = page.size_px.map(|side| side as f32 * 72.0 / page.dpi);
        let copy = compose(with_marks(request(vec![page])), &template, &fonts).unwrap();
        let strip = copy.pages[0][1] - height;
        let dots = scan.width() as f32 / width;
        let mut ink = 0_u32;
        for (x, y, pixel) in scan.enumerate_pixels() {
            if pixel.0.iter().all(|&value| value > 200) {
                continue;
            }
            ink += 1;
            let (x, y) = (x as f32 / dots, copy.pages[0][1] - strip - y as f32 / dots);
            for area in [copy.attestation, copy.first_page].iter().filter(|area| area.page == 0) {
                let [left, lower, right, upper] = area.rect;
                let is_over = (left..right).contains(&x) && (lower..upper).contains(&y);
                assert!(!is_over, "{name}: {pixel:?} at {x}, {y} points is covered");
            }
        }
        assert!(ink > 10_000, "{name}: there is something on the page");
    }
}

#[test]
fn the_twin_is_pdf_a_1b() {
    let (template, fonts) = parts();
    let mut files = Vec::new();
    for (name, mut pages) in [("one", vec![page_with_room()]), ("two", vec![sample("diploma"), page_with_room()])] {
        pages[0].lines = vec![line("Cộng hòa xã hội chủ nghĩa Việt Nam", 300.0, 300.0, 40.0)];
        let copy = compose_as_pdf_a1(request(pages), &template, &fonts).unwrap();
        files.push(written(&format!("twin-{name}"), &copy.pdf));
    }
    assert_eq!(preflight(&files).trim(), "valid\nvalid");
    // The judge sees what PDF/A-2 has and PDF/A-1 has not.
    let copy = compose(with_marks(request(vec![page_with_room()])), &template, &fonts).unwrap();
    assert_ne!(preflight(&[written("no-twin", &copy.pdf)]).trim(), "valid");
}

#[test]
fn a_preview_looks_like_the_copy_and_is_none() {
    let (template, fonts) = parts();
    for (name, page) in [("room", page_with_room()), ("full", sample("diploma"))] {
        let copy = compose(with_marks(request(vec![page.clone()])), &template, &fonts).unwrap();
        let mut request = with_marks(request(vec![page]));
        (request.facts.number, request.facts.certified_at, request.verification) = (None, None, None);
        assert!(request.is_preview());
        let preview = compose(request.clone(), &template, &fonts).unwrap();
        assert_eq!(preview.pages, copy.pages);
        for (own, shown) in [
            (copy.attestation, preview.attestation),
            (copy.first_page, preview.first_page),
            (copy.signature, preview.signature),
            (copy.seal, preview.seal),
            (copy.code, preview.code),
        ] {
            let apart = own.rect.iter().zip(shown.rect).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(own.page == shown.page && apart < 0.02, "{name}: {own:?} {shown:?}");
        }
        let pdf = written(&format!("preview-{name}"), &preview.pdf);
        said("qpdf", "qpdf", &["--check", text(&pdf)]);
        let all = page_text(&pdf, preview.attestation.page + 1);
        for words in
            ["Số chứng thực: …… Quyển số: 12/2026-SCTĐT/BS", "ngày … tháng … năm ……", "BẢN XEM TRƯỚC", "Preview"]
        {
            assert!(all.contains(words), "{words} in {all}");
        }
        assert!(!all.contains("1834") && !all.contains("HN1-"), "{all}");
        assert!(page_text(&pdf, 1).contains("Thời gian ký: ……-…-…T…:…:…+07:00"));
        // The frame and the words leave most of the code's place white.
        let picture = painted(&pdf, preview.code, preview.pages[preview.code.page][1], 144, 0.0);
        let picture = image::open(picture).unwrap().to_luma8();
        let dark = picture.pixels().filter(|pixel| pixel.0[0] < 128).count() as f32 / picture.len() as f32;
        assert!(dark > 0.01 && dark < 0.15, "{dark}");

        (request.signature.png, request.seal.png) = (None, None);
        let twin = compose_as_pdf_a1(request, &template, &fonts).unwrap();
        assert_eq!(preflight(&[written(&format!("preview-twin-{name}"), &twin.pdf)]).trim(), "valid");
    }
}

#[test]
fn equal_requests_give_equal_files() {
    let (template, fonts) = parts();
    let make = || {
        let fonts = Fonts::installed().unwrap();
        compose(with_marks(request(vec![page_with_room(), sample("diploma")])), &template, &fonts).unwrap()
    };
    let (one, two) = (make(), make());
    assert!(one == two);
    let mut other = request(vec![page_with_room(), sample("diploma")]);
    other.facts.number = Some(1835);
    assert!(compose(other, &template, &fonts).unwrap().pdf != one.pdf);
}
