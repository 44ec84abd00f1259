//! Who signs: a key that never leaves its place, and the certificates that belong to it.

use crate::algorithm::Algorithm;

/// Why a key did not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The token, or the reader that it is in, was taken away.
    #[error("the token was taken away; put it in again")]
    Removed,
    /// The PIN is wrong. After a few times the token locks itself, so it is not tried again with the same.
    #[error("the PIN is wrong")]
    PinWrong,
    /// The PIN was wrong too often.
    #[error("the PIN is locked; its issuer can unlock it")]
    PinLocked,
    /// The session with the token was lost, and could not be opened again.
    #[error("the session with the token was lost")]
    SessionLost,
    /// There is no such key or certificate, or more than one.
    #[error("the token has {found} {what} of this name; exactly one is needed")]
    NotOne {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
    },
    /// Another failure, in the words of who failed.
    #[error("the key did not sign: {0}")]
    Other(String),
}

/// A key with its certificates.
pub trait Signer {
    /// The certificates, DER: the signer's first, then the one that issued it, and so on. The root may be left out.
    fn chain(&self) -> &[Vec<u8>];

    /// How the key signs.
    fn algorithm(&self) -> Algorithm;

    /// Signs a SHA-256 hash. Of RSA the signature is as long as the key; of ECDSA it is the two numbers, of 32 bytes each.
    ///
    /// # Errors
    /// [`SignerError`].
    fn sign(&mut self, hash: &[u8; 32]) -> Result<Vec<u8>, SignerError>;
}
