//! What is trusted, and how it is read from files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kiosk_pades::{CertificateError, Roots};
use kiosk_proof::{AgencyPrefix, ClaimsKey, NoteVerifier};

/// Officer and agency.
const SIGNATURES: usize = 2;
/// Most certificates of one file.
const MOST_CERTIFICATES: usize = 256;
/// Largest file of certificates or of a key, bytes.
const LARGEST: usize = 1 << 20;
/// What a public key of P-256 begins with as SubjectPublicKeyInfo, before its uncompressed point (RFC 5480, section 2).
const P256_INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE,
    0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Why something cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// There is no root.
    #[error("no root is trusted, so nobody's signature could be; take the roots that the state publishes")]
    NoRoots,
    /// A root cannot be read.
    #[error("a root cannot be read as a certificate")]
    Root(#[source] CertificateError),
    /// No signature is expected.
    #[error("a certified copy has at least one signature; expect 1 or more")]
    NoSignatures,
    /// A file has no certificate.
    #[error("the file has no certificate; DER or PEM is read, up to {LARGEST} bytes")]
    NoCertificate,
    /// A file has no key.
    #[error("the file has no public key of P-256; DER or PEM (`openssl pkey -pubout`), or its point, is read")]
    NoKey,
}

/// A log that is trusted.
#[derive(Clone, Debug)]
pub struct LogTrust {
    /// The log's own key.
    pub key: NoteVerifier,
    /// Who watches it.
    pub cosigners: Vec<NoteVerifier>,
    /// How many of them must have signed.
    pub quorum: usize,
}

/// What is trusted. Everything but the roots may be missing; what needs it is then told as not judged.
#[derive(Clone, Debug)]
pub struct Trust {
    signers: Vec<Vec<u8>>,
    time_stamps: Vec<Vec<u8>>,
    signatures: usize,
    /// The transparency log.
    pub log: Option<LogTrust>,
    /// Keys of the agency that sign QR codes and lists of revocations.
    pub claims_keys: Vec<ClaimsKey>,
    /// The host that QR codes lead to, lower case.
    pub host: Option<String>,
    /// The prefix of the agency's codes.
    pub prefix: Option<AgencyPrefix>,
    /// Where the agency's list of revocations is served: its signature names that.
    pub revocations_url: Option<String>,
}

impl Trust {
    /// Trusts these roots, DER: of those who sign documents, officers and agencies, and of time stamp authorities. A copy must
    /// be signed by two.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn new(signers: Vec<Vec<u8>>, time_stamps: Vec<Vec<u8>>) -> Result<Self, TrustError> {
        if signers.is_empty() {
            return Err(TrustError::NoRoots);
        }
        let trust = Self { signers, time_stamps, ..Self::in_nobody() };
        trust.roots().check().map_err(TrustError::Root)?;
        Ok(trust)
    }

    /// Trusts nobody's signature yet: enough for [`crate::verify_qr`], which needs claims keys, host and prefix.
    pub fn in_nobody() -> Self {
        Self {
            signers: Vec::new(),
            time_stamps: Vec::new(),
            signatures: SIGNATURES,
            log: None,
            claims_keys: Vec::new(),
            host: None,
            prefix: None,
            revocations_url: None,
        }
    }

    /// Expects signatures of so many different signers.
    ///
    /// # Errors
    /// [`TrustError::NoSignatures`] for none.
    pub fn with_signatures(mut self, signatures: usize) -> Result<Self, TrustError> {
        if signatures == 0 {
            return Err(TrustError::NoSignatures);
        }
        self.signatures = signatures;
        Ok(self)
    }

    pub(crate) fn roots(&self) -> Roots<'_> {
        Roots { signers: &self.signers, time_stamps: &self.time_stamps }
    }

    pub(crate) fn signatures(&self) -> usize {
        self.signatures
    }
}

/// The certificates of a file, DER: one as it is, or any number as PEM (RFC 7468). They are not looked into.
///
/// # Errors
/// [`TrustError::NoCertificate`].
pub fn certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, TrustError> {
    if file.len() > LARGEST {
        return Err(TrustError::NoCertificate);
    }
    // A SEQUENCE.
    if file.first() == Some(&0x30) {
        return Ok(vec![file.to_vec()]);
    }
    match pem(file, "CERTIFICATE") {
        Some(found) if !found.is_empty() => Ok(found),
        _ => Err(TrustError::NoCertificate),
    }
}

/// The public key of a file: SubjectPublicKeyInfo, DER or PEM, or its point (SEC 1).
///
/// # Errors
/// [`TrustError::NoKey`].
pub fn claims_key(file: &[u8]) -> Result<ClaimsKey, TrustError> {
    let found = if file.len() <= LARGEST { pem(file, "PUBLIC KEY") } else { None };
    let der = match found.as_deref() {
        Some([only]) => only.as_slice(),
        _ => file,
    };
    ClaimsKey::new(der.strip_prefix(&P256_INFO).unwrap_or(der)).map_err(|_| TrustError::NoKey)
}

/// What stands between lines of this kind; `None` if something is not PEM.
fn pem(file: &[u8], kind: &str) -> Option<Vec<Vec<u8>>> {
    let text = std::str::from_utf8(file).ok()?;
    let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once(&begin) {
        let (inside, behind) = behind.split_once(&end)?;
        let digits: String = inside.split_ascii_whitespace().collect();
        found.push(STANDARD.decode(digits).ok()?);
        if found.len() > MOST_CERTIFICATES {
            return None;
        }
        rest = behind;
    }
    Some(found)
}
