//! A key in memory: for tests, and for demonstrations without a token. Keys that count are in hardware.

use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{PrivateKey, Pss};
use sha2::Sha256;

use crate::algorithm::Algorithm;
use crate::signer::{Signer, SignerError};

enum Key {
    P256(p256::ecdsa::SigningKey),
    Rsa(Box<PrivateKey>),
}

/// A key in memory with its certificates.
pub struct SoftwareSigner {
    key: Key,
    chain: Vec<Vec<u8>>,
}

impl SoftwareSigner {
    /// Reads a private key, PKCS#8 DER: P-256, or RSA of at least 2048 bits. The certificates are as in
    /// [`Signer::chain`].
    ///
    /// # Errors
    /// [`SignerError::Other`], if it is no such key.
    pub fn new(key: &[u8], chain: Vec<Vec<u8>>) -> Result<Self, SignerError> {
        if let Ok(key) = p256::ecdsa::SigningKey::from_pkcs8_der(key) {
            return Ok(Self { key: Key::P256(key), chain });
        }
        match PrivateKey::from_pkcs8_der(key) {
            Ok(key) if key.size() >= 256 => Ok(Self { key: Key::Rsa(Box::new(key)), chain }),
            _ => Err(SignerError::Other("it is neither a P-256 nor an RSA key of at least 2048 bits".to_owned())),
        }
    }
}

/// The random numbers of the operating system.
pub(crate) struct System;

impl rsa::rand_core::TryRng for System {
    type Error = getrandom::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        getrandom::u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        getrandom::u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        getrandom::fill(bytes)
    }
}

impl rsa::rand_core::TryCryptoRng for System {}

impl Signer for SoftwareSigner {
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn algorithm(&self) -> Algorithm {
        match self.key {
            Key::P256(_) => Algorithm::EcdsaP256Sha256,
            Key::Rsa(_) => Algorithm::RsaPssSha256,
        }
    }

    fn sign(&mut self, hash: &[u8; 32]) -> Result<Vec<u8>, SignerError> {
        match &self.key {
            Key::P256(key) => {
                let signature: Result<p256::ecdsa::Signature, _> = key.sign_prehash(hash);
                signature
                    .map(|signature| signature.to_bytes().to_vec())
                    .map_err(|error| SignerError::Other(error.to_string()))
            }
            Key::Rsa(key) => key
                .sign_with_rng(&mut System, Pss::<Sha256>::new_with_salt(32), hash)
                .map_err(|error| SignerError::Other(error.to_string())),
        }
    }
}
