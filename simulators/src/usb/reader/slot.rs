//! The reader's slot: what each message does to the card in it, and the pieces that long APDUs come and go in
//! (CCID 1.1, sections 6.1.4 and 6.2.1).

use std::time::Duration;

use super::MESSAGE_MAX;
use super::card::{Card, Reply};
use super::fault::{Fault, Mute};
use super::message::{
    CLOCK, Command, ESCAPE, GET_PARAMETERS, GET_SLOT_STATUS, HEADER, POWER_OFF, POWER_ON, RESET_PARAMETERS,
    SET_PARAMETERS, TRANSFER,
};
use crate::device::Active;

/// Errors (CCID 1.1, table 6.2-2): the card does not answer.
pub const ICC_MUTE: u8 = 0xfe;
/// The slot is busy with another command.
pub const SLOT_BUSY: u8 = 0xe0;
/// The reader could not read what the card said.
const PARITY: u8 = 0xfd;
/// The reader is broken.
const HARDWARE: u8 = 0xfb;
/// The number of a wrong field: dwLength.
pub const BAD_LENGTH: u8 = 1;
/// The number of a wrong field: bSlot.
const BAD_SLOT: u8 = 5;
/// The number of a wrong field: wLevelParameter.
const BAD_LEVEL: u8 = 8;
/// The command is not known.
const UNKNOWN: u8 = 0;

/// bmCommandStatus (CCID 1.1, table 6.2-3).
const FAILED: u8 = 0x40;
const TIME_EXTENSION: u8 = 0x80;

/// Longest APDU: header, three bytes of length, 65,535 bytes of data, two bytes of expected length.
const APDU_MAX: usize = 4 + 3 + 65_535 + 2;
/// Data of one message.
const PIECE: usize = MESSAGE_MAX - HEADER;
/// T=1, as in the answer to GET_PARAMETERS.
const T1: u8 = 1;
/// Parameters of T=1 (CCID 1.1, section 6.2.3): fastest rate, LRC, default times, information field of 254 bytes.
const PARAMETERS_T1: [u8; 7] = [0x11, 0x10, 0, 0x4d, 0, 0xfe, 0];

/// An answer and how long it takes.
#[derive(Debug)]
pub struct Outcome {
    /// The message.
    pub message: Vec<u8>,
    /// Until it comes.
    pub takes: Duration,
}

/// A slot.
#[derive(Debug)]
pub struct Slot {
    card: Option<Box<dyn Card>>,
    powered: bool,
    /// Pieces of an APDU that came so far.
    command: Vec<u8>,
    /// What is left of an answer that goes in pieces.
    rest: Vec<u8>,
}

impl Slot {
    /// With a card in it, or none.
    #[must_use]
    pub fn new(card: Option<Box<dyn Card>>) -> Self {
        Self { card, powered: false, command: Vec::new(), rest: Vec::new() }
    }

    /// True without a card.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.card.is_none()
    }

    /// True when the card has power.
    #[must_use]
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// The card's name.
    #[must_use]
    pub fn card_name(&self) -> &str {
        self.card.as_ref().map_or("none", |card| card.name())
    }

    /// The card has no power any more.
    pub fn power_off(&mut self) {
        self.powered = false;
        self.command.clear();
        self.rest.clear();
    }

    /// bmICCStatus: 0 powered, 1 there, 2 none.
    fn status(&self) -> u8 {
        match (&self.card, self.powered) {
            (None, _) => 2,
            (Some(_), false) => 1,
            (Some(_), true) => 0,
        }
    }

    /// The answer to a command that failed.
    #[must_use]
    pub fn failed(&self, command: &Command, error: u8) -> Vec<u8> {
        command.answer(self.status() | FAILED, error, 0, &[])
    }

    /// The answer that asks for patience: as long again as the card may take.
    #[must_use]
    pub fn extension(&self, command: &Command) -> Vec<u8> {
        command.answer(self.status() | TIME_EXTENSION, 1, 0, &[])
    }

    /// Carries a command out.
    pub fn run(&mut self, command: &Command, faults: &Active<Fault>) -> Outcome {
        let now = |message| Outcome { message, takes: Duration::ZERO };
        if command.slot != 0 {
            return now(self.failed(command, BAD_SLOT));
        }
        if command.reaches_card() && self.card.is_none() {
            return now(self.failed(command, ICC_MUTE));
        }
        match command.kind {
            POWER_ON => now(self.power_on(command, faults)),
            POWER_OFF => {
                self.power_off();
                now(command.answer(self.status(), 0, 1, &[]))
            }
            GET_SLOT_STATUS | CLOCK => now(command.answer(self.status(), 0, 0, &[])),
            TRANSFER => self.transfer(command, faults),
            GET_PARAMETERS | RESET_PARAMETERS | SET_PARAMETERS => {
                now(command.answer(self.status(), 0, T1, &PARAMETERS_T1))
            }
            ESCAPE => now(self.failed(command, UNKNOWN)),
            super::message::ABORT => {
                self.command.clear();
                self.rest.clear();
                now(command.answer(self.status(), 0, 0, &[]))
            }
            _ => now(self.failed(command, UNKNOWN)),
        }
    }

    fn power_on(&mut self, command: &Command, faults: &Active<Fault>) -> Vec<u8> {
        let mute = faults.any(|fault| matches!(fault, Fault::Mute { at: Mute::Atr }));
        if faults.any(|fault| matches!(fault, Fault::Hardware {})) {
            return self.failed(command, HARDWARE);
        }
        let Some(card) = self.card.as_mut().filter(|_| !mute) else { return self.failed(command, ICC_MUTE) };
        card.reset();
        let atr = card.atr();
        self.power_off();
        self.powered = true;
        command.answer(self.status(), 0, 0, &atr)
    }

    fn transfer(&mut self, command: &Command, faults: &Active<Fault>) -> Outcome {
        let now = |message| Outcome { message, takes: Duration::ZERO };
        let error = faults.find(|fault| match fault {
            Fault::Mute { at: Mute::Apdu } => Some(ICC_MUTE),
            Fault::Parity {} => Some(PARITY),
            Fault::Hardware {} => Some(HARDWARE),
            _ => None,
        });
        if let Some(error) = error.or((!self.powered).then_some(ICC_MUTE)) {
            return now(self.failed(command, error));
        }
        match command.level() {
            // A whole APDU, or the first piece of one.
            0 | 1 => self.command.clone_from(&command.data),
            // The last piece, or one between.
            2 | 3 => self.command.extend(&command.data),
            // The host takes the next piece of the answer.
            0x10 => return now(self.next_piece(command, false)),
            _ => return now(self.failed(command, BAD_LEVEL)),
        }
        if self.command.len() > APDU_MAX {
            self.command.clear();
            return now(self.failed(command, BAD_LENGTH));
        }
        if matches!(command.level(), 1 | 3) {
            // Empty: go on with the command.
            return now(command.answer(self.status(), 0, 0x10, &[]));
        }
        let apdu = std::mem::take(&mut self.command);
        let Some(card) = &mut self.card else { return now(self.failed(command, ICC_MUTE)) };
        let Reply { mut bytes, takes } = card.transmit(&apdu);
        if card.is_gone() {
            self.card = None;
            self.power_off();
            return now(self.failed(command, ICC_MUTE));
        }
        if faults.any(|fault| matches!(fault, Fault::ShortAnswer {})) {
            bytes.truncate(1);
        }
        self.rest = bytes;
        Outcome { message: self.next_piece(command, true), takes }
    }

    fn next_piece(&mut self, command: &Command, first: bool) -> Vec<u8> {
        let rest = self.rest.split_off(self.rest.len().min(PIECE));
        let piece = std::mem::replace(&mut self.rest, rest);
        let chain = match (first, self.rest.is_empty()) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        command.answer(self.status(), 0, chain, &piece)
    }
}
