use std::io::Cursor;

use image::{Rgb, RgbImage};
use kiosk_driver_sdk::protocol::page_printer::Sides;
use proptest::prelude::*;

use super::{Drawing, Kind, laid};
use crate::raster::{Dots, Sheet, SheetBack};
use crate::trouble::Trouble;

fn sheet() -> Sheet {
    let media = "iso_a4_210x297mm".to_owned();
    Sheet { dots: Dots::Rgb8, dpi: 72, width: 595, height: 842, media, sides: Sides::OneSided, back: SheetBack::Normal }
}

fn draw(document: Vec<u8>) -> Result<Vec<u8>, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let kind = Kind::of(&document)?;
    runtime.block_on(Drawing::begin(kind, document, sheet())?.whole())
}

/// A PDF whose pages are this large, each with a red square at the lower left.
fn pdf(pages: usize, size: &str) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")),
    ];
    for page in 0..pages {
        objects.push(format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents {} 0 R >>", 4 + 2 * page));
        let text = "1 0 0 rg 0 0 100 100 re f";
        objects.push(format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()));
    }
    let (mut out, mut places) = ("%PDF-1.4\n".to_owned(), Vec::new());
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = out.len();
    out += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        out += &format!("{place:010} 00000 n \n");
    }
    out += &format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    out.into_bytes()
}

fn pages(raster: &[u8]) -> usize {
    raster.windows(10).filter(|part| part == b"PwgRaster\0").count()
}

#[test]
fn every_page_of_a_pdf_is_drawn() {
    assert_eq!(pages(&draw(pdf(3, "595 842")).unwrap()), 3);
    assert_eq!(pages(&draw(pdf(1, "842 595")).unwrap()), 1, "one that lies across");
    assert_eq!(pages(&draw(pdf(1, "2000 3000")).unwrap()), 1, "one that is too large");
}

#[test]
fn what_is_no_document_is_unreadable() {
    for wrong in [
        b"".to_vec(),
        b"hello".to_vec(),
        b"%PDF-1.4 and nothing more".to_vec(),
        pdf(0, "595 842"),
        vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 1],
    ] {
        assert!(matches!(draw(wrong.clone()), Err(Trouble::Document(_))), "{}", String::from_utf8_lossy(&wrong));
    }
    assert!(matches!(draw(pdf(501, "595 842")), Err(Trouble::TooLarge(_))));
}

#[test]
fn a_jpeg_fills_its_sheet_in_its_own_proportions() {
    let mut file = Vec::new();
    RgbImage::from_pixel(400, 200, Rgb([0, 0, 255]))
        .write_to(&mut Cursor::new(&mut file), image::ImageFormat::Jpeg)
        .unwrap();
    assert_eq!(pages(&draw(file).unwrap()), 1);
    // It lies across, so it is turned.
    let page = laid(RgbImage::from_pixel(800, 400, Rgb([0, 0, 255])), &sheet());
    let page = RgbImage::from_raw(595, 842, page).unwrap();
    let dot = |x, y| page.get_pixel(x, y).0;
    assert_eq!((dot(297, 421), dot(297, 30), dot(20, 421)), ([0, 0, 255], [0, 0, 255], [255; 3]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_broken_pdf_takes_the_driver_along(at in 0_usize..700, to: u8, cut in 0_usize..700) {
        let mut document = pdf(2, "595 842");
        let length = document.len();
        document[9 + at % (length - 9)] = to;
        document.truncate((length - cut % length).max(9));
        let _ = draw(document);
    }
}
