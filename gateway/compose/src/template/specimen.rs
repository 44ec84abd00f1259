//! A copy of nothing, with which a template is tried out when it is loaded: facts as long as they are in life.

use super::{Template, Values};
use crate::code::Code;
use crate::fonts::Fonts;
use crate::layout::{self, A4, LayoutError};
use crate::request::{Book, Document, Facts, Language, Mark, Request, Verification};
use crate::time::LocalTime;

/// Lays both blocks out on A4.
pub(super) fn try_out(template: &Template, fonts: &Fonts) -> Result<(), LayoutError> {
    for language in [Language::Vietnamese, Language::VietnameseAndEnglish] {
        let request = request(language);
        let values = Values::of(&request);
        layout::first_page(template, &values, fonts, A4[0])?;
        let code = Code::new(&verification().qr).ok_or(LayoutError::CodeTooLong)?;
        layout::added_page(template, &values, fonts, &code)?;
    }
    Ok(())
}

/// The facts of the specimen, without pages.
pub(crate) fn request(language: Language) -> Request {
    let time = LocalTime { year: 2030, month: 12, day: 30, hour: 23, minute: 59, second: 59 };
    let facts = Facts {
        number: Some(1_234_567),
        book: Book { volume: 12, year: 2030 },
        certified_at: Some(time),
        converted_at: time,
        officer_title: "PHÓ CHỦ TỊCH".to_owned(),
        officer: "Nguyễn Phương Hoàng Thụy Khánh".to_owned(),
        agency: "Ủy ban nhân dân phường Quỳnh Hương Thượng, thành phố Hà Nội".to_owned(),
        place: "Thừa Thiên Huế".to_owned(),
        form_of_copy: "BẢN SAO CHỨNG THỰC ĐIỆN TỬ".to_owned(),
        language,
    };
    let mark = |size_mm| Mark { size_mm, png: None };
    Request {
        pages: Vec::new(),
        facts,
        verification: Some(verification()),
        signature: mark([40.0, 18.0]),
        seal: mark([36.0, 36.0]),
        document: Document { title: String::new(), producer: String::new(), created: time },
    }
}

/// A verification as copies have it: its code is of version 11, as the codes with a signature in them are. Previews keep
/// the room for it.
pub(crate) fn verification() -> Verification {
    Verification {
        url: "https://chungthuc.example.gov.vn/c".to_owned(),
        code: "HN1-0000-0000-0000-0000-00".to_owned(),
        // Small letters take a byte each; digits would make a smaller code.
        qr: vec![b'x'; 240],
    }
}
