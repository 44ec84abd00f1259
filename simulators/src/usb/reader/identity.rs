//! A Vietnamese citizen's identity card with the chip of a travel document (ICAO Doc 9303-10 and -11), of a person who
//! was never born. What it says comes from a [`Profile`]; who vouches for it is [`csca_certificate`].
//!
//! ```text
//!   reset ──> free ──PACE, or SELECT and basic access control──> session ──chip authentication──> session, new keys
//!              ^                                                    │
//!              └──── a command without protection, or a wrong one ──┘
//! ```
//!
//! Here is what an APDU does to that state. The rooms: `protocol` has the commands that change it, `files` chooses and
//! reads, `session` protects; `pace`, `basic`, `chip` and `active` calculate; `groups` and `security` write the files,
//! `authority` signs. Not here: extended access control (fingers are for nobody), PACE with chip authentication mapping.

use std::time::Duration;

use super::apdu::Apdu;
use super::card::{Card, Reply};

mod active;
mod authority;
mod basic;
mod chance;
mod chip;
mod cipher;
mod command;
mod curve;
mod date;
mod details;
mod domain;
mod fault;
mod files;
mod groups;
mod keys;
mod mrz;
mod pace;
mod person;
mod portrait;
mod printed;
mod profile;
mod protocol;
mod security;
mod session;
mod status;
#[cfg(test)]
mod tests;
mod tlv;

pub use active::ActiveAuthentication;
pub use authority::{csca_certificate, csca_certificate_with, revocation_list};
pub use chip::ChipAuthentication;
pub use cipher::Cipher;
pub use curve::{Curve, Parameters};
pub use date::{Date, NoDate};
pub use details::Details;
pub use fault::{Faults, File, PaceFault, Signer};
pub use person::{Person, Sex};
pub use printed::{PrintError, ZONE_FONT};
pub use profile::{Chip, Profile, ProfileError};

use active::ActiveKey;
use chance::Chance;
use chip::ChipKey;
use command::{Command, Expected};
use files::{Answer, Files};
use mrz::Mrz;
use pace::Passwords;
use protocol::Protocol;
use session::Session;
use status::{CONDITIONS, DONE, NO_ACCESS, OBJECT_WRONG, UNKNOWN_CLASS, UNKNOWN_INSTRUCTION, WRONG_LENGTH};

/// Its name, and its word on the command line.
pub const NAME: &str = "identity";
/// Class bits of secure messaging with an authenticated header (ISO/IEC 7816-4:2020, section 5.4.1).
const SECURED: u8 = 0x0c;
/// A mute card would answer after this time.
const FOR_EVER: Duration = Duration::from_hours(24);

/// The card.
#[derive(Debug)]
pub struct IdentityCard {
    profile: Profile,
    passwords: Passwords,
    files: Files,
    chance: Chance,
    chip: Option<ChipKey>,
    active: Option<ActiveKey>,
    session: Option<Session>,
    /// The session that begins after the answer to this command.
    next: Option<Session>,
    protocol: Protocol,
    challenge: Option<Vec<u8>>,
    /// Pieces of a command that comes in several.
    chain: Vec<u8>,
    /// APDUs since the card was made.
    count: u64,
}

impl IdentityCard {
    /// A card as the profile wants it.
    ///
    /// # Errors
    /// When a value fits no card, or the portrait cannot be read.
    pub fn new(profile: Profile) -> Result<Self, ProfileError> {
        profile.check()?;
        let (can, copy) = (&profile.chip, profile.faults.cloned);
        let public = ChipKey::new(can.chip_authentication, can.curve, false);
        let active = ActiveKey::new(can.active_authentication, false);
        let mrz = Mrz::new(&profile.person);
        let all = groups::files(&profile, &mrz, public.as_ref(), active.as_ref())?;
        let passwords = Passwords { mrz: mrz.information, can: profile.person.access_number().into() };
        Ok(Self {
            passwords,
            files: Files::new(all),
            chance: Chance::new(profile.seed),
            chip: ChipKey::new(can.chip_authentication, can.curve, copy),
            active: ActiveKey::new(can.active_authentication, copy),
            session: None,
            next: None,
            protocol: Protocol::None,
            challenge: None,
            chain: Vec::new(),
            count: 0,
            profile,
        })
    }

    fn end_session(&mut self) {
        self.session = None;
        self.next = None;
        self.protocol = Protocol::None;
        self.challenge = None;
        self.chain.clear();
        self.files.close();
    }

    fn answer(&mut self, bytes: &[u8]) -> Vec<u8> {
        let extended = bytes.len() > 5 && bytes.get(4) == Some(&0);
        let Some(apdu) = Apdu::read(bytes) else {
            self.end_session();
            return WRONG_LENGTH.to_vec();
        };
        match apdu.class & !0x10 {
            0 => self.answer_plain(&apdu, extended),
            SECURED => self.answer_secured(&apdu, extended),
            _ => {
                self.end_session();
                UNKNOWN_CLASS.to_vec()
            }
        }
    }

    /// A command without protection ends a session (Doc 9303-11, section 9.8.3).
    fn answer_plain(&mut self, apdu: &Apdu<'_>, extended: bool) -> Vec<u8> {
        if self.session.is_some() {
            self.end_session();
        }
        let expected = apdu.expected.map(|most| Expected { most, all: most == if extended { 65_536 } else { 256 } });
        let Apdu { class, instruction, p1, p2, data, .. } = *apdu;
        let command = Command { class, instruction, p1, p2, data: data.to_vec(), expected };
        let (mut answer, status) = self.carry_out(&command, usize::MAX);
        answer.extend(status);
        self.session = self.next.take();
        answer
    }

    fn answer_secured(&mut self, apdu: &Apdu<'_>, extended: bool) -> Vec<u8> {
        let Some(mut session) = self.session.take() else { return OBJECT_WRONG.to_vec() };
        let command = match session.unwrap(apdu) {
            Ok(command) => command,
            Err(status) => {
                self.end_session();
                return status.to_vec();
            }
        };
        let room = session.room(extended);
        self.session = Some(session);
        let (mut data, mut status) = self.carry_out(&command, room);
        if data.len() > room {
            (data, status) = (Vec::new(), WRONG_LENGTH);
        }
        let Some(session) = &mut self.session else { return NO_ACCESS.to_vec() };
        let answer = session.wrap(command.instruction, &data, status);
        if let Some(next) = self.next.take() {
            self.session = Some(next);
        }
        answer
    }

    fn carry_out(&mut self, command: &Command, room: usize) -> Answer {
        let access = self.session.is_some();
        if command.instruction != 0x86 {
            self.chain.clear();
            if command.is_chained() {
                return (Vec::new(), CONDITIONS);
            }
        }
        let result = match command.instruction {
            0xa4 => return self.files.select(command, access),
            0xb0 | 0xb1 => return self.files.read(command, access, room),
            0x84 => self.get_challenge(command),
            0x82 => self.external_authenticate(command),
            0x88 => self.internal_authenticate(command),
            0x22 => self.manage_security(command).map(|()| Vec::new()),
            0x86 => self.general_authenticate(command),
            _ => Err(UNKNOWN_INSTRUCTION),
        };
        result.map_or_else(|status| (Vec::new(), status), |data| (data, DONE))
    }
}

impl Card for IdentityCard {
    fn name(&self) -> &'static str {
        NAME
    }

    /// As a contactless card behind a reader has it (PC/SC part 3, section 3.1.3.2.3.1): T=0 and T=1 offered, T=1 last,
    /// four historical bytes.
    fn atr(&self) -> Vec<u8> {
        let mut atr = vec![0x3b, 0x84, 0x80, 0x01, 0x80, 0x31, 0x80, 0x65];
        atr.push(atr[1..].iter().fold(0, |sum, byte| sum ^ byte));
        atr
    }

    fn reset(&mut self) {
        self.end_session();
        self.files.reset();
    }

    fn transmit(&mut self, apdu: &[u8]) -> Reply {
        self.count += 1;
        let Faults { mute_at, slow_ms, endless_61, .. } = self.profile.faults;
        if self.is_gone() {
            return Reply { bytes: Vec::new(), takes: Duration::ZERO };
        }
        if mute_at.is_some_and(|first| self.count >= first) {
            return Reply { bytes: Vec::new(), takes: FOR_EVER };
        }
        let takes = Duration::from_millis(slow_ms);
        if endless_61 {
            let more = if apdu.get(1) == Some(&0xc0) { vec![0; 16] } else { Vec::new() };
            return Reply { bytes: [more, vec![0x61, 0x10]].concat(), takes };
        }
        Reply { bytes: self.answer(apdu), takes }
    }

    fn is_gone(&self) -> bool {
        self.profile.faults.removed_at.is_some_and(|last| self.count > last)
    }
}
