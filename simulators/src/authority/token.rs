//! The token of SoftHSM with the holders' keys and certificates.
//!
//! SoftHSM reads where its tokens are from the environment (`SOFTHSM2_CONF`) and from nowhere else, so its library is loaded
//! in a process of its own: `kiosk-simulate authority-token`, which gets the [`Order`] on its standard input.
//!
//! Document: OASIS PKCS #11 version 2.40.

use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, CertificateType, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use p256::elliptic_curve::sec1::ToSec1Point;
use rsa::pkcs1::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, PrivateKeyInfoRef};
use serde::{Deserialize, Serialize};
use x509_cert::der::{Decode, Encode};

use super::folder::Folder;
use super::openssl::{RunError, run};
use super::{StartError, TOKEN};

/// Where Debian's package has it, on this machine or another.
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];
/// The hidden word of `kiosk-simulate`.
pub const COMMAND: &str = "authority-token";
/// secp256r1 (RFC 5480, section 2.1.1.1).
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// What is to be on the token.
#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    module: PathBuf,
    token: String,
    pin: String,
    /// Given: the token is made first, and this is its other PIN, which nobody needs again.
    so_pin: Option<String>,
    objects: Vec<Object>,
}

/// A holder's key and certificate.
#[derive(Serialize, Deserialize)]
pub(super) struct Object {
    pub(super) label: String,
    /// `CKA_ID`.
    pub(super) id: u8,
    /// A DER file. A certificate of the same label goes.
    pub(super) certificate: PathBuf,
    /// PKCS #8, DER, if the key is to be put there.
    pub(super) private_key: Option<Vec<u8>>,
}

/// Why the token is not as ordered.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The order cannot be read.
    #[error("the order is not one for a token")]
    Order(#[from] serde_json::Error),
    /// A file cannot be read.
    #[error("cannot read {file}")]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key or certificate is not what it should be.
    #[error("what is to be {label} is not a {what} for this token")]
    Form {
        /// Its label.
        label: String,
        /// What it should be.
        what: &'static str,
    },
    /// There is no token.
    #[error("there is no token {label}")]
    NoToken {
        /// Which.
        label: String,
    },
    /// The token refuses.
    #[error("the token refuses: {0}")]
    Refused(#[from] cryptoki::error::Error),
}

/// SoftHSM's library.
pub(super) fn module() -> Result<PathBuf, StartError> {
    let there = MODULES.iter().map(PathBuf::from).find(|module| module.is_file());
    there.ok_or(StartError::Missing { what: MODULES[0], package: "softhsm2" })
}

/// Has the token made or changed, by the program `kiosk-simulate`.
#[expect(clippy::disallowed_methods, reason = "no child of the gateway's")]
pub(super) async fn order(
    program: &Path,
    folder: &Folder,
    pin: &str,
    so_pin: Option<String>,
    objects: Vec<Object>,
) -> Result<(), StartError> {
    let order = Order { module: module()?, token: TOKEN.into(), pin: pin.into(), so_pin, objects };
    let order = serde_json::to_vec(&order).map_err(|error| StartError::Io { what: "token", source: error.into() })?;
    let mut command = tokio::process::Command::new(program);
    command.arg(COMMAND).env("SOFTHSM2_CONF", folder.at("softhsm2.conf"));
    run(command, &order).await.map(drop).map_err(|error| match error {
        RunError::Io(source) => StartError::Io { what: "program for the token", source },
        RunError::Late => StartError::Token { said: "it was not done in time".into() },
        RunError::Failed(said) => StartError::Token { said },
    })
}

/// Carries an [`Order`] out, JSON, in a process whose `SOFTHSM2_CONF` says where the token is.
///
/// # Errors
/// When the order makes no sense, a file is missing, or the token refuses.
pub fn carry_out(order: &[u8]) -> Result<(), TokenError> {
    let order: Order = serde_json::from_slice(order)?;
    let library = Pkcs11::new(&order.module)?;
    library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let no_token = || TokenError::NoToken { label: order.token.clone() };
    let pin = AuthPin::new(order.pin.clone().into());
    if let Some(so_pin) = &order.so_pin {
        let so_pin = AuthPin::new(so_pin.clone().into());
        // SoftHSM always has one slot more than tokens, the last.
        let free = *library.get_slots_with_token()?.last().ok_or_else(no_token)?;
        library.init_token(free, &so_pin, &order.token)?;
        let session = library.open_rw_session(slot(&library, &order.token)?.ok_or_else(no_token)?)?;
        session.login(UserType::So, Some(&so_pin))?;
        session.init_pin(&pin)?;
        session.logout()?;
    }
    let session = library.open_rw_session(slot(&library, &order.token)?.ok_or_else(no_token)?)?;
    session.login(UserType::User, Some(&pin))?;
    for object in &order.objects {
        if let Some(der) = &object.private_key {
            put_key(&session, object, der)?;
        }
        put_certificate(&session, object)?;
    }
    Ok(())
}

fn slot(library: &Pkcs11, token: &str) -> Result<Option<Slot>, TokenError> {
    for slot in library.get_slots_with_initialized_token()? {
        if library.get_token_info(slot)?.label() == token {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

fn read(file: &Path) -> Result<Vec<u8>, TokenError> {
    std::fs::read(file).map_err(|source| TokenError::File { file: file.to_owned(), source })
}

/// Label and identifier, and that it stays.
fn named(object: &Object) -> [Attribute; 3] {
    [Attribute::Token(true), Attribute::Label(object.label.clone().into()), Attribute::Id(vec![object.id])]
}

fn put_key(session: &Session, object: &Object, der: &[u8]) -> Result<(), TokenError> {
    let (mut private, mut public) = match p256::SecretKey::from_pkcs8_der(der) {
        Ok(key) => p256_key(&key),
        Err(_) => rsa_key(der).ok_or_else(|| TokenError::Form { label: object.label.clone(), what: "private key" })?,
    };
    private.extend([
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Decrypt(false),
        Attribute::Unwrap(false),
    ]);
    public.extend([
        Attribute::Class(ObjectClass::PUBLIC_KEY),
        Attribute::Private(false),
        Attribute::Verify(true),
        Attribute::Encrypt(false),
        Attribute::Wrap(false),
    ]);
    for mut template in [private, public] {
        template.extend(named(object));
        session.create_object(&template)?;
    }
    Ok(())
}

/// Private and public half.
fn p256_key(key: &p256::SecretKey) -> (Vec<Attribute>, Vec<Attribute>) {
    let point = key.public_key().to_sec1_point(false);
    // An OCTET STRING of 65 bytes.
    let point = [&[0x04, 0x41], point.as_bytes()].concat();
    let curve = || vec![Attribute::KeyType(KeyType::EC), Attribute::EcParams(P256.to_vec())];
    let (mut private, mut public) = (curve(), curve());
    private.push(Attribute::Value(key.to_bytes().to_vec()));
    public.push(Attribute::EcPoint(point));
    (private, public)
}

fn rsa_key(der: &[u8]) -> Option<(Vec<Attribute>, Vec<Attribute>)> {
    let info = PrivateKeyInfoRef::try_from(der).ok()?;
    let key = RsaPrivateKey::try_from(info.private_key.as_bytes()).ok()?;
    let bytes = |number: rsa::pkcs1::UintRef<'_>| number.as_bytes().to_vec();
    let modulus = || {
        vec![
            Attribute::KeyType(KeyType::RSA),
            Attribute::Modulus(bytes(key.modulus)),
            Attribute::PublicExponent(bytes(key.public_exponent)),
        ]
    };
    let (mut private, public) = (modulus(), modulus());
    private.extend([
        Attribute::PrivateExponent(bytes(key.private_exponent)),
        Attribute::Prime1(bytes(key.prime1)),
        Attribute::Prime2(bytes(key.prime2)),
        Attribute::Exponent1(bytes(key.exponent1)),
        Attribute::Exponent2(bytes(key.exponent2)),
        Attribute::Coefficient(bytes(key.coefficient)),
    ]);
    Some((private, public))
}

fn put_certificate(session: &Session, object: &Object) -> Result<(), TokenError> {
    let der = read(&object.certificate)?;
    let form = || TokenError::Form { label: object.label.clone(), what: "certificate" };
    let certificate = x509_cert::Certificate::from_der(&der).map_err(|_| form())?;
    let fields = certificate.tbs_certificate();
    let class = Attribute::Class(ObjectClass::CERTIFICATE);
    let mut template = vec![
        class.clone(),
        Attribute::CertificateType(CertificateType::X_509),
        Attribute::Private(false),
        Attribute::Subject(fields.subject().to_der().map_err(|_| form())?),
        Attribute::Issuer(fields.issuer().to_der().map_err(|_| form())?),
        Attribute::SerialNumber(fields.serial_number().to_der().map_err(|_| form())?),
        Attribute::Value(der.clone()),
    ];
    template.extend(named(object));
    for old in session.find_objects(&[class, Attribute::Label(object.label.clone().into())])? {
        session.destroy_object(old)?;
    }
    session.create_object(&template)?;
    Ok(())
}
