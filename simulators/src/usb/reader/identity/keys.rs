//! The simulator's private keys: each comes from its name, so that all are the same in every run and secret to nobody.

use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey as P256Key};
use sha2::{Digest, Sha256, Sha384};

use super::curve::Curve;

const SEED: &str = "test keys of the Kiosk simulators: ";

/// A private key by its name.
pub(super) fn private_key(curve: Curve, name: &str) -> Vec<u8> {
    curve.scalar(&Sha384::digest([SEED, name].concat()))
}

/// A P-256 key that signs SHA-256 hashes (FIPS 186-5, section 6).
pub(super) struct SigningKey(P256Key);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    pub(super) fn new(name: &str) -> Self {
        let key = P256Key::from_slice(&private_key(Curve::P256, name));
        Self(key.expect("a number below the order that is not zero: the names are few, and were all tried"))
    }

    /// The public point.
    pub(super) fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// SEQUENCE of r and s (RFC 3279, section 2.2.3).
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signature(message).to_der().as_bytes().to_vec()
    }

    /// r and s, one after the other (BSI TR-03111, section 5.2.1).
    pub(super) fn sign_plain(&self, message: &[u8]) -> Vec<u8> {
        self.signature(message).to_bytes().to_vec()
    }

    fn signature(&self, message: &[u8]) -> Signature {
        self.0.sign_prehash(&Sha256::digest(message)).expect("a hash of 32 bytes can be signed")
    }
}

/// Bytes of a constant in hexadecimal digits.
pub(super) fn hex(digits: &str) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    digits.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| sum << 4 | value(*digit))).collect()
}
