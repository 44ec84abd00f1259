use super::*;
use crate::testing::{Authorities, Fault, Kind, day, file, pki};

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
