use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use proptest::prelude::*;
use qrcode::bits::Bits;
use qrcode::{EcLevel, QrCode, Version};

use super::*;

const HOST: &str = "chungthuc.hanoi.example";

fn secret(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

fn public(number: u8) -> ClaimsKey {
    ClaimsKey::new(secret(number).verifying_key().to_sec1_point(false).as_bytes()).unwrap()
}

fn signs(number: u8) -> impl FnMut(&[u8; 32]) -> Result<[u8; 64], String> {
    move |hash| {
        let signature: p256::ecdsa::Signature = secret(number).sign_prehash(hash).map_err(|error| error.to_string())?;
        Ok(signature.to_bytes().into())
    }
}

fn prefix() -> AgencyPrefix {
    AgencyPrefix::new("HN1").unwrap()
}

/// A copy of a busy ward, after years.
fn copy() -> (VerificationCode, Claims) {
    let code = VerificationCode::draw(&prefix()).unwrap();
    let claims = Claims {
        issuer: "HN1".to_owned(),
        issued_at: 1_790_000_000,
        code: code.hash(),
        number: 48_215,
        book: "01-SCTĐT/BS".to_owned(),
        copy_type: CopyType::OfOriginal,
        pages: 12,
        content: [0xAB; 32],
        log_index: 100_000_000,
    };
    (code, claims)
}

fn text() -> (String, VerificationCode, Claims) {
    let (code, claims) = copy();
    let text = qr_text(HOST, &code, &claims, &public(1), &mut signs(1)).unwrap();
    (text, code, claims)
}

#[test]
fn an_app_believes_a_qr_code_without_any_network() {
    let (text, code, claims) = text();
    assert_eq!(open_qr(&text, HOST, &prefix(), &[public(2), public(1)]), Ok((code, claims)));
    assert!(text.starts_with("https://chungthuc.hanoi.example/c/HN1-"));
    let fragment = text.split_once('#').unwrap().1;
    let allowed = |sign: char| sign.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?".contains(sign);
    assert!(fragment.chars().all(allowed), "RFC 3986, section 3.5: {fragment}");
}

#[test]
fn a_typical_copy_fits_version_11_at_error_correction_m() {
    let (text, ..) = text();
    let parts = qr_segments(&text).unwrap();
    assert_eq!(parts.concat(), text);
    let mut bits = Bits::new(Version::Normal(11));
    bits.push_byte_data(parts[0].as_bytes()).unwrap();
    bits.push_alphanumeric_data(parts[1].as_bytes()).unwrap();
    bits.push_byte_data(parts[2].as_bytes()).unwrap();
    bits.push_alphanumeric_data(parts[3].as_bytes()).unwrap();
    bits.push_terminator(EcLevel::M).unwrap();
    assert_eq!(QrCode::with_bits(bits, EcLevel::M).unwrap().width(), 61);
    // What guesses where to change the mode needs one version more.
    let guessed = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
    assert!(guessed.width() <= 65, "{:?}", guessed.version());
}

#[test]
fn whatever_byte_is_changed_is_noticed() {
    let (text, code, claims) = text();
    let keys = [public(1)];
    for place in 0..text.len() {
        for other in 0..128u8 {
            let mut bytes = text.clone().into_bytes();
            if bytes[place] == other {
                continue;
            }
            bytes[place] = other;
            let changed = String::from_utf8(bytes).unwrap();
            // Checking a signature takes a while: of the signs that base 41 has, every fifth.
            if changed.split_once('#').is_some_and(|(_, signed)| base41::decode(signed).is_some()) && other % 5 != 0 {
                continue;
            }
            assert!(open_qr(&changed, HOST, &prefix(), &keys).is_err(), "{place}: {changed}");
        }
        assert!(open_qr(&text[..place], HOST, &prefix(), &keys).is_err());
    }
    let signed = claims.sign(&public(1), &mut signs(1)).unwrap();
    for place in 0..signed.len() {
        for bit in 0..8 {
            let mut changed = signed.clone();
            changed[place] ^= 1 << bit;
            assert!(Claims::open(&changed, &keys).is_err(), "byte {place}, bit {bit}");
        }
        assert!(Claims::open(&signed[..place], &keys).is_err());
    }
    assert!(Claims::open(&[&signed[..], &[0]].concat(), &keys).is_err());
    assert_eq!(Claims::open(&signed, &keys), Ok(claims));
    drop(code);
}

#[test]
fn each_refusal_says_why() {
    let (text, code, claims) = text();
    let open = |text: &str, keys: &[ClaimsKey]| open_qr(text, HOST, &prefix(), keys).unwrap_err();
    assert_eq!(open(&text, &[public(2)]), QrError::Claims(ClaimsError::UnknownKey));
    assert_eq!(open(&text, &[]), QrError::Claims(ClaimsError::UnknownKey));
    assert_eq!(open_qr(&text, "hanoi.example", &prefix(), &[public(1)]), Err(QrError::OtherHost));
    assert_eq!(open(&text.replace("https", "http"), &[public(1)]), QrError::Form);
    assert_eq!(open(&"https://".repeat(100_000), &[public(1)]), QrError::Form);
    let lower = text.replace(&code.expose(), &code.expose().to_lowercase());
    assert_eq!(open(&lower, &[public(1)]), QrError::Form);
    let other = VerificationCode::draw(&prefix()).unwrap();
    let swapped = text.replace(&code.expose(), &other.expose());
    assert_eq!(open(&swapped, &[public(1)]), QrError::OtherCode);
    let sign = |host, code, claims: &Claims, by| qr_text(host, code, claims, &public(1), &mut signs(by)).unwrap_err();
    assert_eq!(sign(HOST, &other, &claims, 1), QrError::OtherCode);
    assert_eq!(sign("Hanoi/x", &code, &claims, 1), QrError::Host);
    assert!(matches!(sign(HOST, &code, &claims, 2), QrError::Claims(ClaimsError::Sign(_))));
    for wrong in [
        Claims { issuer: String::new(), ..claims.clone() },
        Claims { book: "b".repeat(25), ..claims.clone() },
        Claims { pages: 0, ..claims.clone() },
    ] {
        assert!(matches!(sign(HOST, &code, &wrong, 1), QrError::Claims(ClaimsError::Fact(_))));
        // Nor are they believed if somebody signed them all the same.
        let signed = cose::sign(&wrong.to_cbor(), None, &public(1), &mut signs(1)).unwrap();
        assert_eq!(Claims::open(&signed, &[public(1)]), Err(ClaimsError::Form));
    }
}

#[test]
fn claims_have_one_form() {
    let (_, claims) = copy();
    let cbor = claims.to_cbor();
    let keys = [public(1)];
    let refused = |payload: &[u8]| {
        let signed = cose::sign(payload, None, &public(1), &mut signs(1)).unwrap();
        assert_eq!(Claims::open(&signed, &keys), Err(ClaimsError::Form));
    };
    refused(&[&cbor[..], &[0]].concat());
    refused(&[&[0xBF], &cbor[1..], &[0xFF]].concat());
    // 12 pages, written with two bytes instead of one.
    let pages = cbor.windows(2).position(|pair| pair == [0x24, 12]).unwrap();
    refused(&[&cbor[..=pages], &[0x18], &cbor[pages + 1..]].concat());
    refused(&[&[0xAA], &cbor[1..], &[0x27, 0]].concat());
    refused(&[]);
}

#[test]
fn base_41_has_one_form() {
    for length in 0..40u8 {
        let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(173)).collect();
        assert_eq!(base41::decode(&base41::encode(&bytes)), Some(bytes));
    }
    assert_eq!(base41::encode(&[0xFF, 0xFF, 0xFF]), "H:/96");
    for wrong in [":", "::", ":::", "a00", " 00", "000+", "0000"] {
        assert_eq!(base41::decode(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn whatever_is_scanned_is_answered(text in "(?s).{0,200}", claims in "[0-9A-Z$*:/-]{0,300}") {
        let _ = open_qr(&text, HOST, &prefix(), &[public(1)]);
        let (code, _) = copy();
        let made = format!("https://{HOST}/c/{}#{claims}", code.expose());
        prop_assert!(open_qr(&made, HOST, &prefix(), &[public(1)]).is_err());
    }

    #[test]
    fn whatever_is_signed_is_answered(payload in prop::collection::vec(any::<u8>(), 0..120)) {
        let signed = cose::sign(&payload, None, &public(1), &mut signs(1)).unwrap();
        prop_assert!(Claims::open(&signed, &[public(1)]).is_err());
        let _ = Claims::open(&payload, &[public(1)]);
    }

    #[test]
    fn all_numbers_come_back(
        issued_at in any::<u64>(), number in any::<u64>(), pages in 1u16.., log_index in any::<u64>(),
    ) {
        let (_, claims) = copy();
        let claims = Claims { issued_at, number, pages, log_index, ..claims };
        prop_assert_eq!(Claims::from_cbor(&claims.to_cbor()), Ok(claims));
    }

    #[test]
    fn base_41_comes_back(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(base41::decode(&base41::encode(&bytes)), Some(bytes));
    }
}
