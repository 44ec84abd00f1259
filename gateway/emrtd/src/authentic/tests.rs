use super::*;
use crate::testing::hex;
use crate::transport::TransportError;

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../../testdata/", $name)).as_slice()
    };
}

/// What the chip of the test data was given to sign.
const NUMBER: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

#[test]
fn what_openssl_has_signed_as_a_chip_would_is_right() {
    let key = PublicKey::read(groups::content(15, data!("aa-rsa.dg15")).unwrap()).unwrap();
    for signature in [data!("aa-rsa-sha1.sig"), data!("aa-rsa-sha256.sig")] {
        let recovered = key.recover(signature).unwrap();
        assert!(is_recovered(&recovered, &NUMBER));
        assert!(!is_recovered(&recovered, &[9; 8]));
        for at in [0, recovered.len() - 25, recovered.len() - 1] {
            let mut changed = recovered.clone();
            changed[at] ^= 1;
            assert!(!is_recovered(&changed, &NUMBER), "{at}");
        }
        assert_eq!(key.recover(&signature[1..]), None);
        assert_eq!(key.recover(&[0xFF; 128]), None, "more than the modulus");
    }
    for recovered in [&[][..], &[0xBC], &[0x6A, 0xBC], &[0x6A, 0x34, 0xCC], &[0xCC]] {
        assert!(!is_recovered(recovered, &NUMBER));
    }
}

/// ICAO 9303-11, appendix F: what the key of the worked example (RSA of 1024 bits, SHA-1) gives back of the signature. The
/// example has no key; signatures under keys are those of OpenSSL above.
#[test]
fn what_the_worked_example_recovers_is_right() {
    let recovered = hex(
        "6A9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98599F40B79F377B\
         5F3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E7292E2DCDA3024B47DA8C063AA1E6D\
         22FBD976AB0FE73D94D2D9C6D88127BC",
    );
    assert_eq!(recovered.len(), 1024 / 8);
    assert!(is_recovered(&recovered, &hex("F173589974BF40C6")));
    assert!(!is_recovered(&recovered, &hex("F173589974BF40C7")));
}

/// A chip that answers each command with the same bytes.
struct Answers(Vec<u8>);

impl Transport for Answers {
    fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
        Ok(commands.iter().map(|_| self.0.clone()).collect())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
}

#[test]
fn a_chip_that_has_recorded_a_signature_does_not_pass() {
    // The right signature, but of another number than the one that it was given this time.
    for (group, signature) in [("rsa", data!("aa-rsa-sha256.sig")), ("ec", &[1; 64])] {
        let group = if group == "rsa" { data!("aa-rsa.dg15") } else { data!("aa-ec.dg15") };
        let mut session = Session::new(Answers([signature, &[0x90, 0]].concat()));
        assert_eq!(active(&mut session, group, None), Err(AuthenticError::Signature));
    }
    for answer in [&[0x69, 0x82][..], &[0x90, 0]] {
        let outcome = active(&mut Session::new(Answers(answer.to_vec())), data!("aa-rsa.dg15"), None);
        assert!(matches!(outcome, Err(AuthenticError::Chip(_) | AuthenticError::Signature)));
    }
    let outcome = active(&mut Session::new(Answers(vec![0x90, 0])), &[0x6F, 0], None);
    assert!(matches!(outcome, Err(AuthenticError::Key(_) | AuthenticError::Malformed(_))));
}

fn group_14(infos: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let info =
        |(protocol, rest): &(&[u8], Vec<u8>)| tlv::write(SEQUENCE, &[tlv::write(6, protocol), rest.clone()].concat());
    tlv::write(0x6E, &tlv::write(0x31, &infos.iter().flat_map(info).collect::<Vec<_>>()))
}

#[test]
fn the_strongest_cipher_of_a_known_key_is_chosen() {
    let key = groups::content(15, data!("aa-ec.dg15")).unwrap().to_vec();
    let number = |number: u8| tlv::write(INTEGER, &[number]);
    let cipher = |with: u8| [&CA_ECDH[..], &[with]].concat();
    let (weak, strong) = (cipher(1), cipher(4));
    let file = group_14(&[
        (&weak, [number(1), number(7)].concat()),
        (&strong, [number(1), number(7)].concat()),
        (PK_ECDH, [key.clone(), number(7)].concat()),
    ]);
    let chosen = chip_key(&file).unwrap().unwrap();
    assert_eq!((chosen.cipher, chosen.curve, chosen.identifier), (Cipher::Aes256, Curve::P256, Some(vec![7])));
    assert_eq!(chosen.protocol, strong);
    // A key alone is one of the first chips'.
    assert_eq!(chip_key(&group_14(&[(PK_ECDH, key)])).unwrap().unwrap().cipher, Cipher::TripleDes);
    assert!(chip_key(&group_14(&[(&weak, number(1))])).unwrap().is_none());
    assert!(chip_key(&[0x6E, 0]).is_err());
}

#[test]
fn the_hash_of_a_plain_signature_stands_in_data_group_14() {
    let algorithm = [&PLAIN_ECDSA[..], &[4]].concat();
    let rest = [tlv::write(INTEGER, &[1]), tlv::write(OBJECT_IDENTIFIER, &algorithm)].concat();
    assert_eq!(signature_hash(&group_14(&[(AA, rest)])), Ok(Some(Hash::Sha384)));
    assert_eq!(signature_hash(&group_14(&[])), Ok(None));
    let rest = [tlv::write(INTEGER, &[1]), tlv::write(OBJECT_IDENTIFIER, &[0x2A, 3])].concat();
    assert!(matches!(signature_hash(&group_14(&[(AA, rest)])), Err(AuthenticError::Key(KeyError::Unknown(_)))));
}
