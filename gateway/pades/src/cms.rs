//! CMS messages with one signer: those of signatures, and time stamps.
//!
//! Document: RFC 5652, section 5; RFC 5035 (which certificate signed); ETSI EN 319 122-1.

mod build;

pub(crate) use build::Parts;

use crate::algorithm::{AlgorithmError, Hash, Scheme};
use crate::certificate::{Certificate, CertificateError};
use crate::der::{self, CONTEXT, CONTEXT_PLAIN, DerError, INTEGER, OBJECT_IDENTIFIER, OCTETS, Reader, SEQUENCE, SET};
use crate::oid;

/// Most certificates and time stamps of a message that are looked at.
const CERTIFICATES: usize = 32;
const TIME_STAMPS: usize = 8;

/// Why a message is not what its signer has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// It cannot be read.
    #[error("a signature's message cannot be read: {0}")]
    Malformed(#[from] DerError),
    /// Its algorithms are none that are taken.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// Its signer's certificate is none that is taken.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// It has not exactly one signer.
    #[error("a signature's message does not have exactly one signer")]
    Signers,
    /// Its signer's certificate is not in it.
    #[error("the certificate of the signer is not in the message")]
    NoCertificate,
    /// It signs something else than what it should.
    #[error("the message signs another kind of content")]
    ContentType,
    /// The content is not what was signed.
    #[error("the content is not what was signed")]
    Changed,
    /// The signature was not made with the certificate's key.
    #[error("the signature is wrong")]
    Signature,
    /// It does not say which certificate signed, or another than the one that is named.
    #[error("the signature does not hold on to its certificate")]
    SigningCertificate,
}

/// A message that was read, but not checked.
pub(crate) struct Message<'a> {
    pub(crate) content_type: &'a [u8],
    /// None, if the content is elsewhere.
    pub(crate) content: Option<&'a [u8]>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) signer: Certificate,
    /// RFC 3161 tokens over the signature.
    pub(crate) time_stamps: Vec<&'a [u8]>,
    pub(crate) signature: &'a [u8],
    /// What is signed: a SET, while it is written as `[0]`.
    attributes: &'a [u8],
    hash: Hash,
    scheme: Scheme,
}

impl<'a> Message<'a> {
    /// Reads a message; only zeros may be behind it.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, CmsError> {
        let (outer, behind) = der::split(bytes)?;
        if behind.iter().any(|byte| *byte != 0) {
            return Err(DerError::Trailing.into());
        }
        let mut message = der::only(outer.whole, SEQUENCE)?;
        if message.value(OBJECT_IDENTIFIER)? != oid::SIGNED_DATA {
            return Err(CmsError::ContentType);
        }
        let mut signed = der::only(message.value(CONTEXT)?, SEQUENCE)?;
        signed.expect(INTEGER)?;
        signed.expect(SET)?;
        let mut encapsulated = signed.inside(SEQUENCE)?;
        let content_type = encapsulated.value(OBJECT_IDENTIFIER)?;
        let content = match encapsulated.optional(CONTEXT)? {
            Some(content) => Some(Reader::new(content.value).value(OCTETS)?),
            None => None,
        };
        let mut ders = Vec::new();
        if let Some(set) = signed.optional(CONTEXT)? {
            let mut set = Reader::new(set.value);
            while let Some(one) = set.next()? {
                if ders.len() == CERTIFICATES {
                    return Err(CmsError::NoCertificate);
                }
                ders.push(one.whole);
            }
        }
        signed.optional(CONTEXT + 1)?;
        let mut signers = signed.inside(SET)?;
        let mut signer = signers.inside(SEQUENCE)?;
        if signers.end().is_err() {
            return Err(CmsError::Signers);
        }

        signer.expect(INTEGER)?;
        let who = signer.next()?.ok_or(DerError::Truncated)?;
        let hash = Hash::of_algorithm(signer.expect(SEQUENCE)?)?;
        let attributes = signer.value(CONTEXT)?;
        let scheme = Scheme::of_algorithm(signer.expect(SEQUENCE)?)?;
        let signature = signer.value(OCTETS)?;
        let time_stamps = match signer.optional(CONTEXT + 1)? {
            Some(unsigned) => time_stamps(unsigned.value)?,
            None => Vec::new(),
        };

        let mut found = None;
        let mut certificates = Vec::new();
        for der in ders {
            let is_named = named(der, who).unwrap_or(false);
            match Certificate::read(der) {
                Ok(certificate) => {
                    if is_named && found.is_none() {
                        found = Some(certificate.clone());
                    }
                    certificates.push(certificate);
                }
                // Others may be of any kind.
                Err(error) if is_named => return Err(error.into()),
                Err(_) => {}
            }
        }
        let signer = found.ok_or(CmsError::NoCertificate)?;
        Ok(Self { content_type, content, certificates, signer, time_stamps, signature, attributes, hash, scheme })
    }

    /// Checks the signature over a content of this type, whose hash is asked for.
    pub(crate) fn check(&self, content_type: &[u8], hashed: impl FnOnce(Hash) -> Vec<u8>) -> Result<(), CmsError> {
        let digest = self.attribute(oid::MESSAGE_DIGEST)?.ok_or(DerError::Missing(OCTETS))?;
        if self.hash == Hash::Sha1 {
            return Err(AlgorithmError::Unknown("a signature with SHA-1").into());
        }
        if Reader::new(digest).value(OCTETS)? != hashed(self.hash) {
            return Err(CmsError::Changed);
        }
        let named = self.attribute(oid::CONTENT_TYPE)?.ok_or(CmsError::ContentType)?;
        if Reader::new(named).value(OBJECT_IDENTIFIER)? != content_type || self.content_type != content_type {
            return Err(CmsError::ContentType);
        }
        // It is the set that is signed, not the element it is written as (RFC 5652, section 5.4).
        let signed = der::write(SET, &[self.attributes]);
        let right = self.signer.key.has_signed(self.scheme, self.hash, &signed, self.signature)?;
        if right { Ok(()) } else { Err(CmsError::Signature) }
    }

    /// The only value of a signed attribute that must not be there twice.
    fn attribute(&self, name: &[u8]) -> Result<Option<&'a [u8]>, DerError> {
        let mut attributes = Reader::new(self.attributes);
        let mut found = None;
        while let Some(attribute) = attributes.next()? {
            let mut attribute = Reader::new(attribute.value);
            if attribute.value(OBJECT_IDENTIFIER)? == name {
                let mut values = attribute.inside(SET)?;
                let value = values.next()?.ok_or(DerError::Truncated)?;
                values.end()?;
                if found.replace(value.whole).is_some() {
                    return Err(DerError::Trailing);
                }
            }
        }
        Ok(found)
    }

    /// Checks that the first certificate that the signature names by its hash is that of the signer.
    pub(crate) fn check_certificate(&self) -> Result<(), CmsError> {
        if self.holds_on()? { Ok(()) } else { Err(CmsError::SigningCertificate) }
    }

    fn holds_on(&self) -> Result<bool, CmsError> {
        let (value, is_second) = match self.attribute(oid::SIGNING_CERTIFICATE_V2)? {
            Some(value) => (value, true),
            None => match self.attribute(oid::SIGNING_CERTIFICATE)? {
                Some(value) => (value, false),
                None => return Ok(false),
            },
        };
        let mut first = der::only(value, SEQUENCE)?.inside(SEQUENCE)?.inside(SEQUENCE)?;
        let hash = match first.optional(SEQUENCE)? {
            Some(algorithm) => Hash::of_algorithm(algorithm)?,
            None if is_second => Hash::Sha256,
            None => Hash::Sha1,
        };
        Ok(first.value(OCTETS)? == self.signer.hash(hash))
    }
}

/// Whether `SignerIdentifier` means this certificate. By issuer and number, or by the identifier of its key.
fn named(der: &[u8], who: der::Element<'_>) -> Result<bool, DerError> {
    let mut certificate = der::only(der, SEQUENCE)?.inside(SEQUENCE)?;
    certificate.optional(CONTEXT)?;
    let serial = certificate.value(INTEGER)?;
    certificate.expect(SEQUENCE)?;
    let issuer = certificate.expect(SEQUENCE)?;
    match who.tag {
        SEQUENCE => {
            let mut who = Reader::new(who.value);
            Ok(who.expect(SEQUENCE)?.whole == issuer.whole && who.value(INTEGER)? == serial)
        }
        CONTEXT_PLAIN => Ok(Certificate::read(der).is_ok_and(|own| own.key_identifier.as_deref() == Some(who.value))),
        tag => Err(DerError::Value(tag)),
    }
}

fn time_stamps(unsigned: &[u8]) -> Result<Vec<&[u8]>, DerError> {
    let mut tokens = Vec::new();
    let mut attributes = Reader::new(unsigned);
    while let Some(attribute) = attributes.next()? {
        let mut attribute = Reader::new(attribute.value);
        if attribute.value(OBJECT_IDENTIFIER)? != oid::TIME_STAMP_TOKEN {
            continue;
        }
        let mut values = attribute.inside(SET)?;
        while let Some(token) = values.next()?.filter(|_| tokens.len() < TIME_STAMPS) {
            tokens.push(token.whole);
        }
    }
    Ok(tokens)
}
