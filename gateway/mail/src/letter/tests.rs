use super::*;

pub(crate) fn letter() -> Letter {
    Letter {
        to: Recipient::parse("an@dan.example").unwrap(),
        key: "mail-7f3a".to_owned(),
        language: Language::Vietnamese,
        agency: "UBND phường Hoàn Kiếm".to_owned(),
        number: "1834/2026-SCTĐT/BS".to_owned(),
        code: "HN1-7K3M-Q2XD-90AB-CDEF-GH".to_owned(),
        url: "https://chungthuc.hanoi.example/c/".to_owned(),
        file: Some(File { name: "Bản sao 1834.pdf".to_owned(), bytes: b"%PDF-1.7".to_vec() }),
    }
}

type Change = fn(&mut Letter);

#[test]
fn each_field_is_checked() {
    assert_eq!(letter().check(), Ok(()));
    let wrong: [(LetterError, Change); 17] = [
        (LetterError::Key, |it| it.key.clear()),
        (LetterError::Key, |it| it.key = "a".repeat(201)),
        (LetterError::Key, |it| it.key = "a..b".into()),
        (LetterError::Key, |it| it.key = "a@b".into()),
        (LetterError::Key, |it| it.key = "a>\r\nBcc: <b".into()),
        (LetterError::Key, |it| it.key = "khóa".into()),
        (LetterError::Text { field: "agency" }, |it| it.agency = "UBND\r\nBcc: binh@dan.example".into()),
        (LetterError::Text { field: "agency" }, |it| it.agency = "a".repeat(257)),
        (LetterError::Text { field: "number" }, |it| it.number = " ".into()),
        (LetterError::Text { field: "number" }, |it| it.number = "1\u{2028}2".into()),
        (LetterError::Text { field: "code" }, |it| it.code = "a\nb".into()),
        (LetterError::Text { field: "code" }, |it| it.code = "a\u{202e}b".into()),
        (LetterError::Url, |it| it.url = "http://chungthuc.hanoi.example/".into()),
        (LetterError::Url, |it| it.url = "https://a b".into()),
        (LetterError::Url, |it| it.url = format!("https://{}", "a".repeat(2_048))),
        (LetterError::FileName, |it| it.file.as_mut().unwrap().name = "../a.pdf".into()),
        (LetterError::FileName, |it| it.file.as_mut().unwrap().name = "a\r\nb.pdf".into()),
    ];
    for (error, change) in wrong {
        let mut letter = letter();
        change(&mut letter);
        assert_eq!(letter.check(), Err(error));
    }
}

#[test]
fn nothing_personal_is_shown() {
    let shown = r#"Letter { key: "mail-7f3a", number: "1834/2026-SCTĐT/BS", file: Some([8 bytes]), .. }"#;
    assert_eq!(format!("{:?}", letter()), shown);
}
