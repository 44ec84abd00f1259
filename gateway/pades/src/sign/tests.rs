use super::*;
use crate::testing::{Authorities, Fault, Kind, appended, day, file, pki};

#[test]
fn the_bytes_that_were_there_stay_and_the_new_ones_can_be_read() {
    for kind in [Kind::Table, Kind::Stream] {
        let plain = file(kind);
        let field = SignatureField::invisible("Officer", day(1));
        let signed = sign(&plain, &field, &mut pki().signer(&pki().officer), None).unwrap();
        assert!(signed.starts_with(&plain));
        let read = Pdf::read(&signed).unwrap();
        assert_eq!(read.sections.len(), 2);
        assert_eq!(read.sections[0].is_stream, kind == Kind::Stream);
        assert_eq!(read.now().pages().unwrap().len(), 2);
        let again = SignatureField::invisible("Seal", day(1));
        let twice = sign(&signed, &again, &mut pki().signer(&pki().seal), None).unwrap();
        assert!(twice.starts_with(&signed));
        let same = sign(&twice, &again, &mut pki().signer(&pki().seal), None);
        assert_eq!(same, Err(SignError::FieldExists("Seal".to_owned())));
    }
}

#[test]
fn a_seal_is_drawn_at_its_true_size_with_what_shows_through_it() {
    use image::{ExtendedColorType, ImageEncoder};
    let mut png = Vec::new();
    let pixels = [200, 0, 0, 255, 200, 0, 0, 0];
    image::codecs::png::PngEncoder::new(&mut png).write_image(&pixels, 2, 1, ExtendedColorType::Rgba8).unwrap();
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).write_image(&[9; 12], 2, 2, ExtendedColorType::Rgb8).unwrap();
    for (picture, has_mask) in [(&png, true), (&jpeg, false)] {
        let rect = Some([100.0, 50.5, 220.0, 170.25]);
        let field =
            SignatureField { page: 1, rect, image: Some(picture.clone()), ..SignatureField::invisible("Seal", day(1)) };
        let signed = sign(&file(Kind::Table), &field, &mut pki().signer(&pki().seal), None).unwrap();
        let pdf = Pdf::read(&signed).unwrap();
        let view = pdf.now();
        let (_, page) = view.pages().unwrap().remove(1);
        let widget = view.resolve(&view.array(&page, "Annots").unwrap()[0]).unwrap();
        let widget = widget.dict().unwrap();
        let mut written = Vec::new();
        widget.get("Rect").unwrap().write(&mut written);
        assert_eq!(written, b"[100 50.5 220 170.25]");
        let form = view.resolve(view.dict(widget, "AP").unwrap().unwrap().get("N").unwrap()).unwrap();
        assert_eq!(view.unpacked(&form).unwrap(), b"q 120 0 0 119.75 0 0 cm /Im Do Q");
        let Object::Stream(form, _) = form else { panic!() };
        let objects = view.dict(&view.dict(&form, "Resources").unwrap().unwrap(), "XObject").unwrap().unwrap();
        let Object::Stream(drawn, data) = view.resolve(objects.get("Im").unwrap()).unwrap() else { panic!() };
        assert_eq!(drawn.int("Width"), Some(2));
        assert_eq!(drawn.get("SMask").is_some(), has_mask);
        assert_eq!(view.data(&data) == jpeg, !has_mask, "a JPEG file is taken as it is");
    }
    for (picture, expected) in [(&b"GIF89a"[..], ImageError::Kind), (&png[..20], ImageError::Malformed(String::new()))]
    {
        let field = SignatureField {
            rect: Some([0.0, 0.0, 9.0, 9.0]),
            image: Some(picture.to_vec()),
            ..SignatureField::invisible("Seal", day(1))
        };
        let refused = sign(&file(Kind::Table), &field, &mut pki().signer(&pki().seal), None);
        let Err(SignError::Image(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(std::mem::discriminant(&error), std::mem::discriminant(&expected));
    }
}

#[test]
fn a_file_of_more_than_a_hundred_million_bytes_keeps_its_range() {
    let plain = file(Kind::Table);
    let mut filler = String::from("<</Length 100000000>>\nstream\n");
    filler.push_str(&"x".repeat(100_000_000));
    filler.push_str("\nendstream");
    let plain = crate::testing::appended(&plain, &[(950, &filler)], "/Root 1 0 R /Info 7 0 R");
    let field = SignatureField::invisible("Officer", day(1));
    let signed = sign(&plain, &field, &mut pki().signer(&pki().officer), None).unwrap();
    let report = crate::judge(&signed, &pki().roots(), day(1), None).unwrap();
    assert_eq!(report.signatures[0].intact, Ok(()));
    assert!(report.signatures[0].covers_all);
}

#[test]
fn each_reason_not_to_sign_is_told() {
    let plain = file(Kind::Table);
    let field = SignatureField::invisible("Officer", day(1));
    let pki = pki();
    let mut officer = pki.signer(&pki.officer);
    let named = |name: &str| SignatureField::invisible(name, day(1));
    assert!(matches!(sign(&plain, &named(""), &mut officer, None), Err(SignError::FieldName(_))));
    assert!(matches!(sign(&plain, &named("a.b"), &mut officer, None), Err(SignError::FieldName(_))));
    let far = SignatureField { page: 2, ..field.clone() };
    assert_eq!(sign(&plain, &far, &mut officer, None), Err(SignError::NoPage { page: 2, pages: 2 }));
    assert!(matches!(sign(b"text", &field, &mut officer, None), Err(SignError::Pdf(PdfError::NoPdf))));
    // Another's certificate.
    let chain = vec![pki.other_usage.certificate.clone()];
    let mut other = SwappedChain(pki.signer(&pki.officer), chain);
    assert_eq!(sign(&plain, &field, &mut other, None), Err(SignError::WrongKey));
    let mut other = SwappedChain(pki.signer(&pki.officer), vec![pki.seal.certificate.clone()]);
    assert_eq!(sign(&plain, &field, &mut other, None), Err(SignError::WrongKey));
    let mut nobody = SwappedChain(pki.signer(&pki.officer), Vec::new());
    assert_eq!(sign(&plain, &field, &mut nobody, None), Err(SignError::NoCertificate));
}

#[test]
fn a_time_stamp_that_is_none_is_not_put_in() {
    let plain = file(Kind::Table);
    let field = SignatureField::invisible("Officer", day(1));
    let stamped = |fault| {
        let authority = Authorities::at(day(1)).with(fault);
        sign(&plain, &field, &mut pki().signer(&pki().officer), Some(&authority)).map(|_| ())
    };
    assert_eq!(stamped(Fault::None), Ok(()));
    for (fault, expected) in [
        (Fault::Refusal, TimeStampError::Refused(2)),
        (Fault::OtherNonce, TimeStampError::Nonce),
        (Fault::OtherImprint, TimeStampError::Imprint),
        (Fault::OtherSigner, TimeStampError::Purpose),
        (Fault::BrokenSignature, TimeStampError::Message(crate::CmsError::Signature)),
    ] {
        assert_eq!(stamped(fault), Err(SignError::TimeStamp(expected)), "{fault:?}");
    }
    assert!(matches!(stamped(Fault::Silence), Err(SignError::TimeStamp(TimeStampError::Fetch(_)))));
}

#[test]
fn a_place_that_is_too_small_is_an_error() {
    struct Wordy(Authorities);
    impl TimeStamper for Wordy {
        fn time_stamp(&self, request: &[u8]) -> Result<Vec<u8>, crate::FetchError> {
            self.0.time_stamp(request)
        }

        fn token_bytes(&self) -> usize {
            64
        }
    }
    let field = SignatureField::invisible("Officer", day(1));
    let authority = Wordy(Authorities::at(day(1)));
    let signed = sign(&file(Kind::Table), &field, &mut pki().signer(&pki().officer), Some(&authority));
    assert!(matches!(signed, Err(SignError::DoesNotFit { .. })));
}

/// A signer with certificates that are not its own.
struct SwappedChain(crate::SoftwareSigner, Vec<Vec<u8>>);

impl Signer for SwappedChain {
    fn chain(&self) -> &[Vec<u8>] {
        &self.1
    }

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn sign(&mut self, hash: &[u8; 32]) -> Result<Vec<u8>, SignerError> {
        self.0.sign(hash)
    }
}

#[test]
fn a_number_that_something_refers_to_is_not_taken_for_another_object() {
    let links: String = (900..950).map(|number| format!("{number} 0 R ")).collect();
    let note = format!("<</Type /Annot /Subtype /Text /Rect [10 10 20 20] /Contents (note) /Links [{links}]>>");
    let mut pdf = appended(&file(Kind::Table), &[(9, &note)], "/Root 1 0 R /Info 7 0 R");
    for (name, holder) in [("Officer", &pki().officer), ("Seal", &pki().seal)] {
        pdf = sign(&pdf, &SignatureField::invisible(name, day(1)), &mut pki().signer(holder), None).unwrap();
    }
    let report = crate::judge(&pdf, &pki().roots(), day(1), None).unwrap();
    assert_eq!(report.signatures[0].after, crate::After::AnotherSignature);
}

#[test]
fn a_file_that_lists_an_object_behind_its_end_is_not_signed() {
    let pdf = appended(&file(Kind::Table), &[(12, "null")], "/Root 1 0 R /Info 7 0 R");
    let field = SignatureField::invisible("Officer", day(1));
    assert!(sign(&pdf, &field, &mut pki().signer(&pki().officer), None).is_ok());
    let line = pdf.windows(6).position(|window| window == b"\n12 1\n").unwrap() + 6;
    let mut behind = pdf;
    behind[line..line + 10].copy_from_slice(b"0000999999");
    let refused = sign(&behind, &field, &mut pki().signer(&pki().officer), None);
    assert!(matches!(refused, Err(SignError::Pdf(PdfError::Syntax { .. }))), "{refused:?}");
}
