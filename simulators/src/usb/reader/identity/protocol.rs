//! The commands of the protocols: who may in, whether the chip is genuine. What they calculate is in [`super::pace`],
//! [`super::basic`], [`super::chip`] and [`super::active`].

use super::IdentityCard;
use super::basic;
use super::cipher::Cipher;
use super::command::Command;
use super::fault::PaceFault;
use super::pace::{KEY_REFERENCE, PROTOCOL, Pace};
use super::status::{
    AUTHENTICATION_FAILED, CONDITIONS, NO_ACCESS, NO_SUCH_REFERENCE, Status, UNKNOWN_INSTRUCTION, WRONG_DATA,
    WRONG_LENGTH, WRONG_P1_P2,
};
use super::tlv;

/// Dynamic authentication data (Doc 9303-11, section 4.4.4.2); the terminal's key of chip authentication in it.
const DYNAMIC: u32 = 0x7c;
const TERMINAL_KEY: u32 = 0x80;
/// The same key in MSE:Set KAT (Doc 9303-11, section 6.2.4.1).
const KAT_KEY: u32 = 0x91;
/// A longer chain of GENERAL AUTHENTICATE is refused.
const CHAIN_MAX: usize = 4096;

/// What GENERAL AUTHENTICATE means next.
#[derive(Debug, Default)]
pub(super) enum Protocol {
    #[default]
    None,
    Pace(Box<Pace>),
    Chip,
}

impl IdentityCard {
    /// GET CHALLENGE (Doc 9303-11, section 4.3.4.1).
    pub(super) fn get_challenge(&mut self, command: &Command) -> Result<Vec<u8>, Status> {
        if command.p1_p2() != 0 {
            return Err(WRONG_P1_P2);
        }
        if command.expected.is_none_or(|expected| expected.most != basic::CHALLENGE && !expected.all) {
            return Err(WRONG_LENGTH);
        }
        let challenge = self.chance.bytes(basic::CHALLENGE);
        self.challenge = Some(challenge.clone());
        Ok(challenge)
    }

    /// EXTERNAL AUTHENTICATE (Doc 9303-11, section 4.3.4.2); each challenge is good once.
    pub(super) fn external_authenticate(&mut self, command: &Command) -> Result<Vec<u8>, Status> {
        if !self.profile.chip.bac || self.session.is_some() || !self.files.in_application {
            return Err(CONDITIONS);
        }
        let challenge = self.challenge.take().ok_or(CONDITIONS)?;
        let (answer, session) = basic::authenticate(&self.passwords.mrz, &challenge, &command.data, &mut self.chance)?;
        self.next = Some(session);
        Ok(answer)
    }

    /// INTERNAL AUTHENTICATE (Doc 9303-11, section 6.1.3).
    pub(super) fn internal_authenticate(&mut self, command: &Command) -> Result<Vec<u8>, Status> {
        let key = self.active.as_ref().ok_or(UNKNOWN_INSTRUCTION)?;
        if self.session.is_none() || !self.files.in_application {
            return Err(NO_ACCESS);
        }
        if command.data.len() != 8 || command.expected.is_none() {
            return Err(WRONG_LENGTH);
        }
        key.sign(&command.data, &mut self.chance).ok_or(CONDITIONS)
    }

    /// MANAGE SECURITY ENVIRONMENT: PACE (Doc 9303-11, section 4.4.4.1), chip authentication (section 6.2.4).
    pub(super) fn manage_security(&mut self, command: &Command) -> Result<(), Status> {
        self.protocol = Protocol::None;
        self.chain.clear();
        let objects = tlv::read_all(&command.data).ok_or(WRONG_DATA)?;
        match command.p1_p2() {
            0xc1a4 if self.session.is_some() => Err(CONDITIONS),
            0xc1a4 if self.profile.faults.no_pace => Err(WRONG_DATA),
            0xc1a4 if self.profile.faults.pace == PaceFault::Refused => Err(WRONG_DATA),
            0xc1a4 => {
                let (cipher, curve) = (self.profile.chip.cipher, self.profile.chip.curve);
                let pace = Pace::start(cipher, curve, &self.passwords, &objects)?;
                self.protocol = Protocol::Pace(Box::new(pace));
                Ok(())
            }
            0x41a4 | 0x41a6 if self.session.is_none() => Err(NO_ACCESS),
            0x41a4 | 0x41a6 if tlv::find(&objects, KEY_REFERENCE).is_some() => Err(NO_SUCH_REFERENCE),
            0x41a4 => {
                let oid = tlv::find(&objects, PROTOCOL).ok_or(WRONG_DATA)?;
                self.chip.as_ref().filter(|key| key.is_protocol(oid)).ok_or(WRONG_DATA)?;
                self.protocol = Protocol::Chip;
                Ok(())
            }
            // One command is all there is to it with Triple DES, and only with it.
            0x41a6 => {
                let key = self.chip.as_ref().filter(|key| key.cipher == Cipher::TripleDes).ok_or(WRONG_DATA)?;
                let public = tlv::find(&objects, KAT_KEY).ok_or(WRONG_DATA)?;
                self.next = Some(key.agree(public).ok_or(AUTHENTICATION_FAILED)?);
                Ok(())
            }
            _ => Err(WRONG_P1_P2),
        }
    }

    /// GENERAL AUTHENTICATE. In a chain each command is a step of the protocol; a step may itself come in pieces.
    pub(super) fn general_authenticate(&mut self, command: &Command) -> Result<Vec<u8>, Status> {
        if command.p1_p2() != 0 {
            return Err(WRONG_P1_P2);
        }
        if self.chain.len() + command.data.len() > CHAIN_MAX {
            self.chain.clear();
            return Err(WRONG_LENGTH);
        }
        self.chain.extend(&command.data);
        let data = self.chain.clone();
        let object = match tlv::read(&data) {
            Some((object, [])) if object.tag == DYNAMIC => object,
            None if command.is_chained() && data.first() == Some(&0x7c) => return Ok(Vec::new()),
            _ => {
                self.chain.clear();
                self.protocol = Protocol::None;
                return Err(WRONG_DATA);
            }
        };
        self.chain.clear();
        let objects = tlv::read_all(object.value).ok_or(WRONG_DATA)?;
        // Whatever goes wrong ends the protocol.
        let answer = match std::mem::take(&mut self.protocol) {
            Protocol::None => return Err(CONDITIONS),
            Protocol::Chip => {
                let key = self.chip.as_ref().ok_or(CONDITIONS)?;
                let public = tlv::find(&objects, TERMINAL_KEY).ok_or(WRONG_DATA)?;
                self.next = Some(key.agree(public).ok_or(AUTHENTICATION_FAILED)?);
                Vec::new()
            }
            Protocol::Pace(mut pace) => {
                let (answer, session) = pace.step(command.is_chained(), &objects, &mut self.chance)?;
                match session {
                    Some(session) => self.next = Some(session),
                    None => self.protocol = Protocol::Pace(pace),
                }
                answer
            }
        };
        Ok(tlv::tlv(DYNAMIC, &answer))
    }
}
