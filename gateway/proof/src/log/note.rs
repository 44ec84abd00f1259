//! Signed notes (c2sp.org/signed-note) with Ed25519 keys: a log's own, and cosigners' (c2sp.org/tlog-cosignature).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

const LONGEST_NAME: usize = 255;

/// How a key signs; the value is the signature type of c2sp.org/signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// The text itself: a log.
    Log = 0x01,
    /// The text after a line with the time: who has seen the log grow.
    Cosigner = 0x04,
}

/// A note or key that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not the form of a signed note or checkpoint.
    #[error("the checkpoint is damaged ({0}); fetch it again")]
    Form(&'static str),
    /// A key's name is none, or the key is no Ed25519 key.
    #[error("the key {0} cannot be used; take the line that the log's owner publishes")]
    Key(String),
    /// No signature of a key that is trusted.
    #[error("the checkpoint has no signature of {0}")]
    NotSigned(String),
    /// A signature of a trusted key is wrong.
    #[error("the signature of {0} is wrong: the checkpoint was changed, or is another's")]
    Wrong(String),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of the log {0}, which is another")]
    OtherLog(String),
    /// The key did not sign.
    #[error("the key of the log did not sign: {0}")]
    Sign(String),
}

/// Signs for a name. The key may be on a token.
pub trait NoteSigner {
    /// Whose signatures these are, for who checks them.
    fn verifier(&self) -> &NoteVerifier;

    /// Signs these bytes by Ed25519 (RFC 8032, pure).
    ///
    /// # Errors
    /// [`NoteError::Sign`].
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], NoteError>;
}

/// A key in memory.
pub struct NoteKey {
    key: SigningKey,
    verifier: NoteVerifier,
}

impl NoteKey {
    /// Takes a private key, 32 bytes (RFC 8032, section 5.1.5).
    ///
    /// # Errors
    /// [`NoteError::Key`] for a name that cannot be.
    pub fn new(name: &str, kind: NoteKind, secret: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(secret);
        let verifier = NoteVerifier::new(name, kind, key.verifying_key().as_bytes())?;
        Ok(Self { key, verifier })
    }
}

impl NoteSigner for NoteKey {
    fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], NoteError> {
        Ok(self.key.sign(message).to_bytes())
    }
}

/// A public key with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    kind: NoteKind,
    key: VerifyingKey,
}

impl NoteVerifier {
    /// Takes a public key, 32 bytes.
    ///
    /// # Errors
    /// [`NoteError::Key`].
    pub fn new(name: &str, kind: NoteKind, key: &[u8; 32]) -> Result<Self, NoteError> {
        let refused = || NoteError::Key(name.to_owned());
        let odd = |sign: char| sign.is_whitespace() || sign.is_control() || sign == '+';
        if name.is_empty() || name.len() > LONGEST_NAME || name.contains(odd) {
            return Err(refused());
        }
        let key = VerifyingKey::from_bytes(key).map_err(|_| refused())?;
        // A key of small order has signatures that fit any text.
        if key.is_weak() {
            return Err(refused());
        }
        Ok(Self { name: name.to_owned(), kind, key })
    }

    /// Reads the line that [`Display`](std::fmt::Display) gives: `name+hash+key`.
    ///
    /// # Errors
    /// [`NoteError::Key`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let refused = || NoteError::Key(line.chars().take(LONGEST_NAME).collect());
        let (name, rest) = line.split_once('+').ok_or_else(refused)?;
        let (id, key) = rest.split_once('+').ok_or_else(refused)?;
        let key = STANDARD.decode(key).map_err(|_| refused())?;
        let (kind, key) = key.split_first().ok_or_else(refused)?;
        let kind = [NoteKind::Log, NoteKind::Cosigner].into_iter().find(|known| *known as u8 == *kind);
        let key: &[u8; 32] = key.try_into().map_err(|_| refused())?;
        let read = Self::new(name, kind.ok_or_else(refused)?, key)?;
        if format!("{:08x}", u32::from_be_bytes(read.id())) == id { Ok(read) } else { Err(refused()) }
    }

    /// Name of the key, and so of the log or cosigner.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    pub fn kind(&self) -> NoteKind {
        self.kind
    }

    /// Key id: tells keys of one name apart.
    pub(super) fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', self.kind as u8]).chain_update(self.key);
        let hash = hash.finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Strict: the one way to sign, so that no two readers see two things.
    pub(super) fn fits(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

impl std::fmt::Display for NoteVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = [&[self.kind as u8], &self.key.as_bytes()[..]].concat();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id()), STANDARD.encode(key))
    }
}
