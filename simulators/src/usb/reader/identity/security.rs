//! EF.SOD, the document security object: hashes of the data groups, signed (ICAO Doc 9303-10, section 4.6.2; RFC 5652).

use sha2::{Digest, Sha256};

use super::authority::{ECDSA_WITH_SHA256, issuer_and_serial, signer_certificate, signer_key};
use super::curve::Parameters;
use super::fault::Signer;
use super::keys::SigningKey;
use super::tlv::{self, oid, sequence};

/// The file's tag.
const SOD: u32 = 0x77;
/// id-icao-mrtd-security-ldsSecurityObject (Doc 9303-10, section 4.6.2.3).
const LDS_SECURITY_OBJECT: &[u32] = &[2, 23, 136, 1, 1, 1];
/// id-signedData, id-contentType, id-messageDigest, id-signingTime (RFC 5652, sections 5.1 and 11).
const SIGNED_DATA: &[u32] = &[1, 2, 840, 113_549, 1, 7, 2];
const CONTENT_TYPE: &[u32] = &[1, 2, 840, 113_549, 1, 9, 3];
const MESSAGE_DIGEST: &[u32] = &[1, 2, 840, 113_549, 1, 9, 4];
const SIGNING_TIME: &[u32] = &[1, 2, 840, 113_549, 1, 9, 5];
/// id-sha256 (RFC 5754, section 2.2).
const SHA256: &[u32] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];
const UTC_TIME: u32 = 0x17;
/// When the cards were signed: by the expired signer while he was valid.
const SIGNED_AT: &[u8] = b"240102000000Z";
const SIGNED_BY_EXPIRED_AT: &[u8] = b"210601000000Z";
/// Name of a key that is in no certificate.
const STRANGER: &str = "stranger";

/// The file, over data groups by their numbers.
pub(super) fn object(groups: &[(u8, Vec<u8>)], signer: Signer, wrong_key: bool, parameters: Parameters) -> Vec<u8> {
    let sha256 = sequence(&[&oid(SHA256)]);
    let mut hashes = Vec::new();
    for (number, content) in groups {
        hashes.extend(sequence(&[&tlv::integer(*number), &tlv::octets(&Sha256::digest(content))]));
    }
    let content = sequence(&[&tlv::integer(0), &sha256, &sequence(&[&hashes])]);
    let signed_at = if signer == Signer::Expired { SIGNED_BY_EXPIRED_AT } else { SIGNED_AT };
    let attributes = tlv::set(&[
        &attribute(CONTENT_TYPE, &oid(LDS_SECURITY_OBJECT)),
        &attribute(SIGNING_TIME, &tlv::tlv(UTC_TIME, signed_at)),
        &attribute(MESSAGE_DIGEST, &tlv::octets(&Sha256::digest(&content))),
    ]);
    let key = if wrong_key { SigningKey::new(STRANGER) } else { signer_key() };
    // Signed as a SET OF, written as [0] (RFC 5652, section 5.4).
    let mut written = attributes.clone();
    if let Some(tag) = written.first_mut() {
        *tag = 0xa0;
    }
    let info = sequence(&[
        &tlv::integer(1),
        &issuer_and_serial(signer),
        &sha256,
        &written,
        &sequence(&[&oid(ECDSA_WITH_SHA256)]),
        &tlv::octets(&key.sign(&attributes)),
    ]);
    let data = sequence(&[
        &tlv::integer(3),
        &tlv::set(&[&sha256]),
        &sequence(&[&oid(LDS_SECURITY_OBJECT), &tlv::tlv(0xa0, &tlv::octets(&content))]),
        &tlv::tlv(0xa0, &signer_certificate(signer, parameters)),
        &tlv::set(&[&info]),
    ]);
    tlv::tlv(SOD, &sequence(&[&oid(SIGNED_DATA), &tlv::tlv(0xa0, &data)]))
}

fn attribute(kind: &[u32], value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(kind), &tlv::set(&[value])])
}
