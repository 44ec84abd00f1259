//! A smart card reader with one slot ("Device Class: Smart Card CCID", revision 1.1) that takes whole APDUs, short and
//! extended. The card is a [`Card`]: APDU in, APDU out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::descriptor::{Class, Endpoint, Identity, Interface, Model, Speed};
use super::device::{Controlled, UsbDevice};
use super::hub::HubError;
use super::io::Io;
use super::setup::{Answer, Setup};
use super::{Event, Options, UsbFunction};
use crate::device::{Active, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;

pub mod apdu;
pub mod card;
pub mod fault;
pub mod identity;
pub mod message;
pub mod slot;
#[cfg(test)]
mod tests;

use card::{Card, CardOrder};
use fault::{Fault, KNOBS};
use message::{Assembler, Command};
use slot::{Outcome, Slot};

/// Kind of the device, and its name unless it gets another.
pub const NAME: &str = "reader";
/// The ids of an HID Global OMNIKEY 5022, which libccid knows.
const ID: (u16, u16) = (0x076b, 0x5022);
const OUT: u8 = 0x01;
const IN: u8 = 0x82;
const NOTIFY: u8 = 0x83;
/// Longest message, with its header of 10 bytes: longer APDUs come and go in pieces.
pub const MESSAGE_MAX: usize = 2048 + 10;
/// A card that takes longer has the reader ask for patience this often.
const EXTENSION_EVERY: Duration = Duration::from_millis(400);
/// RDR_to_PC_NotifySlotChange (CCID 1.1, section 6.3.1): bit 0 present, bit 1 changed.
const SLOT_CHANGE: u8 = 0x50;

/// What the reader can do: one slot, all voltages, T=0 and T=1, all negotiation its own matter, short and extended APDUs
/// (CCID 1.1, table 5.1-1).
fn ccid_descriptor() -> Vec<u8> {
    let mut out = vec![0x36, 0x21, 0x10, 0x01, 0, 0x07];
    let most = u32::try_from(MESSAGE_MAX).unwrap_or(u32::MAX);
    for word in [3, 4000, 4000] {
        out.extend(u32::to_le_bytes(word));
    }
    out.push(0);
    for word in [10_753, 344_086] {
        out.extend(u32::to_le_bytes(word));
    }
    out.push(0);
    for word in [254, 0, 0, 0x0004_04be, most] {
        out.extend(u32::to_le_bytes(word));
    }
    // Class bytes of GET RESPONSE and ENVELOPE as the card's, no display, no PIN pad, one slot busy at a time.
    out.extend([0xff, 0xff, 0, 0, 0, 1]);
    out
}

/// The reader.
#[derive(Debug)]
pub struct Function {
    identity: Identity,
    exchanges: Arc<ExchangeLog>,
    faults: Active<Fault>,
    slot: Slot,
    assembler: Assembler,
    /// The slot's state is to be told, once the host listens.
    untold: bool,
    busy: Option<Busy>,
    answers: VecDeque<Vec<u8>>,
    commands: u64,
}

/// A command whose answer takes its time.
#[derive(Debug)]
struct Busy {
    command: Command,
    answer: Vec<u8>,
    ready: Instant,
    extension: Option<Instant>,
}

/// Plugs a reader in, with a card in it or none.
///
/// # Errors
/// When the hub does not take it.
pub fn start(options: Options, card: Option<Box<dyn Card>>) -> Result<UsbDevice<Function>, HubError> {
    let exchanges = Arc::<ExchangeLog>::default();
    let function = Function {
        identity: options.identity(ID, 0x0100, "HID Global", "OMNIKEY 5022 Smart Card Reader"),
        exchanges: Arc::clone(&exchanges),
        faults: Active::default(),
        slot: Slot::new(card),
        assembler: Assembler::default(),
        untold: true,
        busy: None,
        answers: VecDeque::new(),
        commands: 0,
    };
    UsbDevice::plug(function, Speed::Full, options, exchanges)
}

impl Function {
    /// Puts a card in, or takes it out: the host is told, and a command that runs ends without an answer of the card.
    pub fn change_card(&mut self, card: Option<Box<dyn Card>>) {
        self.slot = Slot::new(card);
        self.untold = true;
        self.exchanges.event(if self.slot.is_empty() { "card out" } else { "card in" });
        if let Some(Busy { command, .. }) = self.busy.take() {
            let answer = self.slot.failed(&command, slot::ICC_MUTE);
            self.answers.push_back(answer);
        }
    }

    fn run(&mut self, command: Command) {
        self.commands += 1;
        self.exchanges.received(&command.bytes());
        if self.faults.any(|fault| matches!(fault, Fault::Wedged {})) {
            return;
        }
        if self.busy.is_some() {
            let answer = self.slot.failed(&command, slot::SLOT_BUSY);
            self.answers.push_back(answer);
            return;
        }
        let was_empty = self.slot.is_empty();
        let Outcome { message, mut takes } = self.slot.run(&command, &self.faults);
        if self.slot.is_empty() && !was_empty {
            self.untold = true;
            self.exchanges.event("card out");
        }
        let slow = self.faults.find(|fault| match fault {
            Fault::SlowCard { ms, extensions } => Some((Duration::from_millis(*ms), *extensions)),
            _ => None,
        });
        if let (Some((pause, _)), true) = (slow, command.reaches_card()) {
            takes += pause;
        }
        let answer = self.spoil(message);
        if takes.is_zero() {
            self.answers.push_back(answer);
        } else {
            let now = Instant::now();
            let extension = slow.is_none_or(|(_, extensions)| extensions).then_some(now + EXTENSION_EVERY);
            self.busy = Some(Busy { command, answer, ready: now + takes, extension });
        }
    }

    /// What the faults make of an answer.
    fn spoil(&self, mut message: Vec<u8>) -> Vec<u8> {
        if self.faults.any(|fault| matches!(fault, Fault::WrongSequence {})) {
            message[6] = message[6].wrapping_add(1);
        }
        let by = self.faults.find(|fault| match fault {
            Fault::BadLength { by } => Some(*by),
            _ => None,
        });
        if let Some(by) = by {
            let length = u32::from_le_bytes([message[1], message[2], message[3], message[4]]);
            message[1..5].copy_from_slice(&length.wrapping_add_signed(by).to_le_bytes());
        }
        message
    }

    fn progress(&mut self, now: Instant) -> Option<Instant> {
        let busy = self.busy.as_mut()?;
        if busy.ready <= now {
            self.answers.extend(self.busy.take().map(|busy| busy.answer));
            return None;
        }
        if let Some(at) = busy.extension.filter(|at| *at <= now) {
            busy.extension = Some(at + EXTENSION_EVERY);
            self.answers.push_back(self.slot.extension(&busy.command));
        }
        Some(busy.extension.map_or(busy.ready, |at| at.min(busy.ready)))
    }
}

impl UsbFunction for Function {
    fn model(&self) -> Model {
        let interface = Interface {
            class: Class(0x0b, 0, 0),
            association: None,
            extra: ccid_descriptor(),
            endpoints: vec![Endpoint::bulk(OUT), Endpoint::bulk(IN), Endpoint::interrupt(NOTIFY, 8, 16)],
        };
        let (class, interfaces) = (Class::BY_INTERFACE, vec![interface]);
        Model { identity: self.identity.clone(), class, interfaces, strings: Vec::new() }
    }

    fn control(&mut self, setup: &Setup, _data: &[u8], _io: &mut Io) -> Answer {
        match (setup.request_type, setup.request) {
            // ABORT (CCID 1.1, section 5.3.1); the bulk message of the same name follows.
            (0x21, 1) => {
                self.busy = None;
                Answer::Done
            }
            _ => Answer::Stall,
        }
    }

    fn out(&mut self, _endpoint: u8, bytes: &[u8], _io: &mut Io) -> usize {
        for command in self.assembler.push(bytes) {
            match command {
                Ok(command) => self.run(command),
                Err(too_long) => self.answers.push_back(self.slot.failed(&too_long, slot::BAD_LENGTH)),
            }
        }
        bytes.len()
    }

    fn event(&mut self, event: Event, _io: &mut Io) {
        if event == Event::Plugged {
            self.slot.power_off();
            self.assembler = Assembler::default();
            self.busy = None;
            self.answers.clear();
            self.untold = true;
        }
    }

    fn due(&mut self, now: Instant, io: &mut Io) -> Option<Instant> {
        let next = self.progress(now);
        for answer in self.answers.drain(..) {
            self.exchanges.sent(&answer);
            io.send(IN, answer);
        }
        if self.untold && io.waiting(NOTIFY) > io.queued(NOTIFY) {
            self.untold = false;
            io.send(NOTIFY, vec![SLOT_CHANGE, if self.slot.is_empty() { 0b10 } else { 0b11 }]);
        }
        next
    }
}

impl Controlled for Function {
    const KNOBS: &'static [Knob] = KNOBS;

    fn state(&self) -> Value {
        json!({
            "faults": self.faults.to_json(), "card": self.slot.card_name(), "powered": self.slot.is_powered(),
            "busy": self.busy.is_some(), "commands": self.commands,
        })
    }

    fn fault(&mut self, order: Value, _io: &mut Io) -> Result<(), KnobError> {
        self.faults.add(read_fault(NAME, KNOBS, order)?);
        Ok(())
    }

    fn clear(&mut self, fault: Option<&str>, _io: &mut Io) {
        self.faults.clear(fault);
    }

    fn set(&mut self, order: Value, _io: &mut Io) -> Result<(), KnobError> {
        let order: CardOrder = read_set(order)?;
        self.change_card(order.card(None)?);
        Ok(())
    }
}
