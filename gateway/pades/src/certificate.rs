//! Certificates: what is in them, and whether one was signed with the key of another.
//!
//! Document: RFC 5280, section 4.

use std::ops::Range;
use std::time::SystemTime;

use x509_cert::der::Decode;
use x509_cert::name::Name;

use crate::algorithm::{AlgorithmError, Hash, PublicKey, Scheme};
use crate::budget::Budget;
use crate::der::{
    self, BITS, BOOLEAN, CONTEXT, CONTEXT_PLAIN, DerError, Element, INTEGER, OBJECT_IDENTIFIER, OCTETS, Reader,
    SEQUENCE,
};
use crate::oid;

/// Most extensions of a certificate, and most addresses and names of lists that are taken from one.
const EXTENSIONS: usize = 64;
const ADDRESSES: usize = 4;
const NAMES: usize = 16;

/// Why a certificate is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It cannot be read.
    #[error("a certificate cannot be read: {0}")]
    Malformed(#[from] DerError),
    /// Its key is none that is taken.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
}

/// What a key may be used for (RFC 5280, section 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyUsage(u8);

impl KeyUsage {
    /// `digitalSignature` or `nonRepudiation`.
    pub(crate) fn signs(self) -> bool {
        self.0 & 0xC0 != 0
    }

    pub(crate) fn signs_certificates(self) -> bool {
        self.0 & 0x04 != 0
    }

    pub(crate) fn signs_lists(self) -> bool {
        self.0 & 0x02 != 0
    }
}

/// A signed structure (RFC 5280, section 4.1): what is signed, how, and the signature.
pub(crate) struct Signed<'a> {
    pub(crate) content: Element<'a>,
    scheme: Scheme,
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, AlgorithmError> {
        let content = reader.expect(SEQUENCE)?;
        let scheme = Scheme::of_algorithm(reader.expect(SEQUENCE)?)?;
        Ok(Self { content, scheme, signature: der::bits(reader.value(BITS)?)? })
    }

    /// Whether the key of this certificate has signed it.
    pub(crate) fn is_by(&self, signer: &Certificate, budget: &Budget) -> bool {
        budget.verified(&[&signer.der, self.content.whole, self.signature], || {
            // These schemes name their hash; one that does not is none.
            signer.key.has_signed(self.scheme, Hash::Sha1, self.content.whole, self.signature).unwrap_or(false)
        })
    }
}

/// A certificate with its bytes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    pub(crate) key: PublicKey,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    pub(crate) key_usage: Option<KeyUsage>,
    /// The content of `ExtKeyUsageSyntax`: it is critical, and the purposes.
    pub(crate) purposes: Option<(bool, Vec<Vec<u8>>)>,
    /// It is an authority's, with so many others below it at most.
    pub(crate) authority: Option<Option<u32>>,
    pub(crate) key_identifier: Option<Vec<u8>>,
    pub(crate) ocsp: Vec<String>,
    /// The places where lists of all reasons lie: names of any kind, DER.
    pub(crate) list_names: Vec<Vec<u8>>,
    /// An OCSP responder's that need not be asked about.
    pub(crate) no_check: bool,
    /// It has a critical extension that is not known here.
    pub(crate) unknown_critical: bool,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    key_bits: Range<usize>,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Certificate").field("subject", &self.subject_text()).finish_non_exhaustive()
    }
}

impl Certificate {
    pub(crate) fn read(der: &[u8]) -> Result<Self, CertificateError> {
        let start = der.as_ptr() as usize;
        let range = |part: &[u8]| {
            let from = part.as_ptr() as usize - start;
            from..from + part.len()
        };
        let mut outer = der::only(der, SEQUENCE)?;
        let mut tbs = outer.inside(SEQUENCE)?;
        tbs.optional(CONTEXT)?;
        let serial = tbs.value(INTEGER)?;
        tbs.expect(SEQUENCE)?;
        let issuer = tbs.expect(SEQUENCE)?.whole;
        let mut validity = tbs.inside(SEQUENCE)?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        let subject = tbs.expect(SEQUENCE)?.whole;
        let info = tbs.expect(SEQUENCE)?;
        let mut key = Reader::new(info.value);
        key.expect(SEQUENCE)?;
        let key_bits = der::bits(key.value(BITS)?)?;
        let mut certificate = Self {
            der: der.to_vec(),
            key: PublicKey::read(info.whole)?,
            not_before,
            not_after,
            key_usage: None,
            purposes: None,
            authority: None,
            key_identifier: None,
            ocsp: Vec::new(),
            list_names: Vec::new(),
            no_check: false,
            unknown_critical: false,
            serial: range(serial),
            issuer: range(issuer),
            subject: range(subject),
            key_bits: range(key_bits),
        };
        tbs.optional(CONTEXT_PLAIN + 1)?;
        tbs.optional(CONTEXT_PLAIN + 2)?;
        if let Some(extensions) = tbs.optional(CONTEXT + 3)? {
            let mut extensions = der::only(extensions.value, SEQUENCE)?;
            for _ in 0..EXTENSIONS {
                let Some(extension) = extensions.next()? else { break };
                certificate.extension(extension)?;
            }
            extensions.end()?;
        }
        tbs.end()?;
        Ok(certificate)
    }

    fn extension(&mut self, extension: Element<'_>) -> Result<(), CertificateError> {
        let mut reader = Reader::new(extension.value);
        let name = reader.value(OBJECT_IDENTIFIER)?;
        let is_critical = reader.optional(BOOLEAN)?.is_some_and(|critical| critical.value != [0]);
        let value = reader.value(OCTETS)?;
        match name {
            oid::KEY_USAGE => {
                let bits = Reader::new(value).value(BITS)?;
                self.key_usage = Some(KeyUsage(bits.get(1).copied().unwrap_or_default()));
            }
            oid::BASIC_CONSTRAINTS => {
                let mut inside = der::only(value, SEQUENCE)?;
                let is_authority = inside.optional(BOOLEAN)?.is_some_and(|authority| authority.value != [0]);
                let below = inside.optional(INTEGER)?.and_then(|number| der::small(number.value));
                self.authority = is_authority.then_some(below);
            }
            oid::EXTENDED_KEY_USAGE => {
                let mut inside = der::only(value, SEQUENCE)?;
                let mut purposes = Vec::new();
                while let Some(purpose) = inside.optional(OBJECT_IDENTIFIER)? {
                    purposes.push(purpose.value.to_vec());
                }
                self.purposes = Some((is_critical, purposes));
            }
            oid::SUBJECT_KEY_IDENTIFIER => self.key_identifier = Some(Reader::new(value).value(OCTETS)?.to_vec()),
            oid::AUTHORITY_INFO_ACCESS => self.ocsp = access(value)?,
            oid::CRL_DISTRIBUTION_POINTS => self.list_names = distribution_points(value)?,
            oid::OCSP_NO_CHECK => self.no_check = true,
            // What it says of policies does not change who is trusted here.
            oid::CERTIFICATE_POLICIES => {}
            _ => self.unknown_critical |= is_critical,
        }
        Ok(())
    }

    pub(crate) fn serial(&self) -> &[u8] {
        &self.der[self.serial.clone()]
    }

    /// The issuer's name, DER.
    pub(crate) fn issuer(&self) -> &[u8] {
        &self.der[self.issuer.clone()]
    }

    /// The subject's name, DER.
    pub(crate) fn subject(&self) -> &[u8] {
        &self.der[self.subject.clone()]
    }

    /// Its key as the bytes of its BIT STRING, as OCSP hashes it.
    pub(crate) fn key_bits(&self) -> &[u8] {
        &self.der[self.key_bits.clone()]
    }

    /// The subject's name as text (RFC 4514).
    pub(crate) fn subject_text(&self) -> String {
        Name::from_der(self.subject()).map_or_else(|_| "a name that cannot be read".to_owned(), |name| name.to_string())
    }

    pub(crate) fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// Whether the key of the other has signed this.
    pub(crate) fn is_by(&self, other: &Self, budget: &Budget) -> bool {
        self.issuer() == other.subject()
            && der::only(&self.der, SEQUENCE)
                .map_err(AlgorithmError::from)
                .and_then(|mut outer| Signed::read(&mut outer))
                .is_ok_and(|signed| signed.is_by(other, budget))
    }

    pub(crate) fn holds_at(&self, time: SystemTime) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }

    /// The addresses of lists of revoked certificates.
    pub(crate) fn lists(&self) -> Vec<String> {
        let names = self.list_names.iter().filter_map(|name| der::split(name).ok());
        names.filter_map(|(name, _)| address(name)).take(ADDRESSES).collect()
    }

    pub(crate) fn has_purpose(&self, purpose: &[u8]) -> bool {
        self.purposes.as_ref().is_some_and(|(_, all)| all.iter().any(|one| one == purpose))
    }

    /// The hash of an element of `ESSCertID`, `CertID`, or another that names a certificate.
    pub(crate) fn hash(&self, hash: Hash) -> Vec<u8> {
        hash.of(&[&self.der])
    }
}

/// The addresses of OCSP responders (RFC 5280, section 4.2.2.1).
fn access(value: &[u8]) -> Result<Vec<String>, DerError> {
    let mut addresses = Vec::new();
    let mut inside = der::only(value, SEQUENCE)?;
    while let Some(description) = inside.optional(SEQUENCE)? {
        let mut description = Reader::new(description.value);
        let is_ocsp = description.value(OBJECT_IDENTIFIER)? == oid::OCSP;
        if let Some(place) = description.next()?.filter(|_| is_ocsp && addresses.len() < ADDRESSES) {
            addresses.extend(address(place));
        }
    }
    Ok(addresses)
}

/// The names of places of lists of revoked certificates (RFC 5280, section 4.2.1.13), but for those of another issuer or of
/// some reasons only.
fn distribution_points(value: &[u8]) -> Result<Vec<Vec<u8>>, DerError> {
    let mut all = Vec::new();
    let mut inside = der::only(value, SEQUENCE)?;
    while let Some(point) = inside.optional(SEQUENCE)? {
        let mut point = Reader::new(point.value);
        let Some(name) = point.optional(CONTEXT)? else { continue };
        if !point.rest().is_empty() {
            continue;
        }
        let mut names = Reader::new(name.value);
        let Some(names) = names.optional(CONTEXT)? else { continue };
        let mut names = Reader::new(names.value);
        while let Some(name) = names.next()? {
            if all.len() < NAMES {
                all.push(name.whole.to_vec());
            }
        }
    }
    Ok(all)
}

/// An address of HTTP among the kinds of `GeneralName`.
fn address(name: Element<'_>) -> Option<String> {
    let text = std::str::from_utf8(name.value).ok().filter(|_| name.tag == CONTEXT_PLAIN + 6)?;
    text.starts_with("http").then(|| text.to_owned())
}
