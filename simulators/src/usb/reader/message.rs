//! The messages between host and reader (CCID 1.1, section 6): ten bytes of header, then data.

use super::MESSAGE_MAX;

/// Bytes before the data.
pub const HEADER: usize = 10;

/// A message from the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// bMessageType
    pub kind: u8,
    /// bSlot
    pub slot: u8,
    /// bSeq
    pub sequence: u8,
    /// The three bytes that each message has for itself.
    pub specific: [u8; 3],
    /// abData
    pub data: Vec<u8>,
}

/// PC_to_RDR_IccPowerOn
pub const POWER_ON: u8 = 0x62;
/// PC_to_RDR_IccPowerOff
pub const POWER_OFF: u8 = 0x63;
/// PC_to_RDR_GetSlotStatus
pub const GET_SLOT_STATUS: u8 = 0x65;
/// PC_to_RDR_XfrBlock
pub const TRANSFER: u8 = 0x6f;
/// PC_to_RDR_GetParameters
pub const GET_PARAMETERS: u8 = 0x6c;
/// PC_to_RDR_ResetParameters
pub const RESET_PARAMETERS: u8 = 0x6d;
/// PC_to_RDR_SetParameters
pub const SET_PARAMETERS: u8 = 0x61;
/// PC_to_RDR_IccClock
pub const CLOCK: u8 = 0x6e;
/// PC_to_RDR_Escape
pub const ESCAPE: u8 = 0x6b;
/// PC_to_RDR_Abort
pub const ABORT: u8 = 0x72;

/// RDR_to_PC_DataBlock
pub const DATA_BLOCK: u8 = 0x80;
/// RDR_to_PC_SlotStatus
pub const SLOT_STATUS: u8 = 0x81;
/// RDR_to_PC_Parameters
pub const PARAMETERS: u8 = 0x82;
/// RDR_to_PC_Escape
pub const ESCAPE_ANSWER: u8 = 0x83;

impl Command {
    /// True when it goes to the card, which may take its time.
    #[must_use]
    pub fn reaches_card(&self) -> bool {
        matches!(self.kind, POWER_ON | TRANSFER)
    }

    /// wLevelParameter of a transfer: where this piece stands in its APDU.
    #[must_use]
    pub fn level(&self) -> u16 {
        u16::from_le_bytes([self.specific[1], self.specific[2]])
    }

    /// The message that answers this one.
    #[must_use]
    pub fn answer_kind(&self) -> u8 {
        match self.kind {
            POWER_ON | TRANSFER => DATA_BLOCK,
            GET_PARAMETERS | RESET_PARAMETERS | SET_PARAMETERS => PARAMETERS,
            ESCAPE => ESCAPE_ANSWER,
            _ => SLOT_STATUS,
        }
    }

    /// As it was on the wire.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = vec![self.kind];
        out.extend(u32::try_from(self.data.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend([self.slot, self.sequence]);
        out.extend(self.specific);
        out.extend(&self.data);
        out
    }

    /// An answer to this message. `status`: state of the card and of the command; `last`: the byte that each answer has
    /// for itself.
    #[must_use]
    pub fn answer(&self, status: u8, error: u8, last: u8, data: &[u8]) -> Vec<u8> {
        let mut out = vec![self.answer_kind()];
        out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend([self.slot, self.sequence, status, error, last]);
        out.extend(data);
        out
    }
}

/// Puts messages together from the bytes of several transfers.
#[derive(Debug, Default)]
pub struct Assembler {
    held: Vec<u8>,
    /// Bytes of a message that was too long, still to be thrown away.
    skip: u64,
}

impl Assembler {
    /// Takes bytes; answers the messages that they complete. One that says it is longer than the reader's memory is
    /// answered as an error, without its data.
    pub fn push(&mut self, mut bytes: &[u8]) -> Vec<Result<Command, Command>> {
        let mut out = Vec::new();
        while !bytes.is_empty() {
            if self.skip > 0 {
                let count = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
                self.skip -= count as u64;
                bytes = &bytes[count..];
                continue;
            }
            let wanted = self.wanted() - self.held.len();
            let (now, rest) = bytes.split_at(wanted.min(bytes.len()));
            self.held.extend(now);
            bytes = rest;
            if self.held.len() < HEADER {
                break;
            }
            let length = self.length();
            if length > MESSAGE_MAX - HEADER {
                self.skip = length as u64;
                out.push(Err(self.take()));
            } else if self.held.len() == HEADER + length {
                out.push(Ok(self.take()));
            }
        }
        out
    }

    /// dwLength, once the header is there.
    fn length(&self) -> usize {
        let [_, l0, l1, l2, l3, ..] = self.held[..] else { return 0 };
        u32::from_le_bytes([l0, l1, l2, l3]) as usize
    }

    fn wanted(&self) -> usize {
        if self.held.len() < HEADER { HEADER } else { HEADER + self.length() }
    }

    fn take(&mut self) -> Command {
        let held = std::mem::take(&mut self.held);
        Command {
            kind: held[0],
            slot: held[5],
            sequence: held[6],
            specific: [held[7], held[8], held[9]],
            data: held[HEADER..].to_vec(),
        }
    }
}
