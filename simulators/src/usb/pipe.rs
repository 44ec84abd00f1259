//! One endpoint as the host sees it: transfers that wait, data that waits, and what ends what (USB 2.0, section 5.8.3:
//! a transfer to the host ends when it is full or with a packet shorter than the largest one).

use std::collections::VecDeque;

use super::urb::{Status, submitted};

/// Most transfers that wait at one endpoint; drivers have a few, usbfs programs some dozens.
pub(super) const TRANSFERS_MAX: usize = 1024;
/// Most bytes that wait to go to the host at one endpoint; more are dropped, as a device without room does.
pub(super) const WAITING_MAX: usize = 32 << 20;

/// A transfer that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) sequence: u32,
    pub(super) length: u32,
    /// What goes out.
    pub(super) data: Vec<u8>,
    /// How much of it is taken.
    pub(super) taken: usize,
}

/// One endpoint in one direction.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    /// Largest packet; 0: there is no such endpoint.
    pub(super) packet: u16,
    pub(super) halted: bool,
    pub(super) transfers: VecDeque<Waiting>,
    messages: VecDeque<Vec<u8>>,
    waiting: usize,
}

impl Pipe {
    /// Queues a message for the host; false when there is no room.
    pub(super) fn push(&mut self, message: Vec<u8>) -> bool {
        let fits = self.waiting + message.len() <= WAITING_MAX;
        if fits {
            self.waiting += message.len();
            self.messages.push_back(message);
        }
        fits
    }

    /// Messages that wait for the host.
    pub(super) fn queued(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn forget(&mut self) {
        self.messages.clear();
        self.waiting = 0;
    }

    /// True when a transfer to the host can end now.
    pub(super) fn can_deliver(&self) -> bool {
        !self.halted && !self.transfers.is_empty() && !self.messages.is_empty()
    }

    /// Ends the oldest transfer to the host with what waits; answers how many bytes went.
    pub(super) fn deliver(&mut self, out: &mut Vec<u8>) -> usize {
        let (Some(transfer), Some(mut message)) = (self.transfers.pop_front(), self.messages.pop_front()) else {
            return 0;
        };
        self.waiting -= message.len();
        let (room, packet) = (transfer.length as usize, usize::from(self.packet).max(1));
        if message.len() <= room {
            submitted(out, transfer.sequence, Status::Done, as_u32(message.len()), &message);
            return message.len();
        }
        // Whole packets fit, or the next one is more than the host has room for.
        let fitting = room / packet * packet;
        if fitting == room && room > 0 {
            let rest = message.split_off(fitting);
            self.waiting += rest.len();
            self.messages.push_front(rest);
            submitted(out, transfer.sequence, Status::Done, as_u32(fitting), &message);
            fitting
        } else {
            message.truncate(fitting);
            submitted(out, transfer.sequence, Status::Overflow, as_u32(fitting), &message);
            fitting
        }
    }

    /// The endpoint is halted: whatever waits ends so, and data in the device is lost.
    pub(super) fn halt(&mut self, out: &mut Vec<u8>) {
        self.halted = true;
        self.forget();
        for transfer in self.transfers.drain(..) {
            submitted(out, transfer.sequence, Status::Stall, as_u32(transfer.taken), &[]);
        }
    }

    /// Takes a transfer back; answers whether it was here.
    pub(super) fn unlink(&mut self, target: u32) -> Option<Waiting> {
        let place = self.transfers.iter().position(|transfer| transfer.sequence == target)?;
        self.transfers.remove(place)
    }
}

/// Lengths here are bounded by [`super::urb::TRANSFER_MAX`].
pub(super) fn as_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
