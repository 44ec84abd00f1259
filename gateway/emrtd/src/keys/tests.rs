use super::*;

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../../testdata/", $name)).as_slice()
    };
}

#[test]
fn a_signature_of_openssl_is_right_and_a_changed_one_is_not() {
    let key = PublicKey::read(crate::groups::content(15, data!("aa-ec.dg15")).unwrap()).unwrap();
    let (signature, number) = (data!("aa-ec.sig"), [0, 1, 2, 3, 4, 5, 6, 7]);
    let signed = |signature: &[u8], number: &[u8]| key.has_signed(Scheme::Ecdsa(None), Hash::Sha256, number, signature);
    assert_eq!(signed(signature, &number), Ok(true));
    assert_eq!(signed(signature, &number[1..]), Ok(false));
    for at in 0..signature.len() {
        let mut changed = signature.to_vec();
        changed[at] ^= 1;
        assert_eq!(signed(&changed, &number), Ok(false), "{at}");
        assert_eq!(signed(&signature[..at], &number), Ok(false));
    }
    let wrong = key.has_signed(Scheme::Pkcs1(None), Hash::Sha256, &number, signature);
    assert!(matches!(wrong, Err(KeyError::Unknown(_))));
}

#[test]
fn keys_that_are_not_known_or_none_are_told() {
    let good = crate::groups::content(15, data!("aa-ec.dg15")).unwrap();
    for at in 0..good.len() {
        assert!(PublicKey::read(&good[..at]).is_err());
        let mut changed = good.to_vec();
        changed[at] = 0xFF;
        let _ = PublicKey::read(&changed);
    }
    assert!(matches!(Scheme::of_algorithm(&tlv::write(OBJECT_IDENTIFIER, &[0x2A, 3])), Err(KeyError::Unknown(_))));
    assert!(matches!(Scheme::of_algorithm(&[]), Err(KeyError::Malformed(_))));
}
