use super::*;
use crate::testing::hex;

/// ICAO 9303-11, appendix D.1: keys of BAC.
#[test]
fn keys_of_triple_des_are_those_of_the_worked_example() {
    let secret = hex("239AB9CB282DAF66231DC5A4DF6BFBAE");
    // Without the parity bits, which the example has set.
    let without_parity = |key: &[u8]| key.iter().map(|byte| byte & 0xFE).collect::<Vec<_>>();
    for (of, wanted) in
        [(Use::Encrypt, "AB94FDECF2674FDFB9B391F85D7F76F2"), (Use::Authenticate, "7962D9ECE03D1ACD4C76089DCE131543")]
    {
        let key = Cipher::TripleDes.key(&secret, of);
        assert_eq!(without_parity(&key.bytes), without_parity(&hex(wanted)));
    }
}

/// ICAO 9303-11, appendix D.3: a block is encrypted and authenticated.
#[test]
fn triple_des_and_the_retail_mac_are_those_of_the_worked_example() {
    let secret = hex("239AB9CB282DAF66231DC5A4DF6BFBAE");
    let plain = hex("781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B");
    let sealed = hex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2");
    let key = Cipher::TripleDes.key(&secret, Use::Encrypt);
    assert_eq!(key.encrypt(&[0; 8], &plain), sealed);
    assert_eq!(key.decrypt(&[0; 8], &sealed), Some(plain));
    assert_eq!(key.decrypt(&[0; 8], &sealed[1..]), None);
    let key = Cipher::TripleDes.key(&secret, Use::Authenticate);
    assert_eq!(key.mac(&pad(sealed.clone(), 8)), *hex("5F1448EEA8AD90A7").as_slice());
    assert!(!key.is_mac_of(&pad(sealed, 8), &hex("5F1448EEA8AD90A6")));
}

/// NIST SP 800-38B, appendix D: CMAC of AES-128, AES-192 and AES-256.
#[test]
fn cmac_is_that_of_the_standard() {
    for (cipher, key, wanted) in [
        (Cipher::Aes128, "2b7e151628aed2a6abf7158809cf4f3c", "070a16b46b4d4144"),
        (Cipher::Aes192, "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "9e99a7bf31e71090"),
        (Cipher::Aes256, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "28a7023f452e8f82"),
    ] {
        let key = Key { cipher, bytes: Zeroizing::new(hex(key)) };
        assert_eq!(key.mac(&hex("6bc1bee22e409f96e93d7e117393172a")), *hex(wanted).as_slice());
    }
}

#[test]
fn padding_is_taken_away_again_and_missed_where_it_is_not() {
    for length in 0..40 {
        let data = vec![0x80; length];
        let padded = pad(data.clone(), 16);
        assert!(padded.len() > length && padded.len().is_multiple_of(16));
        assert_eq!(unpad(padded), Some(data));
    }
    assert_eq!(unpad(vec![]), None);
    assert_eq!(unpad(vec![0, 0]), None);
    assert_eq!(unpad(vec![1, 0]), None);
}
