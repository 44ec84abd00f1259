//! The authority behind the cards: a certificate of a country that does not vouch for anybody, its document signers and
//! its revocation list (ICAO Doc 9303-12, sections 7.1 and 7.2; RFC 5280).

use sha1::{Digest, Sha1};

use super::curve::{Curve, Parameters};
use super::fault::Signer;
use super::keys::SigningKey;
use super::tlv::{self, oid, sequence};

/// Names of the authority and of its signers.
const AUTHORITY: &str = "CSCA Test of Kiosk simulators";
const SIGNER: &str = "Document Signer Test of Kiosk simulators";
/// The authority's keys, by their names in [`SigningKey::new`].
const AUTHORITY_KEY: &str = "CSCA";
const SIGNER_KEY: &str = "document signer";
/// Where the list would be, if the test authority had a network.
const LIST_ADDRESS: &[u8] = b"http://csca.invalid/kiosk-simulators.crl";

/// ecdsa-with-SHA256 (RFC 5758, section 3.2).
pub(super) const ECDSA_WITH_SHA256: &[u32] = &[1, 2, 840, 10_045, 4, 3, 2];
/// Extensions (RFC 5280, section 4.2.1), and DocumentTypeList (Doc 9303-12, section 7.1.1.6).
const SUBJECT_KEY: &[u32] = &[2, 5, 29, 14];
const KEY_USAGE: &[u32] = &[2, 5, 29, 15];
const KEY_PERIOD: &[u32] = &[2, 5, 29, 16];
const SUBJECT_NAMES: &[u32] = &[2, 5, 29, 17];
const ISSUER_NAMES: &[u32] = &[2, 5, 29, 18];
const BASIC_CONSTRAINTS: &[u32] = &[2, 5, 29, 19];
const LIST_NUMBER: &[u32] = &[2, 5, 29, 20];
const LIST_POINTS: &[u32] = &[2, 5, 29, 31];
const AUTHORITY_KEY_ID: &[u32] = &[2, 5, 29, 35];
const DOCUMENT_TYPES: &[u32] = &[2, 23, 136, 1, 1, 6, 2];
/// Kinds of names: country, organization, common name, locality (X.520).
const COUNTRY: &[u32] = &[2, 5, 4, 6];
const LOCALITY: &[u32] = &[2, 5, 4, 7];
const ORGANIZATION: &[u32] = &[2, 5, 4, 10];
const COMMON_NAME: &[u32] = &[2, 5, 4, 3];
/// Tags: PrintableString, UTCTime, BOOLEAN, BIT STRING.
const PRINTABLE: u32 = 0x13;
const UTC_TIME: u32 = 0x17;
const BOOLEAN: u32 = 0x01;
const BIT_STRING: u32 = 0x03;

/// First and last moment of everything, without the century.
const BEGIN: &str = "200101000000Z";
const END: &str = "491231235959Z";
const END_OF_EXPIRED: &str = "211231235959Z";

/// The certificate of the authority: the same in every version of this simulator. DER. Its key describes its curve, as
/// Doc 9303-12 demands.
#[must_use]
pub fn csca_certificate() -> Vec<u8> {
    csca_certificate_with(Parameters::Explicit)
}

/// The same key and name in a certificate whose key names its curve, or describes it. OpenSSL 3 wants it named.
#[must_use]
pub fn csca_certificate_with(parameters: Parameters) -> Vec<u8> {
    let key = SigningKey::new(AUTHORITY_KEY);
    let extensions = [
        // A certificate authority, below which there is none; signs certificates and lists.
        extension(BASIC_CONSTRAINTS, true, &sequence(&[&tlv::tlv(BOOLEAN, &[0xff]), &tlv::integer(0)])),
        extension(KEY_USAGE, true, &tlv::tlv(BIT_STRING, &[1, 0x06])),
        extension(AUTHORITY_KEY_ID, false, &sequence(&[&tlv::tlv(0x80, &key_id(&key))])),
    ];
    let serial = match parameters {
        Parameters::Explicit => 1,
        Parameters::Named => 5,
    };
    certificate(serial, AUTHORITY, &key, parameters, END, &extensions)
}

/// The list of revoked signers. DER.
#[must_use]
pub fn revocation_list() -> Vec<u8> {
    let key = SigningKey::new(AUTHORITY_KEY);
    let revoked = sequence(&[&tlv::integer(serial(Signer::Revoked)), &tlv::tlv(UTC_TIME, b"220101000000Z")]);
    let extensions = sequence(&[
        &extension(AUTHORITY_KEY_ID, false, &sequence(&[&tlv::tlv(0x80, &key_id(&key))])),
        &extension(LIST_NUMBER, false, &tlv::integer(1)),
    ]);
    signed(
        &key,
        &[
            &tlv::integer(1),
            &sequence(&[&oid(ECDSA_WITH_SHA256)]),
            &name(AUTHORITY),
            &tlv::tlv(UTC_TIME, BEGIN.as_bytes()),
            &tlv::tlv(UTC_TIME, END.as_bytes()),
            &sequence(&[&revoked]),
            &tlv::tlv(0xa0, &extensions),
        ],
    )
}

/// The key of all signers.
pub(super) fn signer_key() -> SigningKey {
    SigningKey::new(SIGNER_KEY)
}

/// A signer's certificate.
pub(super) fn signer_certificate(signer: Signer, parameters: Parameters) -> Vec<u8> {
    let authority = SigningKey::new(AUTHORITY_KEY);
    let types = sequence(&[&tlv::integer(0), &tlv::set(&[&tlv::tlv(PRINTABLE, b"ID")])]);
    let extensions = [
        extension(KEY_USAGE, true, &tlv::tlv(BIT_STRING, &[7, 0x80])),
        extension(AUTHORITY_KEY_ID, false, &sequence(&[&tlv::tlv(0x80, &key_id(&authority))])),
        extension(DOCUMENT_TYPES, false, &types),
    ];
    let end = if signer == Signer::Expired { END_OF_EXPIRED } else { END };
    certificate(serial(signer), SIGNER, &signer_key(), parameters, end, &extensions)
}

/// IssuerAndSerialNumber (RFC 5652, section 10.2.4) of a signer's certificate.
pub(super) fn issuer_and_serial(signer: Signer) -> Vec<u8> {
    sequence(&[&name(AUTHORITY), &tlv::integer(serial(signer))])
}

fn serial(signer: Signer) -> u8 {
    match signer {
        Signer::Valid => 2,
        Signer::Expired => 3,
        Signer::Revoked => 4,
    }
}

fn key_id(key: &SigningKey) -> Vec<u8> {
    Sha1::digest(key.public()).to_vec()
}

/// `C=VN, O=Kiosk simulators, CN=…`
fn name(common: &str) -> Vec<u8> {
    let part = |kind, value: Vec<u8>| tlv::set(&[&sequence(&[&oid(kind), &value])]);
    sequence(&[
        &part(COUNTRY, tlv::tlv(PRINTABLE, b"VN")),
        &part(ORGANIZATION, tlv::utf8("Kiosk simulators")),
        &part(COMMON_NAME, tlv::utf8(common)),
    ])
}

fn extension(kind: &[u32], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { tlv::tlv(BOOLEAN, &[0xff]) } else { Vec::new() };
    sequence(&[&oid(kind), &critical, &tlv::octets(value)])
}

/// What authority and signers have both (Doc 9303-12, table 6).
fn common_extensions(key: &SigningKey, end: &str) -> Vec<Vec<u8>> {
    let period = [(0x80, BEGIN), (0x81, end)].map(|(tag, time)| tlv::tlv(tag, format!("20{time}").as_bytes()));
    let country = tlv::set(&[&sequence(&[&oid(LOCALITY), &tlv::tlv(PRINTABLE, b"VNM")])]);
    let names = sequence(&[&tlv::tlv(0xa4, &sequence(&[&country]))]);
    let point = tlv::tlv(0xa0, &tlv::tlv(0xa0, &tlv::tlv(0x86, LIST_ADDRESS)));
    vec![
        extension(SUBJECT_KEY, false, &tlv::octets(&key_id(key))),
        extension(KEY_PERIOD, false, &sequence(&[&period[0], &period[1]])),
        extension(SUBJECT_NAMES, false, &names),
        extension(ISSUER_NAMES, false, &names),
        extension(LIST_POINTS, false, &sequence(&[&sequence(&[&point])])),
    ]
}

fn certificate(
    serial: u8,
    subject: &str,
    key: &SigningKey,
    parameters: Parameters,
    end: &str,
    own_extensions: &[Vec<u8>],
) -> Vec<u8> {
    let extensions = [own_extensions.concat(), common_extensions(key, end).concat()].concat();
    let period = sequence(&[&tlv::tlv(UTC_TIME, BEGIN.as_bytes()), &tlv::tlv(UTC_TIME, end.as_bytes())]);
    signed(
        &SigningKey::new(AUTHORITY_KEY),
        &[
            &tlv::tlv(0xa0, &tlv::integer(2)),
            &tlv::integer(serial),
            &sequence(&[&oid(ECDSA_WITH_SHA256)]),
            &name(AUTHORITY),
            &period,
            &name(subject),
            &Curve::P256.public_key_info(parameters, &key.public()),
            &tlv::tlv(0xa3, &sequence(&[&extensions])),
        ],
    )
}

fn signed(key: &SigningKey, parts: &[&[u8]]) -> Vec<u8> {
    let body = sequence(parts);
    let signature = tlv::bits(&key.sign(&body));
    sequence(&[&body, &sequence(&[&oid(ECDSA_WITH_SHA256)]), &signature])
}
