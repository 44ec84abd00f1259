//! Signs a file: PAdES levels B-B and B-T, by an update behind the bytes that are there.
//!
//! ```text
//! file ─► update with an empty place ─► hash of all but the place ─► signed attributes ─► key ─► message, time stamp ─► place
//! ```
//!
//! Document: ETSI EN 319 142-1, sections 5 and 6; ISO 32000-1, section 12.8.

mod appearance;
mod field;
mod prepared;
#[cfg(test)]
mod tests;

use std::time::SystemTime;

use sha2::{Digest, Sha256};

pub use appearance::ImageError;
pub(crate) use prepared::{TIME_STAMP_FILTER, prepare, time_stamp_dictionary};

use crate::algorithm::{Algorithm, AlgorithmError, Hash, Scheme};
use crate::certificate::{Certificate, CertificateError};
use crate::cms::Parts;
use crate::fetch::TimeStamper;
use crate::pdf::{Dict, Object, Pdf, PdfError};
use crate::signer::{Signer, SignerError};
use crate::timestamp::{self, TimeStampError};

/// Why a file was not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The file cannot be read.
    #[error("the file cannot be signed")]
    Pdf(#[from] PdfError),
    /// The key did not sign.
    #[error("the file was not signed")]
    Signer(#[from] SignerError),
    /// The signer's certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The signature cannot be judged.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// There is no time stamp.
    #[error("there is no time stamp")]
    TimeStamp(#[from] TimeStampError),
    /// The picture of the signature.
    #[error("the picture of the signature cannot be used")]
    Image(#[from] ImageError),
    /// The signer has no certificate.
    #[error("the signer has no certificate")]
    NoCertificate,
    /// The key signs otherwise than its certificate says, or is not the certificate's.
    #[error("the key is not the one of the signer's certificate")]
    WrongKey,
    /// The file has a field of this name already.
    #[error("the file has a field `{0}` already")]
    FieldExists(String),
    /// A field's name is empty or has a full stop in it.
    #[error("`{0}` is no name for a field: it must have letters, and no full stop")]
    FieldName(String),
    /// The file has no such page.
    #[error("there is no page {page}: the file has {pages} pages, counted from 0")]
    NoPage {
        /// The page that was asked for, from 0.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// The message is larger than the place that was kept for it, bytes.
    #[error("the signature has {needed} bytes, and {kept} were kept for it; raise the size of time stamps")]
    DoesNotFit {
        /// How many bytes it has.
        needed: usize,
        /// How many were kept.
        kept: usize,
    },
}

/// Where and how a signature is shown and called.
#[derive(Clone, Debug)]
pub struct SignatureField {
    /// The field's name, which no other field of the file has; no full stop in it.
    pub name: String,
    /// The page, from 0.
    pub page: usize,
    /// Left, lower, right and upper edge on the page, points (1/72 inch) from its lower left corner; `None`: not shown.
    pub rect: Option<[f32; 4]>,
    /// The picture of a seal or of a signature by hand, PNG or JPEG, which fills the rectangle. Without one nothing is drawn
    /// there: the page may have the text already.
    pub image: Option<Vec<u8>>,
    /// Why it is signed, as readers show it.
    pub reason: Option<String>,
    /// Where it is signed, as readers show it.
    pub location: Option<String>,
    /// When it is signed, as the signer claims. It is written with the time zone of Vietnam.
    pub time: SystemTime,
}

impl SignatureField {
    /// A signature that is not shown.
    pub fn invisible(name: &str, time: SystemTime) -> Self {
        Self { name: name.to_owned(), page: 0, rect: None, image: None, reason: None, location: None, time }
    }
}

/// Signs a file, with a time stamp (level B-T) or without one (B-B). The bytes that are there stay as they are.
///
/// # Errors
/// [`SignError`]; nothing was signed then, or what was signed is of no use.
pub fn sign(
    pdf: &[u8],
    field: &SignatureField,
    signer: &mut dyn Signer,
    authority: Option<&dyn TimeStamper>,
) -> Result<Vec<u8>, SignError> {
    let pdf = Pdf::read(pdf)?;
    let chain = signer.chain().to_vec();
    let certificate = Certificate::read(chain.first().ok_or(SignError::NoCertificate)?)?;
    let algorithm = signer.algorithm();
    let (own, signature_bytes) = certificate.key.signs().ok_or(SignError::WrongKey)?;
    if own != algorithm {
        return Err(SignError::WrongKey);
    }
    let parts = Parts { algorithm, certificate: &certificate, chain: &chain };
    let kept = parts.most_bytes(signature_bytes, authority.map(TimeStamper::token_bytes));
    let mut prepared = prepare(&pdf, field, dictionary(field), kept)?;

    let attributes = parts.attributes(&prepared.hash());
    let signature = signer.sign(&Sha256::digest(&attributes).into())?;
    let signature = match algorithm {
        Algorithm::RsaPssSha256 => signature,
        Algorithm::EcdsaP256Sha256 => {
            let numbers = p256::ecdsa::Signature::from_slice(&signature).map_err(|_| SignError::WrongKey)?;
            numbers.to_der().as_bytes().to_vec()
        }
    };
    // A key that is not the certificate's, or a fault of the token, must not get into a file.
    let scheme = match algorithm {
        Algorithm::RsaPssSha256 => Scheme::Pss(Hash::Sha256, usize::from(crate::algorithm::SALT)),
        Algorithm::EcdsaP256Sha256 => Scheme::Ecdsa(Some(Hash::Sha256)),
    };
    if !certificate.key.has_signed(scheme, Hash::Sha256, &attributes, &signature)? {
        return Err(SignError::WrongKey);
    }
    let token = match authority {
        Some(authority) => Some(timestamp::get(authority, &Sha256::digest(&signature).into())?),
        None => None,
    };
    prepared.fill(&parts.message(&attributes, &signature, token.as_deref()))?;
    Ok(prepared.bytes)
}

/// The signature dictionary (ISO 32000-1, table 252), as far as it does not depend on where it is.
fn dictionary(field: &SignatureField) -> Dict {
    let mut dictionary = Dict::from([
        ("Type", Object::name("Sig")),
        ("Filter", Object::name("Adobe.PPKLite")),
        ("SubFilter", Object::name("ETSI.CAdES.detached")),
        ("M", Object::String(crate::date::write(field.time).into_bytes())),
    ]);
    for (name, text) in [("Reason", &field.reason), ("Location", &field.location)] {
        if let Some(text) = text {
            dictionary.set(name, Object::text(text));
        }
    }
    dictionary
}
