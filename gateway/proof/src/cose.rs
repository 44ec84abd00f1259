//! Signed claims: COSE_Sign1 (RFC 9052, section 4.2) with ES256 (RFC 9053, section 2.1).

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::cbor::{Malformed, Reader, Writer};

/// CBOR tag of COSE_Sign1 (RFC 9052, section 2).
const TAG: u64 = 18;
/// Header parameters (RFC 9052, section 3.1; 16 in RFC 9596) and the algorithm's number.
const ALGORITHM: i64 = 1;
const ES256: i64 = -7;
const KEY_ID: i64 = 4;
const TYPE: i64 = 16;

/// Why claims were not signed, or are not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Not of the form, or too long.
    #[error("the signed claims are damaged; read them again")]
    Form,
    /// Signed by a key that is not among the trusted ones.
    #[error("the claims are signed by a key that is not known here; load the agency's newest keys")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the claims is wrong: they were changed, or are forged")]
    WrongSignature,
    /// A fact cannot be claimed.
    #[error("{0} cannot be claimed: it is empty, too long or too large")]
    Fact(&'static str),
    /// The public key is none of P-256.
    #[error("the public key is no point of P-256; take it from the agency's certificate")]
    Key,
    /// The private key did not sign, or another one did.
    #[error("the key did not sign: {0}")]
    Sign(String),
}

impl From<Malformed> for ClaimsError {
    fn from(_: Malformed) -> Self {
        Self::Form
    }
}

/// A public key that claims are signed by: P-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimsKey {
    id: [u8; 4],
    key: VerifyingKey,
}

impl ClaimsKey {
    /// Takes a point, SEC 1 (65 bytes, or 33 compressed).
    ///
    /// # Errors
    /// [`ClaimsError::Key`].
    pub fn new(point: &[u8]) -> Result<Self, ClaimsError> {
        let key = VerifyingKey::from_sec1_bytes(point).map_err(|_| ClaimsError::Key)?;
        let hash = Sha256::digest(key.to_sec1_point(false));
        Ok(Self { id: [hash[0], hash[1], hash[2], hash[3]], key })
    }

    /// The key's id in signed claims: the first four bytes of SHA-256 over its uncompressed point. It only tells which key to
    /// try.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }
}

/// Asks a key, which may be on a token, for its ES256 signature of a SHA-256 hash: two numbers of 32 bytes, r and s.
pub type SignHash<'a> = &'a mut dyn FnMut(&[u8; 32]) -> Result<[u8; 64], String>;

fn header(kind: Option<&str>, id: [u8; 4]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.map(if kind.is_some() { 3 } else { 2 }).int(ALGORITHM).int(ES256).int(KEY_ID).bytes(&id);
    if let Some(kind) = kind {
        writer.int(TYPE).text(kind);
    }
    writer.finish()
}

/// SHA-256 over the Sig_structure (RFC 9052, section 4.4).
fn hash(header: &[u8], payload: &[u8]) -> [u8; 32] {
    let mut writer = Writer::default();
    writer.array(4).text("Signature1").bytes(header).bytes(&[]).bytes(payload);
    Sha256::digest(writer.finish()).into()
}

pub(crate) fn sign(
    payload: &[u8],
    kind: Option<&str>,
    key: &ClaimsKey,
    sign_hash: SignHash<'_>,
) -> Result<Vec<u8>, ClaimsError> {
    let header = header(kind, key.id);
    let hash = hash(&header, payload);
    let signature = sign_hash(&hash).map_err(ClaimsError::Sign)?;
    if !fits(key, &hash, &signature) {
        return Err(ClaimsError::Sign("its signature does not fit the public key".to_owned()));
    }
    let mut writer = Writer::default();
    writer.tag(TAG).array(4).bytes(&header).map(0).bytes(payload).bytes(&signature);
    Ok(writer.finish())
}

fn fits(key: &ClaimsKey, hash: &[u8; 32], signature: &[u8; 64]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.key.verify_prehash(hash, &signature).is_ok())
}

/// The payload, if one of the keys signed it.
pub(crate) fn open<'a>(signed: &'a [u8], kind: Option<&str>, keys: &[ClaimsKey]) -> Result<&'a [u8], ClaimsError> {
    let mut reader = Reader::new(signed);
    reader.tag(TAG)?;
    reader.array(4)?;
    let protected = reader.bytes()?;
    reader.map(0)?;
    let payload = reader.bytes()?;
    let signature = reader.exactly()?;
    reader.end()?;
    let mut parameters = Reader::new(protected);
    parameters.map(if kind.is_some() { 3 } else { 2 })?;
    if parameters.key(ALGORITHM)?.int()? != ES256 {
        return Err(ClaimsError::Form);
    }
    let id: [u8; 4] = parameters.key(KEY_ID)?.exactly()?;
    if header(kind, id) != protected {
        return Err(ClaimsError::Form);
    }
    let hash = hash(protected, payload);
    let mut tried = keys.iter().filter(|key| key.id == id).peekable();
    if tried.peek().is_none() {
        return Err(ClaimsError::UnknownKey);
    }
    if tried.any(|key| fits(key, &hash, &signature)) { Ok(payload) } else { Err(ClaimsError::WrongSignature) }
}
