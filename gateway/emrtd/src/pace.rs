//! Password Authenticated Connection Establishment: both sides show that they know the password without saying it, and come
//! to keys that no listener has.
//!
//! ```text
//! MSE:Set AT         which way, which password
//! nonce              the chip's random number, encrypted with the password's key
//! mapping            both sides make a new generator of the nonce and an exchange of keys
//! key agreement      a second exchange of keys, over that generator
//! tokens             each side authenticates the other's key
//! ```
//!
//! Document: ICAO 9303-11 (8th edition), section 4.4 with generic mapping over elliptic curves; commands in 4.4.4.

#[cfg(test)]
mod tests;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::access::AccessKey;
use crate::apdu::{Command, SHORT_EXPECTED_MAX, Status};
use crate::cipher::{Cipher, Use, pad};
use crate::curve::{Curve, CurveError};
use crate::error::ChipError;
use crate::secure::SecureMessaging;
use crate::security::PaceInfo;
use crate::session::Session;
use crate::tlv;
use crate::transport::Transport;

const SET_AT: [u8; 4] = [0x00, 0x22, 0xC1, 0xA4];
const GENERAL_AUTHENTICATE: [u8; 4] = [0x00, 0x86, 0x00, 0x00];
/// CLA of a command that others follow (ISO/IEC 7816-4, 5.4.1).
const CHAINED: u8 = 0x10;
/// Objects of MSE:Set AT.
const PROTOCOL: u32 = 0x80;
const PASSWORD: u32 = 0x83;
const PARAMETERS: u32 = 0x84;
/// Objects of GENERAL AUTHENTICATE.
const DYNAMIC: u32 = 0x7C;
const NONCE: u32 = 0x80;
const MAPPING: (u32, u32) = (0x81, 0x82);
const AGREEMENT: (u32, u32) = (0x83, 0x84);
const TOKENS: (u32, u32) = (0x85, 0x86);
/// A public key, with its protocol and its point (section 9.4.3).
const PUBLIC_KEY: u32 = 0x7F49;
const OBJECT_IDENTIFIER: u32 = 0x06;
const POINT: u32 = 0x86;
/// Longest nonce, bytes: two blocks.
const NONCE_MAX: usize = 32;

/// One run with one chip.
pub(crate) struct Pace<'a> {
    pub(crate) info: &'a PaceInfo,
    pub(crate) curve: Curve,
    pub(crate) cipher: Cipher,
    /// The chip offers several sets of parameters, so its number is said.
    pub(crate) several: bool,
}

impl Pace<'_> {
    /// Runs it; `private_key` makes a new private key each time.
    ///
    /// # Errors
    /// [`ChipError::WrongKey`] if the chip knows another password; [`ChipError::Refused`] and the like.
    pub(crate) fn run<T: Transport>(
        &self,
        session: &mut Session<T>,
        access: &AccessKey,
        mut private_key: impl FnMut() -> Result<Zeroizing<Vec<u8>>, CurveError>,
    ) -> Result<SecureMessaging, ChipError> {
        let (kind, secret) = access.password();
        let parameters = self.info.parameter_id.filter(|_| self.several).and_then(|id| u8::try_from(id).ok());
        let mut choice = [tlv::write(PROTOCOL, &self.info.protocol), tlv::write(PASSWORD, &[kind])].concat();
        choice.extend(parameters.into_iter().flat_map(|id| tlv::write(PARAMETERS, &[id])));
        let status = session.send(&Command::new(SET_AT, &choice, 0))?.status;
        // Also that a password has few tries left (63Cx), which is no refusal.
        if status != Status::OK && status.0 & 0xFFF0 != 0x63C0 {
            return Err(ChipError::Refused { step: "begin PACE", status });
        }
        let sealed = exchange(session, "give the nonce of PACE", &[], NONCE)?;
        let block = self.cipher.block();
        let key = self.cipher.key(&secret, Use::Password);
        let nonce = Some(sealed).filter(|sealed| !sealed.is_empty() && sealed.len() <= NONCE_MAX);
        let nonce = nonce.and_then(|sealed| key.decrypt(&vec![0; block], &sealed)).map(Zeroizing::new);
        let nonce = nonce.ok_or(ChipError::malformed("the nonce of PACE")(tlv::TlvError::Value(NONCE)))?;

        let private = private_key()?;
        let public = self.curve.multiply(&private, None)?;
        let of_chip = exchange(session, "map the nonce of PACE", &tlv::write(MAPPING.0, &public), MAPPING.1)?;
        let generator = Zeroizing::new(self.curve.map(&nonce, &private, &of_chip)?);

        let private = private_key()?;
        let public = self.curve.multiply(&private, Some(&generator))?;
        let of_chip = exchange(session, "agree on the keys of PACE", &tlv::write(AGREEMENT.0, &public), AGREEMENT.1)?;
        // Section 4.4.1, step 3 d: a mirror knows no password.
        if of_chip == public {
            return Err(CurveError::Point.into());
        }
        let secret = Zeroizing::new(self.curve.multiply(&private, Some(&of_chip))?);
        let secret = self.curve.x(&secret)?;

        let token = |key: &[u8]| {
            let point = [tlv::write(OBJECT_IDENTIFIER, &self.info.protocol), tlv::write(POINT, key)].concat();
            let key = tlv::write(PUBLIC_KEY, &point);
            let authenticate = self.cipher.key(secret, Use::Authenticate);
            authenticate.mac(&if self.cipher == Cipher::TripleDes { pad(key, block) } else { key })
        };
        let own = tlv::write(TOKENS.0, &token(&of_chip));
        let of_chip = session.send(&general_authenticate(&own, true))?;
        // What a chip says that knows another password differs: "authentication failed", "wrong data", "not permitted".
        if of_chip.status.is_denied() || of_chip.status == Status(0x6A80) {
            return Err(ChipError::WrongKey);
        }
        let answered = answer("show that it knows the password", &of_chip.data, of_chip.status, TOKENS.1)?;
        if !bool::from(answered.as_slice().ct_eq(&token(&public))) {
            return Err(ChipError::WrongKey);
        }
        Ok(SecureMessaging::new(self.cipher, secret, 0))
    }
}

fn general_authenticate(object: &[u8], last: bool) -> Command {
    let [_, instruction, p1, p2] = GENERAL_AUTHENTICATE;
    let class = if last { 0 } else { CHAINED };
    Command::new([class, instruction, p1, p2], &tlv::write(DYNAMIC, object), SHORT_EXPECTED_MAX)
}

/// Sends an object of a step that others follow; returns the value of the one that answers it.
fn exchange<T: Transport>(
    session: &mut Session<T>,
    step: &'static str,
    object: &[u8],
    wanted: u32,
) -> Result<Vec<u8>, ChipError> {
    let response = session.send(&general_authenticate(object, false))?;
    answer(step, &response.data, response.status, wanted)
}

fn answer(step: &'static str, data: &[u8], status: Status, wanted: u32) -> Result<Vec<u8>, ChipError> {
    if status != Status::OK {
        return Err(ChipError::Refused { step, status });
    }
    let objects = tlv::only(data, DYNAMIC).and_then(|objects| tlv::get(objects, wanted));
    objects.map(<[u8]>::to_vec).map_err(ChipError::malformed("the chip's answer in PACE"))
}
