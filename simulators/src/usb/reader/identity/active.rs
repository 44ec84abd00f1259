//! Active authentication (ICAO Doc 9303-11, section 6.1): the chip signs a challenge with the key of data group 15.

use std::convert::Infallible;

use rsa::hazmat::rsa_decrypt;
use rsa::rand_core::TryCryptoRng;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::chance::Chance;
use super::curve::{Curve, Parameters};
use super::keys::{SigningKey, hex};
use super::tlv;

/// How a card proves that it is no copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ActiveAuthentication {
    /// ECDSA on P-256, the signature as r and s (BSI TR-03111, section 5.2.1).
    #[default]
    #[serde(rename = "ECDSA")]
    Ecdsa,
    /// RSA-2048, ISO/IEC 9796-2 scheme 1 with SHA-256.
    #[serde(rename = "RSA")]
    Rsa,
    /// Not at all: there is no data group 15.
    #[serde(rename = "none")]
    None,
}

/// Primes of the two RSA keys: made once for this simulator, known to everybody.
const RSA: [&str; 2] = [
    "ec9350dd45012e52a765e96d699e598154a98cf9fa64afeb2321a2d4fe13523b9672868e83fc729eb322fa6bae7e1f4ee398b46e3e3d\
    6289ccc110b7121c6d571a0d618edfeb4bb3c1142c71d0158cc79d638a42bb5f2a1bde286163409d8977967a505225bc43b65f014462\
    1183d0a54a55519701ff588ea6a6febd38c510ab",
    "c315fd179deaa8940f42a0fbf3d7cc08a60564c763856d26ad427e80384e4415f4e4d27872bfba7fdf8e228a32293262016fbc2327a9\
    e92a4cdf31291484f50e1582e823e3aa1c1b2b3b378c01076a90d7dc03a48d654ab6b5ee85d1e0202be3c5657052a2aa45df962c78a7\
    3e1ab1ded03966a84acdcab13b5456b6031768d5",
];
const RSA_OF_A_COPY: [&str; 2] = [
    "eb78b3653b8b897a5829de5a47b74fca6816d41ba3c0431852ff3e90470d31f42a5693260e6e3e54217f7158f4a504c218aa4b26a3a6\
    70ae9cafdc9a3e0448bed1ee546cbcc81ab8205d223298238f8c6e0db284c0b9d6fae992e259cd1b935669130be61bfbe2db32530651\
    936bfba47af8d2f58a76e1b41e757a17d0280fa7",
    "e9e62fab911b083a0e4269ee92bc57140c7fa75abe51db8e32f1082624f2c5582fe04016ac88846685d8a88fbcd2ea3fc59b50559fa3\
    5379c048e1b1b21968aa769e10a8efd73de00fcbef9401d543ca051e524783fd79e639e56e855cc854007b67f8437445bc29796588fd\
    fbabd7824073ee06b8ae8e038c5d42b548e53c7b",
];

/// rsaEncryption (RFC 8017, appendix C).
const RSA_ENCRYPTION: &[u32] = &[1, 2, 840, 113_549, 1, 1, 1];
/// id-AA (Doc 9303-11, section 9.2.3) and ecdsa-plain-SHA256 (BSI TR-03111, section 5.2.1.1).
const ACTIVE_AUTHENTICATION: &[u32] = &[2, 23, 136, 1, 1, 5];
const ECDSA_PLAIN_SHA256: &[u32] = &[0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3];
/// Start and end of the representative: partial recovery; SHA-256 named in the trailer (ISO/IEC 9796-2, section 9.2;
/// the hash number is ISO/IEC 10118-3's).
const HEADER: u8 = 0x6a;
const TRAILER: [u8; 2] = [0x34, 0xcc];

/// The key is known to everybody: nothing is gained by hiding how it is used.
const NOT_BLINDED: Option<&mut dyn TryCryptoRng<Error = Infallible>> = None;

/// The chip's key.
#[derive(Debug)]
pub(super) enum ActiveKey {
    Ecdsa(SigningKey),
    Rsa(Box<PrivateKey>),
}

impl ActiveKey {
    /// The key of all cards, or that of all copies.
    pub(super) fn new(kind: ActiveAuthentication, copy: bool) -> Option<Self> {
        match kind {
            ActiveAuthentication::None => None,
            ActiveAuthentication::Ecdsa => Some(Self::Ecdsa(SigningKey::new(if copy {
                "active authentication, copy"
            } else {
                "active authentication"
            }))),
            ActiveAuthentication::Rsa => {
                let [p, q] = if copy { RSA_OF_A_COPY } else { RSA };
                let number = |text| BoxedUint::from_be_slice(&hex(text), 1024).ok();
                Some(Self::Rsa(Box::new(
                    PrivateKey::from_p_q(number(p)?, number(q)?, BoxedUint::from(65_537_u64)).ok()?,
                )))
            }
        }
    }

    /// SubjectPublicKeyInfo, the content of data group 15.
    pub(super) fn public_key(&self, parameters: Parameters) -> Vec<u8> {
        match self {
            Self::Ecdsa(key) => Curve::P256.public_key_info(parameters, &key.public()),
            Self::Rsa(key) => {
                let n = tlv::unsigned(&key.n_bytes());
                let key = tlv::sequence(&[&n, &tlv::unsigned(&key.e_bytes())]);
                tlv::sequence(&[&tlv::sequence(&[&tlv::oid(RSA_ENCRYPTION), &[0x05, 0]]), &tlv::bits(&key)])
            }
        }
    }

    /// ActiveAuthenticationInfo of data group 14, which ECDSA needs.
    pub(super) fn info(&self) -> Option<Vec<u8>> {
        let Self::Ecdsa(_) = self else { return None };
        Some(tlv::sequence(&[&tlv::oid(ACTIVE_AUTHENTICATION), &tlv::integer(1), &tlv::oid(ECDSA_PLAIN_SHA256)]))
    }

    /// Signs a challenge.
    pub(super) fn sign(&self, challenge: &[u8], chance: &mut Chance) -> Option<Vec<u8>> {
        match self {
            Self::Ecdsa(key) => Some(key.sign_plain(challenge)),
            Self::Rsa(key) => {
                let length = key.n_bytes().len();
                let message = chance.bytes(length - 1 - 32 - TRAILER.len());
                let hash = Sha256::digest([&message, challenge].concat());
                let block = [&[HEADER][..], &message, &hash, &TRAILER].concat();
                let block = BoxedUint::from_be_slice(&block, key.n_bits_precision()).ok()?;
                let signature = rsa_decrypt(NOT_BLINDED, key.as_ref(), &block).ok()?.to_be_bytes();
                Some(signature[signature.len() - length..].to_vec())
            }
        }
    }
}
