//! Keys on a token of SoftHSM, which is none of ours.
//!
//! SoftHSM reads where its tokens are from the environment, so the tests run in a child of this program that has its own.

#![expect(clippy::unwrap_used, reason = "a test program")]

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, CertificateType, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use kiosk_pades::{Algorithm, KeyName, SignatureField, Signer, SignerError, Token, TokenPlace};

const MODULES: [&str; 2] = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];
const CHILD: &str = "KIOSK_PADES_TOKEN_CHILD";

fn module() -> PathBuf {
    let there = MODULES.iter().map(PathBuf::from).find(|module| module.is_file());
    there.expect("SoftHSM is not installed: run `make setup`")
}

#[test]
fn a_key_on_a_token_signs() {
    let module = module();
    if std::env::var_os(CHILD).is_some() {
        return inside(&module);
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let config = folder.path().join("softhsm2.conf");
    std::fs::write(&config, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display())).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the same program again, with another environment")]
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_key_on_a_token_signs", "--nocapture"])
        .env("SOFTHSM2_CONF", &config)
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
}

fn pin(text: &str) -> AuthPin {
    AuthPin::new(text.into())
}

fn inside(module: &Path) {
    let library = Pkcs11::new(module).unwrap();
    library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slot = library.get_slots_with_token().unwrap()[0];
    library.init_token(slot, &pin("12345678"), "Officer").unwrap();
    let slot = library.get_slots_with_initialized_token().unwrap()[0];
    let session = library.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&pin("12345678"))).unwrap();
    session.init_pin(&pin("1234")).unwrap();
    session.logout().unwrap();
    session.login(UserType::User, Some(&pin("1234"))).unwrap();
    let certificate = make_key(&session, "one", &[1], false);
    make_key(&session, "two", &[2], false);
    make_key(&session, "two", &[3], false);
    make_key(&session, "asks", &[4], true);
    session.logout().unwrap();

    let open = |token: &str, key: KeyName, pin: &str| {
        let place = TokenPlace { module: module.to_owned(), token: token.to_owned(), key };
        Token::open(place, pin, Vec::new())
    };
    let label = |label: &str| KeyName::Label(label.to_owned());
    assert_eq!(open("Officer", label("one"), "9999").unwrap_err(), SignerError::PinWrong);
    assert_eq!(open("Other", label("one"), "1234").unwrap_err(), SignerError::Removed);
    let mut token = open("Officer", label("one"), "1234").unwrap();
    assert_eq!((token.algorithm(), token.chain()), (Algorithm::EcdsaP256Sha256, &[certificate.clone()][..]));
    assert_eq!(open("Officer", label("none"), "1234").unwrap_err(), SignerError::NotOne { what: "keys", found: 0 });
    assert_eq!(open("Officer", label("two"), "1234").unwrap_err(), SignerError::NotOne { what: "keys", found: 2 });
    assert_eq!(open("Officer", KeyName::Id(vec![1]), "1234").unwrap().chain()[0], certificate);

    assert_eq!(token.sign(&[7; 32]).unwrap().len(), 64);
    // A session that is logged in opens the token for no other PIN, and signs on after its own was logged out for that.
    assert_eq!(open("Officer", label("one"), "9999").unwrap_err(), SignerError::PinWrong);
    assert_eq!(token.sign(&[7; 32]).unwrap().len(), 64);
    let mut second = open("Officer", label("one"), "1234").unwrap();
    for _ in 0..2 {
        assert_eq!(token.sign(&[7; 32]).unwrap().len(), 64);
        assert_eq!(second.sign(&[7; 32]).unwrap().len(), 64);
    }
    drop(second);

    // A key that asks for the PIN before each signature, which another way to sign does not get.
    let mut asks = open("Officer", label("asks"), "1234").unwrap();
    for _ in 0..2 {
        assert_eq!(asks.sign(&[7; 32]).unwrap().len(), 64);
    }
    let key = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label("asks".into())]);
    let bare = session.sign(&cryptoki::mechanism::Mechanism::Ecdsa, key.unwrap()[0], &[7; 32]);
    assert!(bare.is_err(), "the token lets nobody sign without it");
    drop(asks);
    // Whoever logs out in this process ends the login of all sessions: one more try opens a new one.
    session.logout().unwrap();
    assert_eq!(token.sign(&[7; 32]).unwrap().len(), 64);
    session.logout().unwrap();
    let field = SignatureField::invisible("Officer", SystemTime::now());
    let refused = kiosk_pades::sign(b"no file", &field, &mut token, None);
    assert!(refused.is_err());
    // A PIN that was changed meanwhile is tried once.
    session.login(UserType::User, Some(&pin("1234"))).unwrap();
    session.set_pin(&pin("1234"), &pin("4321")).unwrap();
    session.logout().unwrap();
    assert_eq!(token.sign(&[7; 32]), Err(SignerError::PinWrong));
    assert_eq!(token.sign(&[7; 32]), Err(SignerError::PinWrong));
}

/// Puts the key of the test certificate on the token, under a label and an identifier.
fn make_key(session: &Session, label: &str, id: &[u8], asks: bool) -> Vec<u8> {
    let certificate = include_bytes!("data/p256.der").to_vec();
    let name = || [Attribute::Label(label.into()), Attribute::Id(id.to_vec()), Attribute::Token(true)];
    let mut key = vec![
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(KeyType::EC),
        Attribute::Private(true),
        Attribute::Sign(true),
        Attribute::AlwaysAuthenticate(asks),
        // secp256r1
        Attribute::EcParams(vec![6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7]),
        Attribute::Value([5; 32].to_vec()),
    ];
    key.extend(name());
    session.create_object(&key).unwrap();
    let mut object = vec![
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Subject(vec![0x30, 0]),
        Attribute::Value(certificate.clone()),
    ];
    object.extend(name());
    session.create_object(&object).unwrap();
    certificate
}
