//! The algorithms of signatures, and public keys that check them.
//!
//! To sign: RSASSA-PSS and ECDSA P-256, both with SHA-256 (Circular 15/2025/TT-BKHCN). To check also what authorities use:
//! RSA PKCS#1 v1.5, P-384, SHA-384 and SHA-512. SHA-1 is no signature's hash here.
//!
//! Document: RFC 3279, 4055, 5480, 5758, 8017.

use ecdsa::signature::hazmat::PrehashVerifier;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::der::{
    self, BITS, CONTEXT, DerError, Element, INTEGER, NULL, OBJECT_IDENTIFIER, Reader, SEQUENCE, write, write_number,
};
use crate::oid;

/// Sizes of RSA keys that are taken, bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The salt of RSASSA-PSS, bytes: as many as the hash has.
pub(crate) const SALT: u8 = 32;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017, section 8.1). The key has at least 2048
    /// bits.
    RsaPssSha256,
    /// ECDSA over P-256 with SHA-256 (FIPS 186-5).
    EcdsaP256Sha256,
}

/// Why a key or a signature cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmError {
    /// It cannot be read.
    #[error("a public key or an algorithm cannot be read: {0}")]
    Malformed(#[from] DerError),
    /// An algorithm, a curve or a size that is not taken.
    #[error("{0} is not accepted")]
    Unknown(&'static str),
}

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of_identifier(identifier: &[u8]) -> Option<Self> {
        if identifier == oid::SHA1 {
            return Some(Self::Sha1);
        }
        let [number] = identifier.strip_prefix(&oid::NIST_HASH_ARC)? else { return None };
        sha2(*number)
    }

    /// The hash that an `AlgorithmIdentifier` names.
    pub(crate) fn of_algorithm(algorithm: Element<'_>) -> Result<Self, AlgorithmError> {
        let identifier = Reader::new(algorithm.value).value(OBJECT_IDENTIFIER)?;
        Self::of_identifier(identifier).ok_or(AlgorithmError::Unknown("a hash"))
    }

    pub(crate) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn hashed<H: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            parts.iter().fold(H::new(), |hash, part| hash.chain_update(part)).finalize().to_vec()
        }
        match self {
            Self::Sha1 => hashed::<Sha1>(parts),
            Self::Sha256 => hashed::<Sha256>(parts),
            Self::Sha384 => hashed::<Sha384>(parts),
            Self::Sha512 => hashed::<Sha512>(parts),
        }
    }
}

fn sha2(number: u8) -> Option<Hash> {
    match number {
        1 => Some(Hash::Sha256),
        2 => Some(Hash::Sha384),
        3 => Some(Hash::Sha512),
        _ => None,
    }
}

/// How something was signed; `None` where the message names the hash elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Pkcs1(Option<Hash>),
    Pss(Hash, usize),
    Ecdsa(Option<Hash>),
}

impl Scheme {
    /// Reads an `AlgorithmIdentifier`.
    pub(crate) fn of_algorithm(algorithm: Element<'_>) -> Result<Self, AlgorithmError> {
        let mut reader = Reader::new(algorithm.value);
        let identifier = reader.value(OBJECT_IDENTIFIER)?;
        if identifier == oid::RSA_PSS {
            return pss(reader);
        }
        let known = if let Some([number]) = identifier.strip_prefix(&oid::PKCS1_ARC) {
            match number {
                0x01 => Some(Self::Pkcs1(None)),
                0x0B..=0x0D => Some(Self::Pkcs1(sha2(number - 10))),
                _ => None,
            }
        } else if let Some([number @ 2..=4]) = identifier.strip_prefix(&oid::ECDSA_ARC) {
            Some(Self::Ecdsa(sha2(number - 1)))
        } else if identifier == oid::EC_PUBLIC_KEY {
            Some(Self::Ecdsa(None))
        } else {
            None
        };
        known.ok_or(AlgorithmError::Unknown("the algorithm of a signature"))
    }
}

/// `RSASSA-PSS-params` (RFC 4055, section 3.1). Its defaults are SHA-1, so all must be there.
fn pss(mut reader: Reader<'_>) -> Result<Scheme, AlgorithmError> {
    let mut parameters = reader.inside(SEQUENCE)?;
    let hash = Hash::of_algorithm(parameters.inside(CONTEXT)?.expect(SEQUENCE)?)?;
    let mut mask = parameters.inside(CONTEXT + 1)?.inside(SEQUENCE)?;
    let function = mask.value(OBJECT_IDENTIFIER)?;
    if function != oid::MGF1 || Hash::of_algorithm(mask.expect(SEQUENCE)?)? != hash {
        return Err(AlgorithmError::Unknown("the mask of a signature"));
    }
    let salt = der::small(parameters.inside(CONTEXT + 2)?.value(INTEGER)?).and_then(|salt| usize::try_from(salt).ok());
    Ok(Scheme::Pss(hash, salt.ok_or(AlgorithmError::Unknown("the salt of a signature"))?))
}

impl Algorithm {
    /// Its `AlgorithmIdentifier`.
    pub(crate) fn identifier(self) -> Vec<u8> {
        let name = |name: &[u8]| write(OBJECT_IDENTIFIER, &[name]);
        match self {
            Self::EcdsaP256Sha256 => write(SEQUENCE, &[&name(oid::ECDSA_SHA256)]),
            Self::RsaPssSha256 => {
                let hash = write(SEQUENCE, &[&name(oid::SHA256), &[NULL, 0]]);
                let mask = write(SEQUENCE, &[&name(oid::MGF1), &hash]);
                let parameters = write(
                    SEQUENCE,
                    &[
                        &write(CONTEXT, &[&hash]),
                        &write(CONTEXT + 1, &[&mask]),
                        &write(CONTEXT + 2, &[&write_number(&[SALT])]),
                    ],
                );
                write(SEQUENCE, &[&name(oid::RSA_PSS), &parameters])
            }
        }
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    P256(Box<p256::ecdsa::VerifyingKey>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    Rsa(Box<rsa::PublicKey>),
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo`, whole.
    pub(crate) fn read(info: &[u8]) -> Result<Self, AlgorithmError> {
        let mut info = der::only(info, SEQUENCE)?;
        let mut algorithm = info.inside(SEQUENCE)?;
        let key = der::bits(info.value(BITS)?)?;
        let identifier = algorithm.value(OBJECT_IDENTIFIER)?;
        let wrong = |_| AlgorithmError::Unknown("a public key that is no point of its curve");
        if identifier == oid::EC_PUBLIC_KEY {
            return match algorithm.value(OBJECT_IDENTIFIER)? {
                oid::P256 => {
                    p256::ecdsa::VerifyingKey::from_sec1_bytes(key).map(Box::new).map(Self::P256).map_err(wrong)
                }
                oid::P384 => {
                    p384::ecdsa::VerifyingKey::from_sec1_bytes(key).map(Box::new).map(Self::P384).map_err(wrong)
                }
                _ => Err(AlgorithmError::Unknown("the curve of a public key")),
            };
        }
        if identifier != oid::RSA && identifier != oid::RSA_PSS {
            return Err(AlgorithmError::Unknown("the algorithm of a public key"));
        }
        let mut numbers = der::only(key, SEQUENCE)?;
        let mut number = || numbers.value(INTEGER).map(BoxedUint::from_be_slice_vartime);
        let (modulus, exponent) = (number()?, number()?);
        let key = rsa::PublicKey::new_with_size_limits(modulus, exponent, RSA_BITS);
        key.map(|key| Self::Rsa(Box::new(key))).map_err(|_| AlgorithmError::Unknown("the size of an RSA key"))
    }

    /// How this key signs here, and how many bytes its signatures have at most.
    pub(crate) fn signs(&self) -> Option<(Algorithm, usize)> {
        match self {
            Self::Rsa(key) => Some((Algorithm::RsaPssSha256, key.size())),
            // Two numbers of 33 bytes at most.
            Self::P256(_) => Some((Algorithm::EcdsaP256Sha256, 72)),
            Self::P384(_) => None,
        }
    }

    /// Whether this key has signed the message; `hash` where the scheme does not name one.
    pub(crate) fn has_signed(
        &self,
        scheme: Scheme,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, AlgorithmError> {
        let hash = match scheme {
            Scheme::Pkcs1(own) | Scheme::Ecdsa(own) => own.unwrap_or(hash),
            Scheme::Pss(own, _) => own,
        };
        if hash == Hash::Sha1 {
            return Err(AlgorithmError::Unknown("a signature with SHA-1"));
        }
        let hashed = hash.of(&[message]);
        Ok(match (self, scheme) {
            (Self::Rsa(key), Scheme::Pkcs1(_)) => {
                let scheme = match hash {
                    Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
                    _ => Pkcs1v15Sign::new::<Sha256>(),
                };
                key.verify(scheme, &hashed, signature).is_ok()
            }
            (Self::Rsa(key), Scheme::Pss(_, salt)) => match hash {
                Hash::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt), &hashed, signature).is_ok(),
                Hash::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt), &hashed, signature).is_ok(),
                _ => key.verify(Pss::<Sha256>::new_with_salt(salt), &hashed, signature).is_ok(),
            },
            (Self::P256(key), Scheme::Ecdsa(_)) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| key.verify_prehash(&hashed, &signature).is_ok()),
            (Self::P384(key), Scheme::Ecdsa(_)) => {
                // A hash that is shorter than the curve's numbers is the same number with zeros before it.
                let padded = [vec![0; 48_usize.saturating_sub(hashed.len())], hashed].concat();
                p384::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify_prehash(&padded, &signature).is_ok())
            }
            _ => return Err(AlgorithmError::Unknown("a signature of another kind than its key")),
        })
    }
}
