//! A root, an issuing authority, and those that it certifies.

use std::sync::OnceLock;
use std::time::SystemTime;

use p256::ecdsa::signature::hazmat::PrehashSigner;
use sha2::{Digest, Sha256};
use x509_cert::der::DateTime;

use super::day;
use crate::SoftwareSigner;
use crate::algorithm::Algorithm;
use crate::der::{
    BITS, BOOLEAN, CONTEXT, CONTEXT_PLAIN, GENERALIZED_TIME, INTEGER, NULL, OBJECT_IDENTIFIER, OCTETS, SEQUENCE, SET,
    write, write_number,
};
use crate::oid;

/// What signs in tests.
#[derive(Clone)]
pub enum Key {
    P256(p256::ecdsa::SigningKey),
    /// A private key and its `SubjectPublicKeyInfo`.
    Rsa(Vec<u8>, Vec<u8>),
}

impl Key {
    pub fn p256(seed: u8) -> Self {
        Self::P256(p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    fn rsa() -> Self {
        let key = rsa::PrivateKey::new(&mut crate::software::System, 2048).unwrap();
        let info = rsa::pkcs8::EncodePublicKey::to_public_key_der(&key.to_public_key()).unwrap();
        Self::Rsa(
            rsa::pkcs8::EncodePrivateKey::to_pkcs8_der(&key).unwrap().as_bytes().to_vec(),
            info.as_bytes().to_vec(),
        )
    }

    fn pkcs8(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let inner = write(SEQUENCE, &[&write_number(&[1]), &write(OCTETS, &[&key.to_bytes()])]);
                let algorithm = write(SEQUENCE, &[&name(oid::EC_PUBLIC_KEY), &name(oid::P256)]);
                write(SEQUENCE, &[&write_number(&[0]), &algorithm, &write(OCTETS, &[&inner])])
            }
            Self::Rsa(key, _) => key.clone(),
        }
    }

    fn info(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let algorithm = write(SEQUENCE, &[&name(oid::EC_PUBLIC_KEY), &name(oid::P256)]);
                write(SEQUENCE, &[&algorithm, &write(BITS, &[&[0], point.as_bytes()])])
            }
            Self::Rsa(_, info) => info.clone(),
        }
    }

    /// The bytes of the key's BIT STRING.
    pub fn bits(&self) -> Vec<u8> {
        let info = self.info();
        let mut info = crate::der::only(&info, SEQUENCE).unwrap();
        info.expect(SEQUENCE).unwrap();
        info.value(BITS).unwrap()[1..].to_vec()
    }

    /// An ECDSA signature of a message, DER.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let Self::P256(key) = self else { panic!("authorities of tests have P-256 keys") };
        let signature: p256::ecdsa::Signature = key.sign_prehash(&Sha256::digest(message)).unwrap();
        signature.to_der().as_bytes().to_vec()
    }

    /// A signed structure, as certificates, lists and responses are.
    pub fn signed(&self, content: &[u8], more: &[u8]) -> Vec<u8> {
        let signature = self.sign(content);
        let algorithm = Algorithm::EcdsaP256Sha256.identifier();
        write(SEQUENCE, &[content, &algorithm, &write(BITS, &[&[0], &signature]), more])
    }
}

/// Someone with a key and a certificate.
#[derive(Clone)]
pub struct Holder {
    pub key: Key,
    pub certificate: Vec<u8>,
    /// The name, DER.
    pub name: Vec<u8>,
    pub serial: u8,
}

pub(crate) fn name(identifier: &[u8]) -> Vec<u8> {
    write(OBJECT_IDENTIFIER, &[identifier])
}

pub(crate) fn time(time: SystemTime) -> Vec<u8> {
    let time = DateTime::from_system_time(time).unwrap();
    let text = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minutes(),
        time.seconds()
    );
    write(GENERALIZED_TIME, &[text.as_bytes()])
}

fn common_name(text: &str) -> Vec<u8> {
    let attribute = write(SEQUENCE, &[&name(&[0x55, 4, 3]), &write(0x0C, &[text.as_bytes()])]);
    write(SEQUENCE, &[&write(SET, &[&attribute])])
}

pub(crate) fn extension(identifier: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { write(BOOLEAN, &[&[0xFF]]) } else { Vec::new() };
    write(SEQUENCE, &[&name(identifier), &flag, &write(OCTETS, &[value])])
}

/// A key usage, as the first byte of its bits.
fn usage(bits: u8) -> Vec<u8> {
    extension(oid::KEY_USAGE, true, &write(BITS, &[&[0, bits]]))
}

fn purpose(purpose: &[u8]) -> Vec<u8> {
    extension(oid::EXTENDED_KEY_USAGE, true, &write(SEQUENCE, &[&name(purpose)]))
}

fn authority() -> Vec<u8> {
    extension(oid::BASIC_CONSTRAINTS, true, &write(SEQUENCE, &[&write(BOOLEAN, &[&[0xFF]])]))
}

/// Where the certificate's issuer answers.
fn addresses() -> Vec<u8> {
    let place = write(CONTEXT_PLAIN + 6, &[b"http://pki.test/ocsp"]);
    let access = write(SEQUENCE, &[&write(SEQUENCE, &[&name(oid::OCSP), &place])]);
    [extension(oid::AUTHORITY_INFO_ACCESS, false, &access), list_address("http://pki.test/issuing.crl")].concat()
}

fn list_address(address: &str) -> Vec<u8> {
    let list = write(CONTEXT_PLAIN + 6, &[address.as_bytes()]);
    let points = write(SEQUENCE, &[&write(SEQUENCE, &[&write(CONTEXT, &[&write(CONTEXT, &[&list])])])]);
    extension(oid::CRL_DISTRIBUTION_POINTS, false, &points)
}

/// A certificate that holds from one day to another.
struct Made<'a> {
    subject: &'a str,
    serial: u8,
    days: (u64, u64),
    extensions: Vec<u8>,
}

impl Made<'_> {
    fn by(self, key: Key, issuer: Option<&Holder>) -> Holder {
        let subject = common_name(self.subject);
        let issuer_name = issuer.map_or(&subject, |issuer| &issuer.name);
        let validity = write(SEQUENCE, &[&time(day(self.days.0)), &time(day(self.days.1))]);
        let content = write(
            SEQUENCE,
            &[
                &write(CONTEXT, &[&write_number(&[2])]),
                &write(INTEGER, &[&[self.serial]]),
                &Algorithm::EcdsaP256Sha256.identifier(),
                issuer_name,
                &validity,
                &subject,
                &key.info(),
                &write(CONTEXT + 3, &[&write(SEQUENCE, &[&self.extensions])]),
            ],
        );
        let signer = issuer.map_or(&key, |issuer| &issuer.key);
        let certificate = signer.signed(&content, &[]);
        Holder { key, certificate, name: subject, serial: self.serial }
    }
}

/// All that tests know.
pub struct Pki {
    pub root: Holder,
    pub issuing: Holder,
    pub authority: Holder,
    pub responder: Holder,
    pub officer: Holder,
    pub seal: Holder,
    pub expired: Holder,
    pub early: Holder,
    /// For encryption only.
    pub other_usage: Holder,
    /// From a root that nobody trusts.
    pub stranger: Holder,
    /// Certified by the officer, who is no authority.
    pub underling: Holder,
    /// With an extension that nobody knows.
    pub odd: Holder,
    /// For programs only.
    pub coder: Holder,
    /// An authority for servers only, and somebody that it certifies.
    pub narrow: Holder,
    pub narrowed: Holder,
}

/// The same for all tests: RSA keys take a while.
pub fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let years = 3650;
        let of_authority = || [authority(), usage(0x06)].concat();
        let made = |subject, serial, days, extensions| Made { subject, serial, days, extensions };
        let root = made("Root", 1, (0, 2 * years), of_authority()).by(Key::p256(1), None);
        let below = [of_authority(), list_address("http://pki.test/root.crl")].concat();
        let issuing = made("Issuing", 2, (0, years), below).by(Key::p256(2), Some(&root));
        let issued = |subject, serial, days, key, extensions: Vec<u8>| {
            made(subject, serial, days, [extensions, addresses()].concat()).by(key, Some(&issuing))
        };
        let no_check = extension(oid::OCSP_NO_CHECK, false, &[NULL, 0]);
        let responder = [usage(0x80), purpose(oid::OCSP_SIGNING), no_check].concat();
        let stranger_root = made("Root", 1, (0, years), of_authority()).by(Key::p256(9), None);
        let officer = issued("Nguyễn Văn A", 20, (0, 730), Key::p256(5), usage(0xC0));
        let underling = made("Underling", 27, (0, 730), usage(0xC0)).by(Key::p256(10), Some(&officer));
        let server: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 1];
        let code: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 3];
        let mail = || purpose(oid::EMAIL_PROTECTION);
        let narrow = [of_authority(), purpose(server), list_address("http://pki.test/root.crl")].concat();
        let narrow = made("Servers", 30, (0, years), narrow).by(Key::p256(13), Some(&root));
        Pki {
            coder: issued("Coder", 31, (0, 730), Key::p256(14), [usage(0xC0), purpose(code)].concat()),
            narrowed: made("Narrowed", 32, (0, 730), usage(0xC0)).by(Key::p256(15), Some(&narrow)),
            narrow,
            authority: issued(
                "Time stamps",
                10,
                (0, years),
                Key::p256(3),
                [usage(0x80), purpose(oid::TIME_STAMPING)].concat(),
            ),
            responder: issued("Responder", 11, (0, years), Key::p256(4), responder),
            officer,
            seal: issued("UBND phường", 21, (0, 730), Key::rsa(), [usage(0xC0), mail()].concat()),
            expired: issued("Expired", 22, (0, 5), Key::p256(6), usage(0xC0)),
            early: issued("Early", 23, (300, 400), Key::p256(7), usage(0xC0)),
            other_usage: issued("Encryption", 24, (0, 730), Key::p256(8), usage(0x20)),
            stranger: made("Stranger", 25, (0, 730), usage(0xC0)).by(Key::p256(11), Some(&stranger_root)),
            underling,
            odd: issued("Odd", 28, (0, 730), Key::p256(12), extension(&[0x55, 0x1D, 0x63], true, &[NULL, 0])),
            root,
            issuing,
        }
    })
}

impl Pki {
    pub fn roots(&self) -> Vec<Vec<u8>> {
        vec![self.root.certificate.clone()]
    }

    /// The signer that someone is.
    pub fn signer(&self, holder: &Holder) -> SoftwareSigner {
        let chain = vec![holder.certificate.clone(), self.issuing.certificate.clone()];
        SoftwareSigner::new(&holder.key.pkcs8(), chain).unwrap()
    }
}
