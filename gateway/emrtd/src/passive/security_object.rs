//! EF.SOD: a CMS message (RFC 5652) whose content is the list of the data groups' hashes (9303-10, appendix D).

use std::collections::BTreeMap;

use super::{Certificate, PassiveError};
use crate::keys::{Hash, KeyError, Scheme};
use crate::tlv::{self, TlvError};

const SOD: u32 = 0x77;
const INTEGER: u32 = 0x02;
const OCTETS: u32 = 0x04;
const OBJECT_IDENTIFIER: u32 = 0x06;
const SEQUENCE: u32 = 0x30;
const SET: u32 = 0x31;
/// `[0]`, which is content, certificates, signed attributes or an identifier of a key, by its place.
const CONTEXT_0: u32 = 0xA0;
/// `[0]` of a signer that is named by the identifier of its key.
const KEY_IDENTIFIER: u32 = 0x80;
/// id-signedData 1.2.840.113549.1.7.2; id-messageDigest and id-contentType 1.2.840.113549.1.9.4 and .3.
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
/// id-icao-mrtd-security-ldsSecurityObject 2.23.136.1.1.1
const LDS_SECURITY_OBJECT: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x01];
/// Most certificates and signers that are looked at.
const MANY: usize = 8;

/// EF.SOD, read but not checked.
pub(super) struct SecurityObject<'a> {
    /// What the data groups were hashed with, and their hashes by number.
    pub(super) hash: Hash,
    pub(super) hashes: BTreeMap<u8, &'a [u8]>,
    content: &'a [u8],
    certificates: Vec<&'a [u8]>,
    signers: Vec<&'a [u8]>,
}

impl<'a> SecurityObject<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Self, PassiveError> {
        let message = tlv::get(tlv::only(file, SOD)?, SEQUENCE)?;
        if tlv::get(message, OBJECT_IDENTIFIER)? != SIGNED_DATA {
            return Err(TlvError::Value(OBJECT_IDENTIFIER).into());
        }
        // version, hash algorithms, content, [0] certificates, [1] revocations, signers
        let signed = tlv::only(tlv::get(message, CONTEXT_0)?, SEQUENCE)?;
        let encapsulated = tlv::get(signed, SEQUENCE)?;
        if tlv::get(encapsulated, OBJECT_IDENTIFIER)? != LDS_SECURITY_OBJECT {
            return Err(TlvError::Value(OBJECT_IDENTIFIER).into());
        }
        let content = tlv::only(tlv::get(encapsulated, CONTEXT_0)?, OCTETS)?;
        let certificates = whole_elements(tlv::find(signed, CONTEXT_0)?.unwrap_or_default())?;
        let sets = tlv::each(signed).collect::<Result<Vec<_>, _>>()?;
        let signers = sets.iter().rfind(|element| element.tag == SET).ok_or(TlvError::Missing(SET))?;
        let signers =
            tlv::each(signers.value).take(MANY).map(|signer| Ok(signer?.value)).collect::<Result<_, TlvError>>()?;

        // version, hash algorithm, hashes
        let list = tlv::only(content, SEQUENCE)?;
        let mut parts = tlv::each(list).filter_map(|part| part.ok().filter(|part| part.tag == SEQUENCE));
        let algorithm = parts.next().ok_or(TlvError::Missing(SEQUENCE))?;
        let hash = hash_of(algorithm.value)?;
        let mut hashes = BTreeMap::new();
        for entry in tlv::each(parts.next().ok_or(TlvError::Missing(SEQUENCE))?.value).take(16) {
            let entry = entry?.value;
            let [number @ 1..=16] = tlv::get(entry, INTEGER)? else { return Err(TlvError::Value(INTEGER).into()) };
            hashes.insert(*number, tlv::get(entry, OCTETS)?);
        }
        Ok(Self { hash, hashes, content, certificates, signers })
    }

    /// The certificate of the signer whose signature is right.
    pub(super) fn signer(&self) -> Result<Certificate, PassiveError> {
        let mut reason = PassiveError::NoSigner;
        for signer in &self.signers {
            match self.certificate_of(signer) {
                Ok(Some(certificate)) => return Ok(certificate),
                Ok(None) => {}
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    /// `SignerInfo`: version, who, hash algorithm, [0] signed attributes, signature algorithm, signature.
    fn certificate_of(&self, signer: &[u8]) -> Result<Option<Certificate>, PassiveError> {
        let all = tlv::each(signer).collect::<Result<Vec<_>, _>>()?;
        let [_version, who, hash_algorithm, rest @ ..] = all.as_slice() else { return Err(TlvError::Truncated.into()) };
        let hash = hash_of(hash_algorithm.value)?;
        let attributes = rest.first().filter(|element| element.tag == CONTEXT_0);
        let rest = if attributes.is_some() { &rest[1..] } else { rest };
        let [algorithm, signature, ..] = rest else { return Err(TlvError::Truncated.into()) };
        let scheme = Scheme::of_algorithm(algorithm.value)?;
        let signed = match attributes {
            Some(attributes) => {
                self.check_attributes(attributes.value, hash)?;
                // It is the set that is signed, not the element it is written as (RFC 5652, section 5.4).
                tlv::write(SET, attributes.value)
            }
            None => self.content.to_vec(),
        };
        for certificate in &self.certificates {
            let certificate = Certificate::read(certificate)?;
            let named = match who.tag {
                SEQUENCE => certificate.is_named(who.value)?,
                KEY_IDENTIFIER => certificate.key_identifier().is_some_and(|own| own == who.value),
                _ => false,
            };
            if named {
                let right = certificate.key()?.has_signed(scheme, hash, &signed, signature.value)?;
                return if right { Ok(Some(certificate)) } else { Err(PassiveError::Signature) };
            }
        }
        Ok(None)
    }

    /// The signed attributes name this content, and have its hash.
    fn check_attributes(&self, attributes: &[u8], hash: Hash) -> Result<(), PassiveError> {
        let (mut content_type, mut digest) = (None, None);
        for attribute in tlv::each(attributes) {
            let attribute = attribute?.value;
            let value = tlv::get(attribute, SET)?;
            match tlv::get(attribute, OBJECT_IDENTIFIER)? {
                CONTENT_TYPE => content_type = Some(tlv::only(value, OBJECT_IDENTIFIER)?),
                MESSAGE_DIGEST => digest = Some(tlv::only(value, OCTETS)?),
                _ => {}
            }
        }
        let right = content_type == Some(LDS_SECURITY_OBJECT) && digest == Some(hash.of(self.content).as_slice());
        if right { Ok(()) } else { Err(PassiveError::Signature) }
    }
}

fn hash_of(algorithm: &[u8]) -> Result<Hash, PassiveError> {
    let identifier = tlv::get(algorithm, OBJECT_IDENTIFIER)?;
    Hash::of_identifier(identifier).ok_or(KeyError::Unknown("the hash of EF.SOD").into())
}

/// Elements with their tags and lengths.
fn whole_elements(elements: &[u8]) -> Result<Vec<&[u8]>, TlvError> {
    let (mut all, mut rest) = (Vec::new(), elements);
    while !rest.is_empty() && all.len() < MANY {
        let (_, behind) = tlv::split(rest)?;
        all.push(&rest[..rest.len() - behind.len()]);
        rest = behind;
    }
    Ok(all)
}
