//! Basic access control, the chip's side (ICAO Doc 9303-11, section 4.3): always Triple DES.

use sha1::{Digest, Sha1};

use super::chance::Chance;
use super::cipher::{AUTHENTICATION, Cipher, ENCRYPTION};
use super::session::Session;
use super::status::{AUTHENTICATION_FAILED, Status, WRONG_LENGTH};

const CIPHER: Cipher = Cipher::TripleDes;
/// Bytes of a challenge, of key material, and of both challenges with key material.
pub(super) const CHALLENGE: usize = 8;
const KEY: usize = 16;
const CRYPTOGRAM: usize = 2 * CHALLENGE + KEY;

/// EXTERNAL AUTHENTICATE: who knows the machine readable zone gets the other half of the session's keys.
pub(super) fn authenticate(
    mrz: &str,
    challenge: &[u8],
    data: &[u8],
    chance: &mut Chance,
) -> Result<(Vec<u8>, Session), Status> {
    let seed = &Sha1::digest(mrz)[..KEY];
    let (encryption, authentication) = (CIPHER.derive(seed, ENCRYPTION), CIPHER.derive(seed, AUTHENTICATION));
    let (cryptogram, checksum) = data.split_at_checked(CRYPTOGRAM).ok_or(WRONG_LENGTH)?;
    if CIPHER.mac(&authentication, cryptogram).as_deref() != Some(checksum) {
        return Err(AUTHENTICATION_FAILED);
    }
    let plain = CIPHER.decrypt(&encryption, &[0; 8], cryptogram).ok_or(AUTHENTICATION_FAILED)?;
    let (theirs, rest) = plain.split_at(CHALLENGE);
    let (repeated, their_key) = rest.split_at(CHALLENGE);
    if repeated != challenge {
        return Err(AUTHENTICATION_FAILED);
    }
    let own_key = chance.bytes(KEY);
    let answer = [challenge, theirs, &own_key].concat();
    let mut answer = CIPHER.encrypt(&encryption, &[0; 8], &answer).ok_or(AUTHENTICATION_FAILED)?;
    answer.extend(CIPHER.mac(&authentication, &answer).ok_or(AUTHENTICATION_FAILED)?);
    let secret: Vec<u8> = own_key.iter().zip(their_key).map(|(own, their)| own ^ their).collect();
    // The counter starts with the low halves of both challenges (section 9.8.6.3).
    let counter = challenge[4..].iter().chain(&theirs[4..]).fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
    Ok((answer, Session::new(CIPHER, &secret).from(counter)))
}
