//! The symmetric keys of a session with a chip: how they are derived, and what they encrypt and authenticate.
//!
//! Document: ICAO 9303-11 (8th edition), sections 9.7 ("Key Derivation") and 9.8 ("Secure Messaging").

#[cfg(test)]
mod tests;

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use cmac::{Cmac, Mac};
use des::{Des, TdesEde2};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of an authentication code.
pub(crate) const MAC: usize = 8;

/// A block cipher with its kind of authentication code, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cipher {
    /// Two keys of DES, with the retail MAC (ISO/IEC 9797-1, MAC algorithm 3).
    TripleDes,
    /// AES, with CMAC cut to eight bytes.
    Aes128,
    Aes192,
    Aes256,
}

/// What a key is for (section 9.7.1: the counter of the derivation).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Encrypt = 1,
    Authenticate = 2,
    /// Of a password, for the nonce of PACE.
    Password = 3,
}

impl Cipher {
    /// Bytes of a block.
    pub(crate) fn block(self) -> usize {
        if self == Self::TripleDes { 8 } else { 16 }
    }

    /// Derives a key from a shared secret.
    pub(crate) fn key(self, secret: &[u8], of: Use) -> Key {
        let input = Zeroizing::new([secret, &(of as u32).to_be_bytes()].concat());
        let (mut hash, length) = match self {
            // The parity bits, which section 9.7.1.1 sets, are not looked at by DES.
            Self::TripleDes | Self::Aes128 => (Sha1::digest(&input).to_vec(), 16),
            Self::Aes192 => (Sha256::digest(&input).to_vec(), 24),
            Self::Aes256 => (Sha256::digest(&input).to_vec(), 32),
        };
        let bytes = Zeroizing::new(hash[..length].to_vec());
        zeroize::Zeroize::zeroize(&mut hash);
        Key { cipher: self, bytes }
    }
}

/// A derived key; wiped when it is dropped.
pub(crate) struct Key {
    cipher: Cipher,
    bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?})", self.cipher)
    }
}

impl Key {
    pub(crate) fn cipher(&self) -> Cipher {
        self.cipher
    }

    /// Encrypts whole blocks (CBC).
    pub(crate) fn encrypt(&self, iv: &[u8], blocks: &[u8]) -> Vec<u8> {
        fn with<M: KeyIvInit + BlockModeEncrypt>(key: &[u8], iv: &[u8], blocks: &[u8]) -> Vec<u8> {
            let mode = M::new_from_slices(key, iv).expect("the key and the initial vector have the cipher's lengths");
            mode.encrypt_padded_vec::<NoPadding>(blocks)
        }
        match self.cipher {
            Cipher::TripleDes => with::<cbc::Encryptor<TdesEde2>>(&self.bytes, iv, blocks),
            Cipher::Aes128 => with::<cbc::Encryptor<Aes128>>(&self.bytes, iv, blocks),
            Cipher::Aes192 => with::<cbc::Encryptor<Aes192>>(&self.bytes, iv, blocks),
            Cipher::Aes256 => with::<cbc::Encryptor<Aes256>>(&self.bytes, iv, blocks),
        }
    }

    /// Decrypts (CBC); `None` if these are no whole blocks.
    pub(crate) fn decrypt(&self, iv: &[u8], blocks: &[u8]) -> Option<Vec<u8>> {
        fn with<M: KeyIvInit + BlockModeDecrypt>(key: &[u8], iv: &[u8], blocks: &[u8]) -> Option<Vec<u8>> {
            M::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(blocks).ok()
        }
        match self.cipher {
            Cipher::TripleDes => with::<cbc::Decryptor<TdesEde2>>(&self.bytes, iv, blocks),
            Cipher::Aes128 => with::<cbc::Decryptor<Aes128>>(&self.bytes, iv, blocks),
            Cipher::Aes192 => with::<cbc::Decryptor<Aes192>>(&self.bytes, iv, blocks),
            Cipher::Aes256 => with::<cbc::Decryptor<Aes256>>(&self.bytes, iv, blocks),
        }
    }

    /// The authentication code of data; for triple DES of whole blocks.
    pub(crate) fn mac(&self, data: &[u8]) -> [u8; MAC] {
        fn cmac<M: KeyInit + Mac>(key: &[u8], data: &[u8]) -> [u8; MAC] {
            let mac = <M as KeyInit>::new_from_slice(key).expect("the key has the cipher's length");
            let code = mac.chain_update(data).finalize().into_bytes();
            *code.first_chunk().expect("CMAC of AES has 16 bytes")
        }
        match self.cipher {
            Cipher::TripleDes => retail_mac(&self.bytes, data),
            Cipher::Aes128 => cmac::<Cmac<Aes128>>(&self.bytes, data),
            Cipher::Aes192 => cmac::<Cmac<Aes192>>(&self.bytes, data),
            Cipher::Aes256 => cmac::<Cmac<Aes256>>(&self.bytes, data),
        }
    }

    /// Whether a code is that of the data; takes as long whatever it is.
    pub(crate) fn is_mac_of(&self, data: &[u8], code: &[u8]) -> bool {
        self.mac(data).as_slice().ct_eq(code).into()
    }
}

/// ISO/IEC 9797-1, MAC algorithm 3: a CBC-MAC of single DES, whose last block is decrypted with the second key and encrypted
/// with the first.
fn retail_mac(key: &[u8], blocks: &[u8]) -> [u8; MAC] {
    let (first, second) = key.split_at(MAC);
    let first_des = Des::new_from_slice(first).expect("half a key of triple DES is one of DES");
    let mut code = [0; MAC];
    for block in blocks.chunks(MAC) {
        code.iter_mut().zip(block).for_each(|(code, byte)| *code ^= byte);
        first_des.encrypt_block((&mut code).into());
    }
    let second_des = Des::new_from_slice(second).expect("half a key of triple DES is one of DES");
    second_des.decrypt_block((&mut code).into());
    first_des.encrypt_block((&mut code).into());
    code
}

/// Appends the padding (ISO/IEC 9797-1, padding method 2): a byte 80 and zeros up to a whole block.
pub(crate) fn pad(mut data: Vec<u8>, block: usize) -> Vec<u8> {
    data.push(0x80);
    data.resize(data.len().next_multiple_of(block), 0);
    data
}

/// Takes the padding away; `None` if there is none.
pub(crate) fn unpad(mut data: Vec<u8>) -> Option<Vec<u8>> {
    let end = data.iter().rposition(|byte| *byte != 0).filter(|end| data[*end] == 0x80)?;
    data.truncate(end);
    Some(data)
}
