//! Public keys and what is signed with them: certificates, the chip's own, and the hashes that go with them.
//!
//! Document: RFC 5280, section 4.1.2.7, and RFC 3279, 4055, 5480 (the algorithms and their identifiers); for chips BSI
//! TR-03111 (plain signatures).

#[cfg(test)]
mod tests;

use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use ecdsa::signature::hazmat::PrehashVerifier;
use ecdsa::{EcdsaCurve, Signature, SignatureSize, VerifyingKey};
use elliptic_curve::array::ArraySize;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};

use crate::curve::Curve;
use crate::tlv::{self, TlvError};

const INTEGER: u32 = 0x02;
const BITS: u32 = 0x03;
const OBJECT_IDENTIFIER: u32 = 0x06;
const SEQUENCE: u32 = 0x30;
/// rsaEncryption, 1.2.840.113549.1.1.1, and the arc that it is in.
const PKCS1: [u8; 8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
/// id-ecPublicKey 1.2.840.10045.2.1; id-ecDH 1.3.132.1.12.
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const EC_DH: &[u8] = &[0x2B, 0x81, 0x04, 0x01, 0x0C];
/// ecdsa-with-SHA1 1.2.840.10045.4.1, and the arc of the others, 1.2.840.10045.4.3.
const ECDSA_SHA1: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01];
const ECDSA_SHA2: [u8; 7] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03];
/// The arc of the hashes of NIST, 2.16.840.1.101.3.4.2; sha1 1.3.14.3.2.26; id-mgf1 1.2.840.113549.1.1.8.
const NIST_HASH: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
const SHA1: &[u8] = &[0x2B, 0x0E, 0x03, 0x02, 0x1A];
/// Sizes of RSA keys that are taken, bits: chips of the first years have 1024. Who breaks a chip's key can make one copy.
const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;
/// Smallest RSA key of an authority or a document signer, bits (9303-12, section 4.4.1, has 3072 and 2048 for them). Who
/// breaks one of these can make any card.
///
/// The hashes: SHA-1 is taken, as the first documents have it. To forge with it a second text with the hash of one that the
/// state has signed is needed, which nobody can find, unlike two texts of one's own.
const RSA_BITS_OF_A_STATE: usize = 2048;

/// Why a key or a signature cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read.
    #[error("a public key or an algorithm cannot be read: {0}")]
    Malformed(#[from] TlvError),
    /// An algorithm, a curve or a size that is not known here.
    #[error("{0} is not supported")]
    Unknown(&'static str),
    /// A key of an authority or a document signer that others than its owner may have by now: so many bits.
    #[error("an RSA key of {0} bits is too weak to vouch for documents")]
    Weak(usize),
}

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// By the content of its object identifier.
    pub(crate) fn of_identifier(identifier: &[u8]) -> Option<Self> {
        if identifier == SHA1 {
            return Some(Self::Sha1);
        }
        let [number] = identifier.strip_prefix(&NIST_HASH)? else { return None };
        Some(match number {
            1 => Self::Sha256,
            2 => Self::Sha384,
            3 => Self::Sha512,
            4 => Self::Sha224,
            _ => return None,
        })
    }

    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha224 => Sha224::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// How something is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5. `None`: the hash is told elsewhere.
    Pkcs1(Option<Hash>),
    /// RSASSA-PSS, with the bytes of its salt.
    Pss(Hash, usize),
    /// ECDSA; the signature is a sequence of two numbers.
    Ecdsa(Option<Hash>),
}

impl Scheme {
    /// Reads an `AlgorithmIdentifier`'s content.
    pub(crate) fn of_algorithm(algorithm: &[u8]) -> Result<Self, KeyError> {
        let (identifier, parameters) = tlv::split(algorithm)?;
        if identifier.tag != OBJECT_IDENTIFIER {
            return Err(TlvError::Missing(OBJECT_IDENTIFIER).into());
        }
        let identifier = identifier.value;
        let sha2 = |number: u8| match number {
            1 => Some(Hash::Sha224),
            2 => Some(Hash::Sha256),
            3 => Some(Hash::Sha384),
            4 => Some(Hash::Sha512),
            _ => None,
        };
        let known = if let Some([number]) = identifier.strip_prefix(&PKCS1) {
            match number {
                0x01 => Some(Self::Pkcs1(None)),
                0x05 => Some(Self::Pkcs1(Some(Hash::Sha1))),
                0x0A => return pss(parameters),
                0x0B => Some(Self::Pkcs1(Some(Hash::Sha256))),
                0x0C => Some(Self::Pkcs1(Some(Hash::Sha384))),
                0x0D => Some(Self::Pkcs1(Some(Hash::Sha512))),
                0x0E => Some(Self::Pkcs1(Some(Hash::Sha224))),
                _ => None,
            }
        } else if let Some([number]) = identifier.strip_prefix(&ECDSA_SHA2) {
            sha2(*number).map(|hash| Self::Ecdsa(Some(hash)))
        } else if identifier == ECDSA_SHA1 {
            Some(Self::Ecdsa(Some(Hash::Sha1)))
        } else if identifier == EC_PUBLIC_KEY {
            Some(Self::Ecdsa(None))
        } else {
            None
        };
        known.ok_or(KeyError::Unknown("the algorithm of a signature"))
    }
}

/// `RSASSA-PSS-params` (RFC 4055, section 3.1): hash, mask, length of the salt, each with a default.
fn pss(parameters: &[u8]) -> Result<Scheme, KeyError> {
    let parameters = match tlv::each(parameters).next().transpose()? {
        Some(tlv::Tlv { tag: SEQUENCE, value }) => value,
        None | Some(_) => &[],
    };
    let unknown = KeyError::Unknown("the hash of a signature");
    let hash_of = |algorithm: &[u8]| -> Result<Hash, KeyError> {
        Hash::of_identifier(tlv::get(algorithm, OBJECT_IDENTIFIER)?).ok_or(unknown)
    };
    let hash = match tlv::find(parameters, 0xA0)? {
        Some(algorithm) => hash_of(tlv::get(algorithm, SEQUENCE)?)?,
        None => Hash::Sha1,
    };
    let mask = match tlv::find(parameters, 0xA1)? {
        // The mask generation function, whose parameter is its hash.
        Some(algorithm) => hash_of(tlv::get(tlv::get(algorithm, SEQUENCE)?, SEQUENCE)?)?,
        None => Hash::Sha1,
    };
    let salt = match tlv::find(parameters, 0xA2)? {
        Some(length) => {
            let length = tlv::small(tlv::get(length, INTEGER)?).and_then(|length| usize::try_from(length).ok());
            length.ok_or(KeyError::Unknown("the salt of a signature"))?
        }
        None => 20,
    };
    if mask == hash { Ok(Scheme::Pss(hash, salt)) } else { Err(KeyError::Unknown("a signature with two hashes")) }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Ec { curve: Curve, point: Vec<u8> },
    Rsa(Box<rsa::PublicKey>),
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo`, whole.
    pub(crate) fn read(info: &[u8]) -> Result<Self, KeyError> {
        let info = tlv::only(info, SEQUENCE)?;
        let algorithm = tlv::get(info, SEQUENCE)?;
        let (identifier, parameters) = tlv::split(algorithm)?;
        // A string of whole bytes has none that are not used.
        let key = tlv::get(info, BITS)?.strip_prefix(&[0]).ok_or(TlvError::Value(BITS))?;
        if identifier.value == EC_PUBLIC_KEY || identifier.value == EC_DH {
            let (parameters, _) = tlv::split(parameters)?;
            let curve = match parameters.tag {
                OBJECT_IDENTIFIER => Curve::of_name(parameters.value),
                SEQUENCE => Curve::of_parameters(parameters.value)?,
                _ => None,
            };
            let curve = curve.ok_or(KeyError::Unknown("the curve of a public key"))?;
            return Ok(Self::Ec { curve, point: key.to_vec() });
        }
        if !identifier.value.starts_with(&PKCS1) {
            return Err(KeyError::Unknown("the algorithm of a public key"));
        }
        let numbers = tlv::only(key, SEQUENCE)?;
        let (modulus, rest) = tlv::split(numbers)?;
        let exponent = tlv::get(rest, INTEGER)?;
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        let size = rsa::PublicKey::new_with_size_limits(number(modulus.value), number(exponent), RSA_BITS);
        size.map(|key| Self::Rsa(Box::new(key))).map_err(|_| KeyError::Unknown("the size of an RSA key"))
    }

    /// The same key, if it is strong enough for an authority or a document signer.
    ///
    /// # Errors
    /// [`KeyError::Weak`]; all curves that are known here are strong enough.
    pub(crate) fn of_a_state(self) -> Result<Self, KeyError> {
        match &self {
            Self::Rsa(key) if bits(key) < RSA_BITS_OF_A_STATE => Err(KeyError::Weak(bits(key))),
            _ => Ok(self),
        }
    }

    /// Whether this key has signed the message; `hash` where the scheme does not name one.
    pub(crate) fn has_signed(
        &self,
        scheme: Scheme,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, KeyError> {
        match (self, scheme) {
            (Self::Rsa(key), Scheme::Pkcs1(own)) => {
                let hash = own.unwrap_or(hash);
                let scheme = match hash {
                    Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
                    Hash::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
                    Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                    Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
                };
                Ok(key.verify(scheme, &hash.of(message), signature).is_ok())
            }
            (Self::Rsa(key), Scheme::Pss(hash, salt)) => {
                let hashed = hash.of(message);
                let right = match hash {
                    Hash::Sha1 => key.verify(Pss::<Sha1>::new_with_salt(salt), &hashed, signature),
                    Hash::Sha224 => key.verify(Pss::<Sha224>::new_with_salt(salt), &hashed, signature),
                    Hash::Sha256 => key.verify(Pss::<Sha256>::new_with_salt(salt), &hashed, signature),
                    Hash::Sha384 => key.verify(Pss::<Sha384>::new_with_salt(salt), &hashed, signature),
                    Hash::Sha512 => key.verify(Pss::<Sha512>::new_with_salt(salt), &hashed, signature),
                };
                Ok(right.is_ok())
            }
            (Self::Ec { curve, .. }, Scheme::Ecdsa(own)) => {
                let Ok(plain) = plain_signature(signature, curve.field_bytes()) else { return Ok(false) };
                self.has_signed_plain(own.unwrap_or(hash), message, &plain)
            }
            _ => Err(KeyError::Unknown("a signature of another kind than its key")),
        }
    }

    /// The same for a signature that is just two numbers of a curve's length, as chips give it.
    pub(crate) fn has_signed_plain(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Result<bool, KeyError> {
        let Self::Ec { curve, point } = self else {
            return Err(KeyError::Unknown("a signature of another kind than its key"));
        };
        let hashed = hash.of(message);
        // A hash that is shorter than the curve's numbers is the same number with zeros before it.
        let zeros = vec![0; curve.field_bytes().saturating_sub(hashed.len())];
        let hashed = [zeros, hashed].concat();
        Ok(match curve {
            Curve::P256 => verify::<NistP256>(point, &hashed, signature),
            Curve::P384 => verify::<NistP384>(point, &hashed, signature),
            Curve::P521 => verify::<NistP521>(point, &hashed, signature),
            Curve::BrainpoolP256r1 => verify::<BrainpoolP256r1>(point, &hashed, signature),
            Curve::BrainpoolP384r1 => verify::<BrainpoolP384r1>(point, &hashed, signature),
        })
    }

    /// What an RSA key makes of a signature that gives its message back (ISO/IEC 9796-2); `None` for other keys, and for what
    /// is no number below the modulus.
    pub(crate) fn recover(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let Self::Rsa(key) = self else { return None };
        let length = key.size();
        if signature.len() != length {
            return None;
        }
        let number = BoxedUint::from_be_slice(signature, key.n().bits_precision()).ok()?;
        if number >= *key.n().as_ref() {
            return None;
        }
        let recovered = rsa::hazmat::rsa_encrypt(key.as_ref(), &number).ok()?.to_be_bytes();
        Some(recovered[recovered.len().checked_sub(length)?..].to_vec())
    }
}

fn bits(key: &rsa::PublicKey) -> usize {
    usize::try_from(key.n().bit_width_vartime()).unwrap_or_default()
}

fn verify<C>(point: &[u8], hashed: &[u8], signature: &[u8]) -> bool
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
    SignatureSize<C>: ArraySize,
{
    let (Ok(key), Ok(signature)) = (VerifyingKey::<C>::from_sec1_bytes(point), Signature::<C>::from_slice(signature))
    else {
        return false;
    };
    key.verify_prehash(hashed, &signature).is_ok()
}

/// The two numbers of a signature, each with so many bytes.
fn plain_signature(signature: &[u8], field: usize) -> Result<Vec<u8>, TlvError> {
    let numbers = tlv::only(signature, SEQUENCE)?;
    let mut plain = Vec::new();
    for number in tlv::each(numbers) {
        let number = number?;
        let zeros = number.value.iter().take_while(|byte| **byte == 0).count();
        let bytes = &number.value[zeros..];
        if number.tag != INTEGER || bytes.len() > field {
            return Err(TlvError::Value(INTEGER));
        }
        plain.resize(plain.len() + field - bytes.len(), 0);
        plain.extend_from_slice(bytes);
    }
    if plain.len() == 2 * field { Ok(plain) } else { Err(TlvError::Missing(INTEGER)) }
}
