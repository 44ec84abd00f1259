//! Ciphers, message authentication and key derivation (ICAO Doc 9303-11, sections 9.7 and 9.8).

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use cmac::{Cmac, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Counters of the key derivation function (Doc 9303-11, section 9.7.1): encryption, authentication, a password.
pub(super) const ENCRYPTION: u8 = 1;
pub(super) const AUTHENTICATION: u8 = 2;
pub(super) const PASSWORD: u8 = 3;

/// What protects messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Cipher {
    /// AES-128 with CMAC.
    #[default]
    #[serde(rename = "AES-128")]
    Aes128,
    /// AES-256 with CMAC.
    #[serde(rename = "AES-256")]
    Aes256,
    /// Triple DES with two keys and the retail MAC.
    #[serde(rename = "3DES")]
    TripleDes,
}

impl Cipher {
    /// Bytes of a block.
    pub(super) fn block(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes256 => 16,
            Self::TripleDes => 8,
        }
    }

    /// The last number of the object identifiers of PACE and chip authentication (Doc 9303-11, sections 9.2.1, 9.2.4).
    pub(super) fn arc(self) -> u32 {
        match self {
            Self::TripleDes => 1,
            Self::Aes128 => 2,
            Self::Aes256 => 4,
        }
    }

    /// A key from a secret (Doc 9303-11, section 9.7.1). Parities of DES are left as they come: no DES looks at them.
    pub(super) fn derive(self, secret: &[u8], counter: u8) -> Vec<u8> {
        let input = [secret, &[0, 0, 0, counter]].concat();
        match self {
            Self::Aes256 => Sha256::digest(input).to_vec(),
            Self::Aes128 | Self::TripleDes => Sha1::digest(input)[..16].to_vec(),
        }
    }

    /// CBC over whole blocks; none when they are not whole, or the key does not fit.
    pub(super) fn encrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        if !data.len().is_multiple_of(self.block()) {
            return None;
        }
        Some(match self {
            Self::Aes128 => {
                cbc::Encryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<NoPadding>(data)
            }
            Self::Aes256 => {
                cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<NoPadding>(data)
            }
            Self::TripleDes => {
                cbc::Encryptor::<des::TdesEde2>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<NoPadding>(data)
            }
        })
    }

    /// The way back.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        if !data.len().is_multiple_of(self.block()) {
            return None;
        }
        match self {
            Self::Aes128 => {
                cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(data).ok()
            }
            Self::Aes256 => {
                cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(data).ok()
            }
            Self::TripleDes => cbc::Decryptor::<des::TdesEde2>::new_from_slices(key, iv)
                .ok()?
                .decrypt_padded_vec::<NoPadding>(data)
                .ok(),
        }
    }

    /// Eight bytes over data that is not padded: a token of PACE (Doc 9303-11, section 4.4.3.4). The retail MAC pads by
    /// itself, CMAC needs no padding.
    pub(super) fn token(self, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Aes128 => cmac::<aes::Aes128>(key, data),
            Self::Aes256 => cmac::<aes::Aes256>(key, data),
            Self::TripleDes => retail_mac(key, &pad(data, 8)),
        }
    }

    /// Eight bytes over a message: padded for both (Doc 9303-11, section 9.8.6).
    pub(super) fn mac(self, key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        self.mac_of_blocks(key, &pad(message, self.block()))
    }

    /// The same over a message that is padded already.
    pub(super) fn mac_of_blocks(self, key: &[u8], blocks: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Aes128 => cmac::<aes::Aes128>(key, blocks),
            Self::Aes256 => cmac::<aes::Aes256>(key, blocks),
            Self::TripleDes => retail_mac(key, blocks),
        }
    }
}

fn cmac<C: cmac::block_api::CmacCipher>(key: &[u8], data: &[u8]) -> Option<Vec<u8>>
where
    Cmac<C>: Mac + KeyInit,
{
    let mut mac = <Cmac<C> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(data);
    Some(mac.finalize().into_bytes()[..8].to_vec())
}

/// ISO/IEC 9797-1, MAC algorithm 3 with DES, over whole blocks.
fn retail_mac(key: &[u8], blocks: &[u8]) -> Option<Vec<u8>> {
    let (first, second) = key.split_at_checked(8)?;
    let chain = cbc::Encryptor::<des::Des>::new_from_slices(first, &[0; 8]).ok()?;
    let chained = chain.encrypt_padded_vec::<NoPadding>(blocks);
    let mut block = chained.last_chunk::<8>().copied()?.into();
    des::Des::new_from_slice(second).ok()?.decrypt_block(&mut block);
    des::Des::new_from_slice(first).ok()?.encrypt_block(&mut block);
    Some(block.to_vec())
}

/// ISO/IEC 9797-1, padding method 2: 80, then zeros to a whole block.
pub(super) fn pad(data: &[u8], block: usize) -> Vec<u8> {
    let mut out = data.to_vec();
    out.push(0x80);
    out.resize(out.len().next_multiple_of(block), 0);
    out
}

/// Takes it away; none when it is not there.
pub(super) fn unpad(data: &[u8]) -> Option<&[u8]> {
    let end = data.iter().rposition(|byte| *byte != 0)?;
    (data[end] == 0x80).then_some(&data[..end])
}
