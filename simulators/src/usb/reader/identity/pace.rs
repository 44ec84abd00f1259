//! PACE with generic mapping on elliptic curves, the chip's side (ICAO Doc 9303-11, section 4.4; BSI TR-03110-3,
//! section A.3).

use sha1::{Digest, Sha1};

use super::chance::Chance;
use super::cipher::{AUTHENTICATION, Cipher, PASSWORD};
use super::curve::Curve;
use super::session::Session;
use super::status::{AUTHENTICATION_FAILED, CONDITIONS, NO_SUCH_REFERENCE, Status, WRONG_DATA};
use super::tlv;

/// id-PACE-ECDH-GM without its last number, the cipher (Doc 9303-11, section 9.2.1).
const PACE_ECDH_GM: &[u32] = &[0, 4, 0, 127, 0, 7, 2, 2, 4, 2];
/// PACEInfo's version (section 9.2.1).
const VERSION: u8 = 2;
/// Objects of MSE:Set AT (section 4.4.4.1) and of the steps (section 4.4.4.2).
pub(super) const PROTOCOL: u32 = 0x80;
const PASSWORD_REFERENCE: u32 = 0x83;
pub(super) const KEY_REFERENCE: u32 = 0x84;
const ENCRYPTED_NONCE: u32 = 0x80;
const TERMINAL_MAPPING: u32 = 0x81;
const CHIP_MAPPING: u32 = 0x82;
const TERMINAL_KEY: u32 = 0x83;
const CHIP_KEY: u32 = 0x84;
const TERMINAL_TOKEN: u32 = 0x85;
const CHIP_TOKEN: u32 = 0x86;
/// A public key as it goes into the tokens (sections 4.4.3.4 and 9.4.4), and the point in it.
const PUBLIC_KEY: u32 = 0x7f49;
const POINT: u32 = 0x86;
/// Bytes of the nonce: a multiple of the block size of all ciphers (section 4.4.3.3).
const NONCE: usize = 16;

/// The passwords of a card.
#[derive(Debug, Clone)]
pub(super) struct Passwords {
    /// Document number, birth date, expiry date, each with its check digit.
    pub(super) mrz: String,
    pub(super) can: String,
}

impl Passwords {
    /// The secret of password 1, the machine readable zone, or 2, the card access number (section 9.7.3).
    fn secret(&self, reference: &[u8]) -> Option<Vec<u8>> {
        match reference {
            [1] => Some(Sha1::digest(&self.mrz).to_vec()),
            [2] => Some(self.can.as_bytes().to_vec()),
            _ => None,
        }
    }
}

/// PACEInfo, for EF.CardAccess and data group 14.
pub(super) fn info(cipher: Cipher, curve: Curve) -> Vec<u8> {
    tlv::sequence(&[&tlv::oid(&arcs(cipher)), &tlv::integer(VERSION), &tlv::integer(curve.parameter_id())])
}

fn arcs(cipher: Cipher) -> Vec<u32> {
    [PACE_ECDH_GM, &[cipher.arc()]].concat()
}

/// What has been done so far.
#[derive(Debug)]
enum Step {
    Chosen,
    Nonce { nonce: Vec<u8> },
    Mapped { base: Vec<u8> },
    Agreed { secret: Vec<u8>, own: Vec<u8>, theirs: Vec<u8> },
}

/// A run of PACE.
#[derive(Debug)]
pub(super) struct Pace {
    cipher: Cipher,
    curve: Curve,
    /// Of the password.
    key: Vec<u8>,
    step: Step,
}

/// An answer, and the session that begins after it.
pub(super) type Answer = Result<(Vec<u8>, Option<Session>), Status>;

impl Pace {
    /// MSE:Set AT.
    pub(super) fn start(
        cipher: Cipher,
        curve: Curve,
        passwords: &Passwords,
        objects: &[tlv::Object<'_>],
    ) -> Result<Self, Status> {
        if tlv::find(objects, PROTOCOL) != Some(tlv::oid_value(&arcs(cipher)).as_slice()) {
            return Err(WRONG_DATA);
        }
        if tlv::find(objects, KEY_REFERENCE).is_some_and(|id| id != [curve.parameter_id()]) {
            return Err(NO_SUCH_REFERENCE);
        }
        let reference = tlv::find(objects, PASSWORD_REFERENCE).ok_or(WRONG_DATA)?;
        let secret = passwords.secret(reference).ok_or(NO_SUCH_REFERENCE)?;
        Ok(Self { cipher, curve, key: cipher.derive(&secret, PASSWORD), step: Step::Chosen })
    }

    /// One GENERAL AUTHENTICATE; the data are the content of 7C. Only the last is not chained.
    pub(super) fn step(&mut self, chained: bool, data: &[tlv::Object<'_>], chance: &mut Chance) -> Answer {
        let step = std::mem::replace(&mut self.step, Step::Chosen);
        if chained == matches!(step, Step::Agreed { .. }) {
            return Err(CONDITIONS);
        }
        let theirs = |tag| match data {
            [object] if object.tag == tag => Ok(object.value),
            _ => Err(WRONG_DATA),
        };
        match step {
            Step::Chosen if data.is_empty() => self.nonce(chance),
            Step::Chosen => Err(WRONG_DATA),
            Step::Nonce { nonce } => self.map(&nonce, theirs(TERMINAL_MAPPING)?, chance),
            Step::Mapped { base } => self.agree(&base, theirs(TERMINAL_KEY)?, chance),
            Step::Agreed { secret, own, theirs: key } => self.confirm(&secret, &own, &key, theirs(TERMINAL_TOKEN)?),
        }
    }

    fn nonce(&mut self, chance: &mut Chance) -> Answer {
        let nonce = chance.bytes(NONCE);
        let iv = vec![0; self.cipher.block()];
        let encrypted = self.cipher.encrypt(&self.key, &iv, &nonce).ok_or(CONDITIONS)?;
        self.step = Step::Nonce { nonce };
        Ok((tlv::tlv(ENCRYPTED_NONCE, &encrypted), None))
    }

    /// The new base point is the nonce times the old one, plus the secret of a first key agreement (BSI TR-03110-3,
    /// section A.3.5.1).
    fn map(&mut self, nonce: &[u8], theirs: &[u8], chance: &mut Chance) -> Answer {
        let curve = self.curve;
        let private = curve.scalar(&chance.bytes(curve.length()));
        let own = curve.public(&private).ok_or(CONDITIONS)?;
        let secret = curve.multiply(theirs, &private).ok_or(AUTHENTICATION_FAILED)?;
        let mapped = curve.public(&curve.scalar(nonce)).ok_or(CONDITIONS)?;
        let base = curve.add(&mapped, &secret).ok_or(AUTHENTICATION_FAILED)?;
        self.step = Step::Mapped { base };
        Ok((tlv::tlv(CHIP_MAPPING, &own), None))
    }

    fn agree(&mut self, base: &[u8], theirs: &[u8], chance: &mut Chance) -> Answer {
        let curve = self.curve;
        let private = curve.scalar(&chance.bytes(curve.length()));
        let own = curve.multiply(base, &private).ok_or(CONDITIONS)?;
        let secret = curve.agree(theirs, &private).filter(|_| own != theirs).ok_or(AUTHENTICATION_FAILED)?;
        self.step = Step::Agreed { secret, own: own.clone(), theirs: theirs.to_vec() };
        Ok((tlv::tlv(CHIP_KEY, &own), None))
    }

    fn confirm(&self, secret: &[u8], own: &[u8], theirs: &[u8], token: &[u8]) -> Answer {
        if self.token(secret, own).as_deref() != Some(token) {
            return Err(AUTHENTICATION_FAILED);
        }
        let token = self.token(secret, theirs).ok_or(CONDITIONS)?;
        Ok((tlv::tlv(CHIP_TOKEN, &token), Some(Session::new(self.cipher, secret))))
    }

    /// Each side proves its keys over the other's public key (section 4.4.3.4).
    fn token(&self, secret: &[u8], public: &[u8]) -> Option<Vec<u8>> {
        let input = tlv::of(PUBLIC_KEY, &[&tlv::oid(&arcs(self.cipher)), &tlv::tlv(POINT, public)]);
        self.cipher.token(&self.cipher.derive(secret, AUTHENTICATION), &input)
    }
}
