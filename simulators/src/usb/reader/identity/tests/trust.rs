//! The authority, its signers and what they sign. OpenSSL accepted the same files by hand; see simulators/README.md.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use rsa::hazmat::rsa_encrypt;
use rsa::{BoxedUint, PublicKey};
use sha2::{Digest, Sha256};

use super::super::authority::{signer_certificate, signer_key};
use super::super::fault::Signer;
use super::super::keys::SigningKey;
use super::super::tlv::{self, Object, read, read_all};
use super::super::{File, Parameters, Profile, csca_certificate, csca_certificate_with, revocation_list};
use super::terminal::{Terminal, profile};

/// A signature of r and s.
pub(super) fn verifies(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_sec1_bytes(public).unwrap();
    key.verify_prehash(&Sha256::digest(message), &Signature::from_slice(signature).unwrap()).is_ok()
}

fn verifies_der(key: &SigningKey, message: &[u8], signature: &[u8]) -> bool {
    let key = VerifyingKey::from_sec1_bytes(&key.public()).unwrap();
    key.verify_prehash(&Sha256::digest(message), &Signature::from_der(signature).unwrap()).is_ok()
}

/// What an RSA signature is made of, by the key of data group 15.
pub(super) fn rsa_public(group: &[u8], signature: &[u8]) -> Vec<u8> {
    let info = read_all(read(read(group).unwrap().0.value).unwrap().0.value).unwrap();
    let numbers = read_all(read(&info[1].value[1..]).unwrap().0.value).unwrap();
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, 2048).unwrap();
    let key = PublicKey::new(number(&numbers[0].value[1..]), BoxedUint::from(65_537_u64)).unwrap();
    rsa_encrypt(&key, &number(signature)).unwrap().to_be_bytes().to_vec()
}

fn parts(bytes: &[u8]) -> Vec<Object<'_>> {
    read_all(read(bytes).unwrap().0.value).unwrap()
}

fn is_signed_by_authority(bytes: &[u8]) -> bool {
    let parts = parts(bytes);
    verifies_der(&SigningKey::new("CSCA"), parts[0].whole, &parts[2].value[1..])
}

#[test]
fn the_authority_is_always_the_same_and_signs_itself_its_signers_and_its_list() {
    let fingerprint: String = Sha256::digest(csca_certificate()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(fingerprint, "65ff64378ecf41a37ebbe2653574bf92694557593abc5c0ee8f7436b306bd6ec");
    assert!(is_signed_by_authority(&csca_certificate()));
    assert!(is_signed_by_authority(&csca_certificate_with(Parameters::Named)));
    assert!(is_signed_by_authority(&revocation_list()));
    for parameters in [Parameters::Explicit, Parameters::Named] {
        assert!(is_signed_by_authority(&signer_certificate(Signer::Valid, parameters)));
    }
    // The number of the revoked one stands in the list.
    let number =
        |signer| tlv::sequence(&[parts(parts(&signer_certificate(signer, Parameters::Named))[0].whole)[1].whole]);
    let holds = |signer: Signer| {
        let wanted = number(signer)[2..].to_vec();
        let list = revocation_list();
        let revoked = parts(parts(&list)[0].whole)[5].whole.to_vec();
        parts(&revoked).iter().any(|entry| entry.value.starts_with(&wanted))
    };
    assert!(holds(Signer::Revoked) && !holds(Signer::Valid) && !holds(Signer::Expired));
}

/// Whether the signature is the signer's, and the numbers of the groups whose hash is right.
fn check(profile: Profile) -> (bool, Vec<u8>) {
    let mut terminal = Terminal::open(profile);
    let file = terminal.file(0x011d);
    let info = parts(&file);
    let data = parts(info[0].whole)[1].value.to_vec();
    let data = parts(&data);
    let content = read(read(parts(data[2].whole)[1].value).unwrap().0.whole).unwrap().0.value.to_vec();
    let signer = parts(data[4].value);
    let mut attributes = signer[3].whole.to_vec();
    attributes[0] = 0x31;
    let digest = Sha256::digest(&content);
    assert!(attributes.windows(32).any(|window| window == digest.as_slice()));
    let signed = verifies_der(&signer_key(), &attributes, signer[5].value);
    let mut right = Vec::new();
    for hash in parts(parts(&content)[2].whole) {
        let [number, hash] = read_all(hash.value).unwrap()[..] else { panic!("not a number and a hash") };
        if number.value != [3]
            && Sha256::digest(terminal.file(0x0100 | u16::from(number.value[0]))).as_slice() == hash.value
        {
            right.push(number.value[0]);
        }
    }
    (signed, right)
}

#[test]
fn the_security_object_signs_all_data_groups() {
    assert_eq!(check(Profile::default()), (true, vec![1, 2, 13, 14, 15]));
    assert_eq!(check(profile(|profile| profile.faults.wrong_key = true)), (false, vec![1, 2, 13, 14, 15]));
    assert_eq!(check(profile(|profile| profile.faults.wrong_sod = Some(File::Dg13))), (true, vec![1, 2, 14, 15]));
}

/// Writes everything to a folder, for OpenSSL: `KIOSK_IDENTITY_FILES=DIR cargo test -p kiosk-simulators openssl`. With
/// named curves: OpenSSL 3 takes no signer that describes its curve, which Doc 9303-12 demands.
#[test]
fn files_for_openssl_are_written_where_they_are_wanted() {
    let Some(folder) = std::env::var_os("KIOSK_IDENTITY_FILES").map(std::path::PathBuf::from) else { return };
    std::fs::write(folder.join("csca.der"), csca_certificate_with(Parameters::Named)).unwrap();
    std::fs::write(folder.join("csca.crl"), revocation_list()).unwrap();
    for (name, signer) in [("valid", Signer::Valid), ("expired", Signer::Expired), ("revoked", Signer::Revoked)] {
        std::fs::write(folder.join(format!("{name}.der")), signer_certificate(signer, Parameters::Named)).unwrap();
        let mut terminal = Terminal::open(profile(|profile| {
            profile.faults.signer = signer;
            profile.chip.parameters = Parameters::Named;
        }));
        let sod = terminal.file(0x011d);
        std::fs::write(folder.join(format!("{name}.cms")), read(&sod).unwrap().0.value).unwrap();
        std::fs::write(folder.join("dg2"), terminal.file(0x0102)).unwrap();
    }
}
