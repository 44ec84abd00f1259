//! That the chip is not a copy: it uses a private key that no reader gets out of it, and whose public key the state signed.
//!
//! Document: ICAO 9303-11 (8th edition), sections 6.1 (active authentication) and 6.2 (chip authentication).

#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::apdu::{Command, SHORT_EXPECTED_MAX, Status};
use crate::cipher::Cipher;
use crate::curve::{Curve, CurveError};
use crate::error::ChipError;
use crate::groups;
use crate::keys::{Hash, KeyError, PublicKey};
use crate::secure::SecureMessaging;
use crate::security;
use crate::session::Session;
use crate::tlv::{self, TlvError};
use crate::transport::Transport;
use rsa::traits::PublicKeyParts;

/// Bytes of the number that the chip signs.
const CHALLENGE: usize = 8;
const INTERNAL_AUTHENTICATE: [u8; 4] = [0x00, 0x88, 0x00, 0x00];
/// MSE:Set KAT for triple DES, MSE:Set AT and GENERAL AUTHENTICATE for AES (section 6.2.4).
const SET_KAT: [u8; 4] = [0x00, 0x22, 0x41, 0xA6];
const SET_AT: [u8; 4] = [0x00, 0x22, 0x41, 0xA4];
const GENERAL_AUTHENTICATE: [u8; 4] = [0x00, 0x86, 0x00, 0x00];
const DYNAMIC: u32 = 0x7C;
/// id-PK-ECDH 0.4.0.127.0.7.2.2.1.2; id-CA-ECDH 0.4.0.127.0.7.2.2.3.2, and the cipher behind it.
const PK_ECDH: &[u8] = &[0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x01, 0x02];
const CA_ECDH: [u8; 9] = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03, 0x02];
/// id-AA 2.23.136.1.1.5; the arc of plain ECDSA signatures 0.4.0.127.0.7.1.1.4.1.
const AA: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x05];
const PLAIN_ECDSA: [u8; 9] = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01];
const INTEGER: u32 = 0x02;
const OBJECT_IDENTIFIER: u32 = 0x06;
const SEQUENCE: u32 = 0x30;

/// Why a chip has not shown that it is no copy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticError {
    /// A data group cannot be read.
    #[error("a data group of the chip's keys cannot be read: {0}")]
    Malformed(#[from] TlvError),
    /// A key, a curve or a cipher that is not known here.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The state has signed a data group with the chip's key, and the chip does not show it.
    #[error("the chip hides data group {0}, which the state has signed")]
    Hidden(u8),
    /// The chip's signature is wrong: it has not the private key.
    #[error("the chip's signature is wrong: it has not the private key that belongs to it")]
    Signature,
    /// The chip refused, or did not come to the same keys: it has not the private key.
    #[error("{0}")]
    Chip(#[from] ChipError),
}

/// Has the chip sign a random number; the public key is that of data group 15, the hash of an elliptic curve's signature
/// stands in data group 14.
///
/// # Errors
/// [`AuthenticError`]
pub(crate) fn active<T: Transport>(
    session: &mut Session<T>,
    group_15: &[u8],
    group_14: Option<&[u8]>,
) -> Result<(), AuthenticError> {
    let mut challenge = [0; CHALLENGE];
    getrandom::fill(&mut challenge).map_err(|_| ChipError::from(CurveError::Random))?;
    let key = PublicKey::read(groups::content(15, group_15)?)?;
    let expected = match &key {
        PublicKey::Ec { curve, .. } => 2 * curve.field_bytes(),
        // 256 stands for "what fits into a short response".
        PublicKey::Rsa(key) if key.size() == SHORT_EXPECTED_MAX => SHORT_EXPECTED_MAX + 1,
        PublicKey::Rsa(key) => key.size(),
    };
    let command = Command::new(INTERNAL_AUTHENTICATE, &challenge, expected);
    let signature = session.demand(&command, "sign a number")?;
    let right = match &key {
        PublicKey::Rsa(_) => key.recover(&signature).is_some_and(|recovered| is_recovered(&recovered, &challenge)),
        PublicKey::Ec { .. } => {
            let hash = group_14.map(signature_hash).transpose()?.flatten().unwrap_or(Hash::Sha256);
            key.has_signed_plain(hash, &challenge, &signature)?
        }
    };
    if right { Ok(()) } else { Err(AuthenticError::Signature) }
}

/// ISO/IEC 9796-2, digital signature scheme 1: `6A`, the part of the message that the chip chose, the hash of that part and
/// of the challenge, and one or two bytes that name the hash.
fn is_recovered(recovered: &[u8], challenge: &[u8]) -> bool {
    let (hash, trailer) = match recovered {
        [.., 0xBC] => (Hash::Sha1, 1),
        [.., 0x33, 0xCC] => (Hash::Sha1, 2),
        [.., 0x34, 0xCC] => (Hash::Sha256, 2),
        [.., 0x35, 0xCC] => (Hash::Sha512, 2),
        [.., 0x36, 0xCC] => (Hash::Sha384, 2),
        [.., 0x38, 0xCC] => (Hash::Sha224, 2),
        _ => return false,
    };
    let Some([0x6A, inside @ ..]) = recovered.get(..recovered.len() - trailer) else { return false };
    let length = hash.of(&[]).len();
    let Some((part, hashed)) = inside.len().checked_sub(length).map(|at| inside.split_at(at)) else { return false };
    hash.of(&[part, challenge].concat()) == hashed
}

/// `ActiveAuthenticationInfo` of data group 14: the hash that an elliptic curve signs with.
fn signature_hash(group_14: &[u8]) -> Result<Option<Hash>, AuthenticError> {
    for (protocol, rest) in security::infos(groups::content(14, group_14)?)? {
        if protocol == AA {
            let algorithm = tlv::get(rest, OBJECT_IDENTIFIER)?;
            return Ok(match algorithm.strip_prefix(&PLAIN_ECDSA) {
                Some([1]) => Some(Hash::Sha1),
                Some([2]) => Some(Hash::Sha224),
                Some([3]) => Some(Hash::Sha256),
                Some([4]) => Some(Hash::Sha384),
                Some([5]) => Some(Hash::Sha512),
                _ => return Err(KeyError::Unknown("the algorithm of the chip's signature").into()),
            });
        }
    }
    Ok(None)
}

/// A key of data group 14 and the cipher that goes with it.
#[derive(Debug)]
struct ChipKey {
    protocol: Vec<u8>,
    cipher: Cipher,
    curve: Curve,
    point: Vec<u8>,
    /// Where the chip has several keys.
    identifier: Option<Vec<u8>>,
}

/// The first key of data group 14 that is known here, with the strongest cipher that it offers; `None` if there is none.
fn chip_key(group_14: &[u8]) -> Result<Option<ChipKey>, AuthenticError> {
    let infos = security::infos(groups::content(14, group_14)?)?;
    let identifier = |rest: &[u8], behind: usize| -> Result<Option<Vec<u8>>, TlvError> {
        let numbers = tlv::each(rest).collect::<Result<Vec<_>, _>>()?;
        Ok(numbers.get(behind).filter(|number| number.tag == INTEGER).map(|number| number.value.to_vec()))
    };
    let mut ciphers = Vec::new();
    for (protocol, rest) in &infos {
        if let Some([number]) = protocol.strip_prefix(&CA_ECDH) {
            let cipher = match number {
                1 => Cipher::TripleDes,
                2 => Cipher::Aes128,
                3 => Cipher::Aes192,
                4 => Cipher::Aes256,
                _ => continue,
            };
            // Its version, then the key's identifier.
            ciphers.push((*number, cipher, protocol.to_vec(), identifier(rest, 1)?));
        }
    }
    ciphers.sort_by_key(|(number, ..)| std::cmp::Reverse(*number));
    for (_, rest) in infos.iter().filter(|(protocol, _)| *protocol == PK_ECDH) {
        let of_key = identifier(rest, 1)?;
        let key = PublicKey::read(&tlv::write(SEQUENCE, tlv::get(rest, SEQUENCE)?));
        let Ok(PublicKey::Ec { curve, point }) = key else { continue };
        let found = ciphers.iter().find(|(.., own)| *own == of_key || own.is_none() || of_key.is_none());
        if found.is_none() && !ciphers.is_empty() {
            continue;
        }
        // A chip with a key and no more knows the cipher of the first chips only (section 6.2.3).
        let first = (1, Cipher::TripleDes, [&CA_ECDH[..], &[1]].concat(), None);
        let (_, cipher, protocol, _) = found.cloned().unwrap_or(first);
        return Ok(Some(ChipKey { protocol, cipher, curve, point, identifier: of_key }));
    }
    Ok(None)
}

/// All that is read of data group 14 here.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_group_14(file: &[u8]) {
    let _ = (signature_hash(file), chip_key(file));
}

/// Agrees on new keys with the chip's own: only a chip with the private key can go on with them. `false` if data group 14
/// offers no way that is known here; the old keys are then still good. Whether the chip has come to the same keys, its next
/// answer shows.
///
/// # Errors
/// [`AuthenticError`]
pub(crate) fn chip<T: Transport>(session: &mut Session<T>, group_14: &[u8]) -> Result<bool, AuthenticError> {
    let Some(key) = chip_key(group_14)? else { return Ok(false) };
    let private = key.curve.private_key().map_err(ChipError::from)?;
    let public = key.curve.multiply(&private, None).map_err(ChipError::from)?;
    let shared = Zeroizing::new(key.curve.multiply(&private, Some(&key.point)).map_err(ChipError::from)?);
    let identifier = key.identifier.map_or(Vec::new(), |identifier| tlv::write(0x84, &identifier));
    let step = "authenticate itself";
    if key.cipher == Cipher::TripleDes {
        let data = [tlv::write(0x91, &public), identifier].concat();
        session.demand(&Command::new(SET_KAT, &data, 0), step)?;
    } else {
        let data = [tlv::write(0x80, &key.protocol), identifier].concat();
        session.demand(&Command::new(SET_AT, &data, 0), step)?;
        let data = tlv::write(DYNAMIC, &tlv::write(0x80, &public));
        let response = session.send(&Command::new(GENERAL_AUTHENTICATE, &data, SHORT_EXPECTED_MAX))?;
        if response.status != Status::OK {
            return Err(ChipError::Refused { step, status: response.status }.into());
        }
    }
    let secret = key.curve.x(&shared).map_err(ChipError::from)?;
    session.secure = Some(SecureMessaging::new(key.cipher, secret, 0));
    Ok(true)
}
