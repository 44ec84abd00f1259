//! The request of a copy, as the composer takes it.

use kiosk_compose::{Book, Document, Facts, Language, LocalTime, Mark, Page, PageImage, Request, Verification};

/// The request of a copy of one page.
pub fn request(image: PageImage, size_px: [u32; 2]) -> Request {
    let time = LocalTime::from_unix(1_780_272_000).expect("a time of these years");
    let mark = |size_mm| Mark { size_mm, png: None };
    Request {
        pages: vec![Page { image, size_px, dpi: 200.0, lines: Vec::new() }],
        facts: Facts {
            number: Some(48_215),
            book: Book { volume: 1, year: 2026 },
            certified_at: Some(time),
            converted_at: time,
            officer_title: "CHỦ TỊCH".to_owned(),
            officer: "Nguyễn Văn A".to_owned(),
            agency: "Ủy ban nhân dân phường Thử".to_owned(),
            place: "Hà Nội".to_owned(),
            form_of_copy: "BẢN SAO CHỨNG THỰC ĐIỆN TỬ".to_owned(),
            language: Language::VietnameseAndEnglish,
        },
        verification: Some(Verification {
            url: "https://chungthuc.example.vn/c".to_owned(),
            code: "HN1-0000-0000-0000-0000-00".to_owned(),
            qr: vec![b'x'; 240],
        }),
        signature: mark([40.0, 18.0]),
        seal: mark([36.0, 36.0]),
        document: Document { title: "Bản sao".to_owned(), producer: "Kiosk gateway".to_owned(), created: time },
    }
}
