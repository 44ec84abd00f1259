//! Basic access control: three keys' worth of random numbers, exchanged under keys that the machine readable zone gives.
//! For chips that do not know PACE; whoever has listened can try zones one after the other.
//!
//! Document: ICAO 9303-11 (8th edition), section 4.3; commands in 4.3.4.

#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::access::AccessKey;
use crate::apdu::{Command, Status};
use crate::cipher::{Cipher, MAC, Use, pad};
use crate::curve::CurveError;
use crate::error::ChipError;
use crate::secure::SecureMessaging;
use crate::session::Session;
use crate::tlv::TlvError;
use crate::transport::Transport;

const GET_CHALLENGE: [u8; 4] = [0x00, 0x84, 0x00, 0x00];
const EXTERNAL_AUTHENTICATE: [u8; 4] = [0x00, 0x82, 0x00, 0x00];
/// Bytes of a challenge, and of a side's part of the key.
const CHALLENGE: usize = 8;
const PART: usize = 16;
/// Bytes of what each side sends: two challenges and its part, encrypted.
const SEALED: usize = 2 * CHALLENGE + PART;

/// Runs it; `random` fills with random numbers.
///
/// # Errors
/// [`ChipError::WrongKey`] if these are not the card's data, or [`ChipError::NoWay`] if they are no machine readable zone's.
pub(crate) fn run<T: Transport>(
    session: &mut Session<T>,
    access: &AccessKey,
    random: impl FnOnce(&mut [u8]) -> Result<(), CurveError>,
) -> Result<SecureMessaging, ChipError> {
    let seed = access.bac_seed().ok_or(ChipError::NoWay(
        "it knows no PACE that is supported, and without it only the machine readable zone opens a card",
    ))?;
    let (encrypt, authenticate) =
        (Cipher::TripleDes.key(&seed, Use::Encrypt), Cipher::TripleDes.key(&seed, Use::Authenticate));
    let of_chip = session.demand(&Command::new(GET_CHALLENGE, &[], CHALLENGE), "give a challenge")?;
    let malformed = || ChipError::Malformed { what: "the chip's answer in BAC", problem: TlvError::Truncated };
    let of_chip: [u8; CHALLENGE] = of_chip.try_into().map_err(|_| malformed())?;
    let mut own = Zeroizing::new([0; CHALLENGE + PART]);
    random(own.as_mut_slice())?;
    let (own_challenge, own_part) = own.split_at(CHALLENGE);

    let iv = [0; MAC];
    let plain = Zeroizing::new([own_challenge, &of_chip, own_part].concat());
    let mut sealed = encrypt.encrypt(&iv, &plain);
    sealed.extend(authenticate.mac(&pad(sealed.clone(), MAC)));
    let answered = session.send(&Command::new(EXTERNAL_AUTHENTICATE, &sealed, SEALED + MAC))?;
    if answered.status.is_denied() || answered.status == Status(0x6A80) || answered.status == Status(0x6988) {
        return Err(ChipError::WrongKey);
    }
    if answered.status != Status::OK {
        return Err(ChipError::Refused { step: "authenticate", status: answered.status });
    }
    let (sealed, code) = answered.data.split_at_checked(SEALED).ok_or_else(malformed)?;
    if !authenticate.is_mac_of(&pad(sealed.to_vec(), MAC), code) {
        return Err(ChipError::WrongKey);
    }
    let plain = Zeroizing::new(encrypt.decrypt(&iv, sealed).ok_or_else(malformed)?);
    let (challenges, part) = plain.split_at(2 * CHALLENGE);
    if challenges != [&of_chip, own_challenge].concat() {
        return Err(ChipError::WrongKey);
    }
    let secret: Zeroizing<Vec<u8>> =
        Zeroizing::new(own_part.iter().zip(part).map(|(own, of_chip)| own ^ of_chip).collect());
    // The last halves of both challenges (section 9.8.6.3).
    let counter = [&of_chip[CHALLENGE / 2..], &own_challenge[CHALLENGE / 2..]].concat();
    let counter = counter.iter().fold(0, |counter, byte| counter << 8 | u128::from(*byte));
    Ok(SecureMessaging::new(Cipher::TripleDes, &secret, counter))
}
