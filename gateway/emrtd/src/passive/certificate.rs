//! Certificates of document signers, the authorities that are trusted to make them, and those that were revoked.
//!
//! Document: ICAO 9303-12 (8th edition), section 7.1; RFC 5280.

use std::time::SystemTime;

use x509_cert::crl::CertificateList;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};
use x509_cert::name::Name;

use super::PassiveError;
use crate::keys::{Hash, KeyError, PublicKey, Scheme};
use crate::tlv::{self, TlvError};

const INTEGER: u32 = 0x02;
const BITS: u32 = 0x03;
const SEQUENCE: u32 = 0x30;

/// Why a certificate or a list is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It cannot be read.
    #[error("a certificate or a list of revoked ones cannot be read: {0}")]
    Malformed(String),
    /// It is not that of a signing authority.
    #[error("the certificate of `{0}` is not that of a signing authority that signed it itself")]
    NoAuthority(String),
    /// A list of revoked certificates names no authority in the list: nobody whom it revokes is trusted.
    #[error("a list of revoked certificates comes from no signing authority in the list")]
    UntrustedList,
    /// It names one that has not signed it.
    #[error("a list of revoked certificates is not signed by the signing authority that it names")]
    WrongList,
    /// Its key, or its signature.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<TlvError> for CertificateError {
    fn from(error: TlvError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<x509_cert::der::Error> for CertificateError {
    fn from(error: x509_cert::der::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// A signed structure (RFC 5280, section 4.1): what is signed, how, and the signature.
struct Signed<'a> {
    content: &'a [u8],
    scheme: Scheme,
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, CertificateError> {
        let inside = tlv::only(bytes, SEQUENCE)?;
        let (_, behind) = tlv::split(inside)?;
        let content = &inside[..inside.len() - behind.len()];
        let scheme = Scheme::of_algorithm(tlv::get(behind, SEQUENCE)?)?;
        let signature = tlv::get(behind, BITS)?.strip_prefix(&[0]).ok_or(TlvError::Value(BITS))?;
        Ok(Self { content, scheme, signature })
    }

    fn is_by(&self, key: &PublicKey) -> Result<bool, KeyError> {
        // Algorithms of certificates name their hash.
        key.has_signed(self.scheme, Hash::Sha256, self.content, self.signature)
    }
}

/// A certificate with its bytes.
pub(crate) struct Certificate {
    bytes: Vec<u8>,
    read: x509_cert::Certificate,
}

impl Certificate {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        Ok(Self { bytes: bytes.to_vec(), read: x509_cert::Certificate::from_der(bytes)? })
    }

    pub(crate) fn key(&self) -> Result<PublicKey, CertificateError> {
        let key = PublicKey::read(&self.read.tbs_certificate().subject_public_key_info().to_der()?)?;
        Ok(key.of_a_state()?)
    }

    /// Whether `IssuerAndSerialNumber`'s content may mean this certificate: by its number, as states write names in more ways
    /// than one. What counts is whether its key has signed.
    pub(crate) fn is_named(&self, who: &[u8]) -> Result<bool, CertificateError> {
        Ok(self.read.tbs_certificate().serial_number().as_bytes() == tlv::get(who, INTEGER)?)
    }

    pub(crate) fn key_identifier(&self) -> Option<Vec<u8>> {
        let (_, identifier) = self.read.tbs_certificate().get_extension::<SubjectKeyIdentifier>().ok()??;
        Some(identifier.0.as_bytes().to_vec())
    }

    fn is_by(&self, authority: &Self) -> Result<bool, CertificateError> {
        let same_name = self.read.tbs_certificate().issuer() == authority.read.tbs_certificate().subject();
        Ok(same_name && Signed::read(&self.bytes)?.is_by(&authority.key()?)?)
    }

    fn holds_at(&self, now: SystemTime) -> bool {
        let validity = self.read.tbs_certificate().validity();
        (validity.not_before.to_system_time()..=validity.not_after.to_system_time()).contains(&now)
    }

    /// A document signer's: no authority's, for signatures, and for no other purpose (9303-12, section 7.1.1: those of lists
    /// and of connections name theirs).
    fn signs_documents(&self) -> bool {
        let tbs = self.read.tbs_certificate();
        let usage = tbs.get_extension::<KeyUsage>().ok().flatten();
        let purpose = tbs.get_extension::<ExtendedKeyUsage>();
        usage.is_none_or(|(_, usage)| usage.digital_signature()) && matches!(purpose, Ok(None)) && !self.is_authority()
    }

    /// A signing authority's: it may sign certificates.
    fn is_authority(&self) -> bool {
        let tbs = self.read.tbs_certificate();
        let constraints = tbs.get_extension::<BasicConstraints>().ok().flatten();
        let usage = tbs.get_extension::<KeyUsage>().ok().flatten();
        constraints.is_some_and(|(_, constraints)| constraints.ca)
            && usage.is_none_or(|(_, usage)| usage.key_cert_sign())
    }
}

/// A list of revoked certificates.
struct Revoked {
    /// By name: an authority's list also covers what it signed with its earlier keys.
    issuer: Name,
    numbers: Vec<Vec<u8>>,
    /// When the authority will have made a new one at the latest; 9303-12, section 7.2, demands that it says so.
    next_update: Option<SystemTime>,
}

/// What the operator's lists say of revoked signers of one authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocations {
    /// There is a list, and it is the authority's newest.
    Current,
    /// There is a list, but its authority has made a newer one by now: a signer that was revoked since is not known. What
    /// the old list names is revoked all the same.
    Outdated,
    /// There is no list of this authority.
    NoList,
}

/// The signing authorities (CSCA) that the operator trusts, and the certificates that these have revoked.
#[derive(Default)]
pub struct TrustList {
    authorities: Vec<Certificate>,
    revoked: Vec<Revoked>,
}

impl TrustList {
    /// Nobody is trusted.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many authorities there are.
    pub fn len(&self) -> usize {
        self.authorities.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty()
    }

    /// Adds an authority's certificate, DER.
    ///
    /// # Errors
    /// [`CertificateError`], if it is none.
    pub fn add_authority(&mut self, der: &[u8]) -> Result<(), CertificateError> {
        let certificate = Certificate::read(der)?;
        if !certificate.is_authority() || !certificate.is_by(&certificate)? {
            return Err(CertificateError::NoAuthority(certificate.read.tbs_certificate().subject().to_string()));
        }
        self.authorities.push(certificate);
        Ok(())
    }

    /// Adds a list of revoked certificates, DER, after the authority that signed it.
    ///
    /// # Errors
    /// [`CertificateError`], also if none of the authorities has signed it.
    pub fn add_revoked(&mut self, der: &[u8]) -> Result<(), CertificateError> {
        let list = CertificateList::<x509_cert::certificate::Rfc5280>::from_der(der)?;
        let signed = Signed::read(der)?;
        let issuer = list.tbs_cert_list.issuer.clone();
        let named = |authority: &&Certificate| *authority.read.tbs_certificate().subject() == issuer;
        let mut wrong = CertificateError::UntrustedList;
        for authority in self.authorities.iter().filter(named) {
            wrong = CertificateError::WrongList;
            // One of the same name may have another kind of key.
            if authority.key().and_then(|key| Ok(signed.is_by(&key)?)).unwrap_or(false) {
                let revoked = list.tbs_cert_list.revoked_certificates.into_iter().flatten();
                self.revoked.push(Revoked {
                    issuer: list.tbs_cert_list.issuer,
                    numbers: revoked.map(|entry| entry.serial_number.as_bytes().to_vec()).collect(),
                    next_update: list.tbs_cert_list.next_update.map(|time| time.to_system_time()),
                });
                return Ok(());
            }
        }
        Err(wrong)
    }

    /// The names of the authorities whose newest list of revoked certificates is out of date: the operator should fetch a
    /// new one. Their cards are still judged by the old one, and [`super::Signed`] tells it.
    pub fn outdated(&self, now: SystemTime) -> Vec<String> {
        let outdated = |list: &&Revoked| self.revocations(&list.issuer, now) == Revocations::Outdated;
        let mut names: Vec<String> = self.revoked.iter().filter(outdated).map(|list| list.issuer.to_string()).collect();
        names.dedup();
        names
    }

    /// The names of the authorities without any list of revoked certificates.
    pub fn without_list(&self) -> Vec<String> {
        let subjects = self.authorities.iter().map(|authority| authority.read.tbs_certificate().subject());
        let bare = subjects.filter(|subject| self.revoked.iter().all(|list| list.issuer != **subject));
        bare.map(ToString::to_string).collect()
    }

    fn revocations(&self, issuer: &Name, now: SystemTime) -> Revocations {
        let mut ends =
            self.revoked.iter().filter(|list| list.issuer == *issuer).map(|list| list.next_update).peekable();
        if ends.peek().is_none() {
            return Revocations::NoList;
        }
        // One that does not say until when it is the newest never is.
        if ends.flatten().any(|end| now <= end) { Revocations::Current } else { Revocations::Outdated }
    }

    /// Whether a signer's certificate is to be trusted, and what is known of its revocation.
    pub(super) fn check(&self, signer: &Certificate, now: SystemTime) -> Result<Revocations, PassiveError> {
        // One of another algorithm is not its authority, whatever its name. Several may have the same name and key.
        let mut by = self.authorities.iter().filter(|authority| signer.is_by(authority).unwrap_or(false)).peekable();
        by.peek().ok_or(PassiveError::Untrusted)?;
        if !by.any(|authority| authority.holds_at(now)) {
            return Err(PassiveError::OutOfTime { whose: "the signing authority's" });
        }
        if !signer.holds_at(now) {
            return Err(PassiveError::OutOfTime { whose: "the signer's" });
        }
        if !signer.signs_documents() {
            return Err(PassiveError::NotASigner);
        }
        let tbs = signer.read.tbs_certificate();
        let number = tbs.serial_number().as_bytes();
        let mut lists = self.revoked.iter().filter(|list| list.issuer == *tbs.issuer());
        if lists.any(|list| list.numbers.iter().any(|one| one == number)) {
            return Err(PassiveError::Revoked);
        }
        Ok(self.revocations(tbs.issuer(), now))
    }
}
