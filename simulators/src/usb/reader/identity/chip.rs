//! Chip authentication version 1 (ICAO Doc 9303-11, section 6.2; BSI TR-03110-1, section 3.4): the chip proves that it has
//! the private key of data group 14, and the session gets new keys.

use serde::{Deserialize, Serialize};

use super::cipher::Cipher;
use super::curve::{Curve, Parameters};
use super::keys::private_key;
use super::session::Session;
use super::tlv;

/// id-CA-ECDH without its last number, the cipher, and id-PK-ECDH (Doc 9303-11, section 9.2.4 and 9.2.5).
const CHIP_AUTHENTICATION_ECDH: &[u32] = &[0, 4, 0, 127, 0, 7, 2, 2, 3, 2];
const PUBLIC_KEY_ECDH: &[u32] = &[0, 4, 0, 127, 0, 7, 2, 2, 1, 2];
const VERSION: u8 = 1;

/// How a chip authenticates itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ChipAuthentication {
    /// A session with AES-128 follows.
    #[default]
    #[serde(rename = "AES-128")]
    Aes128,
    /// A session with AES-256 follows.
    #[serde(rename = "AES-256")]
    Aes256,
    /// A session with Triple DES follows.
    #[serde(rename = "3DES")]
    TripleDes,
    /// Not at all.
    #[serde(rename = "none")]
    None,
}

impl ChipAuthentication {
    fn cipher(self) -> Option<Cipher> {
        match self {
            Self::Aes128 => Some(Cipher::Aes128),
            Self::Aes256 => Some(Cipher::Aes256),
            Self::TripleDes => Some(Cipher::TripleDes),
            Self::None => None,
        }
    }
}

/// The chip's key.
#[derive(Debug)]
pub(super) struct ChipKey {
    pub(super) cipher: Cipher,
    curve: Curve,
    private: Vec<u8>,
}

impl ChipKey {
    /// The key of all cards, or that of all copies.
    pub(super) fn new(kind: ChipAuthentication, curve: Curve, copy: bool) -> Option<Self> {
        let name = if copy { "chip authentication, copy" } else { "chip authentication" };
        Some(Self { cipher: kind.cipher()?, curve, private: private_key(curve, name) })
    }

    fn arcs(&self) -> Vec<u32> {
        [CHIP_AUTHENTICATION_ECDH, &[self.cipher.arc()]].concat()
    }

    /// True for the protocol's object identifier, as in MSE:Set AT.
    pub(super) fn is_protocol(&self, oid: &[u8]) -> bool {
        oid == tlv::oid_value(&self.arcs())
    }

    /// ChipAuthenticationInfo and ChipAuthenticationPublicKeyInfo of data group 14.
    pub(super) fn infos(&self, parameters: Parameters) -> Option<[Vec<u8>; 2]> {
        let key = self.curve.public_key_info(parameters, &self.curve.public(&self.private)?);
        Some([
            tlv::sequence(&[&tlv::oid(&self.arcs()), &tlv::integer(VERSION)]),
            tlv::sequence(&[&tlv::oid(PUBLIC_KEY_ECDH), &key]),
        ])
    }

    /// The session after an agreement with the terminal's key for one use.
    pub(super) fn agree(&self, public: &[u8]) -> Option<Session> {
        Some(Session::new(self.cipher, &self.curve.agree(public, &self.private)?))
    }
}
