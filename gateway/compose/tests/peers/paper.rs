//! Papers and facts, all of them invented.

#![allow(dead_code, reason = "each program that takes this file in needs another part of it")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::imageops::{FilterType, crop_imm, overlay, resize};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use kiosk_compose::{
    Book, Document, Facts, Language, LocalTime, Mark, Page, PageImage, Request, TextLine, Verification, Word,
};

use crate::testing;

/// One of the sample documents, A4 at 300 dpi.
pub(crate) fn sample(name: &str) -> Page {
    let path = format!("{}/../../simulators/samples/{name}.jpg", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Page { image: PageImage::Jpeg(file), size_px: [2480, 3508], dpi: 300.0, lines: Vec::new() }
}

/// A sheet of paper with the upper part of a sample on it, as JPEG.
pub(crate) fn sheet(size_mm: [f32; 2], dpi: u16, name: &str, part_mm: [f32; 4], at_mm: [f32; 2]) -> Page {
    let px = |millimetres: f32| (millimetres / 25.4 * f32::from(dpi)).round() as u32;
    let size = size_mm.map(px);
    // Paper as scanners see it: not quite white, and not quite even.
    let grain = |x: u32, y: u32| ((x.wrapping_mul(7919) ^ y.wrapping_mul(104_729)) >> 4) % 7;
    let paper = |x, y| Rgb([250, 249, 244].map(|value: u8| value - grain(x, y) as u8));
    let mut page = RgbImage::from_fn(size[0], size[1], paper);
    let PageImage::Jpeg(file) = sample(name).image else { panic!("samples are JPEG files") };
    let whole = image::load_from_memory(&file).unwrap().to_rgb8();
    let source = |millimetres: f32| (millimetres / 25.4 * 300.0) as u32;
    let [left, top, right, bottom] = part_mm;
    let part = crop_imm(&whole, source(left), source(top), source(right - left), source(bottom - top)).to_image();
    let part = resize(&part, px(right - left), px(bottom - top), FilterType::Triangle);
    overlay(&mut page, &part, px(at_mm[0]).into(), px(at_mm[1]).into());
    let mut file = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(page).write_to(&mut file, ImageFormat::Jpeg).unwrap();
    Page { image: PageImage::Jpeg(file.into_inner()), size_px: size, dpi: f32::from(dpi), lines: Vec::new() }
}

/// A4 of 200 dpi with room above and below.
pub(crate) fn page_with_room() -> Page {
    sheet([210.0, 297.0], 200, "diploma", [15.0, 15.0, 195.0, 150.0], [15.0, 25.0])
}

/// Words in a row, as high as the line, pixels.
pub(crate) fn line(text: &str, left: f32, top: f32, height: f32) -> TextLine {
    let mut x = left;
    let words = text.split(' ').map(|word| {
        let width = word.chars().count() as f32 * height * 0.45;
        let rect = [x, top, x + width, top + height];
        x += width + height * 0.3;
        Word { text: word.to_owned(), rect }
    });
    TextLine { words: words.collect() }
}

/// A copy of these pages.
pub(crate) fn request(pages: Vec<Page>) -> Request {
    let time = |unix| LocalTime::from_unix(unix).unwrap();
    Request {
        pages,
        facts: Facts {
            number: Some(1834),
            book: Book { volume: 12, year: 2026 },
            certified_at: Some(time(1_796_008_500)),
            converted_at: time(1_796_007_930),
            officer_title: "Chủ tịch".to_owned(),
            officer: "Trần Thị Minh Nguyệt".to_owned(),
            agency: "Ủy ban nhân dân phường Hồng Mai, thành phố Hà Nội".to_owned(),
            place: "Hồng Mai".to_owned(),
            form_of_copy: "Bản sao chứng thực điện tử".to_owned(),
            language: Language::Vietnamese,
        },
        verification: Some(Verification {
            url: "https://chungthuc.example.vn/c".to_owned(),
            code: "HN1-7K3M-Q0ZX-4T9C-VB2E-8D".to_owned(),
            qr: format!("https://chungthuc.example.vn/c/HN17K3MQ0ZX4T9CVB2E8D#{}", "6BF%D0.Q4".repeat(20)).into_bytes(),
        }),
        signature: Mark { size_mm: [40.0, 18.0], png: None },
        seal: Mark { size_mm: [36.0, 36.0], png: None },
        document: Document {
            title: "Bản sao chứng thực điện tử số 1834".to_owned(),
            producer: "Kiosk gateway".to_owned(),
            created: time(1_796_008_500),
        },
    }
}

/// The same with signature and seal in the page.
pub(crate) fn with_marks(mut request: Request) -> Request {
    request.signature.png = Some(testing::signature_png());
    request.seal.png = Some(testing::seal_png());
    request
}

/// A file in the folder that Cargo keeps for this program, where one can look at it.
pub(crate) fn written(name: &str, pdf: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compose-{name}.pdf"));
    std::fs::write(&path, pdf).unwrap();
    path
}
