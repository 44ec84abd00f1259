//! All endpoints of a plugged device, and the faults of the bus between them and the host. No threads, no sockets:
//! requests go in, answers are collected in a buffer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::pipe::{Pipe, TRANSFERS_MAX, Waiting, as_u32};
use super::setup::{Answer, Setup};
use super::standard::Look;
use super::urb::{Direction, Status, Submit, UrbError, submitted, unlinked};
use super::{UsbFunction, keyboard};
use crate::device::Active;
use crate::random::Random;

/// Pieces in a second on a throttled bus.
const PIECES_PER_SECOND: u32 = 50;
/// bit 7 of an endpoint's address: to the host.
pub(super) const IN: u8 = 0x80;

/// What a device's function does to the bus.
#[derive(Debug)]
pub struct Io {
    /// Out 0 to 15, then in 0 to 15. Endpoint 0 out holds all control transfers.
    pipes: [Pipe; 32],
    control: VecDeque<Submit>,
    /// Control transfers that get no answer until the host takes them back.
    unanswered: Vec<u32>,
    pub(super) answers: Vec<u8>,
    pub(super) faults: Active<Fault>,
    pub(super) random: Random,
    pub(super) configured: bool,
    pull: Option<Pull>,
    ready_at: Option<Instant>,
    counted: (u64, u64),
    /// The endpoint of the keyboard that a fault added.
    keyboard: Option<u8>,
}

/// The cable is to be pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// And stays out.
    Out,
    /// And is put back at once.
    Replug,
}

impl Io {
    pub(super) fn new(random: Random) -> Self {
        Self {
            pipes: Default::default(),
            control: VecDeque::new(),
            unanswered: Vec::new(),
            answers: Vec::new(),
            faults: Active::default(),
            random,
            configured: false,
            pull: None,
            ready_at: None,
            counted: (0, 0),
            keyboard: None,
        }
    }

    /// Queues a message for the host: it ends a transfer, also when its last packet is a full one. False when the
    /// device has no room for it any more, or no such endpoint.
    pub fn send(&mut self, endpoint: u8, mut message: Vec<u8>) -> bool {
        self.spoil(&mut message, false);
        let pipe = &mut self.pipes[place(endpoint)];
        pipe.packet > 0 && endpoint & IN != 0 && pipe.push(message)
    }

    /// Messages that wait to go to the host.
    #[must_use]
    pub fn queued(&self, endpoint: u8) -> usize {
        self.pipes[place(endpoint)].queued()
    }

    /// Transfers that the host has waiting at an endpoint.
    #[must_use]
    pub fn waiting(&self, endpoint: u8) -> usize {
        self.pipes[place(endpoint)].transfers.len()
    }

    /// Forgets what waits to go to the host.
    pub fn forget(&mut self, endpoint: u8) {
        self.pipes[place(endpoint)].forget();
    }

    /// Halts an endpoint until the host clears it.
    pub fn halt(&mut self, endpoint: u8) {
        self.pipes[place(endpoint)].halt(&mut self.answers);
    }

    /// Pulls the cable, in the middle of whatever is going on.
    pub fn pull(&mut self, pull: Pull) {
        self.pull = Some(pull);
    }

    /// True once the host has chosen the configuration.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.configured
    }

    /// Bytes that went in and out of the data endpoints, as the device sees it.
    #[must_use]
    pub fn counted(&self) -> (u64, u64) {
        self.counted
    }

    pub(super) fn take_pull(&mut self) -> Option<Pull> {
        self.pull.take()
    }

    pub(super) fn is_halted(&self, endpoint: u8) -> bool {
        self.pipes[place(endpoint)].halted
    }

    pub(super) fn has(&self, endpoint: u8) -> bool {
        self.pipes[place(endpoint)].packet > 0
    }

    /// A new cable: nothing waits.
    pub(super) fn reset(&mut self, look: &Look) {
        self.pipes = Default::default();
        for endpoint in look.model.endpoints() {
            self.pipes[place(endpoint.address)].packet = endpoint.packet(look.speed);
        }
        self.keyboard = look.keyboard.map(|(_, endpoint)| endpoint);
        self.control.clear();
        self.unanswered.clear();
        self.answers.clear();
        self.configured = false;
        self.pull = None;
        self.ready_at = None;
    }

    /// SET_CONFIGURATION and SET_INTERFACE: no endpoint is halted any more.
    pub(super) fn unhalt_all(&mut self) {
        for pipe in &mut self.pipes {
            pipe.halted = false;
        }
    }

    /// CLEAR_FEATURE(ENDPOINT_HALT); a fault may halt it again.
    pub(super) fn clear_halt(&mut self, endpoint: u8) {
        self.pipes[place(endpoint)].halted = false;
        let again = |fault: &Fault| matches!(fault, Fault::Stall { on, again: true } if on.is_data(endpoint));
        if self.faults.any(again) {
            self.halt(endpoint);
        }
    }

    pub(super) fn add_fault(&mut self, fault: Fault) {
        if let (Fault::ExtraKeyboard { types: Some(text) }, Some(endpoint)) = (&fault, self.keyboard) {
            for report in text.chars().filter_map(keyboard::reports).flatten() {
                self.send(endpoint, report.to_vec());
            }
        }
        if let Fault::Stall { on, .. } = &fault {
            for number in 1..16 {
                for address in [number, number | IN] {
                    if on.is_data(address) && self.has(address) {
                        self.halt(address);
                    }
                }
            }
        }
        self.faults.add(fault);
    }

    pub(super) fn submit(&mut self, submit: Submit) -> Result<(), UrbError> {
        if submit.endpoint == 0 {
            if self.control.len() + self.unanswered.len() >= TRANSFERS_MAX {
                return Err(UrbError::TooMany(TRANSFERS_MAX));
            }
            self.control.push_back(submit);
            return Ok(());
        }
        let Submit { sequence, direction, endpoint, length, data, .. } = submit;
        let address = endpoint | if direction == Direction::In { IN } else { 0 };
        let pipe = &mut self.pipes[place(address)];
        if pipe.packet == 0 || pipe.halted {
            submitted(&mut self.answers, sequence, Status::Stall, 0, &[]);
        } else if pipe.transfers.len() == TRANSFERS_MAX {
            return Err(UrbError::TooMany(TRANSFERS_MAX));
        } else {
            pipe.transfers.push_back(Waiting { sequence, length, data, taken: 0 });
        }
        Ok(())
    }

    pub(super) fn unlink(&mut self, sequence: u32, target: u32) {
        let before = self.control.len() + self.unanswered.len();
        self.control.retain(|submit| submit.sequence != target);
        self.unanswered.retain(|sequence| *sequence != target);
        let mut hit = self.control.len() + self.unanswered.len() < before;
        if let Some(transfer) = self.pipes.iter_mut().find_map(|pipe| pipe.unlink(target)) {
            if transfer.taken > 0 {
                // The answer to an unlink has no room for the bytes that went; a transfer that ends just before has.
                submitted(&mut self.answers, target, Status::Unlinked, as_u32(transfer.taken), &[]);
            } else {
                hit = true;
            }
        }
        unlinked(&mut self.answers, sequence, if hit { Status::Unlinked } else { Status::Done });
    }

    /// The next control transfer, unless the device is silent.
    pub(super) fn next_control(&mut self) -> Option<Submit> {
        if self.faults.any(|fault| matches!(fault, Fault::Nak { on } if on.is_control())) {
            return None;
        }
        self.control.pop_front()
    }

    /// Ends a control transfer; `own` when the class or the maker defines it, so that faults reach it.
    pub(super) fn answer(&mut self, submit: &Submit, answer: Answer, own: bool) {
        let setup = Setup::from_bytes(submit.setup);
        let stalled = own && self.faults.any(|fault| matches!(fault, Fault::Stall { on, .. } if on.is_control()));
        match (if stalled { Answer::Stall } else { answer }, submit.direction) {
            (Answer::Never, _) => self.unanswered.push(submit.sequence),
            (Answer::Stall, _) => submitted(&mut self.answers, submit.sequence, Status::Stall, 0, &[]),
            (Answer::Data(mut data), Direction::In) => {
                if own {
                    self.spoil(&mut data, true);
                }
                data.truncate(usize::from(setup.length).min(submit.length as usize));
                submitted(&mut self.answers, submit.sequence, Status::Done, as_u32(data.len()), &data);
            }
            (Answer::Done, Direction::In) => submitted(&mut self.answers, submit.sequence, Status::Done, 0, &[]),
            (Answer::Done | Answer::Data(_), Direction::Out) => {
                submitted(&mut self.answers, submit.sequence, Status::Done, submit.length, &[]);
            }
        }
    }

    /// Moves what can move; true when something did and more may.
    pub(super) fn pump(&mut self, function: &mut dyn UsbFunction, now: Instant) -> bool {
        let mut moved = false;
        for address in (1..16).flat_map(|number| [number, number | IN]) {
            let silent = self.faults.any(|fault| matches!(fault, Fault::Nak { on } if on.is_data(address)));
            if self.pipes[place(address)].transfers.is_empty() || silent {
                continue;
            }
            if self.pull.is_some() || self.ready_at.is_some_and(|at| now < at) {
                return moved;
            }
            let count = if address & IN == 0 { self.pump_out(address, function) } else { self.pump_in(address) };
            if let Some(count) = count {
                moved = true;
                self.spend(count, address & IN == 0, now);
            }
        }
        moved
    }

    /// When a throttled bus goes on.
    pub(super) fn wake(&self) -> Option<Instant> {
        let idle = self.pipes.iter().all(|pipe| pipe.transfers.is_empty());
        self.ready_at.filter(|_| !idle)
    }

    fn pump_in(&mut self, address: u8) -> Option<usize> {
        let pipe = &mut self.pipes[place(address)];
        pipe.can_deliver().then(|| pipe.deliver(&mut self.answers))
    }

    fn pump_out(&mut self, address: u8, function: &mut dyn UsbFunction) -> Option<usize> {
        let most = self.piece();
        let mut transfer = self.pipes[place(address)].transfers.pop_front()?;
        let rest = &transfer.data[transfer.taken..];
        let offered = &rest[..rest.len().min(most)];
        let (offered_length, before) = (offered.len(), self.pipes[place(address)].halted);
        let taken = function.out(address, offered, self).min(offered_length);
        transfer.taken += taken;
        if self.pipes[place(address)].halted != before {
            // It was halted in the middle: this transfer ends so too.
            submitted(&mut self.answers, transfer.sequence, Status::Stall, as_u32(transfer.taken), &[]);
        } else if transfer.taken == transfer.data.len() {
            submitted(&mut self.answers, transfer.sequence, Status::Done, as_u32(transfer.taken), &[]);
        } else {
            self.pipes[place(address)].transfers.push_front(transfer);
            return (taken > 0).then_some(taken);
        }
        Some(taken)
    }

    fn rate(&self) -> Option<u32> {
        self.faults.find(|fault| match fault {
            Fault::Throttle { bytes_per_second } => Some(bytes_per_second.get()),
            _ => None,
        })
    }

    /// Bytes that a function is offered at once.
    fn piece(&self) -> usize {
        let throttled = self.rate().map(|rate| (rate / PIECES_PER_SECOND).max(1) as usize);
        let left = self.faults.find(|fault| match fault {
            Fault::PullAfter { bytes, .. } => Some(usize::try_from(*bytes).unwrap_or(usize::MAX).max(1)),
            _ => None,
        });
        throttled.unwrap_or(usize::MAX).min(left.unwrap_or(usize::MAX))
    }

    /// So many bytes went.
    fn spend(&mut self, count: usize, out: bool, now: Instant) {
        let counter = if out { &mut self.counted.0 } else { &mut self.counted.1 };
        *counter += count as u64;
        self.ready_at = self.rate().map(|rate| now + Duration::from_secs_f64(count as f64 / f64::from(rate)));
        let left = self.faults.find_mut(|fault| match fault {
            Fault::PullAfter { bytes, replug } => {
                *bytes = bytes.saturating_sub(count as u64);
                Some((*bytes, *replug))
            }
            _ => None,
        });
        if let Some((0, replug)) = left {
            self.faults.clear(Some("pull_after"));
            self.pull(if replug { Pull::Replug } else { Pull::Out });
        }
    }

    /// What the faults make of data to the host.
    fn spoil(&mut self, data: &mut Vec<u8>, control: bool) {
        let noise = self.faults.any(|fault| match fault {
            Fault::Noise { on } => {
                if control {
                    on.is_control()
                } else {
                    on.is_data(IN)
                }
            }
            _ => false,
        });
        if noise {
            *data = self.random.bytes(data.len());
        }
        let by = self.faults.find(|fault| match fault {
            Fault::WrongLength { by } => Some(*by),
            _ => None,
        });
        if let Some(by) = by {
            let length = data.len().saturating_add_signed(by.into());
            data.resize(length, 0);
        }
        let short = self.faults.find(|fault| match fault {
            Fault::ShortPacket { bytes } => Some(*bytes as usize),
            _ => None,
        });
        if let Some(bytes) = short {
            data.truncate(bytes);
        }
    }
}

fn place(address: u8) -> usize {
    usize::from(address & 0x0f) + if address & IN == 0 { 0 } else { 16 }
}
